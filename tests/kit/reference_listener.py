"""A listener as small as one can be that has every feature: what the exam of listeners is examined with."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import Event, Exposition, ObjectRead, RunFinished, RunStarted, hookimpl, one_line

MEDIA_TYPE = "text/plain; version=0.0.4"
BOUNDS = ("0.1", "1.0", "+Inf")
TYPES = ("# TYPE events_total counter", "# TYPE seconds histogram")


@define(eq=False)
class CountingListener:
    """Counts events by their kinds and how long they took, and tells on stderr which objects were read."""

    metrics_file: str
    password: str = field(default="swordfish", repr=False)
    _counts: dict[str, int] = field(factory=dict, init=False, repr=False)
    _lock: Any = field(factory=threading.Lock, init=False, repr=False)
    _runs: int = field(default=0, init=False, repr=False)

    @hookimpl
    def on_event(self, event: Event) -> None:
        match event:
            case RunStarted(job=job):
                self._begin(job)
            case ObjectRead(title=title):
                print(one_line(title, 200), file=sys.stderr)
        with self._lock:
            self._count(f'events_total{{kind="{type(event).__name__}"}}')
            if isinstance(seconds := getattr(event, "seconds", None), float):
                self._observe(seconds)
        if isinstance(event, RunFinished) and self._runs:
            self._write(event.job)

    def _count(self, sample: str) -> None:
        self._counts[sample] = self._counts.get(sample, 0) + 1

    def _observe(self, seconds: float) -> None:
        for bound in BOUNDS:
            if seconds <= float(bound):
                self._count(f'seconds_bucket{{le="{bound}"}}')
            else:
                self._counts.setdefault(f'seconds_bucket{{le="{bound}"}}', 0)
        self._count("seconds_count")

    def exposition(self) -> Exposition:
        with self._lock:
            samples = sorted(self._counts.items())
        lines = [
            "# TYPE events_total counter",
            "# TYPE seconds histogram",
            *(f"{name} {count}" for name, count in samples),
        ]
        return Exposition(MEDIA_TYPE, "\n".join([*lines, ""]).encode())

    def _begin(self, job: str) -> None:
        self._runs += 1
        place = Path(self.metrics_file)
        if self._runs > 1 or not place.exists():
            return
        text = place.read_text()
        if not text.startswith(f"# job {job}\n") or not text.endswith("\n"):
            return
        for line in text.splitlines():
            name, _, count = line.rpartition(" ")
            if not name.startswith("#"):
                self._counts[name] = self._counts.get(name, 0) + int(count)

    def _write(self, job: str) -> None:
        place = Path(self.metrics_file)
        with NamedTemporaryFile(dir=place.parent, delete=False) as beside:
            beside.write(f"# job {job}\n".encode() + self.exposition().body)
        Path(beside.name).replace(place)


def make(folder: Path) -> CountingListener:
    return CountingListener(str(folder / "counts.txt"))


FEATURES = {"exposition", "metrics_file"}
