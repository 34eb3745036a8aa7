"""What the operating system says about a sink's folder, in words and with a remedy; and what not every disk can do."""

from __future__ import annotations

import errno
import logging
import os
import sys

from notion_sync_core.plugin import SinkError

_log = logging.getLogger(__name__)
_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY)
"""What a file system says of a thing that it has no notion of: SMB and FUSE of syncing a folder, for one."""
CANNOT_LOCK = (*_CANNOT, errno.ENOLCK)
"""The same of locks; the last is what NFS says where nobody keeps them."""


class explained:  # noqa: N801 - read as a word, and made several times for each file: a generator costs thrice
    """Say what an error of the operating system means for the user."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError) or isinstance(error, FileNotFoundError):
            return
        if error.errno == errno.ENOTDIR:
            reason, remedy = f"{error.filename} is not a folder", "Move it away."
        else:
            reason, remedy = error.strerror or str(error), _remedy(error.errno)
        raise SinkError(f"{self._where} cannot be written: {reason}", remedy) from error


def check_names(location: str) -> None:
    """Make sure that names are spelt in UTF-8 here, as everywhere: else each locale would make a tree of its own.

    :raises SinkError: they are not.
    """
    spelt = sys.getfilesystemencoding()
    if spelt.lower().replace("-", "") != "utf8":
        raise SinkError(
            f"{location} cannot be used: this process spells the names of files in {spelt}",
            "Set PYTHONUTF8=1, or a UTF-8 locale, before it starts.",
        )


def _remedy(number: int | None) -> str:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space, then run the same command again: it goes on where it was."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Choose another folder with --to, or change its permissions."
    if number == errno.EISDIR:
        return "A folder stands in the way. Move it away."
    if number == errno.ELOOP:
        return "A symbolic link stands in the way; it is not followed. Remove it."
    if number == errno.EBUSY:
        return "Something is mounted on it, or uses it. Unmount it, or choose another folder with --to."
    if number in (errno.EMFILE, errno.ENFILE):
        return "Too many files are open: raise the limit (ulimit -n)."
    return "Check the disk, then run the same command again."


class Abilities:
    """What the disk of one sink turned out not to be able to do: each told once, and gone on without."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def sync(self, handle: int, location: str) -> None:
        """Bring a file's bytes or a folder's names to the disk, where it can do that.

        :raises OSError: they may be lost.
        """
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            self._tell(
                f"the disk of {location} cannot be told to make a file or folder durable (fsync: {error.strerror}): "
                "what was written last may be lost in a power cut; plugins.fs.fsync = false asks no more"
            )

    def no_locks(self, error: OSError, location: str) -> None:
        """Tell that another run cannot be kept out."""
        self._tell(
            f"{location} cannot be locked ({error.strerror}): make sure yourself that no other machine writes there "
            "at the same time"
        )

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            _log.warning("%s", message)
