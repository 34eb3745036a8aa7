"""A worker's folder for its turns. What they leave there is content of tenants: it goes with the turn, with the worker,
or, if that was killed, when the next worker begins on this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from notion_sync_core.plugin import SinkError

_PREFIX = "notion-sync-worker-"
_LOCK = "lock"
"""Held for as long as the worker lives, by whatever way it ends."""


@contextlib.contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is this worker's alone, readable by its owner only.

    :param parent: where it is made; ``None``: where temporary files are.
    :raises SinkError: it cannot be made.
    """
    place = parent or Path(tempfile.gettempdir())
    try:
        _clear_what_the_dead_left(place)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        raise SinkError(f"no folder can be made in {place}: {error.strerror}", "Free some space there.") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _clear_what_the_dead_left(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, alive, or not whole yet
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(handle).st_uid == os.getuid():
                    shutil.rmtree(folder)
            finally:
                os.close(handle)
