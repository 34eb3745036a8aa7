"""How a run is, in a small file beside its lock; while nobody holds the lock it tells of the last run."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict

from notion_sync_core.clock import Clock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.events import ComponentChanged, Event, MemoryMeasured, RunStarted, StageStarted
from notion_sync_core.watch.components import Components

NAME = "components.json"
VERSION = 1
HEARD = (RunStarted, StageStarted, ComponentChanged, MemoryMeasured)
"""After which it may have to be written."""
_EVERY_S = 1.0
_CHANGES = 20
"""Changes that are written at once in that time."""
_MOST = 1 << 20


class StatusFile:
    """Written by rename: when a component changes, but for floods of changes, and each second that brings measurements.

    Where it cannot be written nothing is said.
    """

    def __init__(self, folder: Path, components: Components, clock: Clock, job: str, run_id: str) -> None:
        self._path = folder / NAME
        self._components = components
        self._clock = clock
        self._next = clock.monotonic()
        self._left = _CHANGES
        self._is_closed = False
        self._said: dict[str, Any] = {
            "v": VERSION,
            "job": job,
            "run_id": run_id,
            "pid": os.getpid(),
            "mode": "",
            "stage": "",
            "began": utc_of(clock.now()),
        }

    def __call__(self, event: Event) -> None:
        """Take in one event of :data:`HEARD`."""
        if isinstance(event, StageStarted):
            self._said["stage"] = event.stage
        elif isinstance(event, RunStarted):
            self._said["mode"] = event.mode
        if self._clock.monotonic() >= self._next:
            self._left = _CHANGES
            self.write()
        elif self._left and not isinstance(event, MemoryMeasured):
            self._left -= 1
            self.write()

    def close(self) -> None:
        """Write it for the last time: from now on the folder may be another run's."""
        self.write()
        self._is_closed = True

    def write(self) -> None:
        """Write it now."""
        if self._is_closed:
            return
        if self._clock.monotonic() >= self._next:
            self._next = self._clock.monotonic() + _EVERY_S
        components = [asdict(each) for each in self._components.all()]
        told = {**self._said, "updated": utc_of(self._clock.now()), "components": components}
        temporary = self._path.with_suffix(".tmp")
        with contextlib.suppress(OSError):
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps(told))
            temporary.replace(self._path)


def read_status(folder: Path) -> dict[str, Any]:
    """What the run that is under way, or was last, says of its components; empty if it says nothing."""
    try:
        with (folder / NAME).open("rb") as file:
            told = orjson.loads(file.read(_MOST))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and told.get("v") == VERSION and _is_whole(told.get("components")) else {}


def _is_whole(components: Any) -> bool:
    names = ("name", "state", "since", "reason", "remedy")
    return isinstance(components, list) and all(
        isinstance(each, dict) and all(isinstance(each.get(name), str) for name in names) for each in components
    )
