"""What goes wrong between a worker and PostgreSQL, in words; and tables that grow with the program."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from fleet.desks import ADDRESS, needs_postgres
from notion_sync_core import ConfigError, StateError, UnreachableError
from notion_sync_fleet.connection import Connection, migrate
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.postgres import PostgresTables
from notion_sync_fleet.values import Tenant

pytestmark = needs_postgres


@pytest.fixture
def connection() -> Iterator[Connection]:
    with closing(Connection(ADDRESS)) as made:
        with made.transaction() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
        yield made


def test_tables_are_made_once(connection: Connection) -> None:
    assert migrate(connection) == migrate(connection) == 2


def test_of_many_who_make_the_tables_at_once_one_does(connection: Connection) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        try:
            with closing(Connection(ADDRESS)) as mine:
                migrate(mine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failures
    assert Desk(PostgresTables(connection)).claim("one") is None


def test_tables_of_a_newer_version_are_left_alone(connection: Connection) -> None:
    migrate(connection)
    with connection.transaction() as cursor:
        cursor.execute("INSERT INTO notion_sync_fleet.format VALUES (99)")
    with pytest.raises(StateError, match="format 99"):
        migrate(connection)


def test_a_desk_without_tables_says_so(connection: Connection) -> None:
    with pytest.raises(StateError, match="has no tables"):
        Desk(PostgresTables(connection)).claim("one")


def test_a_server_that_is_away_is_no_fault_and_shows_no_password() -> None:
    away = Connection("host=/nowhere user=fleet password=canary-of-secrets dbname=postgres")
    with pytest.raises(UnreachableError) as caught:
        Desk(PostgresTables(away)).claim("one")
    assert "canary" not in f"{caught.value} {away!r}"


def test_what_is_no_address_is_a_mistake_and_is_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Desk(PostgresTables(Connection("canary of secrets"))).claim("one")
    assert "canary" not in str(caught.value)


def test_a_connection_that_broke_is_made_anew(connection: Connection) -> None:
    migrate(connection)
    desk = Desk(PostgresTables(connection))
    desk.apply("docs", Tenant("acme"), "token", 60.0)
    with psycopg.connect(ADDRESS, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")
    with pytest.raises(UnreachableError):
        desk.claim("one")
    turn = desk.claim("one")
    assert turn is not None
    assert turn.fence == 1


def test_a_process_that_is_paused_in_a_transaction_holds_nobody_up(connection: Connection) -> None:
    migrate(connection)
    desk = Desk(PostgresTables(connection))
    with (
        psycopg.connect(ADDRESS, autocommit=True) as other,
        pytest.raises(UnreachableError),
        connection.transaction() as cursor,
    ):
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("10s",)
        cursor.execute("SET idle_in_transaction_session_timeout = 1")
        cursor.execute("SELECT floor FROM notion_sync_fleet.desk FOR UPDATE")
        pid = cursor.connection.info.backend_pid
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone():
            pass
        cursor.execute("SELECT 1")
    assert desk.claim("one") is None


def test_workers_who_claim_at_once_never_get_the_same_job(connection: Connection) -> None:
    migrate(connection)
    desk = Desk(PostgresTables(connection))
    for number in range(12):
        desk.apply(f"job {number}", Tenant(f"tenant {number % 3}"), f"token {number}", 3600.0)
    got: list[str] = []

    def work() -> None:
        with closing(Connection(ADDRESS)) as mine:
            while (turn := Desk(PostgresTables(mine)).claim("worker")) is not None:
                got.append(turn.job)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == sorted(f"job {number}" for number in range(12))
