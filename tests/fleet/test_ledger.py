"""A token's budget is one, however many machines spend it; by the database's clock, on a real PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from attrs import define, field

from fleet.desks import ADDRESS, needs_postgres
from notion_sync_core.host import Book, LedgerBudget
from notion_sync_core.testing import FakeClock
from notion_sync_fleet.connection import Connection, migrate
from notion_sync_fleet.ledger import EMPTY, Page, budgets, opened

WINDOW_S = 60.0


@define
class Shelf:
    """A ledger with a clock of its own, which is not that of those who ask."""

    clock: FakeClock
    ahead_s: float = 1234.5
    data: dict[str, object] = field(factory=lambda: dict(EMPTY))

    @contextlib.contextmanager
    def open(self) -> Iterator[Book]:
        page = Page(dict(self.data), self.clock.now() + self.ahead_s)
        yield page
        self.data = page.data


def spend(budget: LedgerBudget, clock: FakeClock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        while (wait := budget.take()) > 0:
            clock.sleep(wait)
        budget.answered()
        times.append(clock.now())
    return times


def most_in_a_window(times: list[float]) -> int:
    return max(sum(1 for other in times if time <= other < time + WINDOW_S) for time in times)


@pytest.mark.parametrize("ahead_s", [0.0, 1234.5, -98765.4])
def test_whatever_the_database_takes_the_time_to_be_no_window_is_overrun(ahead_s: float) -> None:
    clock = FakeClock()
    shelf = Shelf(clock, ahead_s)
    one, two = (LedgerBudget(shelf.open, clock, 20, WINDOW_S) for _ in range(2))
    times = sorted(spend(one, clock, 15) + spend(two, clock, 40) + spend(one, clock, 15))
    assert most_in_a_window(times) <= 20
    assert times[-1] - times[0] <= 4 * WINDOW_S + 1


def test_a_pause_holds_every_machine() -> None:
    clock = FakeClock()
    shelf = Shelf(clock)
    one, two = (LedgerBudget(shelf.open, clock, 20, WINDOW_S) for _ in range(2))
    one.pause(7.0)
    assert two.take() == pytest.approx(7.0)


def test_what_a_machine_held_that_is_gone_comes_back_by_itself() -> None:
    clock = FakeClock()
    shelf = Shelf(clock)
    LedgerBudget(shelf.open, clock, 36, WINDOW_S).take()  # and is never heard of again
    shelf.data["entries"] = [("another-machine 1 x.1", count, ends) for _, count, ends in shelf.data["entries"]]  # type: ignore[attr-defined]
    other = LedgerBudget(shelf.open, clock, 36, WINDOW_S)
    assert len(spend(other, clock, 35)) == 35
    clock.time += WINDOW_S + 121.0
    assert len([None for _ in range(36) if other.take() == 0.0]) == 36


@pytest.fixture
def connection() -> Iterator[Connection]:
    made = Connection(ADDRESS)
    with made.transaction() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
    migrate(made)
    yield made
    made.close()


@needs_postgres
def test_two_connections_share_one_budget_and_two_tokens_share_none(connection: Connection) -> None:
    other, clock = Connection(ADDRESS), FakeClock()
    one, two = (budgets(each)("token", clock, 20, 3600.0) for each in (connection, other))
    taken = [each.take() == 0.0 for _ in range(15) for each in (one, two)]
    assert taken.count(True) == 20
    assert budgets(other)("another", clock, 20, 3600.0).take() == 0.0
    one.close()
    two.close()
    other.close()


@needs_postgres
def test_what_was_not_used_is_given_back(connection: Connection) -> None:
    clock = FakeClock()
    one = budgets(connection)("token", clock, 36, 3600.0)
    one.take()
    one.answered()
    one.close()
    two = budgets(connection)("token", clock, 36, 3600.0)
    assert [two.take() == 0.0 for _ in range(36)].count(True) == 35


@needs_postgres
def test_what_fails_while_the_ledger_is_open_changes_nothing(connection: Connection) -> None:
    with pytest.raises(RuntimeError), opened(connection, "token") as book:
        book.data["limit"] = 3
        raise RuntimeError
    with opened(connection, "token") as book:
        assert book.data == EMPTY


def test_times_are_those_of_the_ledger() -> None:
    page = Page({**EMPTY, "entries": [("one", 2, 5.0), ("two", 3, 1e9)]}, 6.0)
    assert page.live_entries(6.0, WINDOW_S) == [("two", 3, 6.0 + WINDOW_S + 120.0)]
