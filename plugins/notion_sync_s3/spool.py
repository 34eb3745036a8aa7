"""Staged files wait on this machine's disk, where a second process can leave them for the first.

S3 has no rename. An object is uploaded only once it is to be shown, and its upload shows it in one
step; so what is staged stays here until then.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from notion_sync_core.plugin import SinkError

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Spool:
    """A folder that only this user can read, the same for all processes that write to one sink.

    :param base: where it is made; empty: the system's folder for temporary files.
    :param location: the sink's.
    :param owner: run and process; begins the names of the files staged here.
    :raises SinkError: the folder cannot be made, or is somebody else's.
    """

    def __init__(self, base: str, location: str, owner: str) -> None:
        above = Path(base).expanduser() if base else Path(tempfile.gettempdir(), f"notion-sync-s3-{os.getuid()}")
        self.folder = above / hashlib.sha256(location.encode()).hexdigest()[:16]
        self._owner = owner
        self._number = 0
        self._guard = threading.Lock()
        with explained(self.folder):
            above.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not base:
                _check_owner(above)
            self.folder.mkdir(exist_ok=True, mode=0o700)
            _check_owner(self.folder)

    def write(self, chunks: Iterable[bytes]) -> tuple[str, str, int]:
        """Stage some bytes.

        :returns: the file's name here, its sha256 and its size.
        :raises SinkError: no space; nothing is left behind.
        """
        with self._guard:
            self._number += 1
            name = f"{self._owner}-{self._number}"
        digest, size = hashlib.sha256(), 0
        path = self.folder / name
        try:
            with explained(path), os.fdopen(os.open(path, _NEW_FILE, 0o600), "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += file.write(chunk)
        except BaseException:
            self.remove(name)
            raise
        return name, digest.hexdigest(), size

    def path(self, name: str) -> Path:
        """Where a staged file lies.

        :raises SinkError: the name is none that :meth:`write` gave.
        """
        if not _NAME.fullmatch(name) or name.startswith("."):
            raise SinkError(f"{name!r} is not a staged file")
        return self.folder / name

    def remove(self, name: str) -> None:
        """Drop a staged file; nothing there is fine."""
        with contextlib.suppress(OSError):
            self.path(name).unlink()

    def clear(self) -> None:
        """Drop everything that dead runs left. Only for the holder of the sink's lock."""
        with explained(self.folder), contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                with contextlib.suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        """Drop everything, and the folder. Only for the holder of the sink's lock."""
        self.clear()
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def _check_owner(folder: Path) -> None:
    """The folder for temporary files is everybody's: nobody may have made ours before us."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise SinkError(f"{folder} is not a folder of this user alone", "Remove it, or choose another with spool_dir.")


@contextlib.contextmanager
def explained(where: Path) -> Iterator[None]:
    """Say what an operating system error means for the user."""
    try:
        yield
    except OSError as error:
        space = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SinkError(
            f"{where} cannot be written: {error.strerror or error}",
            "Free some space, or choose another folder with spool_dir; then run the same command again."
            if space
            else "Choose another folder with spool_dir.",
        ) from error
