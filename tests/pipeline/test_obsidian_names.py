"""File names that a dialect's links can hold, and mentions of blocks, from the API to the file."""

from __future__ import annotations

import re

import pytest

from conftest import Bench, tree
from notion_sync_demo.build import block, mention, page_mention

TITLE = "Issue #12 ^up [draft] a|b"


@pytest.mark.parametrize("renderers", [["markdown"], ["markdown", "html"]])
def test_no_name_holds_what_obsidian_takes_for_a_part_of_a_link(bench: Bench, renderers: list[str]) -> None:
    target = bench.space.add_page(None, TITLE)
    other = bench.space.add_page(None, "Issue -12 -up -draft- a-b")
    bench.space.add_page(
        None, "Linking", blocks=[block("paragraph", [page_mention(target, TITLE), page_mention(other, "x")])]
    )

    bench.good(plugins__markdown__dialect="obsidian", export__renderers=renderers)

    names = [name for name in tree(bench.out) if not name.startswith(".notion-sync")]
    assert not [name for name in names if re.search(r"[#^|\[\]]", name)]
    written = next(bench.out.rglob("Issue -12 -up -draft- a-b.md"))
    assert f"aliases:\n- '{TITLE}'\n" in written.read_text()
    text = next(bench.out.rglob("Linking.md")).read_text()
    assert "](Issue%20-12%20-up%20-draft-%20a-b.md)" in text
    assert f"Issue -12 -up -draft- a-b-{other.replace('-', '')[-6:]}|Issue -12 -up -draft- a-b]]" in text


def test_other_dialects_keep_their_names(bench: Bench) -> None:
    bench.space.add_page(None, "Issue #12 ^up [draft]")

    bench.good()

    assert any(name.endswith("Issue #12 ^up [draft].md") for name in tree(bench.out))


def test_a_mention_of_a_block_says_its_words_and_leads_to_it(bench: Bench) -> None:
    target = bench.space.add_page(None, "Guide", blocks=[block("paragraph", "Intro")])
    heading = bench.space.append_block(target, block("heading_2", "Restart the pump", is_toggleable=False))
    address = f"https://www.notion.so/{target.replace('-', '')}#{heading.replace('-', '')}"
    said = mention("page", {"id": target}, "Restart the pump", address)
    bench.space.add_page(None, "Notes", blocks=[block("paragraph", ["See ", said])])

    assert bench.good().warnings == []

    anchor = heading.replace("-", "")
    assert f"See [Restart the pump](Guide.md#{anchor})" in next(bench.out.rglob("Notes.md")).read_text()
    assert next(bench.out.rglob("Guide.md")).read_text().count(anchor) == 1
