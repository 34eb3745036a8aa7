"""What a power cut leaves: every file operation of a run on record, and disks on which a part of them never happened.

A file's bytes are sure once the file was synced, a name in a folder once the folder was. Until then a disk may
hold any of the values a name had, and any beginning of a file. SQLite is trusted as far as its settings go: the
state (``synchronous=FULL``) is what the last commit made it, the mirror (``NORMAL``) may lose what was put since
its log was last synced.
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diskcache
from attrs import define, field, frozen

from notion_sync_core.history.store import Store
from notion_sync_core.stages.plan import Plan
from notion_sync_core.state import State

FOLDER = "a folder"


@define(eq=False)
class Inode:
    """A file's bytes, whatever its names."""

    content: bytes = b""
    synced: bool = False


@frozen
class Event:
    """One operation, in the order of their ends."""

    verb: str
    path: str = ""
    other: str = ""
    inode: Inode | None = None
    content: bytes = b""
    number: int = 0


@define
class Recorder:
    """Writes down what a run in this process does below a folder."""

    root: Path
    events: list[Event] = field(factory=list)
    puts: list[tuple[str, bytes | None]] = field(factory=list)
    """What went into the mirror."""
    states: list[bytes] = field(factory=list)
    """The state at each checkpoint."""
    histories: list[bytes] = field(factory=list)
    """The rows of history at each commit."""
    start: int = 0
    """How many events stand for what was there before."""
    _inodes: dict[str, Inode] = field(factory=dict)
    _needed: int = 0
    _lock: Any = field(factory=threading.RLock)

    def add(self, verb: str, path: str, **more: Any) -> None:
        if self.watches(path):
            self.events.append(Event(verb, path, **more))

    def watches(self, path: str) -> bool:
        """SQLite looks after its own files."""
        return path.startswith(f"{self.root}/") and "/listings/" not in path and not path.endswith(("-wal", "-shm"))

    def begin(self, unsure: Path | None = None) -> None:
        """What is there already is on the disk.

        :param unsure: but for the names below this folder, which nobody has synced.
        """
        for path in sorted(self.root.rglob("*")):
            if path.is_dir():
                self.add("mkdir", str(path))
            elif self.watches(str(path)):
                self._inodes[str(path)] = inode = Inode()
                self.add("create", str(path), inode=inode)
                self.events.append(Event("sync", str(path), inode=inode, content=path.read_bytes()))
            if unsure is None or not path.is_relative_to(unsure):
                self.add("syncdir", str(path.parent))
        self.events.append(Event("syncdir", str(self.root)))
        for path in self.root.rglob("history.sqlite"):
            self.committed(sqlite3.connect(path))
        for path in self.root.rglob("state.sqlite"):
            self.checkpoint(sqlite3.connect(path))
        self.start = len(self.events)

    def checkpoint(self, database: sqlite3.Connection) -> None:
        self.states.append(whole(database))
        self.events.append(Event("state", number=self._needed))

    def committed(self, database: sqlite3.Connection) -> None:
        self.histories.append(whole(database))
        self.events.append(Event("history"))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Wrap what writes, for the time of one run."""
        undo: list[tuple[Any, str, Any]] = []

        def wrap(holder: Any, name: str, make: Callable[[Any], Any]) -> None:
            undo.append((holder, name, getattr(holder, name)))
            setattr(holder, name, make(getattr(holder, name)))

        for name in ("open", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir"):
            wrap(os, name, getattr(self, f"_{name}"))
        wrap(State, "checkpoint", self._checkpointed)
        wrap(Store, "commit", self._kept)
        for name in ("finish_read", "see", "add_users"):
            wrap(Plan, name, self._needing)
        wrap(diskcache.Cache, "set", self._set)
        wrap(diskcache.Cache, "delete", self._delete)
        try:
            yield
        finally:
            for holder, name, function in reversed(undo):
                setattr(holder, name, function)

    # -- wrappers

    def _open(self, real: Any) -> Any:
        def open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            handle: int = real(path, flags, mode, dir_fd=dir_fd)
            where = absolute(path, dir_fd)
            with self._lock:
                if flags & os.O_CREAT and where not in self._inodes and self.watches(where):
                    self._inodes[where] = Inode()
                    self.add("create", where, inode=self._inodes[where])
            return handle

        return open

    def _fsync(self, real: Any) -> Any:
        def fsync(handle: int) -> None:
            where = os.readlink(f"/proc/self/fd/{handle}")
            is_folder = os.path.isdir(where)
            content = b"" if is_folder or not self.watches(where) else Path(where).read_bytes()
            puts = len(self.puts)
            real(handle)
            with self._lock:
                if where.endswith("/cache.db-wal"):
                    self.events.append(Event("mirror", number=puts))
                elif is_folder:
                    self.events.append(Event("syncdir", where))
                elif where in self._inodes:
                    self.add("sync", where, inode=self._inodes[where], content=content)

        return fsync

    def _rename(self, real: Any) -> Any:
        def rename(src: Any, dst: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
            old, new = absolute(src, src_dir_fd), absolute(dst, dst_dir_fd)
            with self._lock:
                real(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
                if self.watches(old):
                    inode = self._inodes.pop(old)
                    if not inode.content:
                        inode.content = Path(new).read_bytes()
                    self._inodes[new] = inode
                    self.add("rename", old, other=new, inode=inode)

        return rename

    _replace = _rename

    def _unlink(self, real: Any) -> Any:
        def unlink(path: Any, *, dir_fd: int | None = None) -> None:
            with self._lock:
                real(path, dir_fd=dir_fd)
                self._inodes.pop(absolute(path, dir_fd), None)
                self.add("unlink", absolute(path, dir_fd))

        return unlink

    _rmdir = _unlink

    def _mkdir(self, real: Any) -> Any:
        def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
            with self._lock:
                real(path, mode, dir_fd=dir_fd)
                self.add("mkdir", absolute(path, dir_fd))

        return mkdir

    def _checkpointed(self, real: Any) -> Any:
        def checkpoint(state: State) -> None:
            database = state._db
            with database._lock, self._lock:
                real(state)
                self.checkpoint(database._db)

        return checkpoint

    def _kept(self, real: Any) -> Any:
        def commit(store: Store) -> None:
            with self._lock:
                was_dirty = store.is_dirty
                real(store)
                if was_dirty:
                    self.committed(store._db)

        return commit

    def _needing(self, real: Any) -> Any:
        def needing(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            self._needed = len(self.puts)
            return result

        return needing

    def _set(self, real: Any) -> Any:
        def set(cache: Any, key: str, value: bytes, *args: Any, **kwargs: Any) -> Any:
            with self._lock:
                self.puts.append((key, value))
            return real(cache, key, value, *args, **kwargs)

        return set

    def _delete(self, real: Any) -> Any:
        def delete(cache: Any, key: str, *args: Any, **kwargs: Any) -> Any:
            with self._lock:
                self.puts.append((key, None))
            return real(cache, key, *args, **kwargs)

        return delete


def whole(database: sqlite3.Connection) -> bytes:
    """A database as one file."""
    copy = sqlite3.connect(":memory:")
    database.backup(copy)
    raw = bytearray(copy.serialize())
    raw[18:20] = b"\1\1"  # without a log beside it
    copy.close()
    return bytes(raw)


def absolute(path: Any, dir_fd: int | None) -> str:
    """A path as seen from the root of the file system."""
    if isinstance(path, int):
        return ""
    folder = os.getcwd() if dir_fd is None else os.readlink(f"/proc/self/fd/{dir_fd}")
    return os.path.normpath(os.path.join(folder, os.fspath(path)))


@define
class Disk:
    """A disk right after the power failed."""

    files: dict[str, bytes] = field(repr=False)
    folders: set[str] = field(repr=False)
    state: bytes | None = field(repr=False)
    """The last checkpoint."""
    history: bytes | None = field(repr=False)
    """The last commit of the rows of history."""
    mirror: int
    """So many of the puts are there."""


class Outcomes:
    """All disks that a cut after some event may leave."""

    def __init__(self, recorder: Recorder, crash: int) -> None:
        self._recorder = recorder
        self._names: dict[str, list[Inode | str | None]] = defaultdict(lambda: [None])
        self._sure: dict[str, int] = defaultdict(int)
        self._inodes: dict[int, tuple[bytes, bool]] = {}
        self.state = -1
        self.history = -1
        self.flushed = 0
        self.needed = 0
        for event in recorder.events[:crash]:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        names = self._names
        match event.verb:
            case "create":
                names[event.path].append(event.inode)
            case "rename":
                names[event.path].append(None)
                names[event.other].append(event.inode)
            case "unlink":
                names[event.path].append(None)
            case "mkdir":
                names[event.path].append(FOLDER)
            case "sync":
                self._inodes[id(event.inode)] = (event.content, True)
            case "syncdir":
                for path, values in names.items():
                    if os.path.dirname(path) == event.path:
                        self._sure[path] = len(values) - 1
            case "state":
                self.state += 1
                self.needed = event.number
            case "history":
                self.history += 1
            case "mirror":
                self.flushed = max(self.flushed, event.number)

    def disk(self, rng: random.Random) -> Disk:
        """One of them."""
        files: dict[str, bytes] = {}
        folders = {str(self._recorder.root)}
        for path in sorted(self._names, key=lambda path: (path.count("/"), path)):
            values = self._names[path]
            value = values[rng.randint(self._sure[path], len(values) - 1)]
            if os.path.dirname(path) not in folders or value is None:
                continue
            if isinstance(value, Inode):
                files[path] = self._bytes(value, rng)
            else:
                folders.add(path)
        state = self._recorder.states[self.state] if self.state >= 0 else None
        history = self._recorder.histories[self.history] if self.history >= 0 else None
        return Disk(
            files, folders, state, history, rng.randint(self.flushed, max(self.flushed, len(self._recorder.puts)))
        )

    def _bytes(self, inode: Inode, rng: random.Random) -> bytes:
        content, sure = self._inodes.get(id(inode), (inode.content, False))
        return content if sure else content[: rng.choice((0, rng.randint(0, len(content)), len(content)))]


def sha(content: bytes | None) -> str:
    """A file's hash; of one that is not there, nothing."""
    return "" if content is None else hashlib.sha256(content).hexdigest()
