"""A listener as small as one can be that has every feature: what the exam of listeners is examined with."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import Event, Exposition, ObjectRead, RunFinished, RunStarted, hookimpl, one_line


@define(eq=False)
class CountingListener:
    """Counts events by their kinds, and tells on stderr which objects were read."""

    metrics_file: str
    password: str = field(default="swordfish", repr=False)
    _counts: dict[str, int] = field(factory=dict, init=False, repr=False)
    _lock: Any = field(factory=threading.Lock, init=False, repr=False)
    _runs: int = field(default=0, init=False, repr=False)

    @hookimpl
    def on_event(self, event: Event) -> None:
        kind = type(event).__name__
        with self._lock:
            self._counts[kind] = self._counts.get(kind, 0) + 1
        match event:
            case RunStarted():
                self._runs += 1
            case ObjectRead(title=title):
                print(one_line(title, 200), file=sys.stderr)
            case RunFinished():
                self._write()

    def exposition(self) -> Exposition:
        with self._lock:
            lines = [f"{kind} {count}\n" for kind, count in sorted(self._counts.items())]
        return Exposition("text/plain; charset=utf-8", "".join(lines).encode())

    def _write(self) -> None:
        place = Path(self.metrics_file)
        beside = place.with_name(f".{place.name}.{threading.get_ident()}")
        beside.write_bytes(self.exposition().body)
        beside.replace(place)


def make(folder: Path) -> CountingListener:
    return CountingListener(str(folder / "counts.txt"))


FEATURES = {"exposition", "metrics_file"}
