"""The rate limit, counted where it counts: at the server, over every window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import RetryableError
from notion_sync_core.events import Event, Waited
from notion_sync_core.gate.budget import WindowBudget
from notion_sync_core.gate.gate import Gate
from notion_sync_core.testing import FakeClock
from notion_sync_demo import Emulator, Fault, ServerBudget, generate
from notion_sync_notion.client import retry_after

pytestmark = pytest.mark.campaign

REQUESTS, WINDOW_S = 60, 1.0


class Counting(ServerBudget):
    """Refuses nothing, and remembers when each request came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def arrive(self) -> int:
        self.times.append(time.monotonic())
        return 0

    def most(self) -> int:
        """In any window, wherever it begins."""
        times = sorted(self.times)
        return max(bisect_left(times, start + WINDOW_S) - at for at, start in enumerate(times))


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[Bench, Counting]]:
    counting = Counting()
    with Emulator(generate(110, seed=4), budget=counting) as emulator:
        yield Bench(emulator, tmp_path), counting


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_no_window_sees_more_requests_than_agreed(counted: tuple[Bench, Counting], workers: int) -> None:
    bench, counting = counted
    bench.good(performance__workers=workers, performance__requests=REQUESTS, performance__window_s=WINDOW_S)
    assert len(counting.times) > 1.5 * REQUESTS
    assert counting.most() <= REQUESTS


def test_two_processes_and_one_that_is_killed_share_the_budget(counted: tuple[Bench, Counting]) -> None:
    bench, counting = counted

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "notion_sync_core", "sync", "--to", str(bench.folder / name), "-q"),
                *("--set", f"deployment.state_dir={bench.folder / 'state'}"),
                *("--set", f"notion.base_url={bench.emulator.url}"),
                *("--set", f"performance.requests={REQUESTS}", "--set", f"performance.window_s={WINDOW_S}"),
            ],
            env={**os.environ, "NOTION_TOKEN": bench.emulator.token},
        )

    one, two = start("one"), start("two")
    begun = time.monotonic()
    while len(counting.times) < REQUESTS // 2 and time.monotonic() < begun + 30:
        time.sleep(0.01)
    one.send_signal(signal.SIGKILL)
    one.wait()
    one = start("one")
    assert (one.wait(60), two.wait(60)) == (0, 0)
    assert len(counting.times) > 3 * REQUESTS
    assert counting.most() <= REQUESTS
    assert tree(bench.folder / "one").keys() == tree(bench.folder / "two").keys()


@pytest.mark.parametrize("requests", [0, 10_000])
def test_after_a_429_nobody_asks_before_the_time_but_those_who_were_asking(
    counted: tuple[Bench, Counting], requests: int
) -> None:
    bench, counting = counted
    told: list[float] = []
    bench.emulator.latency_s = 0.02

    def listen(event: Event) -> None:
        if isinstance(event, Waited) and event.reason == "rate limit":
            told.append(time.monotonic())

    bench.emulator.faults.add(Fault("429", times=1, after=30, retry_after="2", path="/v1/"))
    report = bench.good(on_event=listen, performance__workers=16, performance__requests=requests)
    assert report.requests.rate_limited == 1
    # From when the refusal has arrived: before that nobody can know of it.
    since = [each - told[0] for each in counting.times if each > told[0]]
    assert len([each for each in since if each < 1.95]) <= 16
    assert [each for each in since if 1.0 < each < 1.95] == []


class Skewed(FakeClock):
    """One machine's time, with a date that somebody set wrong."""

    def __init__(self, real: FakeClock, skew: float) -> None:
        super().__init__()
        self.real, self.skew = real, skew

    def now(self) -> float:
        return self.real.time + self.skew

    def monotonic(self) -> float:
        return self.real.time

    def sleep(self, seconds: float) -> None:
        self.real.sleep(seconds)


def most(times: list[float], window: float) -> int:
    times = sorted(times)
    return max(bisect_left(times, start + window) - at for at, start in enumerate(times))


def test_a_date_that_is_wrong_or_jumps_overruns_nothing(tmp_path: Path) -> None:
    real = FakeClock()
    clocks = [Skewed(real, skew) for skew in (0.0, 5.0, -5.0, 3600.0, 0.0, 5.0)]
    budgets = [WindowBudget(tmp_path / "ledger", clock, 30, 60.0) for clock in clocks]
    sent = []
    for number in range(400):
        turn = number % len(budgets)
        if number % 50 == 49:
            clocks[turn].skew += 1000.0 if number % 100 == 49 else -3000.0
        while (wait := budgets[turn].take()) > 0:
            real.sleep(wait)
        sent.append(real.time)
        real.sleep(0.05)
        budgets[turn].answered()
    assert most(sent, 60.0 * 0.999999) <= 30
    assert sent[-1] - sent[0] < 2.5 * 400 / 30 * 60


def test_a_ledger_cut_off_by_kill_is_not_forgotten(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "ledger"
    budget = WindowBudget(path, clock, 5, 60.0)
    for _ in range(5):
        budget.take()
    # Killed between writing a shorter text and cutting off the rest of the longer one before it.
    path.write_bytes(path.read_bytes() + b'.0]], "limit": 0}')
    assert WindowBudget(path, clock, 5, 60.0).take() > 0


def test_a_refusal_that_does_not_say_how_long_is_followed_by_longer_and_longer_silence() -> None:
    clock = FakeClock()
    gate = Gate("api.example", clock, lambda event: None)
    outcomes: list[object] = [RetryableError("429", throttled=True) for _ in range(9)]

    def call() -> str:
        if outcomes:
            raise outcomes.pop()  # type: ignore[misc]
        return "ok"

    assert gate(call) == "ok"
    waits = [each for each in clock.sleeps if each > 0]
    assert all(0.5 * min(60, 2**n) <= wait <= min(60, 2**n) for n, wait in enumerate(waits)), waits
    assert len(waits) == 9


def test_a_date_to_come_back_at_counts_from_the_service_s_own_time() -> None:
    wrong = "Wed, 21 Oct 2015 07:28:{:02} GMT"
    assert retry_after(wrong.format(30), None, wrong.format(20)) == 10.0


def test_threads_that_wait_in_the_pause_all_wait(tmp_path: Path) -> None:
    clock = FakeClock()
    gate = Gate("api.example", clock, lambda event: None, budget=WindowBudget(tmp_path / "l", clock, 180, 60.0))
    gate._throttled(RetryableError("429", retry_after=7.0, throttled=True))
    begun = clock.time
    asked: list[float] = []
    threads = [threading.Thread(target=gate, args=(lambda: asked.append(clock.time),)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 16
    assert min(asked) >= begun + 7.0
