"""Where listeners are examined: they are told events, and what they print is kept."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from notion_sync_core.events import Event
from notion_sync_core.plugins.listener import Listener
from notion_sync_core.testing.examine import Feature, Make, Paper, built


class ListenerBench:
    """Listeners that are examined, and what they print."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        self._make = make
        self._made: list[Listener] = []
        self.printed = io.StringIO()
        """What went to stdout while a listener was made or told."""
        self.told = io.StringIO()
        """What went to stderr."""

    def listener(self) -> Listener:
        """One more instance."""
        with self._listening():
            found = built("listeners", self._make, self.folder)
        listener = Listener(found.name, found.plugin, found.hooks)
        self._made.append(listener)
        return listener

    def tell(self, listener: Listener, happened: Iterable[Event]) -> None:
        """Publish events to it."""
        with self._listening():
            for each in happened:
                listener(each)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        with contextlib.redirect_stdout(self.printed), contextlib.redirect_stderr(self.told):
            yield

    def close(self) -> None:
        """Let listeners that have something to give back do so, as the command line does."""
        for listener in self._made:
            close = getattr(listener.plugin, "close", None)
            if callable(close):
                with self._listening(), contextlib.suppress(Exception):
                    close()


def _file_of(bench: ListenerBench) -> bool:
    return bool(getattr(bench.listener().plugin, "metrics_file", ""))


PAPER = Paper(
    "listeners",
    ListenerBench,
    [
        Feature(
            "exposition", "it tells what it measured", lambda bench: hasattr(bench.listener().plugin, "exposition")
        ),
        Feature("metrics_file", "it keeps a file of metrics, and was made with one", _file_of),
    ],
)


def measured(listener: Listener) -> set[bytes]:
    """What it tells of runs that does not change by itself: memory, processor time and ages do."""
    found: list[set[bytes]] = []
    for _ in range(2):
        told = listener.exposition()
        lines = told.body.splitlines() if told else []
        found.append({line for line in lines if not line.startswith((b"#", b"process_", b"python_"))})
    return found[0] & found[1]
