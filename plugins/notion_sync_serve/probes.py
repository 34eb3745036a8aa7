"""Now and then a look at what idle jobs will need: that their state opens and their sinks can be reached."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import NotionSyncError, SinkError
from notion_sync_serve.worker import Worker

EVERY_S = 30.0
_PATIENCE_S = 60.0
"""A look that takes longer is bad news in itself."""


@define
class Probe:
    """One process's looking, one look at a time, beside the main loop."""

    _next: float = field(default=0.0, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _began: float = field(default=0.0, init=False)
    _at: Worker | None = field(default=None, init=False)

    def tick(self, workers: list[Worker], now: float) -> None:
        """Begin a look if it is time; tell of one that does not end.

        :param now: seconds that never go back.
        """
        if self._thread is not None and self._thread.is_alive():
            if now - self._began > _PATIENCE_S and (worker := self._at) is not None:
                reason = f"a look at state and sinks takes more than {_PATIENCE_S:.0f} s"
                worker.components.set("places", "degraded", reason, "Is a network disk gone?")
            return
        if now < self._next:
            return
        self._next, self._began = now + EVERY_S, now
        self._thread = threading.Thread(target=self._look, args=(workers,), name="probe", daemon=True)
        self._thread.start()

    def _look(self, workers: list[Worker]) -> None:
        for worker in workers:
            if worker.running is None:
                self._at = worker
                look(worker)
        self._at = None


def look(worker: Worker) -> None:
    """Look at what a job needs; a run that begins meanwhile knows better, and what it says comes later."""
    try:
        worker.facts()
        for sink in worker.entry.job.sinks():
            reach(sink)
    except NotionSyncError as error:
        if worker.running is None:
            worker.components.set("places", "failed", error.message, error.remedy)
    else:
        worker.components.set("places", "ready")


def reach(sink: Any) -> None:
    """Make sure that a sink is there, or could be made.

    :raises SinkError: it is not.
    """
    folder = Path(sink.location)
    if folder.is_absolute():
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise SinkError(
                f"{sink.location} cannot be written: {folder} is no folder that this user may write to",
                "Check permissions, and that its disk is mounted.",
            )
    sink.look()
    sink.close()
