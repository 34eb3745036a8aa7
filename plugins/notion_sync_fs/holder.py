"""Who holds the lock of a folder, as far as the kernel tells."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_LOCKS = Path("/proc/locks")


def holder_of(handle: int, locks: Path = _LOCKS) -> str:
    """`` (process 123)``, for the end of a message; empty where nobody knows: another machine, another container.

    :param locks: one line a lock: its number, ``FLOCK``, kind, mode, process, ``major:minor:inode`` (proc(5)).
    """
    found = os.fstat(handle)
    file = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    with contextlib.suppress(OSError, ValueError):
        for line in locks.read_text("ascii").splitlines():
            _, kind, _, _, process, place, *_ = line.split()
            if kind == "FLOCK" and place == file and int(process) > 0:
                return f" (process {process})"
    return ""
