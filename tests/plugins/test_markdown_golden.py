"""The golden files: what each type of block becomes.

``tests/golden/markdown/TYPE.md`` is the gfm dialect; a folder named like another dialect holds what
differs there. After a change that is meant, renew them and read the difference:

    RENEW_GOLDEN=1 pytest tests/plugins/test_markdown_golden.py && git diff tests/golden
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from notion_sync_core.model import Json
from plugins.markdown_reading import DIALECTS, body, rendered
from plugins.markdown_samples import COMMENTS, LONE, SAMPLES, SECTIONS, site
from plugins.rendering import PAGE_ID, block

GOLDEN = Path(__file__).parents[1] / "golden" / "markdown"
RENEW = bool(os.environ.get("RENEW_GOLDEN"))
DOCUMENTED = (
    *("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item", "numbered_list_item"),
    *("to_do", "toggle", "quote", "callout", "code", "equation", "divider", "breadcrumb", "table_of_contents"),
    *("bookmark", "embed", "link_preview", "link_to_page", "image", "video", "audio", "pdf", "file", "child_page"),
    *("child_database", "synced_block", "template", "column_list", "table", "tab", "meeting_notes", "transcription"),
    "unsupported",
)


def golden(name: str, dialect: str) -> Path:
    """The file for a dialect: its own, or that of gfm if they are equal."""
    own = GOLDEN / dialect / f"{name}.md"
    return own if own.is_file() else GOLDEN / f"{name}.md"


def check(name: str, dialect: str, markdown: str) -> None:
    if RENEW:
        _renew(name, dialect, markdown)
    assert markdown == golden(name, dialect).read_text("utf-8")


def _renew(name: str, dialect: str, markdown: str) -> None:
    own = GOLDEN / dialect / f"{name}.md"
    own.unlink(missing_ok=True)
    path = GOLDEN / f"{name}.md" if dialect == "gfm" else own
    if dialect == "gfm" or markdown != golden(name, dialect).read_text("utf-8"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown, "utf-8")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_type_of_block_looks_as_its_golden_file_says(name: str, dialect: str) -> None:
    here = site()

    made = rendered(*SAMPLES[name], site=here, options={"dialect": dialect}, listings=SECTIONS)

    check(name, dialect, made.split("# Page\n", 1)[1].strip("\n") + "\n")
    assert bool(here.warnings) == (name == "unknown")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_comments_look_as_their_golden_file_says(dialect: str) -> None:
    raws: list[Json] = [
        block("paragraph", "about nothing"),
        {**block("bulleted_list_item", "commented", [block("paragraph", "inside")]), "id": LONE},
    ]

    made = rendered(
        *raws, site=site(), options={"dialect": dialect}, discussions={PAGE_ID: COMMENTS[1:2], LONE: COMMENTS}
    )

    check("comments", dialect, made.split("# Page\n", 1)[1].strip("\n") + "\n")


def test_every_documented_type_has_a_golden_file() -> None:
    assert set(DOCUMENTED) <= set(SAMPLES)


def test_no_golden_file_is_left_over() -> None:
    names = {path.stem for path in GOLDEN.rglob("*.md")}

    assert names == {*SAMPLES, "comments"}


def test_a_body_without_blocks_is_empty() -> None:
    assert body() == ""
