"""What the disk says, in words and with a remedy; and whether it is nearly full."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from notion_sync_core.errors import SinkError

LOW_SPACE = 0.05
"""Less free space than this share deserves a warning."""
_SQLITE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EIO,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_LOCKED: errno.EBUSY,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
}
"""What the primary result codes of sqlite mean; the others tell of a damaged file."""


def is_disk_trouble(error: BaseException) -> bool:
    """Whether an error tells of the disk, not of what lies on it."""
    return isinstance(error, OSError) or _number(error) is not None


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn what the disk says into a :class:`SinkError`; other errors pass.

    :param what: subject of the message: "the mirror in /var/…".
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if not is_disk_trouble(error):
            raise
        raise disk_error(what, error) from error


def disk_error(what: str, error: BaseException) -> SinkError:
    """The error for people."""
    text = getattr(error, "strerror", None) or str(error)
    return SinkError(f"{what} cannot be read or written: {text}", remedy(_number(error)))


def remedy(number: int | None) -> str:
    """What to do about an error number of the operating system."""
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space, then run the same command again: it goes on where it was."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Change its permissions, or choose another folder (--to, deployment.state_dir)."
    if number in (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
        return "Choose a state folder on a disk that knows locks, such as a local one: deployment.state_dir."
    if number == errno.ELOOP:
        return "A symbolic link stands in the way; it is not followed. Remove it."
    if number in (errno.EMFILE, errno.ENFILE):
        return "Too many files are open: raise the limit (ulimit -n)."
    return "Check the disk, then run the same command again: it goes on where it was."


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _SQLITE.get(code & 0xFF)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for copies to look at, gone afterwards.

    :raises SinkError: there is no place for it.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="notion-sync-look-")
    except OSError as error:
        raise SinkError(
            f"no folder for temporary files can be made: {error.strerror or error}",
            "Set TMPDIR to a folder that can be written and has space.",
        ) from error
    with made as name:
        yield Path(name)


def standing(place: str | os.PathLike[str]) -> Path | None:
    """The folder itself, or the one above it that is there already; ``None``: it is no place on a disk."""
    path = Path(place)
    if not path.is_absolute():
        return None
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def nearly_full(places: Iterable[str | os.PathLike[str]]) -> list[str]:
    """One line for each of these folders whose disk has hardly any space left."""
    found: dict[int, str] = {}
    for place in places:
        if (path := standing(place)) is None:
            continue
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(path)
            if usage.free < LOW_SPACE * usage.total:
                device = path.stat().st_dev
                found.setdefault(device, f"the disk of {place} is nearly full: {usage.free >> 20} MiB free")
    return list(found.values())
