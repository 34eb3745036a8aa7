"""The circuit breaker."""

from __future__ import annotations

from notion_sync_core.gate.breaker import Breaker
from notion_sync_core.testing import FakeClock


def make() -> tuple[Breaker, FakeClock, list[str]]:
    clock, states = FakeClock(), []
    return Breaker(clock, states.append, threshold=3, cooldown_s=1.0, max_cooldown_s=4.0), clock, states


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker, _, states = make()
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert (breaker.state, states) == ("closed", [])


def test_failures_in_a_row_open_it_and_callers_wait() -> None:
    breaker, _, states = make()
    fail(breaker, 3)
    assert states == ["open"]
    assert 0 < breaker.wait_time() <= 1.0


def test_what_fails_while_it_is_open_makes_nobody_wait_longer() -> None:
    breaker, clock, states = make()
    fail(breaker, 3)
    clock.sleep(0.5)
    fail(breaker, 3)  # requests that were under way when it opened
    assert states == ["open"]
    assert breaker.wait_time() == 0.5
    clock.sleep(0.5)
    assert breaker.wait_time() == 0.0
    breaker.failed()
    assert breaker.wait_time() == 2.0


def test_after_the_cooldown_exactly_one_caller_probes() -> None:
    breaker, clock, states = make()
    fail(breaker, 3)
    clock.sleep(1.0)
    assert breaker.wait_time() == 0.0
    assert breaker.wait_time() > 0
    assert states == ["open", "half-open"]


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker, clock, states = make()
    fail(breaker, 3)
    clock.sleep(1.0)
    breaker.wait_time()
    breaker.succeeded()
    assert breaker.wait_time() == 0.0
    assert states[-1] == "closed"


def test_each_failed_probe_doubles_the_cooldown_up_to_its_bound() -> None:
    breaker, clock, _ = make()
    fail(breaker, 3)
    waits = []
    for _ in range(4):
        waits.append(breaker.wait_time())
        clock.sleep(waits[-1])
        assert breaker.wait_time() == 0.0
        breaker.failed()
    assert waits == [1.0, 2.0, 4.0, 4.0]
