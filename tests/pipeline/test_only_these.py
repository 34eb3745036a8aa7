"""A run of a few objects by id: it reads these alone, changes nothing else, and is no substitute for a whole run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conftest import Bench, tree
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block, rich


def find(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def only(bench: Bench, *ids: str, kind: str = "page", **flags: object) -> list[str]:
    """Run these; the paths that were asked for."""
    bench.emulator.log.clear()
    bench.good("export", options={"only": dict.fromkeys(ids, kind)}, **flags)
    return list(bench.emulator.log)


def paragraph(text: str) -> dict:
    return block("paragraph", rich(text))


def test_an_edited_page_is_read_alone_and_its_file_is_that_of_a_whole_sync(bench: Bench) -> None:
    bench.good()
    page = find(bench, "Onboarding")
    bench.space.append_block(page, paragraph("A line that is new."))
    asked = only(bench, page)
    assert f"/v1/blocks/{page}/children" in asked
    assert not [path for path in asked if "search" in path or "query" in path]
    assert not [path for path in asked for other in set(bench.space.pages) - {page} if other in path]
    after = tree(bench.out)
    assert any(b"A line that is new." in content for content in after.values())
    assert after == bench.fresh()


def test_a_new_page_is_taken_in_below_its_parent_and_one_of_nobody_is_not(bench: Bench) -> None:
    bench.good()
    home = find(bench, "Onboarding")
    inner = bench.space.add_page(home, "Just made", [paragraph("Hello.")])
    below = bench.space.add_page(inner, "Below it")
    lost = bench.space.add_page(bench.space.add_page(None, "Nobody told of it"), "Its child")
    only(bench, below, inner, home, lost, "00000000-0000-4000-8000-000000000000")
    names = {Path(name).name for name in tree(bench.out)}
    assert {"Just made.md", "Below it.md"} <= names
    assert "Its child.md" not in names
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_what_is_gone_stays_until_the_next_whole_sync(bench: Bench) -> None:
    bench.good()
    page = find(bench, "Onboarding")
    before = set(tree(bench.out))
    bench.space.trash(page)
    only(bench, page)
    assert set(tree(bench.out)) == before
    bench.good()
    assert tree(bench.out) == bench.fresh() != before


def test_what_lies_beyond_the_roots_is_not_taken_in(bench: Bench) -> None:
    root = find(bench, "Onboarding")
    other = next(each for each in bench.space.pages if bench.space.pages[each]["parent"]["type"] == "workspace")
    flags = {"export__roots": [root]}
    bench.good(**flags)
    before = set(tree(bench.out))
    only(bench, other, **flags)
    assert set(tree(bench.out)) == before


def test_the_watermark_stays_so_that_the_next_sync_sees_all_that_was_not_named(bench: Bench) -> None:
    bench.good()
    named, other = find(bench, "Onboarding"), find(bench, "Fernwood Bikes Handbook")
    bench.space.append_block(other, paragraph("Nobody told of this."))
    bench.space.append_block(named, paragraph("Somebody told of this."))
    only(bench, named)
    bench.good()
    assert tree(bench.out) == bench.fresh()


def small() -> tuple[Workspace, list[str]]:
    space = Workspace("Small", seed=5)
    ids = [space.add_page(None, "Top", [paragraph("One.")])]
    for title in ("A", "B", "C"):
        ids.append(space.add_page(ids[len(ids) // 2], title, [paragraph(title)]))
    return space, ids


@settings(max_examples=8, phases=(Phase.explicit, Phase.generate))
@given(st.data())
def test_any_hints_about_any_edits_then_a_sync_end_in_what_a_fresh_export_gives(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    space, ids = small()
    with Emulator(space) as server:
        bench = Bench(server, tmp_path_factory.mktemp("hints"))
        bench.good()
        for _ in range(data.draw(st.integers(1, 6))):
            page = data.draw(st.sampled_from(ids))
            match data.draw(st.sampled_from(["edit", "rename", "add", "trash", "move"])):
                case "edit":
                    space.append_block(page, paragraph("More."))
                case "rename":
                    space.rename(page, data.draw(st.sampled_from(["A", "B", "New"])))
                case "add":
                    ids.append(space.add_page(page, "New"))
                case "trash":
                    space.trash(page)
                case _:
                    space.move(page, None)
        hints = data.draw(st.lists(st.sampled_from(ids), max_size=5))
        bench.run("export", options={"only": dict.fromkeys(hints, "page")})
        bench.run(export__max_delete=1.0)
        assert tree(bench.out) == bench.fresh()
