"""What ``plan`` names is exactly what ``sync`` then does, whatever changed: content, options, files.

300 rounds here, 3,000 under ``make chaos``. What a synced copy shows of an edited page is not known before that
page is read, and an edit in the minute of the last reading is not seen at all: neither is played here.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from faults.campaign import CHAOS
from faults.figures import record
from faults.test_model import Life, any_number
from notion_sync_core import Job
from notion_sync_core.events import ObjectRead
from notion_sync_core.pipeline import Options, run
from notion_sync_core.preview import preview

pytestmark = pytest.mark.campaign
ROUNDS = {"plans": 0, "changes": 0}
STAND_INS: list[Callable[[Path], object]] = [
    Path.mkdir,
    lambda path: (path / "mine").mkdir(parents=True),
    os.mkfifo,
    lambda path: path.symlink_to("nothing"),
]
DIALECTS = ["gfm", "obsidian", "docusaurus", "mkdocs"]


class Planned(Life):
    """The life of a workspace, where each sync was planned before."""

    def __init__(self) -> None:
        super().__init__()
        self.dialect = "gfm"
        self.csv = True

    @rule(at=any_number)
    def choose_a_dialect(self, at: int) -> None:
        self.dialect = DIALECTS[at % len(DIALECTS)]

    @rule()
    def choose_whether_there_is_csv(self) -> None:
        self.csv = not self.csv

    @rule(at=any_number)
    def lose_a_file(self, at: int) -> None:
        files = self._files()
        if files:
            files[at % len(files)].unlink()

    @rule(at=any_number)
    def edit_a_file_by_hand(self, at: int) -> None:
        files = self._files()
        if files:
            files[at % len(files)].write_bytes(b"mine")

    @rule(at=any_number, what=any_number)
    def put_something_in_the_place_of_a_file(self, at: int, what: int) -> None:
        """A folder, one that holds something, a pipe, a link: of somebody else's."""
        files = self._files()
        if files:
            path = files[at % len(files)]
            path.unlink()
            STAND_INS[what % len(STAND_INS)](path)

    @rule(at=any_number, what=any_number)
    def put_something_in_the_place_of_a_folder(self, at: int, what: int) -> None:
        """A file, a pipe, a link: what was in the folder is lost."""
        folders = sorted({path.parent for path in self._files()} - {self.folder / "out"})
        if folders:
            path = folders[at % len(folders)]
            shutil.rmtree(path)
            (path.write_bytes, *STAND_INS[2:])[what % 3](*((b"mine",) if what % 3 == 0 else (path,)))

    @rule(at=any_number)
    def put_something_of_mine_into_a_folder(self, at: int) -> None:
        """It stays there, and the folder with it."""
        folders = sorted({path.parent for path in self._files()})
        if folders:
            (folders[at % len(folders)] / "mine.txt").write_bytes(b"mine")

    @rule()
    def take_away_what_stands_in_the_way(self) -> None:
        for path in sorted((self.folder / "out").rglob("*")):
            if path.is_symlink() or path.is_fifo() or (path.suffix == ".md" and path.is_dir()):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            elif path.is_file() and not path.is_symlink() and path.suffix != ".md" and path.read_bytes() == b"mine":
                path.unlink()

    @rule(at=any_number)
    def sync_a_block(self, at: int) -> None:
        """Not played here."""

    @rule(at=any_number)
    def hide_a_page_for_a_while(self, at: int) -> None:
        page = self.pick(at)
        if page:
            self.space.unshare(page)
            self._plan_and_sync()
            self.space.share(page)

    @initialize(seed=any_number)
    def choose_the_kills(self, seed: int) -> None:
        """Nobody is killed."""

    @invariant()
    def sync_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % 2 == 0:
            self._plan_and_sync()

    def _plan_and_sync(self) -> None:
        self.time.now += 4000.0
        order = self._order()
        planned = preview(self._job(order))
        before, disk = self._paths(), self._disk()
        read: set[str] = set()
        report = run(
            self._job(order),
            Options(mode="sync"),
            (lambda event: read.add(event.id) if type(event) is ObjectRead else 0,),
        )
        assert report.error is None, report.error
        done = _done(before, disk, self._paths(), self._disk())
        said = {(change.action, change.id, change.path) for change in planned.changes}
        # Edited, as its time says; that nothing of the edit shows in its file nobody knows before it is read.
        without_trace = {each for each in said - done if each[0] == "update" and each[1] in read}
        assert said - without_trace == done
        ROUNDS["plans"] += 1
        ROUNDS["changes"] += len(done)
        self.time.now += 4000.0

    def _order(self, out: str = "out", state: str = "state") -> dict[str, Any]:
        order = super()._order(out, state)
        options = {"dialect": self.dialect, "csv": self.csv}
        order["flags"] |= {"export.renderers": [{"use": "markdown", **options}]}
        return order

    def _job(self, order: dict[str, Any]) -> Job:
        return Job.load(environ=order["job_environ"], use_default_file=False, flags=order["flags"])

    def _files(self) -> list[Path]:
        return sorted(path for path in self._regular() if path.suffix == ".md")

    def _disk(self) -> dict[str, bytes]:
        out = self.folder / "out"
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in self._regular()}

    def _regular(self) -> list[Path]:
        """All files, and nothing that only looks like one."""
        return [path for path in (self.folder / "out").rglob("*") if path.is_file() and not path.is_symlink()]

    def _paths(self) -> dict[str, list[str]]:
        """The paths of each document's files, the main one first."""
        try:
            lines = (self.folder / "out" / ".notion-sync" / "manifest.jsonl").read_text("utf-8").splitlines()[1:]
        except FileNotFoundError:
            return {}
        entries = map(json.loads, lines)
        return {
            entry["id"]: [entry["paths"]["markdown"], *entry["paths"].get("csv", [])]
            for entry in entries
            if "markdown" in entry["paths"]
        }


def _done(
    before: dict[str, list[str]], old: dict[str, bytes], after: dict[str, list[str]], new: dict[str, bytes]
) -> set[tuple[str, str, str]]:
    """What happened to each document: (action, id, path)."""
    found = set()
    for doc in before.keys() | after.keys():
        was, paths = before.get(doc, []), after.get(doc, [])
        there = bool(was) and was[0] in old
        if not paths:
            if there and was[0] not in new:
                found.add(("delete", doc, was[0]))
            continue
        if all(new.get(path) == old.get(path) for path in (*was, *paths)):
            continue
        action = "create" if not there else "update" if was[0] == paths[0] else "move"
        found.add((action, doc, paths[0]))
    return found


def test_plan_names_exactly_what_sync_then_does() -> None:
    run_state_machine_as_test(
        Planned,
        settings=settings(
            max_examples=350 if CHAOS else 36,
            stateful_step_count=20,
            derandomize=not CHAOS,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert ROUNDS["plans"] >= (3000 if CHAOS else 300)
    record("plans before syncs", ROUNDS["plans"], f"{ROUNDS['changes']:,} changes, each named by both and no other")
