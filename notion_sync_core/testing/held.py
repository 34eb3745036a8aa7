"""What a process holds: files, connections, threads. Exams ask whether a plugin gives back what it took."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path

_MOMENT_S = 2.0


def held() -> tuple[int, int]:
    """How many files and threads this process has open, as far as the system tells."""
    gc.collect()
    place = next((each for each in (Path("/proc/self/fd"), Path("/dev/fd")) if each.is_dir()), None)
    return (len(list(place.iterdir())) if place else 0), threading.active_count()


def settled(before: tuple[int, int]) -> tuple[int, int]:
    """What is held, once a service in this same process had a moment to hang up as well."""
    ends = time.monotonic() + _MOMENT_S
    while True:
        files, threads = held()
        if (files <= before[0] and threads <= before[1]) or time.monotonic() > ends:
            return files, threads
        time.sleep(0.01)
