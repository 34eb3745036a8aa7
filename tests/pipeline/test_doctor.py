"""``doctor``: each check finds what it looks for, says what to do about it, and ends with the status of a run."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core import diagnosis, home
from notion_sync_core.cli.doctor import examine
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import ConfigError, LockedError
from notion_sync_core.gate import budget
from notion_sync_core.gate.budget import Usage, WindowBudget, usage
from notion_sync_core.job import Job
from notion_sync_core.lock import job_lock
from notion_sync_core.plugins.extras import missing
from notion_sync_core.plugins.find import Available, find
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch.health import Check, Registry
from notion_sync_demo import Emulator, sample_workspace
from notion_sync_fs.holder import holder_of

ALL = ["plugins", "source", "clock", "budget", "listeners", "files", "schedule"]
ALL += ["state", "history", "lock", "sink", "manifest", "disk"]


def checks(job: Job) -> dict[str, Check]:
    registry = Registry()
    examine(job, registry)
    assert len({check.name for check in registry.checks}) == len(registry.checks)
    for check in registry.checks:
        assert check.message
        assert check.verdict == "pass" or check.remedy
    return {check.name: check for check in registry.checks}


def verdict(job: Job, name: str) -> tuple[str, str]:
    found = checks(job)
    assert all(check.verdict == "pass" for other, check in found.items() if other != name)
    return found[name].verdict, found[name].message


def test_everything_is_well_before_the_first_run_and_after_it(bench: Bench) -> None:
    assert {name: check.verdict for name, check in checks(bench.job()).items()} == dict.fromkeys(ALL, "pass")
    bench.good()
    found = checks(bench.job())
    assert [*found] == ALL
    assert {check.verdict for check in found.values()} == {"pass"}
    assert found["manifest"].message == "1 manifest of this version"
    assert "held" in found["disk"].message


@pytest.mark.parametrize(("ahead", "said"), [(300.0, "300 s behind"), (-7200.0, "7200 s ahead of"), (20.0, "within")])
def test_a_clock_that_differs_from_the_services_is_told(tmp_path: Path, ahead: float, said: str) -> None:
    now = int(time.time())  # an answer tells whole seconds: so does this clock
    with Emulator(sample_workspace(), clock=lambda: now + ahead) as server:
        found = checks(Bench(server, tmp_path).job())["clock"]
    assert found.verdict == ("pass" if said == "within" else "warn")
    assert said.split()[-1] in found.message
    seconds = [int(word) for word in found.message.split() if word.isdigit()]
    assert not seconds or abs(seconds[0] - abs(ahead)) <= 15


def test_a_source_that_tells_no_time_is_no_trouble() -> None:
    assert diagnosis.clock("somewhere", None) == "somewhere does not tell its time"


# -- the budget


def ledger(bench: Bench) -> tuple[Job, Path]:
    job = bench.job(performance__requests=180)
    source = job.source()
    path = job.ledger(source)
    source.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    return job, path


def taken(path: Path, requests: int, count: int, monkeypatch: pytest.MonkeyPatch) -> WindowBudget:
    """Slots in the hand of another process: the one that started this one."""
    with monkeypatch.context() as other:
        other.setattr(budget.os, "getpid", os.getppid)
        made = WindowBudget(path, SystemClock(), requests, 60.0)
        for _ in range(count):
            assert made.take() == 0
    return made


def test_who_shares_the_budget_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job, path = ledger(bench)
    assert verdict(job, "budget") == ("pass", "0 of 180 requests in 60 s are taken")
    taken(path, 180, 7, monkeypatch)
    assert verdict(job, "budget")[1] == f"10 of 180 requests in 60 s are taken, shared with process {os.getppid()}"


def test_another_job_that_allows_itself_more_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job, path = ledger(bench)
    taken(path, 720, 190, monkeypatch)
    found = checks(job)["budget"]
    assert (found.verdict, found.exit_code) == ("warn", 0)
    assert "another job with this token allows itself more" in found.message
    assert "performance.requests" in found.remedy


def test_a_pause_and_what_the_service_taught_are_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job, path = ledger(bench)
    other = taken(path, 180, 1, monkeypatch)
    other.pause(20.0)
    assert "wants silence for" in verdict(job, "budget")[1]
    monkeypatch.undo()
    clock = FakeClock(start=SystemClock().monotonic() + 21)
    monkeypatch.setattr(clock, "now", lambda: clock.time + (time.time() - time.monotonic()))
    source = job.source()
    found = diagnosis.budget(job, source, clock)
    source.close()
    assert isinstance(found, diagnosis.Doubt)
    assert "a run begins with 144" in found.message


def test_a_ledger_that_is_damaged_or_not_there_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    assert usage(path, FakeClock(), 180, 60.0) == Usage()
    path.write_bytes(b"\xff{")
    assert usage(path, FakeClock(), 180, 60.0) == Usage()
    path.write_text(json.dumps({"entries": [["far 1", 3, 1e9]], "pause_until": 0, "limit": 0, "limit_set": 0}))
    assert usage(path, FakeClock(), 180, 60.0).processes == ("another machine or container",)


def test_looking_at_a_ledger_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job, path = ledger(bench)
    taken(path, 180, 3, monkeypatch)
    before = path.read_bytes(), path.stat().st_mtime_ns
    checks(job)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


# -- plugins, listeners, files


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """These libraries are not installed."""
    version = importlib.metadata.version

    def asked(name: str) -> str:
        if name in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", asked)


def test_a_library_that_a_chosen_plugin_needs_is_named_for_installation(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "boto3")
    assert verdict(bench.job(), "plugins")[0] == "pass", "nobody chose the sink s3"
    job = bench.job(export__sinks=["s3://bucket/x"])
    registry = Registry()
    assert not registry.look("plugins", lambda: diagnosis.plugins(job))
    [found] = registry.checks
    assert (found.exit_code, found.remedy) == (6, "pip install boto3")
    assert "'s3'" in found.message


def test_extras_are_those_called_like_the_plugin() -> None:
    assert missing(find("sinks", "s3")) == []
    assert missing(Available("sinks", "s3", "no such distribution", "", "x:y")) == []
    assert missing(find("renderers", "markdown")) == []


def test_a_listener_that_does_not_load_is_told(bench: Bench) -> None:
    state, said = verdict(bench.job(monitoring__listeners=["consol"]), "listeners")
    assert (state, said) == ("fail", "no listener named 'consol' is installed")
    assert verdict(bench.job(monitoring__listeners=["console"]), "listeners") == ("pass", "console: loaded")
    wrong = checks(bench.job(monitoring__listeners=[{"use": "console", "style": "fancy"}]))["listeners"]
    assert (wrong.verdict, wrong.exit_code) == ("fail", 2)


def test_a_file_of_events_that_cannot_be_written_is_told(bench: Bench) -> None:
    (bench.folder / "file").touch()
    for path, said in (
        (bench.folder / "file" / "events.jsonl", "is no folder"),
        (bench.folder, "it is a folder"),
        (Path("/proc/version"), "may not be written") if os.getuid() else (bench.folder, "it is a folder"),
    ):
        found = checks(bench.job(monitoring__events_file=str(path)))["files"]
        assert (found.verdict, found.exit_code) == ("fail", 6)
        assert said in found.message
        assert "monitoring.events_file" in found.message + found.remedy
    good = bench.folder / "events.jsonl"
    for path in (good, bench.folder / "new" / "events.jsonl"):
        assert verdict(bench.job(monitoring__events_file=str(path)), "files")[0] == "pass"
        assert not path.exists()


def test_a_file_that_may_not_be_written_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path, access = bench.folder / "events.jsonl", os.access
    path.touch()
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != path and access(place, mode))
    state, said = verdict(bench.job(monitoring__events_file=str(path)), "files")
    assert (state, said.endswith("may not be written")) == ("fail", True)


# -- locks


def test_a_run_of_this_job_that_is_under_way_is_named(bench: Bench) -> None:
    bench.good()
    job = bench.job()
    with job_lock(job.folder() / "lock", SystemClock()):
        state, said = verdict(bench.job(), "lock")
        found = checks(bench.job())
    assert (state, said) == ("warn", f"a run of this job is under way (process {os.getpid()})")
    assert found["sink"].message.endswith("can be read")
    assert verdict(bench.job(), "lock") == ("pass", "free")


def test_who_writes_to_the_sink_is_named_and_the_status_is_that_of_a_run(bench: Bench) -> None:
    bench.good()
    [sink] = bench.job().sinks()
    sink.open("another")
    try:
        state, said = verdict(bench.job(), "sink")
        assert checks(bench.job())["sink"].exit_code == 5
        with pytest.raises(LockedError):
            bench.job().sinks()[0].open("third")
    finally:
        sink.close()
    assert state == "fail"
    assert said.startswith(f"another run writes to {bench.out}")


def test_the_kernels_list_of_locks_names_the_holder(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file:
        info = os.fstat(file.fileno())
        place = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}:{info.st_ino}"
        locks = tmp_path / "locks"
        assert holder_of(file.fileno(), locks) == ""
        for process, said in ((123, " (process 123)"), (0, ""), (-1, "")):
            locks.write_text(
                f"1: POSIX ADVISORY WRITE 7 {place} 0 EOF\n2: FLOCK ADVISORY WRITE {process} {place} 0 EOF\n"
            )
            assert holder_of(file.fileno(), locks) == said
        locks.write_text("odd\n")
        assert holder_of(file.fileno(), locks) == ""


# -- versions


def edited(bench: Bench, **changes: Any) -> None:
    path = bench.out / ".notion-sync" / "manifest.jsonl"
    head, _, rest = path.read_text("utf-8").partition("\n")
    path.write_text(f"{json.dumps({**json.loads(head), **changes})}\n{rest}", "utf-8")


def test_what_a_newer_version_wrote_is_told(bench: Bench) -> None:
    bench.good()
    edited(bench, schema=99)
    found = checks(bench.job())["manifest"]
    assert (found.verdict, found.exit_code) == ("fail", 10)
    assert "newer version" in found.message
    assert "Upgrade" in found.remedy
    database = sqlite3.connect(bench.job().folder() / "state.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    found = checks(bench.job())["state"]
    assert (found.verdict, found.exit_code) == ("fail", 10)
    assert "format 99" in found.message


def test_a_sink_that_another_machine_wrote_or_that_is_empty_is_told(bench: Bench) -> None:
    bench.good()
    edited(bench, generation=7)
    assert verdict(bench.job(), "manifest") == ("warn", f"{bench.out} was written by run 7, and this state knows of 1")
    (bench.out / ".notion-sync" / "manifest.jsonl").write_text("damaged\n")
    assert verdict(bench.job(), "manifest")[0] == "pass", "it is made again"
    bench.out.rename(bench.folder / "unmounted")
    state, said = verdict(bench.job(), "manifest")
    assert (state, said) == ("warn", f"{bench.out} holds no manifest, and runs wrote there")


# -- the disk


def test_what_is_still_to_come_is_compared_with_what_is_free(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench.run(options={"max_requests": 20}).status == "interrupted"
    job = bench.job()
    said = checks(job)["disk"].message
    assert "still to come" in said
    for free, expected in ((64 << 10, "warn"), (1 << 30, "pass")):
        disk = SimpleNamespace(total=2 * free, free=free, used=0)
        monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda path, disk=disk: disk)
        assert verdict(job, "disk")[0] == expected


def test_where_there_is_no_place_for_the_state_no_disk_is_looked_at(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(_: str) -> Path:
        raise ConfigError("there is no place for the state", "Name a folder.")

    monkeypatch.setattr(home, "state_home", nowhere)
    found = checks(bench.job())
    assert {name: check.exit_code for name, check in found.items() if check.verdict == "fail"} == {
        "state": 2,
        "sink": 2,
    }
    assert "disk" not in found


# -- serve


def test_when_the_job_would_run_next_is_told_with_what_its_doors_lack(bench: Bench) -> None:
    clock = FakeClock(start=1_767_225_600.0)  # 2026-01-01T00:00:00Z
    said = diagnosis.serving(bench.job(deployment__schedule="every 2h"), clock)
    assert isinstance(said, str)
    assert said.startswith("every 2h: ")
    assert "2026-01-01 02:00:00 UTC" in said
    waiting = checks(bench.job(deployment__webhooks=True))["schedule"]
    assert waiting.verdict == "warn"
    assert "NOTION_WEBHOOK_TOKEN" in waiting.remedy
    nowhere = checks(bench.job(monitoring__token="env:NOBODY_SET_THIS"))["schedule"]
    assert (nowhere.verdict, nowhere.exit_code) == ("fail", 2)
    assert "NOBODY_SET_THIS" in nowhere.message
