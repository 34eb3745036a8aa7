"""An open folder: its descriptors, the way to what lies in it, and what is not on the disk yet."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable

from notion_sync_core.plugin import SinkError
from notion_sync_fs.beside import Beside
from notion_sync_fs.explained import Abilities, explained

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Opened:
    """What an open sink holds: descriptors, and what has to be brought to the disk.

    Every path is walked from the root's descriptor without following links, so nothing is written
    outside the root, whatever a title or a planted symbolic link says.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self.root = self.staging = self.lock = -1
        self.prefix = ""
        self.touched: set[str] = set()
        self.names: dict[str, frozenset[str]] = {}
        """What folders hold, since the last file was written."""
        self.abilities = Abilities()
        self.beside: Beside | None = None
        self._unsynced: list[int] = []
        """Staged files whose bytes may not be on the disk yet."""
        self._lost: OSError | None = None
        """Why some of these bytes may never get there: asking again would not tell."""
        self._number = 0
        self._guard = threading.Lock()

    def next_number(self) -> int:
        """Of a staged file: no other of this run has it."""
        with self._guard:
            self._number += 1
            return self._number

    # -- walking

    def inside(self, path: str) -> tuple[str, str]:
        """The folder and the name of a file; ``""`` is the root."""
        parent, _, name = path.rpartition("/")
        if name in ("", ".", "..") or path.startswith("/"):
            raise SinkError(f"{path!r} would leave {self.location}")
        return parent, name

    def folder(self, path: str, *, make: bool) -> int:
        """A descriptor of a folder below the root, walked part by part; ``""`` is the root."""
        if self.root < 0:
            raise FileNotFoundError(self.location)
        here = os.dup(self.root)
        try:
            parts = path.split("/") if path else []
            for depth, part in enumerate(parts, 1):
                if part in ("", ".", ".."):
                    raise SinkError(f"{path} would leave {self.location}")
                try:
                    below = self._below(part, here, make=make)
                except OSError as error:
                    if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                        raise
                    raise NotADirectoryError(errno.ENOTDIR, "not a folder", "/".join(parts[:depth])) from error
                os.close(here)
                here = below
        except BaseException:
            os.close(here)
            raise
        return here

    @staticmethod
    def _below(part: str, here: int, *, make: bool) -> int:
        try:
            return os.open(part, FOLDER, dir_fd=here)
        except FileNotFoundError:
            if not make:
                raise
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=here)
        return os.open(part, FOLDER, dir_fd=here)

    def open_below(self, path: str, flags: int) -> int:
        """A descriptor of a file below the root, never of what a link leads to."""
        parent, name = self.inside(path)
        with explained(f"{self.location}/{path}"):
            folder = self.folder(parent, make=False)
            try:
                return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=folder)
            finally:
                os.close(folder)

    def entries(self, folder: str) -> list[tuple[str, bool]] | None:
        """Names in a folder, and whether each is one itself; ``None``: it may not be looked into.

        A folder such as lost+found is none of ours, and no reason to look at nothing.
        """
        try:
            handle = self.folder(folder, make=False)
        except PermissionError:
            if not folder:
                raise
            return None
        try:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in os.scandir(handle)]
        finally:
            os.close(handle)

    def remove_empty(self, folder: str) -> None:
        """Remove a folder that holds nothing, and those above it that hold nothing then."""
        while folder:
            parent, _, name = folder.rpartition("/")
            try:
                above = self.folder(parent, make=False)
            except (FileNotFoundError, NotADirectoryError):
                return
            try:
                os.rmdir(name, dir_fd=above)
            except OSError:
                return
            finally:
                os.close(above)
            self.touched.add(parent)
            folder = parent

    # -- what is not on the disk yet

    def take_touched(self) -> set[str]:
        """The folders with new or removed entries, and the folders above them, which may be new too."""
        touched, self.touched = self.touched, set()
        found = set(touched)
        for folder in touched:
            while folder and (folder := folder.rpartition("/")[0]) not in found:
                found.add(folder)
        return found

    def sync_later(self, handle: int) -> int:
        """Leave an open file to the next sync; how many there are now."""
        with self._guard:
            self._unsynced.append(handle)
            return len(self._unsynced)

    def sync(self, sync: Callable[[int], None]) -> None:
        """Wait for the bytes of what was staged."""
        with contextlib.ExitStack() as closing:
            with self._guard:
                unsynced, self._unsynced = self._unsynced, []
            for handle in unsynced:
                closing.callback(os.close, handle)
            try:
                for handle in unsynced:
                    sync(handle)
            except OSError as error:
                self._lost = error
        if self._lost is not None:
            raise self._lost

    def close(self) -> None:
        """Give all descriptors back; the lock goes with its own."""
        for handle in self._unsynced:
            os.close(handle)
        self._unsynced, self._lost = [], None
        for handle in (self.lock, self.staging, self.root):
            if handle >= 0:
                os.close(handle)
        self.root = self.staging = self.lock = -1
