"""What Notion shows is what readers see: each character's look, colour and address, each block's container.

Lines and trees put together at random are read back with the parser of each dialect. What a reader cannot say stands in
:data:`CANNOT`, and in ``docs/markdown.md`` by the same names.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from attrs import evolve

from plugins import block_trees, styled_lines
from plugins.block_trees import Tree, placed, tree, with_whole_codes
from plugins.looks import Glyph, Shown, shown, squeezed
from plugins.markdown_reading import DIALECTS
from plugins.styled_lines import line

pytestmark = pytest.mark.campaign

LINES = int(os.environ.get("LOOK_LINES", "2000"))
TREES = int(os.environ.get("LOOK_TREES", "500"))
"""A dialect; ``make chaos`` asks for more."""
PARTS = 4
CANNOT = (
    "Colour on GitHub",
    "Which colour a highlight has in Obsidian",
    "Formulas in a toggle's line on GitHub",
    "Boxes of to-dos within quotes on GitHub",
    "Columns in Obsidian, and columns within columns in MkDocs",
    "Lists by letters in Obsidian and MkDocs",
    "Tabs in code in MkDocs",
)
"""What no writing makes a reader show."""


def parts(total: int) -> list[range]:
    size = -(-total // PARTS)
    return [range(first, min(first + size, total)) for first in range(0, total, size)]


def ids(numbers: range) -> str:
    return f"{numbers.start}-{numbers.stop}"


@pytest.mark.parametrize("seeds", parts(LINES), ids=ids)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_line_looks_as_it_does_in_notion(dialect: str, seeds: range) -> None:
    assert {seed: found for seed in seeds if (found := line_differs(seed, dialect))} == {}


@pytest.mark.parametrize("seeds", parts(TREES), ids=ids)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_block_stands_where_it_does_in_notion(dialect: str, seeds: range) -> None:
    assert {seed: found for seed in seeds if (found := tree_differs(seed, dialect))} == {}


@pytest.mark.chaos
@pytest.mark.parametrize("dialect", DIALECTS)
def test_lines_and_trees_of_a_whole_campaign_look_as_they_do_in_notion(dialect: str) -> None:
    lines = {seed: found for seed in range(LINES, 20_000) if (found := line_differs(seed, dialect))}
    trees = {seed: found for seed in range(TREES, 5_000) if (found := tree_differs(seed, dialect))}

    assert (lines, trees) == ({}, {})


def test_what_readers_cannot_say_is_told() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "markdown.md").read_text("utf-8")

    assert [each for each in CANNOT if f"**{each}**" not in docs] == []


def line_differs(seed: int, dialect: str) -> list[object]:
    """A line's Markdown and the first glyph that is not as meant; nothing if all are."""
    made, math = line(seed), bool(seed % 2)
    markdown = styled_lines.written(made, dialect, math)
    found = line_compared(made, shown(markdown, dialect, math), dialect, math)
    return [markdown, *found] if found else []


def line_compared(made: styled_lines.Line, page: Shown, dialect: str, math: bool) -> list[object]:
    """The first glyph that is not as meant, and what is."""
    read = list(_compared(page.glyphs))
    meant = list(_compared(styled_lines.expected(made, dialect, math)))
    return [] if read == meant else _first(read, meant)


def _compared(glyphs: list[Glyph]) -> Iterator[tuple[object, ...]]:
    for glyph in _without_own_addresses(squeezed(list(_in_summaries(glyphs)))):
        yield (*glyph.shown, () if glyph.char in " \n" else glyph.style.place)


def _in_summaries(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """A formula in a toggle's line is one for some readers, its source for GitHub."""
    for glyph in glyphs:
        is_summary = glyph.style.place[-1:] == (("summary", 1),)
        if is_summary and glyph.char[:1] == "$":
            yield from (evolve(glyph, char=char) for char in glyph.char)
        elif not (is_summary and glyph.char == " "):
            yield glyph


def _without_own_addresses(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """A bare address may be a link to itself."""
    texts: dict[int, str] = {}
    for glyph in glyphs:
        if glyph.style.link:
            texts[glyph.style.link] = texts.get(glyph.style.link, "") + glyph.char
    for glyph in glyphs:
        is_own = glyph.style.link and _letters(texts[glyph.style.link]) == _letters(glyph.style.href)
        yield evolve(glyph, style=evolve(glyph.style, href="")) if is_own else glyph


def _letters(address: str) -> list[str]:
    # markdown-it moves a port that stands in front of another.
    bare = unquote(address).removeprefix("http").removeprefix("mailto")
    return sorted(filter(str.isalnum, bare))


def tree_differs(seed: int, dialect: str) -> list[object]:
    """A tree's Markdown and the first glyph or name that is not as meant; nothing if all are."""
    made = tree(seed)
    markdown = block_trees.written(made, dialect)
    found = tree_compared(made, shown(markdown, dialect), dialect)
    return [markdown, *found] if found else []


def tree_compared(made: Tree, page: Shown, dialect: str) -> list[object]:
    """The first glyph or name that is not as meant, and what is."""
    meant = block_trees.expected(made, dialect)
    read, wanted = (placed(squeezed(glyphs), dialect) for glyphs in (with_whole_codes(page), meant.glyphs))
    if read != wanted:
        return _first(read, wanted)
    count, places = Counter(name for name, _ in page.anchors), dict(page.anchors)
    for name, (first, last) in meant.anchors.items():
        if count[name] != 1 or not first <= places[name] <= last:
            return [name, count[name], places.get(name), (first, last)]
    return []


def _first(read: list[tuple[object, ...]], meant: list[tuple[object, ...]]) -> list[object]:
    for found, wanted in zip(read, meant, strict=False):
        if found != wanted:
            return [found, wanted]
    return [read[len(meant) :][:1], meant[len(read) :][:1]]


@pytest.mark.parametrize(
    ("dialect", "markdown"),
    [
        *[(dialect, "**Rea** d") for dialect in DIALECTS],
        *[(dialect, "Re**ad **") for dialect in DIALECTS],
        *[(dialect, "# **Read**") for dialect in DIALECTS],
        *[(dialect, "[**Read**](https://x.example)") for dialect in DIALECTS],
        ("obsidian", "==**Read**=="),
        ("docusaurus", "<u>**Read**</u>"),
    ],
)
def test_the_comparison_sees_what_is_wrong(dialect: str, markdown: str) -> None:
    made = styled_lines.Line("paragraph", [styled_lines.span("Read", bold=True)])

    read = list(_compared(shown(markdown, dialect).glyphs))

    assert read != list(_compared(styled_lines.expected(made, dialect, math=True)))
    assert list(_compared(shown("**Read**", dialect).glyphs)) == list(
        _compared(styled_lines.expected(made, dialect, math=True))
    )
