"""The one connection to a job's state, and the one rule of its transactions.

A transaction is always open. One thread writes into it, through the verbs of this room;
:meth:`Database.checkpoint` makes everything since the last one durable in one step, and whatever
ends a process before that ends with the state of the last checkpoint. Nothing outside this room
sees a statement, a row or an error of sqlite.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from notion_sync_core.errors import NotionSyncError, StateError
from notion_sync_core.mirror.disk import disk_error, is_disk_trouble
from notion_sync_core.mirror.durable import sync_way_to
from notion_sync_core.mirror.sqlite_file import connect, make_lasting
from notion_sync_core.state.migrations import is_older, migrate

_STREAM = 500
"""Rows that are fetched together."""

_OURS = (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.IntegrityError)
"""Errors that tell of a statement or its values, never of the file."""

Row = sqlite3.Row
Parameters = tuple[Any, ...] | Mapping[str, Any]
"""One for each ``?``, or by name for each ``:name``. Numbered ones (``?1``) are an error from Python 3.14 on."""


class Database:
    """One job's state file.

    :param path: the file; made with mode 0600 if missing.
    :param read_only: for looking at it while another process writes.
    :raises StateError: damaged, or written by a newer version of this program.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.run = 0
        """The number of the run that writes, counting up."""
        self._lock = threading.RLock()
        self._writing = _Writing(self)
        try:
            self._db = connect(path, read_only=read_only, statements=256)
        except (OSError, sqlite3.DatabaseError) as error:
            raise trouble(path, error) from error
        self._db.row_factory = sqlite3.Row
        try:
            self._open(read_only)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise trouble(path, error) from error
        except NotionSyncError:
            self._db.close()
            raise

    def _open(self, read_only: bool) -> None:
        self._db.execute("PRAGMA cache_size = -4000")
        if read_only:
            if is_older(self._db, self.path):
                self._carry_over_in_memory()
            return
        make_lasting(self._db)
        if migrate(self._db, self.path):
            sync_way_to(self.path)
        check = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if check != "ok":
            raise sqlite3.DatabaseError(check)
        self._db.execute("BEGIN")

    def _carry_over_in_memory(self) -> None:
        """Who only looks changes nothing, and still understands what an older version wrote."""
        copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        copy.row_factory = sqlite3.Row
        self._db.backup(copy)
        self._db.close()
        migrate(copy, self.path)
        self._db = copy

    def close(self) -> None:
        """Drop what was not checkpointed, and close the file."""
        with self._lock:
            self._db.close()

    def hold(self) -> None:
        """From now on what is read is of this moment; for a database that nothing is written to."""
        with self._lock:
            try:
                self._db.execute("BEGIN")
                self._db.execute("SELECT count(*) FROM facts").fetchone()
            except sqlite3.DatabaseError as error:
                raise trouble(self.path, error) from error

    def checkpoint(self) -> None:
        """Make everything so far durable, in one step.

        :raises SinkError: the disk is full or broken.
        """
        with self._lock, self._writing:
            self._db.execute("COMMIT")
            self._db.execute("BEGIN")

    def drop(self) -> None:
        """Undo everything since the last checkpoint."""
        with self._lock, self._writing:
            self._db.execute("ROLLBACK")
            self._db.execute("BEGIN")

    def shrink(self) -> None:
        """Write the file anew without free pages, and empty its log. Everything so far is durable then.

        :raises SinkError: the disk is full or broken.
        """
        with self._lock, self._writing:
            self._db.execute("COMMIT")
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.execute("BEGIN")

    @property
    def in_transaction(self) -> bool:
        """Whether what was written since the last checkpoint is still there."""
        return self._db.in_transaction

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one writing statement.

        :returns: how many rows it changed.
        :raises SinkError: the disk is full or broken.
        :raises StateError: the file is damaged.
        """
        with self._lock, self._writing:
            return self._db.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Iterable[Iterable[Any]]) -> None:
        """Run one writing statement for each row of parameters."""
        given = [tuple(row) for row in rows]
        if not given:
            return
        with self._lock, self._writing:
            self._db.executemany(sql, given)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of a small result."""
        with self._lock:
            try:
                return self._db.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                raise trouble(self.path, error) from error

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or ``None``."""
        with self._lock:
            try:
                found: Row | None = self._db.execute(sql, parameters).fetchone()
            except sqlite3.DatabaseError as error:
                raise trouble(self.path, error) from error
            return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or ``None``."""
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def count(self, sql: str, parameters: Parameters = ()) -> int:
        """The first column of the first row, as a number."""
        return int(self.value(sql, parameters) or 0)

    def pages(self, sql: str, key: str, parameters: tuple[Any, ...] = (), size: int = _STREAM) -> Iterator[Row]:
        """Stream a large result while others write, ``size`` rows at a time.

        :param sql: has ``{after}`` where ``AND key > ?`` may go; orders by ``key``; no LIMIT.
        """
        last: Any = None
        while True:
            after, more = ("", ()) if last is None else (f"AND {key} > ?", (last,))
            found = self.rows(f"{sql.format(after=after)} LIMIT {size}", (*parameters, *more))
            yield from found
            if len(found) < size:
                return
            last = found[-1][key.rpartition(".")[2]]

    def stream(self, sql: str, parameters: Parameters = (), size: int = _STREAM) -> Iterator[Row]:
        """Stream a large result of one moment; the writer must not change the order it is read in meanwhile."""
        cursor = self._db.cursor()
        try:
            while found := self._fetch(cursor, size, sql, parameters):
                sql = ""
                yield from found
        finally:
            # Who breaks off may be forgotten until after the file was closed.
            with contextlib.suppress(sqlite3.ProgrammingError):
                cursor.close()

    def _fetch(self, cursor: sqlite3.Cursor, size: int, sql: str, parameters: Parameters) -> list[Row]:
        """The next rows of a result, which begins if there is a statement."""
        with self._lock:
            try:
                return (cursor.execute(sql, parameters) if sql else cursor).fetchmany(size)
            except sqlite3.DatabaseError as error:
                raise trouble(self.path, error) from error


class _Writing:
    """While a statement writes. A class, since there are many for each document.

    Some errors end the transaction. What comes after would be durable by itself, before what it needs is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lost: NotionSyncError | None = None
        """Why what was not checkpointed is gone."""

    def __enter__(self) -> None:
        if self._lost is not None:
            raise self._lost

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.DatabaseError):
            found = trouble(self._database.path, error)
            if not self._database.in_transaction:
                self._lost = found
            raise found from error


def trouble(path: Path, error: Exception) -> NotionSyncError:
    """The disk is full or broken, or what we asked for was wrong, or else the file is."""
    if isinstance(error, _OURS):
        return NotionSyncError(
            f"the state in {path} was asked for something that it cannot do: {error}",
            "The state is whole, keep it. Run again with -vv and report this.",
        )
    if is_disk_trouble(error):
        return disk_error(f"the state in {path}", error)
    return StateError(
        f"the state in {path} is damaged: {error}",
        "Move its folder away and run the same command again: the sink's manifest is adopted, "
        "only reading starts anew.",
    )


def text_list(values: Iterable[str]) -> str:
    """Constants of this package as the right side of ``IN``."""
    return f"({', '.join(repr(str(value)) for value in sorted(values))})"
