"""The gate: budget, pause, retry and breaker around every call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import (
    DoubtError,
    FatalError,
    Interrupted,
    LimitReached,
    MissingError,
    NotAuthorisedError,
    RetryableError,
    UnreachableError,
)
from notion_sync_core.events import (
    BreakerChanged,
    BudgetMeasured,
    Event,
    RequestFailed,
    RequestFinished,
    RequestsBegan,
    Waited,
)
from notion_sync_core.gate.budget import NoBudget, WindowBudget
from notion_sync_core.gate.gate import DirectGate, Gate, PatientGate
from notion_sync_core.gate.policy import RequestStats, RetryPolicy
from notion_sync_core.testing import FakeClock


def answers(*outcomes: object) -> Callable[[], object]:
    """A call that gives or raises one outcome after another; the last one again and again."""
    left = list(outcomes)

    def call() -> object:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return call


def make(**options: Any) -> tuple[Gate, FakeClock, list[Event]]:
    clock, events = FakeClock(), []
    return Gate("api.example", clock, events.append, **options), clock, events


def throttled(retry_after: float | None = 7.0) -> RetryableError:
    return RetryableError("429 from /v1/search", retry_after=retry_after, throttled=True)


def test_a_rate_limited_request_waits_as_long_as_the_service_asks() -> None:
    gate, clock, events = make()
    assert gate(answers(throttled(7.0), "ok")) == "ok"
    assert sum(clock.sleeps) == 7.0
    assert Waited(7.0, "rate limit", "429 from /v1/search") in events
    assert (gate.stats.total, gate.stats.retried, gate.stats.rate_limited) == (2, 1, 1)


def test_a_rate_limit_pauses_other_callers_too() -> None:
    gate, clock, _ = make()
    with pytest.raises(UnreachableError):
        gate(answers(throttled(10_000.0)))
    gate(answers(throttled(5.0), "ok"))
    before = clock.now()
    gate(answers("ok"))
    assert clock.now() == before


def test_throttling_does_not_use_up_attempts() -> None:
    gate, clock, _ = make(policy=RetryPolicy(max_attempts=2))
    assert gate(answers(*[throttled(1.0)] * 20, "ok")) == "ok"
    assert sum(clock.sleeps) == 20.0


def test_an_absurd_pause_stops_the_run_with_the_time_to_come_back() -> None:
    gate, _, _ = make()
    with pytest.raises(UnreachableError, match="3600 s") as caught:
        gate(answers(throttled(3600.0)))
    assert "60 minutes" in caught.value.remedy


def test_a_transient_failure_is_repeated_with_jitter_below_its_bound() -> None:
    gate, clock, _ = make()
    gate(answers("ok"))
    assert gate(answers(RetryableError("502"), RetryableError("502"), RetryableError("502"), "ok")) == "ok"
    assert all(wait <= bound for wait, bound in zip(clock.sleeps, (1.0, 2.0, 4.0, 8.0), strict=False))


def test_what_the_service_asks_for_after_a_503_is_waited() -> None:
    gate, clock, _ = make()
    assert gate(answers(RetryableError("503", retry_after=3.0), "ok")) == "ok"
    assert clock.sleeps == [3.0]


def test_one_poisoned_request_fails_alone_while_the_service_lives() -> None:
    gate, _, _ = make()
    gate(answers("ok"))
    gate.ping = answers("alive")
    with pytest.raises(RetryableError, match="500"):
        gate(answers(RetryableError("500 for this page")))
    assert gate.breaker.state == "closed"
    assert gate(answers("ok")) == "ok"


def test_a_dead_service_stops_the_run() -> None:
    gate, _, events = make()
    gate(answers("ok"))
    gate.ping = answers(RetryableError("refused"))
    with pytest.raises(UnreachableError, match=r"api.example does not answer"):
        gate(answers(RetryableError("refused")))
    assert BreakerChanged("api.example", "open") in events


def test_a_ping_that_is_refused_still_shows_life() -> None:
    gate, _, _ = make()
    gate(answers("ok"))
    gate.ping = answers(NotAuthorisedError("401"))
    with pytest.raises(RetryableError):
        gate(answers(RetryableError("500")))


def test_an_answer_of_no_use_is_repeated_and_fails_alone_without_a_word_about_the_service() -> None:
    gate, _, events = make(policy=RetryPolicy(max_attempts=3))
    for _ in range(4):
        with pytest.raises(RetryableError, match="a web page") as caught:
            gate(answers(RetryableError("a web page came instead", answered=True)))
        assert not isinstance(caught.value, FatalError)
    assert gate.stats.total == 12
    assert not [event for event in events if isinstance(event, BreakerChanged)]
    assert gate(answers("ok")) == "ok"


def test_offline_from_the_start_gives_up_within_fifteen_seconds() -> None:
    gate, clock, _ = make()
    with pytest.raises(UnreachableError, match="connection refused"):
        gate(answers(RetryableError("connection refused")))
    assert sum(clock.sleeps) <= 15.0


def test_a_refusal_is_not_repeated() -> None:
    gate, clock, _ = make()
    with pytest.raises(MissingError):
        gate(answers(MissingError("404")))
    assert clock.sleeps == []
    assert gate.stats.total == 1


def test_a_bug_in_a_plugin_comes_through_and_counts_as_no_answer() -> None:
    gate, _, events = make()
    with pytest.raises(ZeroDivisionError):
        gate(answers(ZeroDivisionError()))
    assert [event.ok for event in events if isinstance(event, RequestFinished)] == [False]


def test_the_request_limit_stops_before_the_next_request() -> None:
    gate, _, _ = make(max_requests=2)
    gate(answers("ok"))
    gate(answers("ok"))
    with pytest.raises(LimitReached):
        gate(answers("ok"))
    assert gate.stats.total == 2


def test_each_host_has_a_gate_of_its_own() -> None:
    gate, _, _ = make(max_requests=0)
    files = gate.host("files.example")
    assert files is gate.host("files.example")
    assert files(answers("ok")) == "ok"
    assert gate.stats.total == 0


def test_a_stop_is_noticed_before_the_next_request() -> None:
    gate, clock, _ = make()
    clock.check = answers(Interrupted(15))  # type: ignore[method-assign]
    with pytest.raises(FatalError):
        gate(answers("ok"))


def test_a_direct_gate_asks_once() -> None:
    gate = DirectGate("x", FakeClock(), lambda _: None)
    with pytest.raises(RetryableError):
        gate(answers(RetryableError("500")))
    assert gate(answers("ok")) == "ok"


@pytest.mark.parametrize("attempts", [1, 2, 3, 8])
def test_a_request_is_tried_as_often_as_the_policy_says(attempts: int) -> None:
    gate, _, events = make(policy=RetryPolicy(max_attempts=attempts))
    gate(answers("ok"))
    gate.ping = answers("alive")
    with pytest.raises(RetryableError):
        gate(answers(RetryableError("500 for this page")))
    assert len([each for each in events if isinstance(each, RequestFinished) and not each.ok]) == attempts
    assert gate.stats.retried == attempts - 1
    failing = [RetryableError("502")] * (attempts - 1)
    assert gate(answers(*failing, "ok")) == "ok", "the last try counts as well"


def test_what_fails_again_and_again_is_asked_ever_less_often() -> None:
    waited: list[list[float]] = []
    for _ in range(200):
        gate, _, events = make(policy=RetryPolicy(max_attempts=6))
        gate(answers("ok"))
        gate(answers(*[RetryableError("502")] * 5, "ok"))
        waited.append([each.seconds for each in events if isinstance(each, Waited) and each.reason == "retry"])
    means = [sum(each) / len(each) for each in zip(*waited, strict=True)]
    # Full jitter: half of the bound on average, and the bound doubles. A mean of 200 is not off by a fifth in 10⁵ runs.
    for mean, bound in zip(means, (1.0, 2.0, 4.0, 8.0, 16.0), strict=True):
        assert 0.4 * bound < mean < 0.6 * bound


def test_a_service_that_does_not_say_how_long_to_be_silent_is_asked_ever_less_often() -> None:
    gate, clock, _ = make()
    assert gate(answers(*[throttled(None)] * 4, "ok")) == "ok"
    silences = [wait for wait in clock.sleeps if wait]
    for wait, bound in zip(silences, (1.0, 2.0, 4.0, 8.0), strict=True):
        assert bound / 2 <= wait <= bound


def test_the_first_request_tells_what_the_budget_allows_and_stores_of_files_have_none(tmp_path: Path) -> None:
    clock, events = FakeClock(), list[Event]()
    gate = Gate("api.example", clock, events.append, budget=WindowBudget(tmp_path / "ledger", clock, 180, 60.0))
    for each in (gate, gate.host("files.example"), gate):
        each(answers("ok"))
    assert [event for event in events if isinstance(event, RequestsBegan)] == [RequestsBegan("api.example", 180, 60.0)]


def test_before_it_waits_for_the_budget_it_tells_how_much_of_that_is_taken(tmp_path: Path) -> None:
    clock = FakeClock()
    events: list[Event] = []
    budget = WindowBudget(tmp_path / "ledger", clock, 3, 60.0)
    gate = Gate("api.example", clock, events.append, budget=budget)
    for _ in range(4):
        gate(lambda: "ok")
    told = [event for event in events if isinstance(event, BudgetMeasured | Waited)]
    assert told[0] == BudgetMeasured(3, 3, 60.0)
    assert isinstance(told[1], Waited)


def opened(gate: Gate) -> None:
    """Lets the breaker open."""
    gate(answers("alive"))
    for _ in range(5):
        with pytest.raises(DoubtError):
            gate.once(answers(RetryableError("502")))
    assert gate.breaker.state == "open"


def test_a_wait_for_the_breaker_says_nothing_of_the_budget(tmp_path: Path) -> None:
    clock, events = FakeClock(), list[Event]()
    gate = Gate("api.example", clock, events.append, budget=WindowBudget(tmp_path / "ledger", clock, 180, 60.0))
    opened(gate)
    events.clear()
    assert gate(answers("ok")) == "ok"
    assert [event.reason for event in events if isinstance(event, Waited)] == ["breaker"]
    assert not [event for event in events if isinstance(event, BudgetMeasured)]


def test_whoever_is_stopped_while_he_waits_for_the_breaker_gives_his_slot_back() -> None:
    class Stopping(FakeClock):
        stops = False

        def sleep(self, seconds: float) -> None:
            if self.stops:
                raise Interrupted(2)
            super().sleep(seconds)

    class Counting(NoBudget):
        given_back = 0

        def answered(self) -> None:
            self.given_back += 1

    clock = Stopping()
    budget = Counting(clock)
    gate = Gate("api.example", clock, list[Event]().append, budget=budget)
    opened(gate)
    before, clock.stops = budget.given_back, True
    with pytest.raises(Interrupted):
        gate(answers("never"))
    assert budget.given_back == before + 1


def test_a_silence_that_was_asked_for_starts_the_count_of_those_that_were_not_anew() -> None:
    for _ in range(20):
        gate, clock, _ = make()
        gate(answers(throttled(None), throttled(None), throttled(3.0), throttled(None), "ok"))
        first, second, asked, after = [wait for wait in clock.sleeps if wait]
        assert (0.5 <= first <= 1.0, 1.0 <= second <= 2.0, asked) == (True, True, 3.0)
        assert 0.5 <= after <= 1.0


def test_an_answer_starts_the_count_of_silences_anew() -> None:
    gate, clock, _ = make()
    gate(answers(throttled(None), throttled(None), "ok"))
    gate(answers(throttled(None), "ok"))
    assert 0.5 <= [wait for wait in clock.sleeps if wait][-1] <= 1.0


def test_a_silence_is_a_minute_at_most_and_never_nothing() -> None:
    gate, clock, _ = make(policy=RetryPolicy(deadline_s=10_000.0))
    gate(answers(*[throttled(None)] * 9, throttled(0.001), "ok"))
    silences = [wait for wait in clock.sleeps if wait]
    assert all(30.0 <= wait <= 60.0 for wait in silences[6:9])
    assert silences[9] == pytest.approx(0.05)


@pytest.mark.parametrize(("silence", "stops"), [(900.0, False), (901.0, True)])
def test_a_quarter_of_an_hour_is_waited_and_no_second_more(silence: float, stops: bool) -> None:
    gate, clock, _ = make(policy=RetryPolicy(deadline_s=10_000.0))
    call = answers(throttled(silence), "ok")
    if stops:
        with pytest.raises(UnreachableError, match="in 15 minutes"):
            gate(call)
        assert sum(clock.sleeps) == 0.0
    else:
        assert gate(call) == "ok"
        assert sum(clock.sleeps) == 900.0


@pytest.mark.parametrize(("seconds", "told"), [(0.5, True), (0.49, False)])
def test_waits_of_half_a_second_and_more_are_told(tmp_path: Path, seconds: float, told: bool) -> None:
    clock, events = FakeClock(), list[Event]()
    budget = WindowBudget(tmp_path / "ledger", clock, 180, 60.0)
    gate = Gate("api.example", clock, events.append, budget=budget)
    budget.pause(seconds)
    gate(answers("ok"))
    assert sum(clock.sleeps) == pytest.approx(seconds)
    assert any(isinstance(event, Waited) for event in events) is told


def test_a_long_wait_after_a_failure_is_cut_to_a_quarter_of_an_hour() -> None:
    gate, clock, _ = make(policy=RetryPolicy(deadline_s=10_000.0))
    gate(answers("ok"))
    assert gate(answers(RetryableError("503", retry_after=5000.0), "ok")) == "ok"
    assert sum(clock.sleeps) == 900.0


def test_what_is_given_up_says_how_often_it_was_tried() -> None:
    gate, _, events = make(policy=RetryPolicy(max_attempts=3))
    gate(answers("ok"))
    with pytest.raises(RetryableError) as caught:
        gate(answers(RetryableError("odd", answered=True)))
    assert caught.value.attempts == 3
    told = [(event.attempt, event.next) for event in events if isinstance(event, RequestFailed)]
    assert told == [(1, "retry"), (2, "retry"), (3, "give up")]
    assert (gate.stats.total, gate.stats.retried) == (4, 2)


def test_a_request_that_the_limit_forbids_takes_nothing_of_the_budget(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 180, 60.0)
    gate = Gate("api.example", clock, lambda _: None, budget=budget, max_requests=2)
    for _ in range(2):
        gate(answers("ok"))
    with pytest.raises(LimitReached, match="2 requests"):
        gate(answers("ok"))
    assert gate.stats.total == 2
    gate.close()
    assert WindowBudget(tmp_path / "ledger", clock, 180, 60.0).take() == 0.0


# -- writes


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("POST /v1/pages: 503 service_unavailable"),
        RetryableError("POST /v1/pages: 409 conflict_error", retry_after=1.0),
        RetryableError("POST /v1/pages: the connection was reset"),
        RetryableError("POST /v1/pages: no answer within 60 s", answered=True),
    ],
    ids=lambda error: error.message[-20:],
)
def test_a_write_without_a_clear_answer_is_a_doubt_and_is_not_sent_again(error: RetryableError) -> None:
    gate, clock, events = make()
    error.status, error.request_id = 503, "r-1"
    with pytest.raises(DoubtError) as raised:
        gate.once(answers(error, "done twice"))
    assert (gate.stats.total, gate.stats.retried, clock.sleeps) == (1, 0, [])
    assert (raised.value.status, raised.value.request_id, raised.value.__cause__) == (503, "r-1", error)
    assert [event.next for event in events if isinstance(event, RequestFailed)] == ["doubt"]


@pytest.mark.parametrize("times", [1, 20])
def test_a_write_that_was_not_done_for_its_pace_is_sent_again_after_the_pause(times: int) -> None:
    gate, clock, events = make(policy=RetryPolicy(max_attempts=1))
    assert gate.once(answers(*[throttled(2.0)] * times, "done")) == "done"
    assert sum(clock.sleeps) == 2.0 * times
    assert (gate.stats.total, gate.stats.retried, gate.stats.rate_limited) == (times + 1, times, times)
    assert {event.next for event in events if isinstance(event, RequestFailed)} == {"retry"}


def test_a_doubt_after_a_pause_is_a_doubt_all_the_same() -> None:
    gate, _, _ = make()
    with pytest.raises(DoubtError) as raised:
        gate.once(answers(throttled(1.0), RetryableError("reset"), "done twice"))
    assert raised.value.attempts == 2


def test_a_doubt_says_what_the_service_made_all_the_same() -> None:
    gate, _, _ = make()
    with pytest.raises(DoubtError) as raised:
        gate.once(answers(RetryableError("503", saved=("a", "b"))))
    assert raised.value.saved == ("a", "b")


def test_a_write_that_is_refused_or_stopped_is_no_doubt() -> None:
    gate, _, _ = make()
    for error in (MissingError("404"), NotAuthorisedError("401"), Interrupted(2)):
        with pytest.raises(type(error)):
            gate.once(answers(error))


def test_a_service_that_slows_a_write_down_for_ever_is_given_up() -> None:
    gate, clock, _ = make(policy=RetryPolicy(deadline_s=100.0))
    with pytest.raises((RetryableError, UnreachableError)):
        gate.once(answers(throttled(30.0)))
    assert 100.0 <= sum(clock.sleeps) <= 130.0


def test_doubts_open_the_breaker_as_other_failures_do_and_the_next_write_waits_for_it() -> None:
    gate, clock, events = make()
    gate(answers("alive"))
    for _ in range(5):
        with pytest.raises(DoubtError):
            gate.once(answers(RetryableError("502")))
    assert gate.breaker.state == "open"
    assert gate.once(answers("done")) == "done"
    assert sum(clock.sleeps) >= 1.0
    assert BreakerChanged("api.example", "closed") in events


def test_writes_spend_the_budget_and_end_at_the_limit(tmp_path: Path) -> None:
    gate, _, _ = make(max_requests=2)
    with pytest.raises(DoubtError):
        gate.once(answers(RetryableError("502")))
    assert gate.once(answers("done")) == "done"
    with pytest.raises(LimitReached):
        gate.once(answers("over"))
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 1, 60.0)
    narrow = Gate("api.example", clock, lambda _: None, budget=budget)
    narrow.once(answers("one"))
    narrow.once(answers("two"))
    assert sum(clock.sleeps) >= 60.0


def test_a_patient_gate_writes_once_by_the_gate_it_stands_for() -> None:
    gate, _, _ = make(max_requests=1)
    assert PatientGate(gate).once(answers("done")) == "done"
    with pytest.raises(LimitReached):
        gate.once(answers("over"))


def test_nobody_gives_counts_a_lock_of_his_own() -> None:
    assert RequestStats(1, 2, 3) == RequestStats(1, 2, 3)
    with pytest.raises(TypeError, match="lock"):
        RequestStats(lock=threading.Lock())  # type: ignore[call-arg]
