"""What lies under the prefix, from one listing at the start, kept up to date by our own writes.

Asking the store for each file would cost a request each; a listing shows a thousand a request. It
is kept in a temporary database, so that it costs no memory by the object.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator

from attrs import frozen

from notion_sync_core.plugin import Stat


@frozen
class Entry:
    """One object."""

    key: str
    size: int
    etag: str
    """Without quotes. Changes when the object does; not always a hash of its bytes."""

    @property
    def stat(self) -> Stat:
        """For the sink's caller."""
        return Stat(self.size, self.etag)


class Listing:
    """Entries by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # An empty name: a private file of sqlite's own, gone when it is closed.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE objects (key TEXT PRIMARY KEY, size INTEGER, etag TEXT) WITHOUT ROWID")

    def add(self, entries: Iterable[Entry]) -> None:
        """Put entries in, in place of what had their keys."""
        rows = [(entry.key, entry.size, entry.etag) for entry in entries]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", rows)
            self._db.execute("COMMIT")

    def get(self, key: str) -> Entry | None:
        """The entry of a key."""
        with self._lock:
            row = self._db.execute("SELECT key, size, etag FROM objects WHERE key = ?", (key,)).fetchone()
        return Entry(*row) if row else None

    def keys(self) -> Iterator[str]:
        """Every key, in order."""
        last = ""
        while True:
            with self._lock:
                rows = self._db.execute(
                    "SELECT key FROM objects WHERE key > ? ORDER BY key LIMIT 1000", (last,)
                ).fetchall()
            if not rows:
                return
            yield from (row[0] for row in rows)
            last = rows[-1][0]

    def remove(self, key: str) -> bool:
        """Take an entry out.

        :returns: whether there was one.
        """
        with self._lock:
            return self._db.execute("DELETE FROM objects WHERE key = ?", (key,)).rowcount > 0

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._db.close()
