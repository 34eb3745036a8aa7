"""What the command line logs, and what ``status`` says of a process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core import events
from notion_sync_core.cli.status import _lines, look
from notion_sync_core.errors import SinkError
from notion_sync_core.events import Event
from notion_sync_core.pipeline import Options, run
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch.components import Components
from notion_sync_core.watch.journal import LOGGER
from notion_sync_core.watch.status_file import NAME, StatusFile, read_status
from pipeline.test_two_sinks import break_second
from shell import Shell


def test_by_default_stderr_has_no_line_about_what_the_report_says(shell: Shell) -> None:
    done = shell("sync", "--to", "out", "--progress", "none")
    assert (done.returncode, done.stderr) == (0, "")


def test_with_v_a_person_reads_a_line_about_the_run(shell: Shell) -> None:
    done = shell("sync", "--to", "out", "--progress", "none", "-v")
    said = done.stderr.splitlines()
    assert said[0].startswith(f"INFO {LOGGER}: sync started")
    assert said[-1].startswith(f"INFO {LOGGER}: run complete in ")
    assert len(said) < 6


def test_the_log_as_json_is_json_alone(shell: Shell) -> None:
    done = shell("sync", "--to", "out", "--progress", "none", "--log-format", "json", "-vv")
    found = [json.loads(line) for line in done.stderr.splitlines()]
    names = {each["event"] for each in found}
    assert {"command_started", "object_written", "request_finished", "run_finished", "command_finished"} <= names
    assert not [each for each in found if "Fernwood" in str(each)]


# -- the status of a process


def test_while_a_run_is_under_way_status_tells_how_its_components_are(bench: Bench) -> None:
    found: list[dict[str, Any]] = []

    def ask(event: Event) -> None:
        if isinstance(event, events.ObjectWritten) and not found:
            found.append(look(bench.job()))

    run(bench.job(), Options(mode="sync"), (ask,))
    [facts] = found
    assert facts["running"]
    assert [(each["name"], each["state"]) for each in facts["process"]["components"]][:2] == [
        ("run", "working"), ("source", "working"),
    ]  # fmt: skip
    said = "\n".join(_lines(facts))
    assert "Components now (process " in said
    assert "  sink fs    working since " in said


def test_after_a_run_status_tells_how_its_components_were_and_what_ended_it(bench: Bench) -> None:
    bench.good()
    facts = look(bench.job())
    assert {each["state"] for each in facts["process"]["components"]} == {"stopped", "ready"}
    [line] = [line for line in _lines(facts) if line.startswith("Components")]
    assert line == (
        "Components at the end of the last run: run stopped, source ready, state ready, listeners ready, sink fs ready"
    )
    bench.emulator.token = "ntn_another_token"
    run(bench.job(), Options(mode="sync", max_requests=0))
    facts = look(bench.job())
    assert facts["process"]["components"][0]["reason"].startswith("interrupted: the limit of 0 requests")


def test_a_status_file_is_written_once_a_second_in_a_flood_of_changes_and_whole(tmp_path: Path) -> None:
    clock = FakeClock()
    components = Components(clock)
    file = StatusFile(tmp_path, components, clock, "job", "r1")
    components.set("source", "working")
    for _ in range(30):
        file(events.ComponentChanged("source", "working", ""))
    first = (tmp_path / NAME).read_bytes()
    components.set("source", "waiting", "budget")
    file(events.StageStarted("write"))
    file(events.MemoryMeasured(1))
    assert (tmp_path / NAME).read_bytes() == first
    clock.sleep(1)
    file(events.MemoryMeasured(1))
    told = read_status(tmp_path)
    assert (told["stage"], told["components"][0]["state"], told["components"][0]["reason"]) == (
        "write", "waiting", "budget",
    )  # fmt: skip
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v": 2}', '{"v": 1, "components": [{"name": 1}]}', "{}"])
def test_a_status_file_that_cannot_be_understood_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert read_status(tmp_path) == {}


def test_a_folder_that_cannot_be_written_ends_no_run(tmp_path: Path) -> None:
    clock = FakeClock()
    StatusFile(tmp_path / "none", Components(clock), clock, "job", "r1").write()
    assert read_status(tmp_path / "none") == {}


def test_what_stopped_a_run_stands_in_its_status_without_secrets(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    message = f"the disk says {bench.emulator.token}"
    break_second(monkeypatch, "sink_open", 0, SinkError(message, "Mend it."))
    job = bench.job(to=bench.folder / "second")
    run(job, Options(mode="sync"))
    parts = {each["name"]: each for each in read_status(job.folder())["components"]}
    assert (parts["run"]["state"], parts["sink fs"]["state"]) == ("failed", "failed")
    assert parts["sink fs"]["reason"] == "the disk says [secret]"
    said = list(_lines(look(job)))
    assert any(
        line.startswith("  sink fs    failed since ") and line.endswith(": the disk says [secret]") for line in said
    )
