"""What is taken of the budget of a token, where all machines see it, by the clock of the database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from attrs import define
from psycopg.types.json import Json

from notion_sync_core.host import LEASE_S, Book, Budget, Entry, LedgerBudget
from notion_sync_core.plugin import Clock
from notion_sync_fleet.connection import Connection

EMPTY = {"entries": [], "pause_until": 0.0, "limit": 0, "limit_set": 0.0}


@define
class Page:
    """A ledger while it is locked; see :class:`~notion_sync_core.host.Book`."""

    data: dict[str, Any]
    now: float

    def live_entries(self, now: float, window_s: float) -> list[Entry]:
        """See :meth:`Book.live_entries`; none lies further ahead than it can, should the clock have been set back."""
        latest = now + window_s + LEASE_S
        found = [(owner, count, min(ends, latest)) for owner, count, ends in self.data["entries"] if ends > now]
        self.data["entries"] = found
        return found


@contextlib.contextmanager
def opened(connection: Connection, name: str) -> Iterator[Book]:
    """The ledger of a token, for as long as the block lasts nobody else's."""
    with connection.transaction() as cursor:
        cursor.execute(
            "INSERT INTO notion_sync_fleet.ledger VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, Json(EMPTY))
        )
        cursor.execute("SELECT data FROM notion_sync_fleet.ledger WHERE name = %s FOR UPDATE", (name,))
        (data,) = cursor.fetchone() or (EMPTY,)
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (now,) = cursor.fetchone() or (0.0,)
        page = Page(dict(data), float(now))
        yield page
        cursor.execute("UPDATE notion_sync_fleet.ledger SET data = %s WHERE name = %s", (Json(page.data), name))


def taken(connection: Connection) -> dict[str, int]:
    """How many slots of each token's budget are taken now, by the token's fingerprint."""
    with connection.transaction() as cursor:
        cursor.execute("SELECT name, data, extract(epoch FROM clock_timestamp()) FROM notion_sync_fleet.ledger")
        return {
            name: sum(count for _, count, ends in data["entries"] if ends > now)
            for name, data, now in cursor.fetchall()
        }


def budgets(connection: Connection) -> Any:
    """Makes the budgets of a :class:`~notion_sync_core.Host`."""

    def budget(name: str, clock: Clock, requests: int, window_s: float) -> Budget:
        return LedgerBudget(partial(opened, connection, name), clock, requests, window_s)

    return budget
