"""The sqlite file of a history: opened, made durable in one step, and shrunk; what stands in it is asked elsewhere.

A transaction is always open; :meth:`Database.commit` makes everything since the last one durable.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from notion_sync_core.errors import StateError
from notion_sync_core.mirror.disk import disk_error, is_disk_trouble
from notion_sync_core.mirror.durable import sync_way_to

FORMAT = 1
_SCHEMA = """
PRAGMA auto_vacuum = NONE;
CREATE TABLE run (                              -- runs in which something changed
  number INTEGER PRIMARY KEY,                   -- the state's generation
  began REAL NOT NULL,                          -- Unix time
  ended REAL,                                   -- NULL: it was cut short
  mode TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}');            -- of the state, as it was then
CREATE TABLE version (                          -- a row for each change of an object; no row: it is what it was
  object_id TEXT NOT NULL,
  run INTEGER NOT NULL,
  sha256 TEXT NOT NULL,                         -- '': there is none, for it is gone, or was never read
  size INTEGER NOT NULL,                        -- bytes on the disk
  kind TEXT NOT NULL,                           -- page, database, data_source; synced_block: read for a copy
  title TEXT NOT NULL,
  parent_type TEXT NOT NULL, parent_id TEXT,
  created_time TEXT NOT NULL, last_edited_time TEXT NOT NULL, url TEXT NOT NULL,
  status TEXT NOT NULL,                         -- see notion_sync_core/status.py
  has_copy INTEGER NOT NULL,                    -- 1: it has a file
  folder_id TEXT, path TEXT,                    -- where it stands; path without suffix
  listing_digest TEXT NOT NULL, content_digest TEXT NOT NULL,
  PRIMARY KEY (object_id, run)) WITHOUT ROWID;
CREATE TABLE asset (                            -- which files a version shows
  version_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (version_sha256, sha256)) WITHOUT ROWID;
CREATE INDEX asset_sha256 ON asset (sha256);
CREATE TABLE frame (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL);         -- versions that are small, compressed
CREATE TABLE copied (                           -- what lies in the copy of this history as well
  kind TEXT NOT NULL,                           -- versions, files
  sha256 TEXT NOT NULL, PRIMARY KEY (kind, sha256)) WITHOUT ROWID;
CREATE TABLE copy (place TEXT NOT NULL, run INTEGER NOT NULL);            -- where that is; the last run it tells of
CREATE TABLE person (id TEXT NOT NULL, run INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id, run)) WITHOUT ROWID;
"""


class Database:
    """One job's history as a file.

    :param path: the file; made with mode 0600 if missing.
    :param read_only: for looking at it while another process writes.
    :raises StateError: damaged, or written by a newer version of this program.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._before = 0
        self.is_dirty = False
        """Something waits to be committed."""
        if not read_only:
            with self._explained():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        with self._explained():
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with self._explained():
                self._open(read_only)
        except BaseException:
            self._db.close()
            raise

    def _open(self, read_only: bool) -> None:
        self._db.execute("PRAGMA busy_timeout = 10000")
        self._db.execute("PRAGMA trusted_schema = OFF")
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if found > FORMAT:
            raise StateError(
                f"the history in {self.path} was written by a newer version (format {found}, this knows {FORMAT})",
                "Install a newer version of this program, or choose another deployment.state_dir.",
            )
        if read_only:
            return
        self._db.execute("PRAGMA cache_size = -512")  # KiB: rows are written in order, and seldom looked up
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        # What is taken out must not lie on in free pages.
        self._db.execute("PRAGMA secure_delete = ON")
        if found == 0:
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
            sync_way_to(self.path)
        self._db.execute("BEGIN")
        self._before = self._db.total_changes

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if is_disk_trouble(error):
                raise disk_error(f"the history in {self.path}", error) from error
            raise StateError(
                f"the history in {self.path} is damaged: {error}",
                "Put the folder history back from a backup; or move it away, and history begins anew.",
            ) from error

    def close(self) -> None:
        """Drop what was not committed, and close the file."""
        self._db.close()

    def commit(self) -> None:
        """Make everything so far durable."""
        if self.is_dirty:
            with self._explained():
                self._db.execute("COMMIT")
                self._db.execute("BEGIN")
            self.is_dirty = False

    def shrink(self) -> None:
        """Give back the space of what was taken out, and leave no trace of it in the file or its log."""
        self.commit()
        with self._explained():
            self._db.execute("COMMIT")
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.execute("BEGIN")

    def write(self, sql: str, rows: Iterable[Any]) -> None:
        """Change something, for each of these."""
        self.is_dirty = True
        with self._explained():
            self._db.executemany(sql, rows)

    def stream(self, sql: str) -> Iterator[Any]:
        """Ask for more rows than are held at once."""
        with self._explained():
            yield from self._db.execute(sql)

    @property
    def has_changed(self) -> bool:
        """Something was written since it was opened."""
        return self._db.total_changes > self._before

    def rows(self, sql: str, parameters: Any = ()) -> list[Any]:
        """Ask something."""
        with self._explained():
            return self._db.execute(sql, parameters).fetchall()
