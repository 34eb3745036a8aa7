""" "All is well" is earned: what was never written, failed, or may not be looked at is said, with the right number."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core.cli.status import look
from notion_sync_core.errors import Exit, SinkError, StateError
from notion_sync_core.inspection import inspect, repair
from notion_sync_core.lock import job_lock
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.restoration import restore
from notion_sync_core.snapshot import looked_at
from notion_sync_core.state import PastRun, State
from notion_sync_core.state.runs import KEPT, TOLD
from notion_sync_core.testing.clock import FakeClock
from notion_sync_demo import Fault
from notion_sync_demo.build import block
from pipeline.test_sync import page_id


def said(bench: Bench, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What the command says of the bench's export."""
    place = (
        "--to", str(bench.out), "--set", f"deployment.state_dir={bench.folder / 'state'}",
        "--set", f"notion.base_url={bench.emulator.url}",
    )  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "notion_sync_core", *words, *place],
        cwd=bench.folder,
        env={**os.environ, "NOTION_TOKEN": bench.emulator.token, **environ},
        capture_output=True,
        text=True,
    )


def with_a_failed_page(bench: Bench) -> str:
    bench.good()
    page = page_id(bench, "Safety")
    bench.space.append_block(page, block("paragraph", "More"))
    bench.emulator.faults.add(Fault("400", path=f"/v1/blocks/{page}/children"))
    assert bench.run().exit_code == Exit.PARTIAL
    return page


# -- nothing was written


@pytest.mark.parametrize("command", ["check", "check --repair", "render", "status", "state show", "state restore"])
def test_where_no_run_has_written_nothing_is_well_and_nothing_is_made(bench: Bench, command: str) -> None:
    done = said(bench, *command.split(), "--json")
    assert done.returncode == Exit.STATE, done.stdout
    assert isinstance(json.loads(done.stdout), dict)
    assert not bench.out.exists()
    assert not list((bench.folder / "state").glob("*/state.sqlite"))


def test_a_run_that_wrote_nothing_is_told_with_its_reason(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("401"))
    assert bench.run().exit_code == Exit.NOT_AUTHORISED
    for verb in (inspect, repair):
        with pytest.raises(StateError, match="nothing was written"):
            verb(bench.job())
    assert isinstance(bench.run("render").error, StateError)
    done = said(bench, "status")
    assert done.returncode == Exit.STATE
    assert "Nothing was written yet." in done.stdout
    assert "failed, exit status 4" in done.stdout
    assert said(bench, "state", "show", "--json").returncode == Exit.STATE


def test_of_two_sinks_the_one_that_was_never_written_is_named(bench: Bench, tmp_path: Path) -> None:
    bench.good()
    both = {"export.id": bench.job().id, "export.sinks": ["fs", {"use": "fs", "name": "new", "path": "elsewhere"}]}
    found = inspect(bench.job(plugins__fs__path=str(bench.out), **both))
    assert [(each.kind, each.is_damage) for each in found.findings if each.where.startswith("new")] == [
        ("no manifest", True)
    ]


def test_a_folder_without_a_manifest_gives_no_state_back_and_leaves_none(bench: Bench) -> None:
    bench.out.mkdir()
    with pytest.raises(StateError, match="no sink of this job has a manifest"):
        restore(bench.job())
    assert not bench.job().has_state()


# -- objects failed


def test_files_that_are_well_are_not_all_while_an_object_fails(bench: Bench) -> None:
    page = with_a_failed_page(bench)
    found = inspect(bench.job())
    assert not found.damaged
    assert [each.id for each in found.failed] == [page]
    done = said(bench, "check", "--json")
    assert done.returncode == Exit.PARTIAL
    told = json.loads(done.stdout)
    assert (told["healthy"], [each["title"] for each in told["failures"]]) == (False, ["Safety"])
    assert "1 object failed in the last run" in said(bench, "check").stdout
    assert bench.run("render").exit_code == Exit.PARTIAL


def test_damage_says_more_than_a_failure(bench: Bench) -> None:
    with_a_failed_page(bench)
    next(bench.out.rglob("Safety.md")).unlink()
    assert said(bench, "check").returncode == Exit.SINK


def test_the_status_tells_what_failed_and_why_until_it_is_well(bench: Bench) -> None:
    page = with_a_failed_page(bench)
    done = said(bench, "status", "--json")
    assert done.returncode == Exit.PARTIAL
    told = json.loads(done.stdout)
    assert [(each["id"], bool(each["error"]), bool(each["remedy"])) for each in told["failures"]] == [
        (page, True, True)
    ]
    assert told["last_runs"][0]["failures"][0]["id"] == page
    assert f"Safety ({page})" in said(bench, "status").stdout
    bench.emulator.faults.clear()
    bench.good()
    assert said(bench, "status").returncode == Exit.COMPLETE


def test_the_status_is_not_well_after_a_run_that_failed_as_a_whole(bench: Bench) -> None:
    bench.good()
    bench.emulator.faults.add(Fault("401"))
    assert bench.run().exit_code == Exit.NOT_AUTHORISED
    bench.emulator.faults.clear()
    assert said(bench, "status").returncode == Exit.PARTIAL
    bench.run(options={"max_requests": 1})
    assert said(bench, "status").returncode == Exit.COMPLETE, "a limit is no failure: the next run goes on"


def test_the_status_is_not_well_after_a_run_that_was_killed(bench: Bench) -> None:
    bench.good()
    state = bench.job().open_state()
    state.runs.note(PastRun(state.run + 1, "sync", "2026-03-02T10:00:00Z"))
    state.checkpoint()
    state.close()
    done = said(bench, "status")
    assert done.returncode == Exit.PARTIAL
    assert "was cut off" in done.stdout


# -- the last runs


def test_the_status_tells_when_runs_were_and_how_they_ended(bench: Bench) -> None:
    bench.good("export")
    bench.run("sync", options={"max_requests": 1})
    bench.good("render")
    runs = look(bench.job())["last_runs"]
    assert [(each["mode"], each["status"], each["exit"]) for each in runs] == [
        ("render", "complete", 0),
        ("sync", "interrupted", 12),
        ("export", "complete", 0),
    ]
    assert runs[2]["read"] > 20
    assert runs[2]["began"] <= runs[2]["ended"] <= runs[0]["ended"]
    assert "limit" in runs[1]["error"]


def test_warnings_of_the_last_run_are_told(bench: Bench) -> None:
    bench.good()
    (page,) = bench.out.rglob("Safety.md")
    page.write_text("mine")
    bench.run()
    done = said(bench, "status")
    assert "Warnings of the last run:" in done.stdout
    assert "edited by hand and kept: 1" in done.stdout


def test_a_run_that_was_killed_is_told_as_such_and_one_under_way_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notion_sync_core.pipeline.note_end", lambda *_: None)
    bench.good()
    assert "was cut off" in said(bench, "status").stdout
    with job_lock(bench.job().folder() / "lock", FakeClock()):
        done = said(bench, "status")
    assert "under way" in done.stdout
    assert done.returncode == 0


def test_what_a_failed_run_left_half_done_is_not_made_durable_by_the_note_of_its_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(session: Any) -> None:
        session.state.facts.since = "half done"
        raise SinkError("the disk is gone")

    monkeypatch.setattr("notion_sync_core.pipeline.PREPARE", (*_prepare(), stop))
    assert bench.run().exit_code == Exit.SINK
    with looked_at(bench.job()) as state:
        assert state.facts.since == ""
        assert state.runs.all()[-1].error == "the disk is gone"


def _prepare() -> tuple[Any, ...]:
    from notion_sync_core.pipeline import PREPARE

    return PREPARE


def test_so_many_runs_and_warnings_are_remembered_and_no_more(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    for number in range(1, KEPT + 3):
        state.runs.note(PastRun(number, "sync", "2026-01-01T00:00:00Z"))
    assert [run.number for run in state.runs.all()] == list(range(3, KEPT + 3))
    assert TOLD <= 50
    for odd in ("", "{", "7", '[7, {"number": 1, "unknown": 2}]'):
        state.facts.history = odd
        assert [run.number for run in state.runs.all()] == [1] * odd.count("number")
    state.close()


def test_no_secret_is_remembered_with_a_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: Any) -> None:
        raise SinkError(f"it answers {bench.emulator.token}")

    monkeypatch.setattr("notion_sync_core.pipeline.PREPARE", (*_prepare(), stop))
    bench.run()
    [path] = (bench.folder / "state").glob("*/state.sqlite")
    assert bench.emulator.token.encode() not in path.read_bytes()


# -- what may not be looked at


def test_a_state_that_cannot_be_written_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.good()
    folder, access = bench.job().folder(), os.access
    before = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))
    monkeypatch.setattr(Path, "chmod", lambda *_: (_ for _ in ()).throw(OSError(errno.EROFS, "read-only")))
    assert look(bench.job())["objects"]["read"] > 20
    assert {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()} == before


def test_a_state_of_another_job_says_nothing_about_this_one(bench: Bench) -> None:
    bench.good()
    [path] = (bench.folder / "state").glob("*/state.sqlite")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE facts SET value='other' WHERE name='job'")
    database.close()
    for words in (("check",), ("status",), ("state", "show"), ("render",), ("plan",)):
        done = said(bench, *words, "--json")
        assert done.returncode == Exit.STATE, done.stdout
        assert "belongs to another job" in json.loads(done.stdout)["error"]["message"]


def test_a_damaged_state_is_named_by_its_own_place(bench: Bench) -> None:
    bench.good()
    [path] = (bench.folder / "state").glob("*/state.sqlite")
    path.write_bytes(b"no database " * 1000)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with pytest.raises(StateError, match=str(path.parent)):
        inspect(bench.job())


def test_a_state_folder_of_somebody_else_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job = bench.job(export__id="mine")

    def refuse(self: Path, **_: Any) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(StateError, match="belongs to another user"):
        job.has_state()


def test_a_name_that_is_no_utf_8_is_shown_escaped(bench: Bench) -> None:
    bench.good()
    for name in (b"caf\xe9.txt", b"dir\xff/x.txt"):
        path = os.path.join(os.fsencode(bench.out), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).touch()
    done = said(bench, "check", "--json")
    assert done.returncode == 0
    done.stdout.encode("utf-8")
    assert [each["where"] for each in json.loads(done.stdout)["findings"]] == [r"fs: caf\xe9.txt", "fs: dir\\xff/"]
    assert r"caf\xe9.txt" in said(bench, "check").stdout
    bench.good()


def test_a_folder_of_others_is_one_finding(bench: Bench) -> None:
    bench.good()
    for name in (".git/HEAD", ".git/objects/aa/bb", ".git/refs/heads/main"):
        (bench.out / name).parent.mkdir(parents=True, exist_ok=True)
        (bench.out / name).write_text("theirs")
    found = inspect(bench.job())
    assert [(each.kind, each.where, each.detail[:7]) for each in found.findings] == [("stray", "fs: .git/", "3 files")]
    assert not found.damaged


def test_a_folder_that_may_not_be_read_is_a_finding(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both somebody else's and one of ours."""
    bench.good()
    (page,) = bench.out.rglob("Safety.md")
    closed = {"lost+found", page.parent.name}
    (bench.out / "lost+found").mkdir()
    opened = os.open

    def refuse(path: Any, *rest: Any, **more: Any) -> int:
        if path in closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    found = inspect(bench.job())
    kinds = {each.kind for each in found.findings}
    assert kinds == {"unreadable", "stray"}
    assert [each.where for each in found.findings if each.kind == "stray"] == ["fs: lost+found"]
    assert f"fs: {page.relative_to(bench.out)}" in {each.where for each in found.findings if each.kind == "unreadable"}


def test_a_sink_that_is_gone_altogether_ends_a_check(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.good()

    def refuse(self: Sink, path: str) -> None:
        raise SinkError("the store is gone")

    monkeypatch.setattr(Sink, "stat", refuse)
    with pytest.raises(SinkError, match="the store is gone"):
        inspect(bench.job())


def test_without_a_place_for_temporary_files_looking_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.good()

    def refuse() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", refuse)
    with pytest.raises(SinkError, match="No usable temporary directory") as raised:
        inspect(bench.job())
    assert "TMPDIR" in raised.value.remedy


# -- doctor


def test_the_doctor_tells_of_a_state_that_can_be_read_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from notion_sync_core.cli.doctor import examine
    from notion_sync_core.watch.health import Registry

    bench.good()
    folder, access = bench.job().folder(), os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))
    registry = Registry()
    examine(bench.job(), registry)
    [state] = [each for each in registry.checks if each.name == "state"]
    assert (state.verdict, state.exit_code) == ("fail", 6)
    assert "objects in" in state.message
    assert registry.exit_code == 6


def test_a_probe_that_the_disk_breaks_is_a_verdict() -> None:
    from notion_sync_core.watch.health import Registry

    def probe() -> str:
        raise OSError(errno.EIO, "broken", "/there")

    registry = Registry()
    assert not registry.look("disk", probe)
    assert "/there" in registry.checks[0].message
    assert registry.exit_code == 6


def test_the_doctor_looks_at_a_disk_whose_folder_is_not_there_yet(bench: Bench) -> None:
    shutil.rmtree(bench.folder / "state", ignore_errors=True)
    assert "GiB free" in said(bench, "doctor").stdout
    assert not list((bench.folder / "state").glob("*/mirror"))
