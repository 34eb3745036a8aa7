"""The pool: tasks end with a message, errors reach whoever receives, idle threads are lent without a deadlock."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from notion_sync_core.errors import SkippableError
from notion_sync_core.gate.ahead import Prefetched, prefetch
from notion_sync_core.gate.gate import Gate
from notion_sync_core.stages.workers import PATIENCE_S, WorkerPool
from notion_sync_core.testing import FakeClock


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, 4, FakeClock()) as pool:
        yield pool


def receive_all(pool: WorkerPool) -> None:
    while pool.in_flight:
        pool.receive()


def test_what_a_worker_found_is_done_by_the_thread_that_receives(pool: WorkerPool) -> None:
    threads: list[str] = []
    pool.start(lambda: pool.send(lambda: threads.append(threading.current_thread().name)))
    receive_all(pool)
    assert threads == [threading.current_thread().name]


def test_the_end_of_a_task_is_told_after_everything_it_sent(pool: WorkerPool) -> None:
    order: list[str] = []
    pool.start(lambda: pool.send(lambda: order.append("found")), lambda: order.append("ended"))
    receive_all(pool)
    assert order == ["found", "ended"]


def test_what_a_task_raises_is_raised_where_its_end_is_received(pool: WorkerPool) -> None:
    def fail() -> None:
        raise SkippableError("no")

    pool.start(fail)
    with pytest.raises(SkippableError, match="no"):
        receive_all(pool)
    assert pool.in_flight == 0


def test_more_tasks_than_threads_are_wanted_so_that_no_thread_waits(pool: WorkerPool) -> None:
    hold = threading.Event()
    started = 0
    while pool.hungry:
        pool.start(hold.wait)
        started += 1
    hold.set()
    receive_all(pool)
    assert started == 2 * pool.size


def test_a_crew_that_is_left_with_an_error_still_takes_what_was_in_hand() -> None:
    kept: list[str] = []
    with pytest.raises(SkippableError, match="stop"), WorkerPool(2, 4, FakeClock()) as pool:
        hold = threading.Event()

        def work() -> None:
            hold.wait()
            pool.send(lambda: kept.append("found"))

        pool.start(work)
        hold.set()
        pool.stop()
        assert kept == ["found"]
        raise SkippableError("stop")
    assert pool.stopping


class Impatient(FakeClock):
    """From some time on more than the pool's patience passes between any two looks at it."""

    impatient = False

    def monotonic(self) -> float:
        if self.impatient:
            self.time += PATIENCE_S + 1
        return self.time


def test_a_worker_that_nobody_receives_from_any_more_is_told_so() -> None:
    told: list[str] = []
    clock = Impatient()
    with WorkerPool(1, 1, clock) as pool:
        hold = threading.Event()

        def work() -> None:
            hold.wait()
            try:
                pool.send(lambda: None)
            except SkippableError as error:
                told.append(error.message)

        pool.start(work)
        clock.impatient = True
        pool.stop()
        hold.set()
    for thread in pool._pool._threads:
        thread.join()
    assert told == ["stopped"]


def test_threads_are_lent_only_while_they_have_nothing_to_do(pool: WorkerPool) -> None:
    hold = threading.Event()
    for _ in range(pool.size):
        pool.start(hold.wait)
    assert pool.lend(lambda: 1) is None
    hold.set()
    receive_all(pool)
    assert pool.lend(lambda: 1) is not None


def test_as_many_answers_wait_to_be_taken_as_there_are_threads(pool: WorkerPool) -> None:
    begun = [prefetch(pool, lambda number=number: number) for number in range(3)]
    assert begun[2] is None
    first, second = begun[:2]
    assert first and second
    assert first.result() == 0
    third = prefetch(pool, lambda: 3)
    assert third
    assert (second.result(), third.result()) == (1, 3)


def test_a_call_that_no_thread_has_begun_is_made_by_whoever_wants_it(pool: WorkerPool) -> None:
    lent = pool.lend(lambda: 1)
    assert lent
    hold = threading.Event()
    for _ in range(pool.size):
        pool.start(hold.wait)
    # Both threads are busy for as long as this thread does not come on: waiting for them would be for ever.
    waiting = pool._pool.submit(lambda: threading.current_thread().name)
    call = Prefetched(pool, lambda: threading.current_thread().name, waiting)
    assert call.result() == threading.current_thread().name
    hold.set()
    receive_all(pool)


def test_a_thread_whose_answer_nobody_wants_any_more_is_lent_until_it_comes_back(pool: WorkerPool) -> None:
    hold, begun = threading.Event(), threading.Barrier(pool.size + 1)

    def call() -> None:
        begun.wait()
        hold.wait()

    lent = [prefetch(pool, call) for _ in range(pool.size)]
    begun.wait()
    for each in lent:
        assert each
        each.cancel()
    assert prefetch(pool, lambda: 1) is None
    hold.set()
    for each in lent:
        assert each
        each._future.result()
    later = prefetch(pool, lambda: 1)
    assert later
    assert later.result() == 1


def test_what_a_call_raised_on_another_thread_is_raised_where_its_result_is_taken(pool: WorkerPool) -> None:
    def fail() -> int:
        raise SkippableError("gone")

    begun = prefetch(pool, fail)
    assert begun
    with pytest.raises(SkippableError, match="gone"):
        begun.result()


def test_a_gate_without_helpers_begins_nothing() -> None:
    gate = Gate("api.example", FakeClock(), lambda _: None)
    assert gate.prefetch(lambda: 1) is None


def test_a_call_begun_early_goes_through_the_gate_like_any_other(pool: WorkerPool) -> None:
    gate = Gate("api.example", FakeClock(), lambda _: None)
    gate.helpers = pool
    begun = gate.prefetch(lambda: "answer")
    assert begun
    assert begun.result() == "answer"
    assert gate.stats.total == 1
