"""Measurements while a run goes on: at most one of a kind a second, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sys
from collections.abc import Callable

from notion_sync_core.clock import Clock
from notion_sync_core.events import CheckpointSaved, DiskMeasured, Event, MemoryMeasured
from notion_sync_core.mirror.disk import standing

EVERY_S = 1.0
"""Seconds between two measurements of a kind."""
DISK_EVERY_S = 60.0
_PAGE = resource.getpagesize()
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def memory() -> int:
    """Bytes of this process in the machine's memory now; where nobody tells, the most it ever had."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        handle = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(os.read(handle, 200).split()[1]) * _PAGE
        finally:
            os.close(handle)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT


class Sampler:
    """Asks its probes, when it is time; whoever works calls :meth:`tick` between two pieces of work."""

    def __init__(self, clock: Clock, publish: Callable[[Event], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._probes: list[Callable[[], Event | None]] = [lambda: MemoryMeasured(memory())]
        self._next = clock.monotonic()

    def add(self, probe: Callable[[], Event | None]) -> None:
        """Ask this as well; what it gives is published."""
        self._probes.append(probe)

    def tick(self) -> None:
        """Measure, unless that was just done."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY_S
        for probe in self._probes:
            event = probe()
            if event is not None:
                self._publish(event)


class Disk:
    """A probe that tells how full the disk of a place is: once a minute, as nothing fills it faster.

    :param place: what lies there.
    :param path: where; what is no absolute path is on no disk of ours.
    """

    def __init__(self, clock: Clock, place: str, path: str | os.PathLike[str]) -> None:
        self._clock = clock
        self._place = place
        self._path = path
        self._next = clock.monotonic()

    def __call__(self) -> DiskMeasured | None:
        """Look, unless that was done within the minute."""
        now = self._clock.monotonic()
        return self.look() if now >= self._next else None

    def look(self) -> DiskMeasured | None:
        """Look now."""
        self._next = self._clock.monotonic() + DISK_EVERY_S
        path = standing(self._path)
        with contextlib.suppress(OSError):
            if path is not None:
                usage = shutil.disk_usage(path)
                return DiskMeasured(self._place, usage.free, usage.total)
        return None


class Checkpoints:
    """Tells of checkpoints: of each that comes a second after the last that was told, with how many there were."""

    def __init__(self, clock: Clock, publish: Callable[[Event], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._untold = 0
        self._next = clock.monotonic()
        self._seconds = 0.0

    def __call__(self, save: Callable[[], None]) -> None:
        """Save, and tell how long that took."""
        began = self._clock.monotonic()
        save()
        now = self._clock.monotonic()
        self._untold += 1
        self._seconds = now - began
        if now >= self._next:
            self._next = now + EVERY_S
            self.tell()

    def tell(self) -> None:
        """What was not told yet."""
        if self._untold:
            self._publish(CheckpointSaved(self._seconds, self._untold))
            self._untold = 0
