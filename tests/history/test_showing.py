"""One document as it was is made of what it needs, and is what it would be if everything were there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core.errors import StateError
from notion_sync_core.history import showing
from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.looking import Kept, kept
from notion_sync_core.history.needed import everything
from notion_sync_core.history.records import SYNCED, Run
from notion_sync_core.history.showing import difference, text_as_of
from notion_sync_core.job import Job
from notion_sync_demo import Emulator, Workspace, generate
from notion_sync_demo.build import block, text


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the versions that were looked at."""
    found: list[str] = []
    lines = Blobs.lines

    def noted(blobs: Blobs, sha256: str) -> Any:
        found.append(sha256)
        return lines(blobs, sha256)

    monkeypatch.setattr(Blobs, "lines", noted)
    yield found


def whole(found: Kept, run: Run, job: Job, object_id: str) -> str:
    """The same made of everything that there was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(showing, "needed", lambda *_: everything)
        return text_as_of(found, run, job, object_id)


def check_all(bench: Bench, **given: Any) -> None:
    with kept(bench.job()) as found:
        for run in found.store.runs():
            for version in found.store.as_of(run.number):
                if version.is_there and version.kind in ("page", "database"):
                    job = bench.job(**given)
                    one = text_as_of(found, run, job, version.object_id)
                    other = whole(found, run, job, version.object_id)
                    assert one.splitlines() == other.splitlines(), version.title


def test_every_document_of_the_sample_is_what_it_would_be_if_everything_were_there(bench: Bench) -> None:
    bench.good(**{"export.comments": True})
    check_all(bench)


@pytest.mark.parametrize(
    ("renderer", "is_all"),
    [("markdown", False), ("json", False), ("html", True), ({"use": "markdown", "dialect": "docusaurus"}, True)],
)
def test_everything_is_looked_at_for_renderers_that_show_more_of_others(
    bench: Bench, read: list[str], renderer: Any, is_all: bool
) -> None:
    bench.good()
    given = {"export.renderers": [renderer]}
    with kept(bench.job()) as found:
        (run,) = found.store.runs()
        known = {each.sha256 for each in found.store.as_of(run.number)} - {""}
        page = next(each.object_id for each in found.store.as_of(run.number) if each.title == "Notes")
        read.clear()
        one = text_as_of(found, run, bench.job(**given), page)
        assert (set(read) == known) is is_all
        assert one.splitlines() == whole(found, run, bench.job(**given), page).splitlines()


def test_so_is_every_one_of_another_workspace_while_it_changes(tmp_path: Path) -> None:
    space, rng = generate(25, seed=3), random.Random(3)
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        for page in rng.sample(sorted(space.pages), 6):
            space.rename(page, f"Renamed {rng.random()}")
        space.trash(rng.choice(sorted(space.pages)))
        bench.good(**{"export.max_delete": 1.0})
        check_all(bench)


def test_only_what_shows_in_a_document_is_looked_at(tmp_path: Path, read: list[str]) -> None:
    space = Workspace()
    top = space.add_page(None, "Top")
    pages = [space.add_page(top, f"Page {number}", [block("paragraph", "x")]) for number in range(30)]
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        space.append_block(pages[3], block("paragraph", "more"))
        bench.good()
        with kept(bench.job()) as found:
            runs = found.store.runs()
            read.clear()
            text_as_of(found, runs[0], bench.job(), pages[3])
            assert len(set(read)) == 2  # itself, and the page that it stands in
            read.clear()
            lines = list(difference(found, (runs[0], runs[1]), bench.job(), pages[3]))
            assert "+more" in lines
            assert len(set(read)) == 3


def test_what_copies_and_links_lead_to_is_looked_at_too(tmp_path: Path) -> None:
    space = Workspace()
    original = block("synced_block", children=[block("paragraph", "shared")], synced_from=None)
    holder = space.add_page(None, "Holder", [original])
    (source,) = (raw["id"] for raw in space.children(holder))
    heading = block("heading_1", "Linked to")
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": source})
    page = space.add_page(None, "Page", [heading, copy])
    target = next(raw["id"] for raw in space.children(page)).replace("-", "")
    space.add_page(None, "Other", [block("paragraph", [text("see", f"/{page.replace('-', '')}#{target}")])])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        check_all(bench)
        with kept(bench.job()) as found:
            shown = text_as_of(found, found.store.runs()[0], bench.job(), page)
        assert "shared" in shown
        assert shown == (bench.out / "Page.md").read_text()


def test_a_copy_whose_original_no_document_holds_shows_what_was_read_for_it(tmp_path: Path) -> None:
    space = Workspace()
    holder = space.add_page(
        None, "Hidden", [block("synced_block", children=[block("paragraph", "shared")], synced_from=None)]
    )
    (source,) = (raw["id"] for raw in space.children(holder))
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": source})
    page = space.add_page(None, "Page", [copy])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        space.unshare(holder)
        bench.run()
        with kept(bench.job()) as found:
            run = found.store.runs()[0]
            assert [each.object_id for each in found.store.as_of(run.number) if each.kind == SYNCED] == [source]
            assert "shared" in text_as_of(found, run, bench.job(), page)


def test_what_was_not_there_says_so(bench: Bench) -> None:
    bench.good()
    with kept(bench.job()) as found, pytest.raises(StateError, match="was not there after run 1"):
        text_as_of(found, found.store.runs()[0], bench.job(), "00000000-0000-4000-8000-000000000000")
