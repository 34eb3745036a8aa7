"""The file of events: whole lines whatever happens to the disk, and a run that goes on."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench
from notion_sync_core import Job, events
from notion_sync_core.events import Event
from notion_sync_core.pipeline import Options, run
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch import events_file
from notion_sync_core.watch.events_file import OLDER, EventsFile
from notion_sync_demo import Emulator


def lines(*paths: Path) -> list[dict[str, Any]]:
    """Each line of each file, all of them whole."""
    text = "".join(path.read_text("utf-8") for path in paths)
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


class Made:
    """A file with its clock and what it warned of."""

    def __init__(self, path: Path, most: int = 0) -> None:
        self.path = path
        self.clock = FakeClock()
        self.warned: list[Event] = []
        self.file = EventsFile(path, most, self.clock, self.warned.append, run_id="r1")

    def tell(self, *names: str) -> None:
        for name in names:
            self.file(events.StageStarted(name))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "events.jsonl")


def test_each_event_is_a_line_with_version_time_job_and_run(made: Made) -> None:
    made.file(events.RunStarted("job1", "sync", 3, "r2"))
    made.tell("read")
    first, second = lines(made.path)
    assert first == {
        "v": 1,
        "ts": "1970-01-12T13:46:40.000Z",
        "event": "RunStarted",
        "job": "job1",
        "run_id": "r2",
        "mode": "sync",
        "known": 3,
    }
    assert (second["job"], second["run_id"], second["stage"], second["total"]) == ("job1", "r2", "read", None)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_what_comes_by_the_thousand_is_written_once_a_second(made: Made) -> None:
    made.tell("read")
    for number in range(100):
        made.file(events.ObjectUnchanged(str(number), "page", "T"))
    assert len(lines(made.path)) == 1
    made.clock.sleep(1)
    made.file(events.ObjectUnchanged("x", "page", "T"))
    assert len(lines(made.path)) == 102


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_file_that_cannot_be_written_is_told_once_and_goes_on_when_it_can_be(
    made: Made, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(events_file.os, "write", refuse)
        for name in ("a", "b", "c"):
            made.tell(name)
            made.clock.sleep(2)
    [warning] = made.warned
    assert isinstance(warning, events.Warned)
    assert os.strerror(number) in warning.message
    made.tell("d")
    assert [each["stage"] for each in lines(made.path)] == ["a", "b", "c", "d"]


def test_a_place_that_is_not_there_is_told_and_made_use_of_later(tmp_path: Path) -> None:
    made = Made(tmp_path / "none" / "events.jsonl")
    made.path.parent.touch()
    made.tell("a")
    assert len(made.warned) == 1
    made.path.parent.unlink()
    made.clock.sleep(1)
    made.tell("b")
    assert [each["stage"] for each in lines(made.path)] == ["a", "b"]


def test_a_file_of_something_else_is_left_alone(made: Made) -> None:
    made.path.write_text("export PATH\n")
    made.tell("a")
    made.clock.sleep(1)
    made.tell("b")
    assert made.path.read_text() == "export PATH\n"
    assert "left alone" in made.warned[0].message  # type: ignore[attr-defined]
    made.path.unlink()
    made.clock.sleep(1)
    made.tell("c")
    assert [each["stage"] for each in lines(made.path)] == ["a", "b", "c"]


def test_a_file_of_earlier_runs_is_added_to(made: Made) -> None:
    made.tell("a")
    Made(made.path).tell("b")
    assert [each["stage"] for each in lines(made.path)] == ["a", "b"]


def test_after_a_line_that_a_power_cut_tore_another_one_begins(made: Made) -> None:
    made.tell("a")
    with made.path.open("ab") as file:
        file.write(b'{"v":1,"ts":"20')
    Made(made.path).tell("b")
    first, torn, last = made.path.read_text().splitlines()
    assert (json.loads(first)["stage"], torn, json.loads(last)["stage"]) == ("a", '{"v":1,"ts":"20', "b")


def test_what_was_lost_meanwhile_is_counted(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_file, "_MOST_WAITING", 300)
    made.path.mkdir()  # nothing can be written there
    made.tell(*"abcdefgh")
    made.path.rmdir()
    made.clock.sleep(1)
    made.tell("i")
    made.tell("j")
    found = lines(made.path)
    [lost] = [each for each in found if each["event"] == "Warned"]
    kept = [each["stage"] for each in found if each["event"] == "StageStarted"]
    assert lost["message"] == f"{9 - len(kept[:-1])} events could not be written here, and are lost"
    assert kept[-1] == "j"


@given(room=st.lists(st.integers(0, 400), max_size=12))
def test_on_a_disk_that_fills_and_empties_no_line_is_torn_lost_or_repeated(
    room: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = Made(tmp_path_factory.mktemp("full") / "events.jsonl")
    write, left = os.write, list(room)

    def short(handle: int, data: bytes) -> int:
        fits = left.pop(0) if left else len(data)
        if not fits:
            raise OSError(errno.ENOSPC, "full")
        return write(handle, data[:fits])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_file.os, "write", short)
        for number in range(30):
            made.tell(str(number))
            made.clock.sleep(1)
            if made.path.exists():
                lines(made.path)
    assert [each["stage"] for each in lines(made.path)] == [str(number) for number in range(30)]


def test_a_large_file_gives_way_to_a_new_one_and_a_few_older_are_kept(tmp_path: Path) -> None:
    made = Made(tmp_path / "events.jsonl", most=1000)
    made.tell("0")
    made.path.chmod(0o644)
    for number in range(1, 100):
        made.tell(str(number))
    files = sorted(tmp_path.iterdir(), reverse=True)
    assert [each.name for each in files] == ["events.jsonl.3", "events.jsonl.2", "events.jsonl.1", "events.jsonl"]
    assert len(files) == OLDER + 1
    numbers = [int(each["stage"]) for each in lines(*files)]
    assert numbers == list(range(numbers[0], 100))
    assert all(1000 <= each.stat().st_size < 1300 for each in files[:-1])
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o644}


def test_several_writers_share_a_file_also_while_it_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"

    def write(name: str) -> None:
        one = Made(path, most=20_000)
        for number in range(150):
            one.tell(f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [each["stage"] for each in lines(*sorted(tmp_path.iterdir(), reverse=True))]
    for name in "abc":
        assert [each for each in found if each.startswith(name)] == [f"{name}{number}" for number in range(150)]


def test_a_pipe_that_nobody_reads_harms_nothing_and_one_that_is_read_gets_lines(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    made = Made(path)
    made.tell("a")
    assert len(made.warned) == 1
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    made.clock.sleep(1)
    made.tell("b")
    got = os.read(reader, 10_000)
    os.close(reader)
    assert [json.loads(line)["stage"] for line in got.splitlines()] == ["a", "b"]


def test_a_name_that_is_no_utf8_is_escaped(made: Made) -> None:
    made.file(events.Warned("no \udcff text"))
    assert lines(made.path)[0]["message"] == "no \udcff text"


@pytest.fixture
def secret() -> Iterator[str]:
    yield 'ntn_canary"quoted_in_json'


def test_a_run_writes_its_events_without_secrets_relative_to_the_configuration(
    bench: Bench, secret: str, server: Emulator
) -> None:
    server.token = secret
    config = bench.folder / "conf" / "notion-sync.toml"
    config.parent.mkdir()
    config.write_text('[monitoring]\nevents_file = "events.jsonl"\n')
    bench.space.rename(next(iter(bench.space.pages)), f"Bearer {secret}")
    job = Job.load(
        config,
        environ={"NOTION_TOKEN": secret},
        flags={
            "notion.base_url": server.url,
            "deployment.state_dir": str(bench.folder / "state"),
            "export.sinks": [{"use": "fs", "path": str(bench.out)}],
        },
    )
    seen: list[Event] = []
    report = run(job, Options(mode="sync", command="sync"), (seen.append,))
    found = lines(config.parent / "events.jsonl")
    assert [each["event"] for each in found] == [type(each).__name__ for each in seen]
    assert found[-2]["report"] == report.to_json()
    assert "canary" not in (config.parent / "events.jsonl").read_text()
    assert len({each["run_id"] for each in found}) == 1


def test_a_run_ends_well_though_its_events_cannot_be_written(bench: Bench) -> None:
    (bench.folder / "file").touch()
    report = bench.good(monitoring__events_file=str(bench.folder / "file" / "events.jsonl"))
    assert [each["message"] for each in report.warnings if "events_file" in each["message"]]


def test_the_folder_of_the_file_is_made(bench: Bench) -> None:
    bench.good(monitoring__events_file=str(bench.folder / "var" / "log" / "events.jsonl"))
    assert lines(bench.folder / "var" / "log" / "events.jsonl")[-1]["event"] == "RunFinished"
