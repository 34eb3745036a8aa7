"""The files of an export, wherever they lie; who made them, and what lies among them, is not known."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol, cast

from notion_sync_core.errors import SinkError, StateError
from notion_sync_core.mirror.disk import explained

_SPOOLED = 4 << 20
"""Bytes of a file that are held in memory, of one that lies in no folder."""


class ExportFiles(Protocol):
    """Regular files below one root. No path that is given or asked for leads out of it."""

    location: str
    """For messages."""

    def list(self) -> Iterator[str]:
        """The paths of all files, in an order that stays the same."""

    def open(self, path: str) -> contextlib.AbstractContextManager[tuple[IO[bytes], int]]:
        """A file to read, and its size in bytes.

        :raises FileNotFoundError: there is none, or it is no regular file.
        """

    def place(self, path: str) -> Path | None:
        """Where the file lies on a disk; ``None``: there is none, or it is no regular file."""


class Reads(Protocol):
    """What is asked of a sink."""

    @property
    def location(self) -> str:
        """For messages."""

    def list(self) -> Iterator[str]:
        """The paths of all its files."""

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one."""


def check_path(path: str) -> tuple[str, ...]:
    """The parts of a path below the root.

    :raises FileNotFoundError: it leads elsewhere, or is none.
    """
    parts = tuple(path.split("/"))
    if "\0" in path or not {"", ".", ".."}.isdisjoint(parts):
        raise FileNotFoundError(f"{path!r:.200} is no path below the root")
    return parts


class FolderFiles:
    """In a folder. No symbolic link below it is followed, whatever it leads to.

    :raises StateError: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        self.location = str(folder)
        try:
            self._root = folder.resolve(strict=True)
        except OSError as error:
            raise StateError(
                f"the export in {folder} cannot be read: {error.strerror or error}", "Name another folder with --from."
            ) from error
        if not self._root.is_dir():
            raise StateError(f"{folder} is no folder", "Name the folder of a JSON export with --from.")

    def list(self) -> Iterator[str]:
        """See the protocol."""

        def fail(error: OSError) -> None:
            raise SinkError(
                f"the export in {self.location} cannot be read: {error.strerror or error}",
                "Change the permissions of what is in it.",
            ) from error

        for folder, inside, names in os.walk(self._root, onerror=fail):
            inside[:] = sorted(name for name in inside if not Path(folder, name).is_symlink())
            for name in sorted(names):
                yield Path(folder, name).relative_to(self._root).as_posix()

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[tuple[IO[bytes], int]]:
        """See the protocol."""
        try:
            handle = self._open(check_path(path))
        except OSError as error:
            raise FileNotFoundError(path) from error
        with os.fdopen(handle, "rb") as file:
            yield file, os.fstat(handle).st_size

    def _open(self, parts: tuple[str, ...]) -> int:
        """A handle of a regular file; each folder is opened from the one above it, so that none is a link by then."""
        here = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for last, part in [*((False, each) for each in parts[:-1]), (True, parts[-1])]:
            # A pipe would be waited for.
            kind = os.O_NONBLOCK if last else os.O_DIRECTORY
            try:
                below = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=here)
            finally:
                os.close(here)
            here = below
        if not stat.S_ISREG(os.fstat(here).st_mode):
            os.close(here)
            raise FileNotFoundError(parts[-1])
        return here

    def place(self, path: str) -> Path | None:
        """See the protocol."""
        try:
            os.close(self._open(check_path(path)))
        except OSError:
            return None
        return self._root / path


class SinkFiles:
    """Where a sink writes that can list what it holds; what lies there is copied into a folder when it is needed.

    :param scratch: that folder; who gives it removes it.
    """

    def __init__(self, sink: Reads, scratch: Path) -> None:
        self.location = sink.location
        self._sink = sink
        self._scratch = scratch

    def list(self) -> Iterator[str]:
        """See the protocol."""
        for path in self._sink.list():
            with contextlib.suppress(FileNotFoundError):
                check_path(path)
                yield path

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[tuple[IO[bytes], int]]:
        """See the protocol."""
        check_path(path)
        with tempfile.SpooledTemporaryFile(_SPOOLED, dir=str(self._scratch)) as file:
            for chunk in self._sink.read(path):
                with explained("a file for temporary bytes"):
                    file.write(chunk)
            size = file.tell()
            if size > _SPOOLED:
                file.rollover()
            file.seek(0)
            yield cast("IO[bytes]", file), size

    def place(self, path: str) -> Path | None:
        """See the protocol; what was copied once stays."""
        copy = self._scratch / hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
        if not copy.exists():
            try:
                with self.open(path) as (file, _):
                    handle, name = tempfile.mkstemp(dir=self._scratch)
                    with os.fdopen(handle, "wb") as whole, explained(f"the copy {name}"):
                        shutil.copyfileobj(file, whole)
                    Path(name).replace(copy)
            except FileNotFoundError:
                return None
        return copy
