"""Anything people, networks and power switches do, in any order: after each sync the tree equals a fresh export.

A few minutes of the life of a workspace here, hours under ``make chaos``.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conftest import tree
from faults.campaign import _ROOM, CHAOS, PASSES_S, Launcher
from faults.figures import record
from faults.killer import POINTS
from faults.small import Time
from notion_sync_core import Job
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import Exit
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.build import bare, block, media, page_mention, rich, schema
from notion_sync_demo.shapes import minute, precise

pytestmark = pytest.mark.campaign

TITLES = ["Plan", "plan", "Pläne", "Notes", "Notes/2", "", "index", "assets", "Ünïcode 🌱"]
TITLES += ["PLA\u0308NE", "Plan.md", "plan.HTML", "Notes.csv", "Tasks.Tasks"]
TRANSIENT = ["429", "500", "503", "529", "409", "html502", "bad_json", "reset", "short"]
COUNTS = {"syncs": 0, "kills": 0, "edits": 0}
LETHAL = [point for point in POINTS if "render process" not in point and "budget" not in point]
any_number = st.integers(0, 1 << 16)
some_title = st.sampled_from(TITLES)


class Life(RuleBasedStateMachine):
    """A workspace, what happens to it, and a folder that is kept in sync."""

    launch: Launcher

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="notion-sync-model-", dir=_ROOM))
        self.time = Time()
        self.space = space = Workspace("Life", seed=3, clock=self.time)
        self.emulator = Emulator(space, clock=self.time)
        self.emulator.__enter__()
        self.trashed: list[str] = []
        self.random = random.Random(0)
        self.steps = 0
        home = space.add_page(None, "Home", [block("paragraph", "Welcome")])
        for title in ("Plan", "Notes"):
            space.add_page(
                home, title, [block("paragraph", title), block("toggle", "more", [block("quote", "inside")])]
            )
        space.add_page(None, "Plan", [block("paragraph", ["See ", page_mention(home, "Home")])])
        columns = [schema("Name", "title"), schema("Hours", "number", format="number")]
        _, (source,) = space.add_database(home, "Tasks", {"Tasks": columns})
        for number in range(3):
            space.add_row(source, {"Name": rich(f"Task {number}"), "Hours": number}, [block("paragraph", "do it")])
        self.time.now += 86_400.0

    def teardown(self) -> None:
        self.emulator.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- picking

    def pages(self, *, rows: bool = True) -> list[str]:
        """Pages that are not in the trash and lie in nothing that is."""
        return [
            page
            for page in self.space.pages
            if not self._gone(page) and (rows or "data_source_id" not in self.space.pages[page]["parent"])
        ]

    def _gone(self, page: str) -> bool:
        for _ in range(100):
            holder = self.space.pages.get(page) or self.space.databases.get(page) or self.space.data_sources.get(page)
            if holder is None:
                holder = self.space.blocks[page]
            if holder["in_trash"]:
                return True
            kind = holder["parent"]["type"]
            if kind == "workspace":
                return False
            page = holder["parent"][kind]
        raise AssertionError("a circle")

    def _above(self, page: str) -> set[str]:
        found = set()
        while page not in found:
            found.add(page)
            holder = self.space.pages.get(page) or self.space.databases.get(page) or self.space.data_sources.get(page)
            holder = holder or self.space.blocks[page]
            kind = holder["parent"]["type"]
            if kind != "workspace":
                page = holder["parent"][kind]
        return found

    def pick(self, number: int, *, rows: bool = True) -> str | None:
        pages = self.pages(rows=rows)
        self.edited()
        return pages[number % len(pages)] if pages else None

    def edited(self) -> None:
        """Edits are twenty seconds apart: some fall into the minute of a reading."""
        COUNTS["edits"] += 1
        self.time.now += 20.0

    def live_databases(self) -> list[str]:
        return [each for each in self.space.databases if not self._gone(each)]

    # -- edits

    @rule(at=any_number, title=some_title)
    def add_a_page(self, at: int, title: str) -> None:
        parent = self.pick(at)
        self._fresh_times(self.space.add_page(parent, title, [block("paragraph", "new")]))
        if parent:
            self.space.touch(parent)

    def _fresh_times(self, page: str) -> None:
        raw = self.space.pages[page]
        self.space.touch(page)
        raw["created_time"] = raw["last_edited_time"]

    @rule(at=any_number, title=some_title)
    def add_a_row(self, at: int, title: str) -> None:
        databases = self.live_databases()
        self.edited()
        if databases:
            source = self.space.databases[databases[at % len(databases)]]["data_sources"][0]["id"]
            self._fresh_times(self.space.add_row(source, {"Name": rich(title), "Hours": at % 100}))

    @rule(at=any_number, other=any_number)
    def write_and_link(self, at: int, other: int) -> None:
        page, target = self.pick(at), self.pick(other)
        if page and target:
            self.space.append_block(page, block("paragraph", ["Look: ", page_mention(target, "old title")]))

    @rule(at=any_number)
    def add_a_picture(self, at: int) -> None:
        page = self.pick(at)
        if page:
            file = self.space.add_file(f"{at % 7}.png", b"\x89PNG\r\n\x1a\n%d" % at, "image/png")
            self.space.append_block(page, media("image", file))

    @rule(at=any_number)
    def delete_the_last_text(self, at: int) -> None:
        page = self.pick(at)
        texts = [each for each in self.space.children(page or "") if not each["type"].startswith("child_")]
        if texts:
            self.space.delete_block(texts[-1]["id"])

    @rule(at=any_number, title=some_title)
    def rename_a_page(self, at: int, title: str) -> None:
        page = self.pick(at)
        if page:
            self.space.rename(page, title)

    @rule(at=any_number, title=some_title)
    def rename_a_database(self, at: int, title: str) -> None:
        databases = self.live_databases()
        self.edited()
        if databases:
            self.space.rename(databases[at % len(databases)], title)

    @rule(at=any_number, to=any_number)
    def move_a_page(self, at: int, to: int) -> None:
        page, parent = self.pick(at, rows=False), self.pick(to)
        if page and parent and page not in self._above(parent):
            self.space.move(page, parent)

    @rule(at=any_number)
    def move_a_page_to_the_top(self, at: int) -> None:
        page = self.pick(at, rows=False)
        if page:
            self.space.move(page, None)

    @rule(at=any_number, to=any_number)
    def move_a_database(self, at: int, to: int) -> None:
        databases, parent = self.live_databases(), self.pick(to)
        if not databases or parent is None or databases[at % len(databases)] in self._above(parent):
            return
        space, moved = self.space, databases[at % len(databases)]
        raw = space.databases[moved]
        for children in space._children.values():
            with suppress(ValueError):
                children.remove(moved)
        raw["parent"] = {"type": "page_id", "page_id": parent}
        raw["last_edited_time"] = precise(self.time.now)
        for each in raw["data_sources"]:
            source = space.data_sources[each["id"]]
            source["database_parent"] = raw["parent"]
            source["last_edited_time"] = minute(self.time.now)
        space._show(parent, moved, "child_database", "".join(part["plain_text"] for part in raw["title"]))
        space.touch(parent)

    @rule(at=any_number, title=some_title)
    def change_a_schema(self, at: int, title: str) -> None:
        databases = self.live_databases()
        self.edited()
        if not databases or not title:
            return
        source = self.space.data_sources[self.space.databases[databases[at % len(databases)]]["data_sources"][0]["id"]]
        name = f"Column {title}"
        if name in source["properties"]:
            return
        source["properties"][name] = {**schema(name, "number", format="number"), "id": f"n{len(source['properties'])}"}
        source["last_edited_time"] = minute(self.time.now)
        for page in self.space.pages.values():
            if page["parent"].get("data_source_id") == source["id"]:
                page["properties"][name] = {"id": source["properties"][name]["id"], "type": "number", "number": None}

    @rule(at=any_number)
    def change_a_row(self, at: int) -> None:
        rows = [page for page in self.pages() if "Hours" in self.space.pages[page]["properties"]]
        self.edited()
        if rows:
            self.space.set_value(rows[at % len(rows)], "Hours", at)

    @rule(at=any_number)
    def trash_a_page(self, at: int) -> None:
        page = self.pick(at)
        if page and len(self.pages()) > 3:
            self.space.trash(page)
            self.trashed.append(page)

    @rule(at=any_number)
    def trash_a_database(self, at: int) -> None:
        databases = self.live_databases()
        self.edited()
        if databases:
            self.space.trash(databases[at % len(databases)])
            self.trashed.append(databases[at % len(databases)])

    @precondition(lambda self: self.trashed)
    @rule(at=any_number)
    def restore_something(self, at: int) -> None:
        self.edited()
        self.space.restore(self.trashed.pop(at % len(self.trashed)))

    @rule(at=any_number)
    def hide_a_page_for_a_while(self, at: int) -> None:
        page = self.pick(at)
        if page:
            self.space.unshare(page)
            report = self._run()
            assert report.exit_code in (0, Exit.GUARD), report.error
            self.space.share(page)
            # What answers 404 is not asked for again by itself: it has to be seen once before it may leave for good.
            assert self._run().error is None

    @rule(at=any_number)
    def sync_a_block(self, at: int) -> None:
        page, other = self.pick(at), self.pick(at + 1)
        if page and other and page != other:
            original = self.space.append_block(page, bare("synced_block", synced_from=None))
            self.space.append(original, [block("paragraph", "shared words")])
            self.space.append_block(other, bare("synced_block", synced_from={"type": "block_id", "block_id": original}))

    # -- what goes wrong

    @rule(kind=st.sampled_from(TRANSIENT))
    def let_the_network_be_bad(self, kind: str) -> None:
        # One kind at a time: several add up to more failures of one request than there are attempts.
        self.emulator.faults.clear()
        self.emulator.faults.add(Fault(kind, rate=0.2, times=6, path="^/v1/", retry_after="0"))

    @initialize(seed=any_number)
    def choose_the_kills(self, seed: int) -> None:
        self.random = random.Random(seed)

    @invariant()
    def sync_now_and_then(self) -> None:
        """After every third step; every other time a run is killed first, and sometimes life goes on in between."""
        self.steps += 1
        if self.steps % 3:
            return
        if self.random.random() < 0.5:
            self._be_killed()
            if self.random.random() < 0.5:
                return
        self.time.now += self.random.choice((0.0, 20.0, 90.0, 4000.0))
        self._sync()

    def _be_killed(self) -> None:
        strike = (self.random.choice(LETHAL), self.random.choice((1, 1, 2, 3, 5, 8)), 9)
        answer = self.launch(**self._order(), strike=strike)
        assert answer["code"] in (-9, 0), answer
        COUNTS["kills"] += answer["code"] == -9

    def _sync(self) -> None:
        report = self._run()
        assert report.error is None, report.error
        assert report.status == "complete", report.failures
        self.emulator.faults.clear()
        shutil.rmtree(self.folder / "fresh", ignore_errors=True)
        shutil.rmtree(self.folder / "fresh-state", ignore_errors=True)
        fresh = self._run(out="fresh", state="fresh-state")
        assert fresh.status == "complete", fresh.failures
        found, expected = tree(self.folder / "out"), tree(self.folder / "fresh")
        assert sorted(found) == sorted(expected)
        for path in sorted(found, key=lambda path: (path.startswith(".notion-sync"), path)):
            assert found[path].decode("utf-8", "replace") == expected[path].decode("utf-8", "replace"), path
        COUNTS["syncs"] += 1

    def _run(self, **where: str) -> Report:
        order = self._order(**where)
        job = Job.load(environ=order["job_environ"], use_default_file=False, flags=order["flags"])
        return run(job, Options(mode="sync"))

    def _order(self, out: str = "out", state: str = "state") -> dict[str, Any]:
        environ = {"NOTION_TOKEN": self.emulator.token}
        flags = {
            "notion.base_url": self.emulator.url,
            "performance.requests": 0,
            "performance.workers": 3,
            "deployment.state_dir": str(self.folder / state),
            "export.sinks": [{"use": "fs", "path": str(self.folder / out), "fsync": False}],
            "export.max_delete": 1.0,
            "export.publish_every_s": PASSES_S,
            "export.renderers": ["markdown", "html"],
        }
        return {"job_environ": environ, "flags": flags}


def test_after_anything_that_happens_a_sync_equals_a_fresh_export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        SystemClock, "sleep", lambda self, seconds: self._stop.wait(min(seconds, 0.01)) and self.check()
    )
    Life.launch = Launcher()
    try:
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=600 if CHAOS else 10,
                stateful_step_count=60 if CHAOS else 30,
                derandomize=not CHAOS,
                # Twenty steps say enough: making them fewer would take minutes.
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Life.launch.close()
    done = f"{COUNTS['edits']:,} edits, {COUNTS['kills']:,} kills"
    record("syncs of the model test", COUNTS["syncs"], f"{done}; each tree equal to a fresh export")
