"""What was restored is read back, and compared with what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core.clock import RunClock, SystemClock
from notion_sync_core.restore.comparison.compare import Difference
from notion_sync_core.restore.comparison.verify import verify
from notion_sync_core.restore.originals.of_export import opened_export
from notion_sync_core.restore.originals.of_mirror import opened
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block
from restore.memory import Became


class Same(Became):
    """Everything kept its id: as if a workspace had been restored onto itself."""

    def new(self, old_id: str) -> str:
        return old_id

    def old(self, new_id: str) -> str:
        return new_id


def verified(bench: Bench, originals: Any, roots: list[str], **given: Any) -> list[Difference]:
    clock = RunClock(SystemClock())
    wanted = list(originals.refs())
    return list(verify(bench.job(**given), originals, Same(), wanted, roots, lambda _: None, clock, comments=True))


def tops(bench: Bench) -> list[str]:
    space = bench.space
    found = {**space.pages, **space.databases}
    return [each for each, raw in found.items() if raw["parent"]["type"] == "workspace"]


def test_what_was_not_touched_since_is_as_it_was(bench: Bench) -> None:
    bench.good(**{"export.comments": True, "export.renderers": ["json"]})
    before = tree(bench.out)
    with opened(bench.job()) as originals:
        assert verified(bench, originals, tops(bench)) == []
    with opened_export(bench.out) as originals:
        assert verified(bench, originals, tops(bench)) == []
    assert sorted(tree(bench.out)) == sorted(before)
    kept = {path.name for path in (bench.folder / "state").iterdir()}
    assert kept <= {bench.job().id, "places", "budgets"}


def test_what_was_edited_trashed_or_added_since_is_named(tmp_path: Path) -> None:
    space = Workspace()
    holder, other = space.add_file("a.txt", b"words"), space.add_file("b.txt", b"other")
    top = space.add_page(None, "Top", [block("paragraph", "Once"), block("file", **holder)])
    gone = space.add_page(top, "Gone")
    space.add_page(top, "Stays")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good()
        with opened(bench.job()) as originals:
            text, file, *_ = (raw["id"] for raw in space.children(top))
            space.edit_text(text, "Twice")
            space.blocks[file]["file"].update(other)
            space.trash(gone)
            space.add_page(top, "More")
            found = verified(bench, originals, [top])
    assert [(each.id, each.where, each.what.partition(" was ")[0]) for each in found] == [
        (top, "block 1 (paragraph)", "rich text"),
        (top, "block 2 (file)", "file"),
        (top, "block 3 (child page)", "it is missing: 'Gone'"),
        (top, "after block 4", "a child page stands there that did not: 'More'"),
        (top, "", "'Gone' stood in it, and stands elsewhere now"),
        (gone, "", "it cannot be read any more"),
    ]


def test_where_nothing_was_made_nothing_is_read(bench: Bench) -> None:
    bench.good()
    before = bench.requests()
    with opened(bench.job()) as originals:
        found = verified(bench, originals, [])
        assert {each.what for each in found} == {"it cannot be read any more"}
    assert bench.requests() == before


@pytest.mark.parametrize("what", ["export.only", "history.enabled"])
def test_what_the_job_leaves_out_is_read_back_all_the_same(bench: Bench, what: str) -> None:
    bench.good()
    given = {"export.only": {"Status": ["Nothing"]}} if what == "export.only" else {"history.enabled": False}
    with opened(bench.job()) as originals:
        assert verified(bench, originals, tops(bench), **given) == []
