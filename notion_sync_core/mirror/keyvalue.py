"""Keys and bytes in diskcache, written many at a time by one thread after another.

diskcache makes each change a transaction on a connection of each thread; sqlite lets one of them write
and has the others sleep, and every transaction writes the same index pages again.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import diskcache

from notion_sync_core.errors import NotionSyncError, SinkError, StateError
from notion_sync_core.mirror.disk import disk_error, is_disk_trouble
from notion_sync_core.mirror.safe_disk import SafeDisk

T = TypeVar("T")

MOST_WAITING = 4 << 20
"""Bytes that wait in memory; more are written by whoever brings them."""
_BROKEN = (sqlite3.DatabaseError, OSError, diskcache.Timeout)


class _Ending:
    """Goes with its thread, and closes the connection that diskcache opened for it.

    From Python 3.13 on a connection that is only forgotten is a warning.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.ProgrammingError):  # only its own thread may close it
            self._connection.close()


def _opened(folder: Path) -> diskcache.Cache:
    cache = diskcache.Cache.__new__(diskcache.Cache)
    try:
        diskcache.Cache.__init__(
            cache,
            str(folder),
            disk=SafeDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=1 << 60,
            # Files of its own diskcache would not sync: everything goes into the database.
            disk_min_file_size=1 << 30,
            sqlite_cache_size=1 << 8,
            sqlite_mmap_size=0,
        )
    except _BROKEN:
        # What is no database was opened before that showed.
        cache.close()
        raise
    return cache


class KeyValueStore:
    """A store of bytes by key. What is put is seen at once, and lasts from the next :meth:`write` on.

    Safe to use from several threads, and to read from several processes.

    :param folder: where the database lies; made if missing.
    :param name: how messages call the store.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._name = name
        self._guard = threading.Lock()
        self._thread = threading.local()
        self._writing = threading.Lock()
        self._waiting: dict[str, bytes | None] = {}
        self._size = 0
        self._going: dict[str, bytes | None] = {}
        """What is being written: still seen until the database has it."""
        self._cache = self._explained(lambda: _opened(folder))

    def close(self) -> None:
        """Close the database of the calling thread; what was not written is dropped."""
        vars(self._thread).clear()
        self._cache.close()

    def _here(self) -> diskcache.Cache:
        """The cache, whose connection of the calling thread is closed when that thread ends."""
        if not vars(self._thread):
            self._thread.ending = _Ending(self._cache._con)
        return self._cache

    def get(self, key: str) -> bytes | None:
        """The value of a key, or ``None``."""
        with self._guard:
            for waiting in (self._waiting, self._going):
                if key in waiting:
                    return waiting[key]
        found: bytes | None = self._explained(lambda: self._here().get(key))
        return found

    def put(self, values: Iterable[tuple[str, bytes | None]]) -> None:
        """Change these keys together; ``None`` forgets one."""
        with self._guard:
            for key, value in values:
                self._size += len(value or b"")
                self._waiting[key] = value
            full = self._size >= MOST_WAITING
        if full:
            self.write()

    def write(self) -> None:
        """Bring everything put so far into the database, in one transaction."""
        with self._writing:
            with self._guard:
                # After an error the older ones are still there.
                self._going.update(self._waiting)
                self._waiting, self._size = {}, 0
            if self._going:
                self._explained(self._write)
            with self._guard:
                self._going = {}

    def _write(self) -> None:
        cache = self._here()
        with cache.transact():
            for key, value in self._going.items():
                if value is None:
                    cache.delete(key)
                else:
                    cache.set(key, value)

    def erase(self, keys: Iterable[str]) -> None:
        """Forget keys so that nothing of them stays in the file: it is written anew, without them."""
        self.put((key, None) for key in keys)
        self.write()
        self._explained(lambda: self._here()._sql("VACUUM"))
        # The last connection that goes brings the log into the file, and takes it away.
        self.close()

    def _explained(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except _BROKEN as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> NotionSyncError:
        """The disk is full or broken, or else the database is."""
        if is_disk_trouble(error):
            return disk_error(self._name, error)
        if isinstance(error, diskcache.Timeout):  # all that diskcache tells of a write that could not begin
            return SinkError(
                f"{self._name} cannot be written: it is locked, or its disk is full or read-only",
                "Check the disk, and that no other program holds cache.db open; then run the same command again.",
            )
        return StateError(
            f"{self._name} cannot be used: {error}",
            "Delete that folder: it costs requests, nothing else.",
        )
