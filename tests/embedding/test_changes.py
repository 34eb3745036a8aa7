"""An index that is fed with changes alone is the same as one that is fed with everything, whatever happened between."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core import CursorError, Interrupted, Job, OpenSite, SiteDocument, Stop
from notion_sync_core.errors import LimitReached
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema, text

SYNCS = 20
SEEDS = [int(each) for each in os.environ.get("CHANGES_SEEDS", "1,2").split(",")]
"""CHANGES_SEEDS=3,4,5 for others."""
DIES = Path(__file__).parent / "dies.py"

Index = dict[str, dict[str, Any]]


def as_seen(document: SiteDocument) -> dict[str, Any]:
    """All that a reader can see of a document, and where its relations lead."""
    related = [
        document._site.target(item["id"])
        for value in document.raw.get("properties", {}).values()
        for item in value.get("relation") or ()
        if isinstance(item, dict)
    ]
    return {
        "related": [(each.title, each.href) for each in related if each is not None],
        "path": document.path,
        "title": document.title,
        "url": document.url,
        "raw": document.raw,
        "properties": document.properties,
        "text": document.text(),
        "markdown": document.markdown(),
        "sections": list(document.sections(200)),
        "rows": [list(table.rows) for table in document.tables()],
    }


def everything(site: OpenSite) -> Index:
    found = list(site.documents())
    assert len({document.id for document in found}) == len(found) == len(site)
    return {document.id: as_seen(document) for document in found}


def feed(index: Index, site: OpenSite, cursor: str | None, *, syncs: int = 1) -> str:
    """Bring an index up to date; what is told has changed, and nothing is told twice.

    :param syncs: how many there were since the last time: over several a document may have changed and changed back.
    """
    if cursor is not None:
        for gone in site.deleted_since(cursor):
            assert index.pop(gone.id)["title"] == gone.title
    told = list(site.documents(changed_since=cursor))
    assert len({document.id for document in told}) == len(told)
    for document in told:
        now = as_seen(document)
        assert syncs > 1 or index.get(document.id) != now, f"{document.path} is told, and is what it was"
        index[document.id] = now
    return site.cursor


class Author:
    """Changes a workspace at random."""

    def __init__(self, space: Workspace, seed: int) -> None:
        self.space = space
        self.random = random.Random(seed)
        self.number = 0
        self.did: Counter[str] = Counter()
        self.database, (self.source,) = space.add_database(
            None, "Tasks", {"Tasks": [schema("Name", "title"), schema("Hours", "number"), schema("Refers", "relation")]}
        )
        for _ in range(6):
            self.add_page()
        for _ in range(3):
            self.add_row()

    def pages(self, *, rows: bool = True) -> list[str]:
        return [
            each
            for each, page in self.space.pages.items()
            if not page["in_trash"] and each not in self.space.unshared and (rows or not self.is_row(each))
        ]

    def is_row(self, page: str) -> bool:
        return self.space.pages[page]["parent"]["type"] == "data_source_id"

    def name(self) -> str:
        self.number += 1
        return f"{self.random.choice(['Apple', 'Pear', 'Plum'])} {self.number if self.random.random() < 0.8 else ''}"

    def some(self, *, rows: bool = True) -> str:
        return self.random.choice(self.pages(rows=rows))

    def inside(self, page: str) -> set[str]:
        found = {page}
        for each, raw in self.space.pages.items():
            if raw["parent"].get("page_id") in found:
                found.add(each)
        return found

    def add_page(self) -> None:
        parent = self.some(rows=False) if self.pages(rows=False) and self.random.random() < 0.7 else None
        blocks = [block("heading_1", self.name()), block("paragraph", f"Words of {self.name()}")]
        if self.pages():
            blocks.append(block("paragraph", ["see ", page_mention(self.some(), "stale"), text(" and on")]))
        made = self.space.add_page(parent, self.name(), blocks)
        if self.random.random() < 0.3:
            self.space.append(made, [bare("synced_block", [block("paragraph", "Shared words")], synced_from=None)])

    def add_row(self) -> None:
        others = [{"id": each} for each in self.pages()[:1]]
        made = self.space.add_row(self.source, {"Name": rich(self.name()), "Hours": self.random.randrange(9)})
        self.space.set_value(made, "Refers", others)

    def edit(self) -> None:
        blocks = [each for each in self.space.children(self.some()) if each["type"] in ("paragraph", "heading_1")]
        if blocks:
            self.space.edit_text(self.random.choice(blocks)["id"], f"Edited {self.name()}")

    def touch(self) -> None:
        """What was edited and edited back."""
        page = self.some()
        self.space.rename(page, self.space.title(page))

    def edit_shared(self) -> None:
        for each in self.space.blocks.values():
            if each["type"] == "synced_block" and not each["in_trash"] and each["synced_block"]["synced_from"] is None:
                self.space.edit_text(self.space.children(each["id"])[0]["id"], f"Shared {self.name()}")
                return

    def copy(self) -> None:
        originals = [
            each["id"]
            for each in self.space.blocks.values()
            if each["type"] == "synced_block" and not each["in_trash"] and each["synced_block"]["synced_from"] is None
        ]
        if originals:
            source = {"type": "block_id", "block_id": self.random.choice(originals)}
            self.space.append_block(self.some(rows=False), bare("synced_block", synced_from=source))

    def rename(self) -> None:
        self.space.rename(self.random.choice([*self.pages(), self.database]), self.name())

    def move(self) -> None:
        page = self.some(rows=False)
        others = [each for each in self.pages(rows=False) if each not in self.inside(page)]
        self.space.move(page, self.random.choice([*others, None]))

    def trash(self) -> None:
        self.space.trash(self.some())

    def restore(self) -> None:
        gone = [each for each, page in self.space.pages.items() if page["in_trash"]]
        if gone:
            self.space.restore(self.random.choice(gone))

    def hide(self) -> None:
        self.space.unshare(self.some())

    def show(self) -> None:
        for each in sorted(self.space.unshared):
            self.space.share(each)

    def set_hours(self) -> None:
        rows = [each for each in self.pages() if self.is_row(each)]
        if rows:
            self.space.set_value(self.random.choice(rows), "Hours", self.random.randrange(99))

    def act(self) -> None:
        """Do some of it."""
        acts: list[Callable[[], None]] = [
            *(
                self.add_page,
                self.add_page,
                self.add_row,
                self.edit,
                self.edit,
                self.touch,
                self.edit_shared,
                self.copy,
            ),
            *(self.rename, self.rename, self.move, self.move, self.trash, self.restore, self.hide, self.show),
            *(self.set_hours, self.set_hours),
        ]
        for _ in range(self.random.randrange(6)):
            act = self.random.choice(acts)
            if len(self.pages(rows=False)) > 3 or act not in (self.trash, self.hide):
                act()
                self.did[act.__name__] += 1


@pytest.fixture
def facts(tmp_path: Path) -> dict[str, Any]:
    return {"to": [str(tmp_path / "out")], "state_dir": str(tmp_path / "state"), "requests": 0, "max_delete": 1.0}


def sync(facts: dict[str, Any], how: str, at: int) -> bool:
    """Sync, or begin to: whether it got to its end."""
    job = Job.of(**facts)
    if how == "killed":
        done = subprocess.run([sys.executable, str(DIES), json.dumps(facts), str(at)], capture_output=True, check=False)
        assert done.returncode in (0, -9), done.stderr.decode()
        return done.returncode == 0
    stop, seen = Stop(), []
    try:
        if how == "stopped":
            job.sync(stop=stop, on_event=lambda event: seen.append(event) or (stop.set() if len(seen) >= at else None))
        else:
            job.sync(max_requests=at // 8 + 1 if how == "limited" else None)
    except (Interrupted, LimitReached):
        return False
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_an_index_fed_with_changes_is_the_same_as_one_fed_from_nothing(seed: int, facts: dict[str, Any]) -> None:
    space = Workspace(seed=seed)
    author, index, cursor = Author(space, seed), Index(), None
    ends: Counter[str] = Counter()
    told = syncs = 0
    with Emulator(space) as emulator:
        facts |= {"token": emulator.token, "base_url": emulator.url}
        for number in range(SYNCS):
            how = author.random.choice(["whole", "whole", "killed", "stopped", "limited"]) if number else "whole"
            whole = sync(facts, how, author.random.randrange(1, 60))
            ends[how if not whole else "whole"] += 1
            # What a kill struck between the reading and the note of it shows at once, and is told after the next sync.
            syncs += 2 if how == "killed" else 1
            if whole or author.random.random() < 0.5:  # who reads after a kill sees what is there
                with Job.of(**facts).open() as site:
                    before = dict(index)
                    cursor, syncs = feed(index, site, cursor, syncs=syncs), 2 if how == "killed" else 0
                    told += sum(index.get(each) is not before.get(each) for each in {*index, *before})
                    assert how == "killed" or index == everything(site), (seed, number, how)
            author.act()
        sync(facts, "whole", 0)
        with Job.of(**facts).open() as site:
            feed(index, site, cursor, syncs=syncs + 1)
            assert index == everything(site)
            assert [document.id for document in site.documents()] == in_tree_order(site)
    print(f"seed {seed}: {len(index)} documents, {told} changes told, syncs {dict(ends)}, edits {dict(author.did)}")
    assert ends["whole"] >= 5 and ends.total() == SYNCS


def in_tree_order(site: OpenSite) -> list[str]:
    """Each before what stands inside it: no document comes before the one in whose folder it lies."""
    seen: list[str] = []
    for document in site.documents():
        parent = document.path.rpartition("/")[0]
        holders = {each.path for each in map(site.document, seen) if each is not None}
        assert not parent or parent in holders or not any(each.path == parent for each in site.documents())
        seen.append(document.id)
    return seen


def test_a_cursor_of_another_state_is_refused_and_names_the_way_out(facts: dict[str, Any], tmp_path: Path) -> None:
    with Emulator(Workspace()) as emulator:
        emulator.workspace.add_page(None, "One")
        facts |= {"token": emulator.token, "base_url": emulator.url}
        job = Job.of(**facts)
        job.sync()
        with job.open() as site:
            cursor = site.cursor
            assert site.knows(cursor)
        other = Job.of(**{**facts, "to": [str(tmp_path / "other")]})
        other.sync()
        with other.open() as site:
            assert not site.knows(cursor)
            assert not site.knows(None)
            for wrong in (cursor, "", "1", "99999-000000000000", "0-x"):
                with pytest.raises(CursorError, match="not of this state"):
                    site.documents(changed_since=wrong)
                with pytest.raises(CursorError):
                    site.deleted_since(wrong)


def test_a_state_that_was_put_back_does_not_take_cursors_of_what_it_never_was(
    facts: dict[str, Any], tmp_path: Path
) -> None:
    with Emulator(Workspace()) as emulator:
        space = emulator.workspace
        page = space.add_page(None, "One")
        facts |= {"token": emulator.token, "base_url": emulator.url}
        job = Job.of(**facts)
        job.sync()
        [state] = (tmp_path / "state").rglob("state.sqlite")
        kept = state.read_bytes()
        with job.open() as site:
            early = site.cursor
        space.rename(page, "Two")
        job.sync()
        with job.open() as site:
            late = site.cursor
        for log in state.parent.glob("state.sqlite-*"):
            log.unlink()
        state.write_bytes(kept)
        for title in ("Three", "Four", "Five"):
            space.rename(page, title)
            job.sync()
        with job.open() as site:
            assert not site.knows(late)
            assert [each.title for each in site.documents(changed_since=early)] == ["Five"]


def test_what_is_read_again_and_is_the_same_is_no_change(facts: dict[str, Any]) -> None:
    with Emulator(Workspace()) as emulator:
        emulator.workspace.add_page(None, "One", [block("paragraph", "words")])
        facts |= {"token": emulator.token, "base_url": emulator.url}
        job = Job.of(**facts)
        job.sync()
        with job.open() as site:
            cursor = site.cursor
        for again in (lambda: job.sync(full=True), job.render, lambda: Job.of(**facts, comments=True).sync()):
            again()
        job.sync()
        with job.open() as site:
            assert list(site.documents(changed_since=cursor)) == []
            assert list(site.deleted_since(cursor)) == []


def test_what_came_and_went_between_two_looks_is_not_told(facts: dict[str, Any]) -> None:
    with Emulator(Workspace()) as emulator:
        space = emulator.workspace
        space.add_page(None, "Stays")
        facts |= {"token": emulator.token, "base_url": emulator.url}
        job = Job.of(**facts)
        job.sync()
        with job.open() as site:
            cursor = site.cursor
        short = space.add_page(None, "Short")
        job.sync()
        space.trash(short)
        job.sync()
        with job.open() as site:
            assert list(site.documents(changed_since=cursor)) == []
            assert list(site.deleted_since(cursor)) == []


def test_a_site_stays_as_it_was_while_runs_go_on(facts: dict[str, Any]) -> None:
    with Emulator(Workspace()) as emulator:
        space = emulator.workspace
        pages = [space.add_page(None, title) for title in ("A", "B", "C")]
        facts |= {"token": emulator.token, "base_url": emulator.url}
        job = Job.of(**facts)
        job.sync()
        with job.open() as site:
            documents = site.documents()
            assert next(documents).title == "A"
            space.trash(pages[1])
            space.rename(pages[2], "Z")
            job.sync()
            assert [each.title for each in documents] == ["B", "C"]
            assert len(site) == 3
            assert list(site.documents(changed_since=site.cursor)) == []
            cursor = site.cursor
        with job.open() as site:
            assert [each.title for each in site.documents(changed_since=cursor)] == ["Z"]
            assert [each.title for each in site.deleted_since(cursor)] == ["B"]
