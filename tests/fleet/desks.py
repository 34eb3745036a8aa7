"""Desks whose clock is the test's: in memory, and in PostgreSQL where one runs (``make test-fleet``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from attrs import define, field

from notion_sync_core.testing import FakeClock
from notion_sync_fleet.connection import Connection, migrate
from notion_sync_fleet.desk import Desk, Tables
from notion_sync_fleet.memory import MemoryTables
from notion_sync_fleet.outcome import Rules
from notion_sync_fleet.postgres import PostgresTables
from notion_sync_fleet.values import FleetJob, Tenant, Turn

ADDRESS = os.environ.get("NOTION_SYNC_TEST_DESK", "")
"""Of a database that may be emptied."""
needs_postgres = pytest.mark.skipif(not ADDRESS, reason="needs PostgreSQL: make test-fleet")


class TimedTables(PostgresTables):
    """The tables, with the time of a test: nothing in a statement asks for it."""

    clock: FakeClock

    def now(self) -> float:
        return self.clock.now()


@define
class Bench:
    """A desk, and what a test does with it."""

    tables: Tables
    clock: FakeClock = field(factory=FakeClock)
    rules: Rules = field(factory=Rules)

    @property
    def desk(self) -> Desk:
        return Desk(self.tables, self.rules)

    def add(self, job: str, tenant: str = "acme", *, token: str = "", every_s: float = 3600.0, most: int = 4) -> None:
        self.desk.apply(job, Tenant(tenant, most=most), token or f"token of {job}", every_s)

    def claim(self, worker: str = "one", version: tuple[int, ...] = ()) -> Turn:
        turn = self.desk.claim(worker, version)
        assert turn is not None, "nothing is due"
        return turn

    def job(self, job_id: str) -> FleetJob:
        with self.tables.transaction():
            found = self.tables.job(job_id)
        assert found is not None
        return found

    def pass_time(self, seconds: float) -> None:
        self.clock.time += seconds


def in_memory() -> Bench:
    clock = FakeClock()
    return Bench(MemoryTables(clock), clock)


def in_postgres() -> Iterator[Bench]:
    with closing(Connection(ADDRESS)) as connection:
        with connection.transaction() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
        migrate(connection)
        tables = TimedTables(connection)
        tables.clock = FakeClock()
        yield Bench(tables, tables.clock)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=needs_postgres)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A desk without jobs."""
    if request.param == "memory":
        yield in_memory()
    else:
        yield from in_postgres()
