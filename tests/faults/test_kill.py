"""kill -9 at any instant, then the same command: the same bytes as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_demo import Emulator, generate

pytestmark = pytest.mark.campaign

KILLS = 30


@pytest.fixture
def command(bench_of_pages: Bench) -> list[str]:
    bench = bench_of_pages
    return [
        *(sys.executable, "-m", "notion_sync_core", "sync", "--to", str(bench.out), "--quiet"),
        *("--set", f"deployment.state_dir={bench.folder / 'state'}"),
        *("--set", f"notion.base_url={bench.emulator.url}"),
        *("--set", "performance.requests=0"),
    ]


@pytest.fixture
def bench_of_pages(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Emulator(generate(120, seed=5)) as emulator:
        yield Bench(emulator, tmp_path)


def start(command: list[str], bench: Bench) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env={**os.environ, "NOTION_TOKEN": bench.emulator.token}, stdout=subprocess.DEVNULL
    )


def test_thirty_kills_leave_nothing_torn_and_end_in_the_same_tree(bench_of_pages: Bench, command: list[str]) -> None:
    bench = bench_of_pages
    expected = bench.fresh()
    clock = random.Random(1)
    begun = time.monotonic()
    assert start(command, bench).wait() == 0
    whole = time.monotonic() - begun
    finished = 0
    for number in range(KILLS):
        if number % 6 == 0:
            _forget(bench, everything=number % 12 == 0)
        process = start(command, bench)
        try:
            finished += process.wait(timeout=clock.uniform(0.15, whole)) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        for name, content in tree(bench.out).items():
            if not name.startswith(".notion-sync/"):
                assert content == expected[name], f"{name} is torn after kill {number}"
    assert finished < KILLS, "no process was killed in time"
    assert start(command, bench).wait() == 0
    assert tree(bench.out) == expected


def _forget(bench: Bench, *, everything: bool) -> None:
    """Give the next runs something to do."""
    import shutil

    shutil.rmtree(bench.folder / "state", ignore_errors=True)
    if everything:
        shutil.rmtree(bench.out, ignore_errors=True)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_with_a_checkpoint_and_the_next_run_goes_on(
    bench_of_pages: Bench, command: list[str], signum: int
) -> None:
    bench = bench_of_pages
    bench.fresh()
    whole = bench.requests()
    bench.emulator.latency_s = 0.02
    process = start(command, bench)
    while bench.requests() < whole + 60 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signum)
    assert process.wait(timeout=10) == 128 + signum
    before = bench.requests()
    assert before - whole >= 60
    bench.emulator.latency_s = 0.0
    assert start(command, bench).wait() == 0
    # Discovery starts over, what was read stays read.
    discovery_and_flight = 40
    assert bench.requests() - whole <= whole + discovery_and_flight
    assert tree(bench.out) == bench.fresh()


def test_of_six_runs_at_once_one_goes_on_and_five_exit_5(bench_of_pages: Bench, command: list[str]) -> None:
    bench = bench_of_pages
    bench.emulator.latency_s = 0.1
    processes = [start(command, bench) for _ in range(6)]
    codes = sorted(process.wait() for process in processes)
    assert codes == [0, 5, 5, 5, 5, 5]
