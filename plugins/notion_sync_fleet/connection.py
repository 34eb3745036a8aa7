"""One connection to PostgreSQL: transactions, what their failures mean in words, and the tables' migrations."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg
from attrs import define, field
from psycopg.rows import tuple_row

from notion_sync_core import StateError
from notion_sync_core.plugin import ConfigError, FatalError, UnreachableError

_LOCK = 0x6E73_666C  # "nsfl"
"""What only one of all who carry tables over holds."""
_SILENCE_MS = 10_000
"""A server that does not answer for so long is away: a way that was cut says nothing."""
_IDLE_SQL = b"SET idle_in_transaction_session_timeout = '10s'"
"""Of a process that is paused in a transaction: nobody else could change anything until it wakes."""
_REMEDY = "Look whether PostgreSQL runs and can be reached from here; nothing that was committed is lost."


@define
class Connection:
    """One connection, opened when it is needed and anew after it broke. Safe to use from several threads.

    :param address: as libpq understands it. It may hold a password: no message shows it.
    """

    _address: str = field(repr=False)
    _open: psycopg.Connection[Any] | None = field(default=None, init=False, repr=False)
    _guard: threading.RLock = field(factory=threading.RLock, init=False)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor; what is done with it lasts when the block ends without an error, and nothing of it else.

        :raises ConfigError: the address is none.
        :raises UnreachableError: the server is away, or went away meanwhile: then nobody knows whether it lasts.
        """
        with self._guard:
            try:
                with self._opened() as opened, opened.transaction(), opened.cursor(row_factory=tuple_row) as cursor:
                    yield cursor
            except (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout) as error:
                self.close()
                raise UnreachableError(f"the desk does not answer: {_said(error)}", _REMEDY) from None
            except psycopg.errors.UndefinedTable:
                raise StateError(
                    "the desk has no tables",
                    "Make them, once: notion-sync fleet init",
                ) from None
            except psycopg.Error as error:
                raise FatalError(f"the desk refused a statement: {_said(error)}", _REMEDY) from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[psycopg.Connection[Any]]:
        if self._open is None or self._open.closed:
            try:
                self._open = psycopg.connect(
                    self._address, autocommit=True, connect_timeout=10, tcp_user_timeout=_SILENCE_MS
                )
                self._open.execute(_IDLE_SQL)
            except psycopg.ProgrammingError:
                raise ConfigError("the address of the desk is none that PostgreSQL's library understands") from None
        yield self._open

    def close(self) -> None:
        """Close it; it is opened again when it is needed."""
        with self._guard:
            if self._open is not None:
                with contextlib.suppress(psycopg.Error):
                    self._open.close()
            self._open = None


def migrate(connection: Connection) -> int:
    """Make the tables, or carry older ones over.

    :returns: the format that they have now.
    :raises StateError: a newer version of this program made them.
    """
    steps = sorted(
        (each for each in (resources.files(__package__) / "migrations").iterdir() if each.name.endswith(".sql")),
        key=lambda each: each.name,
    )
    with connection.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        cursor.execute("CREATE SCHEMA IF NOT EXISTS notion_sync_fleet")
        cursor.execute("CREATE TABLE IF NOT EXISTS notion_sync_fleet.format (number integer NOT NULL)")
        cursor.execute("SELECT coalesce(max(number), 0) FROM notion_sync_fleet.format")
        (found,) = cursor.fetchone() or (0,)
        if found > len(steps):
            raise StateError(
                f"the desk has tables of format {found}, and this version knows {len(steps)}",
                "Install the version of this program that made them, or a newer one.",
            )
        for number, step in enumerate(steps[found:], found + 1):
            cursor.execute(step.read_text("utf-8").encode())
            cursor.execute("INSERT INTO notion_sync_fleet.format VALUES (%s)", (number,))
    return len(steps)


def _said(error: psycopg.Error) -> str:
    """What PostgreSQL said, in a line; addresses and passwords are in none of it."""
    diagnosed = error.diag.message_primary
    return diagnosed or type(error).__name__
