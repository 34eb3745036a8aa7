"""Whatever happens to workers, turns and the desk, each job's tree is what an undisturbed run would have made."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import psutil
import psycopg
import pytest
from attrs import define, field

from conftest import tree
from fleet.desks import ADDRESS, needs_postgres
from fleet.test_whole import REQUESTS, WINDOW_S, Fleet, fleet
from notion_sync_core import Stop
from notion_sync_demo import Emulator, sample_workspace
from notion_sync_demo.budget import ServerBudget
from notion_sync_demo.build import block

__all__ = ["fleet"]
pytestmark = [needs_postgres]
JOBS = ("a", "b", "c", "d")
LEASE_S = 5.0
SEED, ROUNDS = int(os.environ.get("CHAOS_SEED", "16")), int(os.environ.get("CHAOS_ROUNDS", "1"))
"""More rounds with another seed look further; one with this seed is what each run of the tests has time for."""


@define
class Workers:
    """Two processes that take turns, and others in their place as they die."""

    fleet: Fleet
    processes: list[subprocess.Popen[bytes]] = field(factory=list)

    def begin(self) -> None:
        tokens = {f"TOKEN_{name}": bench.emulator.token for name, bench in self.fleet.benches.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "notion_sync_core", "fleet", "worker", "--quiet", "--config", "fleet.toml"],
            cwd=self.fleet.folder,
            env={**os.environ, **tokens, "FLEET_DESK": ADDRESS, "TMPDIR": str(self.fleet.folder)},
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)

    def end(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in self.processes] == [0] * len(self.processes)

    def turns(self) -> list[psutil.Process]:
        """The processes of turns that are under way."""
        found = []
        for process in self.processes:
            with suppress(psutil.Error):
                found += psutil.Process(process.pid).children()
        return found

    # -- what happens to them

    def kill_a_worker(self, chance: random.Random) -> None:
        process = self.processes.pop(chance.randrange(len(self.processes)))
        process.kill()
        process.wait()
        self.begin()

    def stop_a_worker(self, chance: random.Random) -> None:
        process = self.processes.pop(chance.randrange(len(self.processes)))
        process.terminate()
        assert process.wait(60) == 0
        self.begin()

    def kill_a_turn(self, chance: random.Random) -> None:
        if turns := self.turns():
            with suppress(psutil.Error):
                chance.choice(turns).kill()

    def pause_a_worker(self, chance: random.Random) -> None:
        process = chance.choice(self.processes)
        process.send_signal(signal.SIGSTOP)
        Stop().wait(LEASE_S * 1.5)
        process.send_signal(signal.SIGCONT)

    def pause_a_turn(self, chance: random.Random) -> None:
        """And the worker with it: what wakes is an old turn in the midst of its work, and somebody else has the job."""
        if turns := self.turns():
            turn = chance.choice(turns)
            with suppress(psutil.Error):
                worker = turn.parent()
                assert worker is not None
                worker.suspend()
                turn.suspend()
                Stop().wait(LEASE_S * 2)
                turn.resume()
                worker.resume()

    def cut_everybody_off(self, chance: random.Random) -> None:
        with psycopg.connect(ADDRESS, autocommit=True) as database:
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")
        self.fleet.connection.close()


HAPPENINGS: dict[str, Callable[[Workers, random.Random], None]] = {
    name: getattr(Workers, name)
    for name in (
        "kill_a_worker", "kill_a_turn", "pause_a_turn", "cut_everybody_off", "stop_a_worker", "pause_a_worker",
    )
}  # fmt: skip


@pytest.fixture
def workers(fleet: Fleet) -> Iterator[Workers]:
    """Two of them, and four jobs that read an emulator each."""
    (fleet.folder / "fleet.toml").write_text(
        f'[plugins.fleet]\ndesk = "env:FLEET_DESK"\nvault = "{fleet.folder / "vault"}"\nslots = 2\n'
        f"lease_s = {LEASE_S}\nmost_lost = 100\n"
    )
    with ExitStack() as stack:
        for name in JOBS:
            bench = fleet.add(
                name,
                stack.enter_context(
                    Emulator(sample_workspace(), budget=ServerBudget(REQUESTS, WINDOW_S), latency_s=0.02)
                ),
            )
            bench.space.add_page(None, "Log", [block("paragraph", "begun")])
        found = Workers(fleet)
        stack.callback(lambda: [process.kill() for process in found.processes])
        found.begin()
        found.begin()
        yield found


def edit(fleet: Fleet, text: str) -> None:
    for name, bench in fleet.benches.items():
        page = next(each for each in bench.space.pages if bench.space.title(each) == "Log")
        bench.space.append_block(page, block("paragraph", text))
        fleet.desk.release(name)


def wait_until_all_is_done(fleet: Fleet, committed: dict[str, int]) -> None:
    """Each job has had a turn that was complete since."""
    clock = Stop()
    for _ in range(1200):
        jobs = list(fleet.desk.tables.jobs())
        if all(job.standing == "waiting" and job.exit == 0 and job.generation > committed[job.id] for job in jobs):
            return
        assert not [job.reason for job in jobs if job.standing == "parked"]
        clock.wait(0.1)
    raise AssertionError(f"still waiting: {jobs}")


@pytest.mark.timeout(400 * ROUNDS)
def test_trees_are_as_if_nothing_had_happened(workers: Workers, fleet: Fleet) -> None:
    chance, clock = random.Random(SEED), Stop()
    happenings = [each for _ in range(ROUNDS) for each in HAPPENINGS.items()]
    if ROUNDS > 1:
        chance.shuffle(happenings)
    wait_until_all_is_done(fleet, dict.fromkeys(JOBS, 0))
    for count, (name, happen) in enumerate(happenings):
        before = {job.id: job.generation for job in fleet.desk.tables.jobs()}
        edit(fleet, f"{count}: {name}")
        while not workers.turns():
            clock.wait(0.02)
        clock.wait(chance.uniform(0.2, 1.5))
        happen(workers, chance)
        wait_until_all_is_done(fleet, before)
        for bench in fleet.benches.values():
            assert f"{count}: {name}" in (bench.out / "Log.md").read_text(), "a page is frozen"
    workers.end()
    for bench in fleet.benches.values():
        assert bench.emulator.counters.statuses[429] == 0, "more was asked for than is allowed"
        bench.emulator.latency_s, bench.emulator.budget = 0, None
        assert tree(bench.out) == bench.fresh()
    turns = {job.id: (job.fence, job.died) for job in fleet.desk.tables.jobs()}
    assert max(fence for fence, _ in turns.values()) > len(happenings) + 1, f"nothing happened to any turn: {turns}"
    assert not list(fleet.folder.glob("notion-sync-*")), "content is left of turns that were killed"
