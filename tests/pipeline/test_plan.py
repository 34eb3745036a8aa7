"""What plan says is what sync does, and saying it writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import LockedError
from notion_sync_core.events import Event, RequestFinished, RunStarted, StageStarted
from notion_sync_core.lock import job_lock
from notion_sync_core.preview import Preview, preview
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch.progress import Progress
from notion_sync_demo.build import block
from pipeline.test_sync import EDITS, page_id


def said(found: Preview) -> dict[str, set[str]]:
    actions: dict[str, set[str]] = {"create": set(), "update": set(), "move": set(), "delete": set()}
    for change in found.changes:
        actions[change.action].add(f"{change.was} > {change.path}" if change.was else change.path)
    return actions


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file but the ledger of requests, and the mirror, whose database this process may still be closing."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = (path for path in found if not {"budgets", "mirror"} & {*path.parts})
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_before_the_first_run_all_that_discovery_shows_is_to_create(bench: Bench) -> None:
    found = preview(bench.job())
    assert not bench.out.exists()
    bench.good()
    paths = {name for name in tree(bench.out) if name.endswith(".md")}
    assert said(found)["create"] <= paths
    assert said(found)["update"] | said(found)["move"] | said(found)["delete"] == set()


def test_after_a_run_nothing_is_to_do(bench: Bench) -> None:
    bench.good()
    found = preview(bench.job())
    assert found.changes == []
    assert found.unchanged == bench.good().objects.unchanged


@pytest.mark.parametrize("name", EDITS)
def test_plan_says_what_sync_does_and_writes_nothing(bench: Bench, name: str) -> None:
    bench.good()
    ids = {bench.space.title(each): each for each in bench.space.pages}
    EDITS[name](bench.space, ids)
    before = everything(bench.folder)
    actions = said(preview(bench.job()))
    assert everything(bench.folder) == before

    old = {path: content for path, content in tree(bench.out).items() if path.endswith(".md")}
    bench.good()
    new = {path: content for path, content in tree(bench.out).items() if path.endswith(".md")}
    moves = {tuple(move.split(" > ")) for move in actions["move"]}
    assert set(new) - set(old) - {there for _, there in moves} == actions["create"] - set(old)
    assert set(old) - set(new) - {was for was, _ in moves} == actions["delete"] - set(new)
    changed = {path for path in set(old) & set(new) if old[path] != new[path]}
    assert changed <= actions["update"] | actions["create"] | {there for _, there in moves}


def test_plan_tells_when_sync_would_refuse(bench: Bench) -> None:
    bench.good()
    home = page_id(bench, "Fernwood Bikes Handbook")
    bench.space.trash(home)
    assert preview(bench.job()).refused
    assert bench.run().exit_code == 8


def test_plan_tells_listeners_what_it_does(bench: Bench) -> None:
    heard: list[Event] = []
    found = preview(bench.job(), (heard.append,))
    begun = [each for each in heard if isinstance(each, RunStarted | StageStarted)]
    assert [getattr(each, "mode", getattr(each, "stage", "")) for each in begun] == ["plan", "look"]
    assert sum(isinstance(each, RequestFinished) for each in heard) == found.requests
    shown = Progress(FakeClock())
    for each in heard:
        shown(each)
    assert (shown.stage, shown.total, shown.discovered > 40) == ("look", 0, True)


def test_plan_refuses_while_a_run_is_under_way(bench: Bench) -> None:
    bench.good()
    job = bench.job()
    with job_lock(job.folder() / "lock", FakeClock()), pytest.raises(LockedError):
        preview(job)


@contextmanager
def read_only(folder: Path) -> Iterator[list[str]]:
    """A command prefix under which a folder lies on a read-only mount."""
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    prefix = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, str(folder)]
    probe = subprocess.run([*prefix, "touch", str(folder / "probe")], capture_output=True, text=True, check=False)
    if "Read-only" not in probe.stderr:
        pytest.skip(f"no read-only mounts here: {probe.stderr.strip()}")
    yield prefix


def test_plan_works_on_a_read_only_mount(bench: Bench) -> None:
    bench.good()
    bench.space.append_block(page_id(bench, "Safety"), block("paragraph", "More"))
    sink = f'export.sinks=[{{use = "fs", path = "{bench.out}", fsync = false}}]'
    with read_only(bench.folder) as prefix:
        run = subprocess.run(
            [
                *(*prefix, sys.executable, "-m", "notion_sync_core", "plan", "--json", "--set", sink),
                *("--set", f"notion.base_url={bench.emulator.url}", "--set", "performance.requests=60"),
                *("--set", f"deployment.state_dir={bench.folder / 'state'}"),
            ],
            env={**os.environ, "NOTION_TOKEN": bench.emulator.token},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert [change["title"] for change in found["changes"] if change["action"] == "update"] == ["Safety"]
