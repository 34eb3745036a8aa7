"""A sqlite file that outlives its process: opened, made durable in one step, and what its errors mean in words.

The only module that knows how we want sqlite to behave; what stands in a file is asked by the room whose file it is.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from notion_sync_core.errors import StateError
from notion_sync_core.mirror.disk import disk_error, is_disk_trouble
from notion_sync_core.mirror.durable import sync_way_to


def connect(path: Path, *, read_only: bool = False, statements: int = 128) -> sqlite3.Connection:
    """Open a file, never through a symbolic link at its end.

    :param path: made with mode 0600 if missing.
    :param read_only: for looking at it while another process writes; a missing one is an error then.
    :param statements: how many are kept ready.
    :raises OSError: it cannot be made.
    :raises sqlite3.Error: it cannot be opened.
    """
    if not read_only:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=statements,
    )
    database.execute("PRAGMA busy_timeout = 10000")
    # A file that somebody else made may hold views and triggers: they call nothing.
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def make_lasting(database: sqlite3.Connection) -> None:
    """What is committed from now on is on the disk when the commit returns."""
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")


@frozen
class Purpose:
    """What a file is for."""

    name: str
    """Subject of messages: "history"."""
    format: int
    """Of what it holds; a file of a higher one is refused."""
    schema: str
    """The statements that make a new one."""
    if_newer: str
    """What to do about a file of a higher format."""
    if_damaged: str
    """What to do about one that cannot be read."""


class SqliteFile:
    """One file with one writer. A transaction is always open, and ends by :meth:`commit`.

    What is taken out does not lie on in free pages.

    :param path: made with mode 0600 if missing. ``None``: it is held in memory, and nothing of it is kept.
    :param read_only: for looking at it while another process writes.
    :raises StateError: damaged, or written by a newer version of this program.
    :raises SinkError: the disk is full or broken.
    """

    def __init__(self, path: Path | None, purpose: Purpose, *, read_only: bool = False) -> None:
        self.path = path
        self.is_dirty = False
        """Something waits to be committed."""
        self._purpose = purpose
        self._where = f"the {purpose.name}" + (f" in {path}" if path else "")
        self._before = 0
        with self._explained():
            self._db = connect(path, read_only=read_only) if path else _in_memory()
        try:
            with self._explained():
                self._open(read_only)
        except BaseException:
            self._db.close()
            raise

    def _open(self, read_only: bool) -> None:
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        known = self._purpose.format
        if found > known:
            raise StateError(
                f"{self._where} was written by a newer version (format {found}, this knows {known})",
                self._purpose.if_newer,
            )
        if read_only:
            return
        make_lasting(self._db)
        # KiB. Rows are written in order, and seldom looked up.
        self._db.execute("PRAGMA cache_size = -512")
        self._db.execute("PRAGMA secure_delete = ON")
        if found == 0:
            self._db.executescript(f"BEGIN IMMEDIATE; {self._purpose.schema} PRAGMA user_version = {known}; COMMIT;")
            if self.path:
                sync_way_to(self.path)
        self._db.execute("BEGIN")
        self._before = self._db.total_changes

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if is_disk_trouble(error):
                raise disk_error(self._where, error) from error
            raise StateError(f"{self._where} is damaged: {error}", self._purpose.if_damaged) from error

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

    def copy_to(self, other: SqliteFile) -> None:
        """Make another one, of the same purpose, hold what this one does."""
        self.commit()
        with self._explained():
            self._db.execute("COMMIT")
            other._db.execute("COMMIT")
            self._db.backup(other._db)
            other._db.execute("BEGIN")
            self._db.execute("BEGIN")

    def write(self, sql: str, rows: Iterable[Any]) -> None:
        """Change something, for each of these."""
        self.is_dirty = True
        with self._explained():
            self._db.executemany(sql, rows)

    def rows(self, sql: str, parameters: Any = ()) -> list[Any]:
        """Ask something."""
        with self._explained():
            return self._db.execute(sql, parameters).fetchall()

    def stream(self, sql: str) -> Iterator[Any]:
        """Ask for more rows than are held at once."""
        with self._explained():
            yield from self._db.execute(sql)

    @property
    def has_changed(self) -> bool:
        """Something was written since it was opened."""
        return self._db.total_changes > self._before


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
