"""The request budget."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_core.gate import budget as budget_module
from notion_sync_core.gate.budget import NoBudget, Usage, WindowBudget, usage
from notion_sync_core.testing import FakeClock


def drain(budget: WindowBudget, clock: FakeClock, count: int, latency: float = 0.0) -> list[float]:
    """Send requests one after another; the times at which each was answered."""
    times = []
    for _ in range(count):
        while (wait := budget.take()) > 0:
            clock.sleep(wait)
        clock.sleep(latency)
        budget.answered()
        times.append(clock.now())
    return times


def most_in_any_window(times: list[float], window: float) -> int:
    return max(sum(1 for other in times if time <= other < time + window) for time in times)


def test_a_small_job_spends_its_budget_in_one_burst(tmp_path: Path) -> None:
    clock = FakeClock()
    drain(WindowBudget(tmp_path / "ledger", clock, 180, 60.0), clock, 150)
    assert clock.sleeps == [0.0] * 150


def test_the_window_is_never_overrun_and_hardly_wasted(tmp_path: Path) -> None:
    clock = FakeClock()
    times = drain(WindowBudget(tmp_path / "ledger", clock, 180, 60.0), clock, 1800, latency=0.05)
    assert most_in_any_window(times, 60.0) <= 180
    assert times[-1] - times[0] < 9 * 60.0 / 0.97 + 10


def test_two_processes_share_one_budget(tmp_path: Path) -> None:
    clock = FakeClock()
    one = WindowBudget(tmp_path / "ledger", clock, 20, 60.0)
    two = WindowBudget(tmp_path / "ledger", clock, 20, 60.0)
    times = sorted(drain(one, clock, 10) + drain(two, clock, 30) + drain(one, clock, 10))
    assert most_in_any_window(times, 60.0) <= 20


class Restarted(FakeClock):
    """Of a machine that was started seven seconds ago."""

    def __init__(self, time: float) -> None:
        super().__init__(time)
        self._started = time - 7.0

    def monotonic(self) -> float:
        return self.time - self._started


@pytest.mark.parametrize("boot", ["0", "another start", "zzz", ""])
def test_after_a_restart_of_the_machine_the_date_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boot: str
) -> None:
    real = FakeClock()
    before = WindowBudget(tmp_path / "ledger", real, 10, 60.0)
    for _ in range(10):
        assert before.take() == 0.0
        before.answered()
    monkeypatch.setattr(budget_module, "_BOOT", boot)

    after = Restarted(real.time + 20.0)
    assert WindowBudget(tmp_path / "ledger", after, 10, 60.0).take() == pytest.approx(40.0)
    after.sleep(40.01)
    assert WindowBudget(tmp_path / "ledger", after, 10, 60.0).take() == 0.0


@pytest.mark.parametrize("told", [True, False], ids=["by another start", "as dates"])
def test_after_a_restart_pauses_and_what_was_learnt_last_by_the_date_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    before, ledger = Restarted(1_800_000_000.0), tmp_path / "ledger"
    drain(WindowBudget(ledger, before, 100, 60.0), before, 1)
    now = before.monotonic() if told else before.now()
    rewrite(ledger, entries=[], pause_until=now + 30.0, limit=50, limit_set=now - 50.0)
    if not told:
        ledger.write_text(json.dumps({name: each for name, each in book(ledger).items() if name != "offset"}))
    monkeypatch.setattr(budget_module, "_BOOT", "another start")

    seen = usage(ledger, Restarted(before.now() + 20.0), 100, 60.0)

    # One quiet window has gone by: a tenth more.
    assert (seen.pause_s, seen.limit) == (pytest.approx(10.0), 60)


def test_what_a_crashed_process_held_is_not_spent_twice_and_comes_back(tmp_path: Path) -> None:
    clock = FakeClock()
    dead = WindowBudget(tmp_path / "ledger", clock, 36, 60.0)
    drain(dead, clock, 36)
    assert WindowBudget(tmp_path / "ledger", clock, 36, 60.0).take() > 0
    clock.sleep(60.0)
    assert WindowBudget(tmp_path / "ledger", clock, 36, 60.0).take() == 0.0


def test_what_a_dead_process_held_unused_is_free_after_one_window_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    clock = FakeClock()
    ledger = tmp_path / "ledger"
    # The child takes a block of five, uses one slot of it, and dies without giving back the others.
    child = os.fork()
    if not child:
        WindowBudget(ledger, clock, 180, 60.0).take()
        os._exit(0)
    os.waitpid(child, 0)
    living = WindowBudget(ledger, clock, 180, 60.0)
    assert living.take() == 0.0
    mine = WindowBudget(ledger, clock, 180, 60.0)
    assert len(spend(mine)) == 170
    clock.sleep(60.0)
    mine.close()
    assert len(spend(WindowBudget(ledger, clock, 180, 60.0))) == 175


def spend(budget: WindowBudget) -> list[float]:
    """Take whatever is free now."""
    taken = []
    while (wait := budget.take()) == 0:
        budget.answered()
        taken.append(wait)
    return taken


def test_a_pause_holds_every_process(tmp_path: Path) -> None:
    clock = FakeClock()
    one = WindowBudget(tmp_path / "ledger", clock, 180, 60.0)
    one.take()
    one.pause(7.0)
    assert one.take() == 7.0
    assert WindowBudget(tmp_path / "ledger", clock, 180, 60.0).take() == 7.0


def test_a_pause_teaches_a_slower_pace_that_recovers(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 100, 60.0)
    budget.pause(1.0)
    assert json.loads((tmp_path / "ledger").read_text())["limit"] == 80
    clock.sleep(601.0)
    times = drain(budget, clock, 100)
    assert times[-1] == times[0]


def test_closing_gives_unused_slots_back(tmp_path: Path) -> None:
    clock = FakeClock()
    one = WindowBudget(tmp_path / "ledger", clock, 36, 60.0)
    drain(one, clock, 1)
    one.close()
    assert sum(count for _, count, _ in json.loads((tmp_path / "ledger").read_text())["entries"]) == 1


def test_a_damaged_ledger_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("{half")
    assert WindowBudget(tmp_path / "ledger", FakeClock(), 10, 60.0).take() == 0.0


def test_a_clock_that_jumped_ahead_does_not_block_for_ever(tmp_path: Path) -> None:
    late = FakeClock(9_000_000.0)
    drain(WindowBudget(tmp_path / "ledger", late, 1, 60.0), late, 1)
    clock = FakeClock(1_000_000.0)
    assert WindowBudget(tmp_path / "ledger", clock, 1, 60.0).take() <= 60.0 + 120.0


def test_without_a_limit_only_pauses_count() -> None:
    clock = FakeClock()
    budget = NoBudget(clock)
    assert budget.take() == 0.0
    budget.pause(3.0)
    assert budget.take() == 3.0
    budget.answered()
    budget.close()


@settings(max_examples=40, deadline=None)
@given(
    requests=st.integers(1, 60),
    window=st.floats(1.0, 90.0),
    latencies=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=120),
    crashes=st.sets(st.integers(0, 119), max_size=4),
)
def test_no_schedule_of_answers_and_crashes_overruns_the_window(
    tmp_path_factory, requests: int, window: float, latencies: list[float], crashes: set[int]
) -> None:
    clock, ledger = FakeClock(), tmp_path_factory.mktemp("budget") / "ledger"
    budget, sent = WindowBudget(ledger, clock, requests, window), []
    for index, latency in enumerate(latencies):
        if index in crashes:
            budget = WindowBudget(ledger, clock, requests, window)
        while (wait := budget.take()) > 0:
            clock.sleep(wait)
        # The service may count a request at any instant between question and answer.
        sent.append(clock.now() + latency / 2)
        clock.sleep(latency)
        budget.answered()
    # Leave out the rounding of floating point time.
    assert most_in_any_window(sent, window * 0.999999) <= requests


def test_a_process_killed_while_it_wrote_the_ledger_forgets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    ledger = tmp_path / "ledger"
    budget = WindowBudget(ledger, clock, 36, 60.0)
    drain(budget, clock, 20)
    clock.sleep(59.0)
    monkeypatch.setattr(os, "ftruncate", lambda handle, size: None)
    drain(budget, clock, 1)
    clock.sleep(2.0)
    assert budget.take() == 0.0  # a shorter line than before, and the rest of that one behind it
    monkeypatch.undo()
    assert ledger.read_bytes().count(b"}") > 1
    free = WindowBudget(ledger, clock, 36, 60.0)
    drain(free, clock, 34)
    assert free.take() > 0


def book(ledger: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ledger.read_text())
    return found


def rewrite(ledger: Path, **changed: object) -> None:
    ledger.write_text(json.dumps(book(ledger) | changed))


@pytest.mark.parametrize(("seconds", "waited"), [(0.5, 0.5), (3599.0, 3599.0), (3600.0, 0.0)])
def test_a_pause_of_less_than_a_second_counts_and_one_of_an_hour_is_not_believed(
    tmp_path: Path, seconds: float, waited: float
) -> None:
    clock = FakeClock()
    drain(WindowBudget(tmp_path / "ledger", clock, 180, 60.0), clock, 1)
    rewrite(tmp_path / "ledger", pause_until=clock.monotonic() + seconds)
    assert WindowBudget(tmp_path / "ledger", clock, 180, 60.0).take() == pytest.approx(waited)


def test_a_shorter_pause_does_not_end_a_longer_one(tmp_path: Path) -> None:
    clock = FakeClock()
    one, two = (WindowBudget(tmp_path / "ledger", clock, 180, 60.0) for _ in range(2))
    one.pause(9.0)
    one.pause(2.0)
    two.pause(3.0)
    assert one.take() == 9.0
    assert WindowBudget(tmp_path / "ledger", clock, 180, 60.0).take() == 9.0


def test_holders_whose_number_is_none_are_taken_for_living(tmp_path: Path) -> None:
    clock = FakeClock()
    mine = WindowBudget(tmp_path / "ledger", clock, 180, 60.0)
    drain(mine, clock, 1)
    space = book(tmp_path / "ledger")["entries"][0][0].partition(" ")[0]
    lease = clock.monotonic() + 180.0
    odd = [(f"{space} {who} 1f.1", 5, lease) for who in ("x", "", "9" * 40)]
    rewrite(tmp_path / "ledger", entries=odd)
    assert len(spend(WindowBudget(tmp_path / "ledger", clock, 180, 60.0))) == 165
    clock.sleep(61.0)
    assert len(spend(WindowBudget(tmp_path / "ledger", clock, 180, 60.0))) == 165
    clock.sleep(120.0)
    assert len(spend(WindowBudget(tmp_path / "ledger", clock, 180, 60.0))) == 180


def test_a_pace_that_was_learnt_is_never_less_than_one_and_grows_by_a_tenth_a_quiet_window(tmp_path: Path) -> None:
    clock = FakeClock()
    slow = WindowBudget(tmp_path / "ledger", clock, 2, 60.0)
    limits = []
    for _ in range(4):
        slow.pause(1.0)
        limits.append(book(tmp_path / "ledger")["limit"])
    assert limits == [1, 1, 1, 1]

    budget = WindowBudget(tmp_path / "other", clock, 100, 60.0)
    budget.pause(1.0)
    budget.pause(1.0)
    assert book(tmp_path / "other")["limit"] == 64
    for minutes, limit in ((0.9, 64), (1.1, 74), (2.0, 84), (3.5, 94), (4.0, 100), (9.0, 100)):
        later = FakeClock(clock.now() + 60.0 * minutes)
        assert len(spend(WindowBudget(copied(tmp_path / "other", str(minutes)), later, 100, 60.0))) == limit


def copied(ledger: Path, name: str) -> Path:
    other = ledger.with_name(f"ledger-{name}")
    other.write_text(ledger.read_text())
    return other


def test_slots_are_taken_by_blocks_of_a_thirty_sixth_but_at_least_one(tmp_path: Path) -> None:
    clock = FakeClock()
    for requests, block in ((180, 5), (71, 1), (72, 2), (1, 1)):
        ledger = tmp_path / str(requests)
        WindowBudget(ledger, clock, requests, 60.0).take()
        [(_, count, ends)] = book(ledger)["entries"]
        assert (count, ends) == (block, clock.monotonic() + 60.0 + 120.0)


def test_what_is_used_is_what_was_sent_and_not_what_is_held(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 180, 60.0)
    assert budget.used == 0
    for count in range(1, 8):
        assert budget.take() == 0.0
        assert budget.used == count
    assert budget.allowed == (180, 60.0)


def test_an_answer_that_nobody_waits_for_changes_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 2, 60.0)
    budget.answered()
    assert len(spend(budget)) == 2
    budget.answered()
    assert budget.take() == pytest.approx(60.0)


def test_while_a_request_is_under_way_the_next_is_soon_tried_again(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 1, 60.0)
    assert budget.take() == 0.0
    assert budget.take() == 0.05
    budget.answered()
    assert budget.take() == 60.0


def test_a_request_under_way_when_a_budget_is_closed_counts_from_then(tmp_path: Path) -> None:
    clock = FakeClock()
    budget = WindowBudget(tmp_path / "ledger", clock, 36, 60.0)
    budget.take()
    clock.sleep(10.0)
    budget.close()
    [(_, count, ends)] = book(tmp_path / "ledger")["entries"]
    assert (count, ends) == (1, clock.monotonic() + 60.0)


def test_a_look_at_a_ledger_tells_who_holds_what_and_changes_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    ledger = tmp_path / "ledger"
    drain(WindowBudget(ledger, clock, 100, 60.0), clock, 1)
    space = book(ledger)["entries"][0][0].partition(" ")[0]
    now = clock.monotonic()
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    held = [
        (f"{space} {os.getpid()} 1f.1", 3, now + 10.0),
        (f"{space} 1 2f.1", 4, now + 10.0),
        ("elsewhere 5 3f.1", 5, now + 10.0),
        (f"{space} {child} 4f.1", 6, now + 10.0),
        (f"{space} 1 5f.1", 7, now),  # counts no more
    ]
    rewrite(ledger, entries=held, pause_until=now + 4.0, limit=50, limit_set=now - 130.0)
    before = ledger.read_bytes()

    seen = usage(ledger, clock, 100, 60.0)

    # Two quiet windows have gone by: a tenth each. What a dead process sent counts still.
    assert seen == Usage(18, ("another machine or container", "process 1"), 4.0, 70)
    assert ledger.read_bytes() == before
    rewrite(ledger, pause_until=now + 3600.0, limit=90)
    assert (usage(ledger, clock, 100, 60.0).pause_s, usage(ledger, clock, 100, 60.0).limit) == (0.0, 0)
    assert usage(tmp_path / "nothing", clock, 100, 60.0) == Usage(0, (), 0.0, 0)
