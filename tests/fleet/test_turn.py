"""A turn brings the job's state, runs the job, and takes its state back; what is refused changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from conftest import Bench as Bench_
from conftest import tree
from fleet.desks import Bench, in_memory
from notion_sync_core import Report, Stop
from notion_sync_core.plugin import ConfigError, SinkError
from notion_sync_demo import Emulator
from notion_sync_demo.build import block
from notion_sync_fleet import turn
from notion_sync_fleet.desk import FenceLost
from notion_sync_fleet.given import Task
from notion_sync_fleet.turn import carry_out, job_of
from notion_sync_fleet.values import Turn
from notion_sync_fleet.vault import Place


@define
class Machines:
    """Turns of one job, each on a machine of its own that has nothing."""

    runs: Bench_
    place: Place
    desk: Bench = field(factory=in_memory)
    count: int = 0

    def config(self, more: str = "") -> str:
        return (
            f'[notion]\nbase_url = "{self.runs.emulator.url}"\n[performance]\nrequests = 0\n'
            f'[export]\nsinks = [{{use = "fs", path = "{self.runs.out}", fsync = false}}]\n{more}'
        )

    def task(self, given: Turn, config: str = "") -> Task:
        self.count += 1
        folder = self.runs.folder / f"machine {self.count}"
        folder.mkdir()
        secrets = {"NOTION_TOKEN": self.runs.emulator.token}
        return Task(given, config or self.config(), "", "", folder, 1e12, 3.0, secrets)

    def carry_out(self, given: Turn, config: str = "", stop: Stop | None = None) -> Report:
        task = self.task(given, config)
        try:
            return carry_out(task, job_of(task, {}), self.desk.desk, None, self.place, stop or Stop(), self.desk.clock)
        finally:
            shutil.rmtree(task.folder)

    def take(self, config: str = "") -> Report:
        self.desk.desk.release("docs")
        begun = self.desk.claim()
        report = self.carry_out(begun, config)
        self.desk.desk.finish(begun, int(report.exit_code))
        return report


@pytest.fixture
def machines(server: Emulator, tmp_path: Path, place: Place) -> Machines:
    """A job that never ran."""
    found = Machines(Bench_(server, tmp_path), place)
    found.desk.add("docs")
    return found


def test_a_turn_goes_on_from_the_one_before_it_on_whatever_machine(machines: Machines) -> None:
    page = machines.runs.space.add_page(None, "Log", [block("paragraph", "first")])
    assert machines.take().status == "complete"
    assert machines.take().objects.read == 0
    machines.runs.space.append_block(page, block("paragraph", "second"))
    report = machines.take()
    assert (report.status, report.objects.read) == ("complete", 1)
    assert machines.desk.job("docs").generation == 3
    assert tree(machines.runs.out) == machines.runs.fresh()
    assert sorted(path for path in machines.place.paths("state/")) == [f"state/{3:012}.sqlite.zst"]


def test_a_turn_that_was_taken_over_while_it_ran_is_refused_and_counts_for_nothing(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = machines.runs.space.add_page(None, "Log", [block("paragraph", "first")])
    machines.take()
    machines.runs.space.append_block(page, block("paragraph", "second"))
    machines.desk.desk.release("docs")
    old, new = machines.desk.claim("one"), []
    kept = turn.carry

    def late(*given: Any) -> int:
        machines.desk.pass_time(31)
        new.append(machines.desk.claim("two"))
        return kept(*given)

    with monkeypatch.context() as patch:
        patch.setattr(turn, "carry", late)
        with pytest.raises(FenceLost):
            machines.carry_out(old)
    assert machines.desk.job("docs").generation == 1
    machines.runs.space.append_block(page, block("paragraph", "third"))
    report = machines.carry_out(new[0])
    assert (report.status, report.artifacts.kept_edits) == ("complete", 0)
    assert machines.desk.job("docs").generation == new[0].fence
    assert tree(machines.runs.out) == machines.runs.fresh()


def test_a_turn_that_was_taken_over_long_ago_is_told_so_and_not_that_the_vault_is_damaged(machines: Machines) -> None:
    machines.take()
    machines.desk.desk.release("docs")
    old = machines.desk.claim("one")
    machines.desk.pass_time(31)
    new = machines.desk.claim("two")
    assert machines.carry_out(new).status == "complete"
    with pytest.raises(FenceLost):
        machines.carry_out(old)
    assert machines.desk.job("docs").generation == new.fence
    machines.desk.desk.finish(new, 0)
    assert machines.take().objects.read == 0


def test_a_turn_that_is_stopped_keeps_what_it_has(machines: Machines) -> None:
    stop = Stop()
    stop.request(15)
    machines.desk.desk.release("docs")
    begun = machines.desk.claim()
    assert int(machines.carry_out(begun, stop=stop).exit_code) == 143
    machines.desk.desk.finish(begun, 143)
    assert machines.take().status == "complete"
    assert tree(machines.runs.out) == machines.runs.fresh()


def test_a_turn_whose_state_cannot_be_taken_back_might_not_have_been(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are there, and the next turn knows them as ours by what was noted before they were written."""
    page = machines.runs.space.add_page(None, "Log", [block("paragraph", "first")])
    machines.take()
    machines.runs.space.append_block(page, block("paragraph", "second"))
    put = type(machines.place).put

    def full(self: Place, path: str, chunks: Sequence[bytes]) -> None:
        if path.startswith("state/"):
            raise SinkError("the vault is full")
        put(self, path, chunks)

    with monkeypatch.context() as patch:
        patch.setattr(type(machines.place), "put", full)
        with pytest.raises(SinkError, match="full"):
            machines.take()
    assert machines.desk.job("docs").generation == 1
    machines.desk.pass_time(31)
    machines.runs.space.append_block(page, block("paragraph", "third"))
    report = machines.take()
    assert (report.status, report.artifacts.kept_edits) == ("complete", 0)
    assert tree(machines.runs.out) == machines.runs.fresh()


def test_a_history_of_its_own_is_refused(machines: Machines) -> None:
    config = machines.config('[history]\nstore = "s3://other/place"\n')
    with pytest.raises(ConfigError, match=r"history\.store"):
        job_of(machines.task(Turn("docs", "acme", 1, 0, 0.0), config), {})


def test_a_job_keeps_the_id_that_its_file_says(machines: Machines) -> None:
    """It came from one machine: its sinks know it by that."""
    first = Turn("docs", "acme", 1, 0, 0.0)
    assert job_of(machines.task(first), {}).id == "docs"
    config = machines.config().replace("[export]\n", '[export]\nid = "from-before"\n')
    assert job_of(machines.task(first, config), {}).id == "from-before"
