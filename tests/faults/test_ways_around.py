"""Each guard, and each way around it that somebody might find by accident or on purpose."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import Exit
from notion_sync_core.lock import job_lock
from notion_sync_core.state.migrations import FORMAT
from notion_sync_demo import Fault
from notion_sync_demo.build import block


def page(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def manifest(bench: Bench) -> Path:
    return bench.out / ".notion-sync" / "manifest.jsonl"


def state(bench: Bench) -> Path:
    return next((bench.folder / "state").rglob("state.sqlite"))


# -- the lock


@contextmanager
def somebody_holds(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def test_another_state_folder_does_not_get_around_the_lock_of_the_sink(bench: Bench) -> None:
    bench.good()
    with somebody_holds(bench.out / ".notion-sync" / "lock"):
        assert bench.run(state="another").exit_code == Exit.LOCKED


def test_another_name_of_the_same_folder_does_not_get_around_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.good()
    before = tree(bench.out)
    (bench.folder / "link").symlink_to(bench.out)
    monkeypatch.chdir(bench.folder)
    names = [bench.folder / "link", Path("out"), Path("./out/../out"), bench.folder / "out" / ".." / "out"]
    assert {bench.job(to=name).id for name in names} == {bench.job().id}
    with job_lock(bench.job().folder() / "lock", SystemClock()):
        for name in names:
            assert bench.run(to=name).exit_code == Exit.LOCKED
    assert tree(bench.out) == before


def test_roots_in_another_order_or_form_are_the_same_job(bench: Bench) -> None:
    one, two = page(bench, "Safety"), page(bench, "Workshop")
    first = bench.good(export__roots=[one, two])
    again = [f"https://www.notion.so/x-{two.replace('-', '')}?pvs=4", one.replace("-", ""), one]
    second = bench.good(export__roots=again)
    assert second.job == first.job
    assert second.objects.read == 0


def test_removing_the_lock_of_the_job_while_it_is_held_runs_into_that_of_the_sink(bench: Bench) -> None:
    bench.good()
    lock = bench.job().folder() / "lock"
    with somebody_holds(bench.out / ".notion-sync" / "lock"), job_lock(lock, SystemClock()):
        lock.unlink()
        assert bench.run().exit_code == Exit.LOCKED


# -- the delete guard


def lose_everything(bench: Bench, way: str) -> None:
    if way == "404":
        bench.emulator.not_found_all = True
    elif way == "nothing listed":
        for each in [*bench.space.pages, *bench.space.databases, *bench.space.data_sources]:
            bench.space.unshare(each)
    elif way == "403":
        bench.emulator.faults.add(Fault("403", path="^/v1/(search|pages|blocks|databases|data_sources)"))
    else:
        for title in ("People", "Workshop", "Notes"):
            bench.space.trash(page(bench, title))


WAYS = ("404", "403", "nothing listed", "trash")
FLAGS: list[dict] = [{"options": {"full": True}}, {"export__on_missing": "delete"}, {"export__on_edit": "overwrite"}]
HOW = [
    *((way, {}) for way in WAYS),
    *(("nothing listed", flags) for flags in FLAGS),
    *(pytest.param(way, flags, marks=pytest.mark.chaos) for way in WAYS for flags in FLAGS if way != "nothing listed"),
]


@pytest.mark.parametrize(("way", "how"), HOW, ids=str)
def test_losing_much_deletes_nothing_however_often_it_is_tried(bench: Bench, way: str, how: dict) -> None:
    bench.good()
    before = tree(bench.out)
    lose_everything(bench, way)
    for _ in range(2):
        report = bench.run("sync", **how)
        assert report.exit_code == Exit.GUARD, report.error
        assert "Nothing was deleted" in report.error.remedy
        found = tree(bench.out)
        assert {name for name in before if name not in found} == set()
    assert bench.run("render").exit_code in (Exit.COMPLETE, Exit.PARTIAL)
    assert set(before) <= set(tree(bench.out))


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_state_does_not_get_around_the_delete_guard(bench: Bench, way: str) -> None:
    bench.good()
    before = tree(bench.out)
    shutil.rmtree(bench.folder / "state")
    lose_everything(bench, way)
    report = bench.run("sync")
    assert set(before) <= set(tree(bench.out))
    # With nothing to be had and nothing remembered it is the token that is at fault.
    assert report.exit_code in (Exit.GUARD, Exit.NOT_AUTHORISED), report.error


def test_an_interrupted_run_in_between_does_not_get_around_the_delete_guard(bench: Bench) -> None:
    bench.good()
    before = set(tree(bench.out))
    lose_everything(bench, "trash")
    bench.run("sync", options={"max_requests": 3})
    assert bench.run("sync").exit_code == Exit.GUARD
    assert before <= set(tree(bench.out))


def test_export_never_deletes_whatever_is_agreed_to(bench: Bench) -> None:
    bench.good()
    before = set(tree(bench.out))
    lose_everything(bench, "trash")
    report = bench.good("export", export__max_delete=1.0)
    assert report.artifacts.deleted == 0
    assert report.artifacts.stale > 0
    assert before <= set(tree(bench.out))


# -- kept edits


EDITS = [("export", "nothing"), ("sync", "nothing"), ("render", "nothing"), ("sync", "state"), ("sync", "stamps")]


@pytest.mark.parametrize(("mode", "loss"), EDITS)
def test_an_edit_survives_every_verb_and_a_lost_state(bench: Bench, mode: str, loss: str) -> None:
    bench.good()
    path = next(bench.out.rglob("Safety.md"))
    path.write_text("mine now")
    if loss == "state":
        shutil.rmtree(bench.folder / "state")
        bench.good()
    elif loss == "stamps":
        for each in bench.out.rglob("*"):
            os.utime(each)
    bench.space.append_block(page(bench, "Safety"), block("paragraph", "theirs"))
    bench.good(mode)
    assert path.read_text() == "mine now"


def test_an_edit_survives_when_its_page_moves_or_leaves(bench: Bench) -> None:
    bench.good()
    path = next(bench.out.rglob("Safety.md"))
    path.write_text("mine now")
    bench.space.rename(page(bench, "Safety"), "Safety first")
    bench.good()
    assert path.read_text() == "mine now"
    assert list(bench.out.rglob("Safety first.md"))


# -- foreign, newer, damaged


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]\n",
        b'{"schema": 99, "job": "x"}\n',
        b'{"schema": 1, "job": "0123456789abcdef"}\n',
        b"\xff\xfe\n",
        b"null\n",
    ],
)
def test_a_manifest_that_is_damaged_newer_or_foreign_loses_nothing(bench: Bench, line: bytes) -> None:
    bench.good()
    before = tree(bench.out)
    whole = manifest(bench).read_bytes()
    manifest(bench).write_bytes(line + whole.partition(b"\n")[2] if line else b"")
    for fresh_state in (False, True):
        if fresh_state:
            shutil.rmtree(bench.folder / "state")
        report = bench.run("sync")
        assert set(before) <= set(tree(bench.out))
        assert report.error is None or report.exit_code == Exit.STATE, report.error
        assert report.error is None or report.error.remedy


def test_a_manifest_that_names_paths_outside_deletes_nothing_there(bench: Bench) -> None:
    bench.good()
    precious = bench.folder / "precious.txt"
    precious.write_text("theirs")
    lines = manifest(bench).read_text().splitlines()
    for number, text in enumerate(lines[1:], 1):
        row = json.loads(text)
        if row.get("title") == "Safety":
            row["paths"] = {"markdown": "../precious.txt"}
            row["sha256"] = {"../precious.txt": "0" * 64, str(precious): "0" * 64}
            lines[number] = json.dumps(row)
    manifest(bench).write_text("\n".join(lines) + "\n")
    shutil.rmtree(bench.folder / "state")
    bench.space.trash(page(bench, "Safety"))
    bench.run("sync", export__on_edit="overwrite")
    assert precious.read_text() == "theirs"


@pytest.mark.parametrize("version", [FORMAT + 1, 99, 2**31 - 1])
def test_a_newer_state_is_refused_by_every_verb_and_left_alone(bench: Bench, version: int) -> None:
    bench.good()
    path = state(bench)
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()
    before, files = path.read_bytes(), tree(bench.out)
    for mode in ("export", "sync", "render"):
        report = bench.run(mode)
        assert report.exit_code == Exit.STATE
        assert "newer version" in report.error.message
    assert path.read_bytes() == before
    assert tree(bench.out) == files


@pytest.mark.parametrize("damage", ["header", "middle", "cut", "empty tables"])
def test_a_damaged_state_is_refused_and_moving_it_away_helps(bench: Bench, damage: str) -> None:
    bench.good()
    expected, path = tree(bench.out), state(bench)
    raw = bytearray(path.read_bytes())
    if damage == "empty tables":
        database = sqlite3.connect(path)
        for table in ("objects", "files", "children"):
            database.execute(f"DROP TABLE {table}")
        database.commit()
        database.close()
    elif damage == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    else:
        start = 0 if damage == "header" else len(raw) // 2
        raw[start : start + 8192] = b"\xa5" * len(raw[start : start + 8192])
        path.write_bytes(raw)
    report = bench.run("sync")
    assert set(expected) <= set(tree(bench.out))
    if report.error is not None:
        assert report.exit_code == Exit.STATE, report.error
        assert report.error.remedy
    shutil.rmtree(bench.folder / "state")
    bench.good()
    assert tree(bench.out) == expected


def test_a_state_that_belongs_to_another_job_is_refused(bench: Bench) -> None:
    bench.good()
    bench.good(to=bench.folder / "second")
    first, second = bench.job().folder(), bench.job(to=bench.folder / "second").folder()
    shutil.copy(second / "state.sqlite", first / "state.sqlite")
    report = bench.run("sync")
    assert report.exit_code == Exit.STATE
    assert "another job" in report.error.message


# -- limits


@pytest.mark.parametrize("limit", [0, 7])
def test_no_kind_of_request_gets_around_the_limit_of_requests(bench: Bench, limit: int) -> None:
    bench.emulator.faults.add(Fault("500", rate=0.5, path="children|search"))
    report = bench.run(options={"max_requests": limit}, performance__max_attempts=2, performance__workers=4)
    assert report.exit_code in (Exit.LIMIT, Exit.NETWORK)
    assert bench.requests() <= limit


def test_what_is_asked_to_tell_a_dead_service_from_a_bad_object_counts_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SystemClock, "sleep", lambda self, seconds: self._stop.wait(min(seconds, 0.01)) and self.check()
    )
    for title in ("Safety", "People", "Notes"):
        bench.emulator.faults.add(Fault("500", path=f"/blocks/{page(bench, title)}/children"))
    report = bench.run(performance__max_attempts=2)
    assert len(report.failures) == 3
    assert report.requests.total == bench.requests()


def test_a_pause_of_the_service_does_not_get_around_the_limit_of_time(bench: Bench) -> None:
    import time

    bench.emulator.faults.add(Fault("429", retry_after="600"))
    begun = time.monotonic()
    report = bench.run(options={"max_duration_s": 0.5})
    assert report.exit_code == Exit.LIMIT
    assert time.monotonic() - begun < 10


# -- the emptied sink


@pytest.mark.parametrize("mode", ["export", "sync"])
@pytest.mark.parametrize("left", ["nothing", "folders", "a stranger"])
def test_a_sink_whose_disk_is_not_there_is_not_filled(bench: Bench, mode: str, left: str) -> None:
    bench.good()
    folders = [path for path in bench.out.rglob("*") if path.is_dir() and ".notion-sync" not in str(path)]
    shutil.rmtree(bench.out)
    if left != "nothing":
        bench.out.mkdir()
        (bench.out / "lost+found").mkdir()
    if left == "folders":
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    if left == "a stranger":
        (bench.out / "theirs.txt").write_text("x")
    for _ in range(2):
        report = bench.run(mode)
        assert report.exit_code == Exit.GUARD
        assert not list(bench.out.rglob("*.md"))
