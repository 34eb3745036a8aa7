"""One run a job: an advisory lock that the kernel frees when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notion_sync_core.clock import Clock
from notion_sync_core.errors import LockedError
from notion_sync_core.mirror.disk import explained

_LOOKS_S = 0.5
"""Who only looks whether a run is under way holds the lock for an instant; that is no other run."""


@contextmanager
def job_lock(path: Path, clock: Clock, timeout_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of a job.

    :param timeout_s: how long to wait for another holder.
    :raises LockedError: somebody else holds it; the message says who.
    :raises SinkError: the disk knows no locks: two runs would spoil each other's state.
    """
    with explained(f"the lock {path}"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        deadline = clock.monotonic() + max(timeout_s, _LOOKS_S)
        while not _try(handle, path):
            if clock.monotonic() >= deadline:
                raise LockedError(
                    f"another run of this job is under way ({_said_by(handle) or 'another process'})",
                    "Wait until it has finished, or set deployment.lock_timeout_s to wait for it.",
                )
            clock.sleep(0.1)
        with contextlib.suppress(OSError):  # the name of the holder is a courtesy
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)


def holder(path: Path) -> str:
    """Who holds the lock of a job: ``process 123``; ``""``: nobody."""
    try:
        refuse_while_running(path)
    except LockedError:
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                return _said_by(handle) or "another process"
            finally:
                os.close(handle)
        return "another process"
    return ""


def _said_by(handle: int) -> str:
    return os.pread(handle, 100, 0).decode("utf-8", "replace").strip()


def refuse_while_running(path: Path) -> None:
    """Make sure that nobody holds the lock of a job, without making or taking it.

    :raises LockedError: a run is under way.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return  # there was never a run
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError(
            "a run of this job is under way: its state changes all the time", "Wait until it has finished."
        ) from None
    except OSError:
        return  # the disk knows no locks: no run can hold one
    finally:
        os.close(handle)


def _try(handle: int, path: Path) -> bool:
    with explained(f"the lock {path}"):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
