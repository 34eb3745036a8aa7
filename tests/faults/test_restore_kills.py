"""Restores that are killed and whose answers are lost, again and again: in the end everything is there once.

``CHAOS=1``, as ``make chaos`` sets it: a thousand kills.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.campaign import CHAOS
from notion_sync_core.errors import RetryableError, UnreachableError
from notion_sync_core.testing import FakeClock, FakeGate
from notion_sync_demo import Emulator, Fault, Workspace
from restore.bench import Bench, canonical, first_difference
from restore.kitchen import kitchen, random_space

KILLS = 1000 if CHAOS else 40
RATE = 0.015
"""Of each of six kinds of faults; four of them come after the write was done."""
KINDS = ("503_saved", "503_committed", "lost", "short", "500", "reset")
pytestmark = pytest.mark.campaign


class Killed(BaseException):
    """The process ends here."""


class KillingGate(FakeGate):
    """Ends the process at any request: before it, or when it was done and nobody heard the answer."""

    def __init__(self, clock: FakeClock, chance: random.Random) -> None:
        super().__init__(clock)
        self._chance = chance
        self._left = chance.randrange(2, 45)

    def once(self, call: Callable[..., object], *args: object, **kwargs: object) -> object:  # type: ignore[override]
        if self._is_over() and self._chance.random() < 0.5:
            super().once(call, *args, **kwargs)
        self._end()
        return super().once(call, *args, **kwargs)

    def __call__(self, call: Callable[..., object], *args: object, **kwargs: object) -> object:  # type: ignore[override]
        self._left -= 1
        self._end()
        return super().__call__(call, *args, **kwargs)

    def _is_over(self) -> bool:
        self._left -= 1
        return self._left <= 0

    def _end(self) -> None:
        if self._left <= 0:
            raise Killed


def tops(space: Workspace) -> list[str]:
    return [each for each, raw in space.pages.items() if raw["parent"]["type"] == "workspace"]


def test_whatever_kills_it_and_whatever_is_lost_all_is_there_once(tmp_path: Path) -> None:
    kills = seed = 0
    while kills < KILLS:
        source = random_space(seed, pages=30 if CHAOS else 14) if seed % 3 else _kitchen()
        folder = tmp_path / str(seed)
        folder.mkdir()
        kills += _restored(source, folder, random.Random(seed))
        seed += 1


def _kitchen() -> Workspace:
    """Without the text that becomes two blocks."""
    space = kitchen()
    (long,) = [each for each in space.pages if space.title(each) == "Very long text"]
    for each in space.children(long):
        space.delete_block(each["id"])
    return space


def _restored(source: Workspace, folder: Path, chance: random.Random) -> int:
    """Restore until it ends; how often it was killed, or gave up."""
    with Bench(source, folder) as bench:
        bench.server.faults._random = chance
        for kind in KINDS:
            bench.server.faults.add(Fault(kind, rate=RATE))
        kills, done = 0, None
        while done is None:
            try:
                done = bench.restoring(KillingGate(bench.clock, chance)).run(bench.journal)
            except (Killed, UnreachableError, RetryableError):
                kills += 1
        bench.server.faults.clear()
        made = [each["id"] for each in bench.space.children(bench.home)]
        assert done.failures == ()
        assert len(bench.space.pages) - 1 == len(source.pages)
        assert first_difference(canonical(source, tops(source)), canonical(bench.space, made)) == ""
        return kills


@pytest.mark.parametrize("seed", range(20 if CHAOS else 2))
def test_a_process_that_is_killed_goes_on_where_it_was(tmp_path: Path, seed: int) -> None:
    chance, source, target = random.Random(seed), random_space(seed + 100), Workspace("Target", seed=5)
    home = target.add_page(None, "Home")
    with Emulator(source) as server:
        assert _command(tmp_path, server, "export", "--to", "kept", "--renderer", "json").wait() == 0
    with Emulator(target, largest_file=1 << 30) as server:
        words = ("restore", "--from", "kept", "--into", home)
        for _ in range(4):
            running = _command(tmp_path, server, *words)
            wanted = server.counters.total + chance.randrange(4, 20)
            while running.poll() is None and server.counters.total < wanted:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(0.01)
            running.send_signal(signal.SIGKILL)
            running.wait()
        assert _command(tmp_path, server, *words).wait() == 0
    made = [each["id"] for each in target.children(home)]
    assert len(target.pages) - 1 == len(source.pages)
    assert first_difference(canonical(source, tops(source)), canonical(target, made)) == ""


def _command(folder: Path, server: Emulator, *words: str) -> subprocess.Popen[bytes]:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NOTION_")},
        "HOME": str(folder),
        "NOTION_TOKEN": server.token,
        "NOTION_SYNC_NOTION__BASE_URL": server.url,
        "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
    }
    program = [sys.executable, "-m", "notion_sync_core", *words, "-q"]
    return subprocess.Popen(program, cwd=folder, env=environ, stdin=subprocess.DEVNULL)
