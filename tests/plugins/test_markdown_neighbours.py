"""Markup of ours beside text, and beside other markup: what is written where."""

from __future__ import annotations

from typing import Any

import pytest

from notion_sync_core.content.rich_text import runs, tex
from notion_sync_core.model import Json
from plugins.looks import shown, squeezed
from plugins.markdown_reading import DIALECTS, body
from plugins.rendering import MemorySite, block, span

ALL = tuple(DIALECTS)


def formula(expression: str, href: str | None = None) -> Json:
    return {**span(expression, href), "type": "equation", "equation": {"expression": expression}}


@pytest.mark.parametrize(
    ("dialects", "items", "markdown"),
    [
        (ALL, [span("Owner:", bold=True), span(" Jane")], "**Owner:** Jane"),
        (ALL, [span("Read this first.", bold=True)], "**Read this first.**"),
        (ALL, [span("it is "), span("(optional)", italic=True), span(" here")], "it is *(optional)* here"),
        (["gfm", "obsidian", "docusaurus"], [span("a"), span("(b)", bold=True)], "a<strong>(b)</strong>"),
        (["mkdocs"], [span("a"), span("(b)", bold=True)], "a**(b)**"),
        (["gfm"], [span("a", bold=True), span("b", bold=True, italic=True)], "**a*b***"),
        (["mkdocs"], [span("a", bold=True), span("b", bold=True, italic=True)], "**a<em>b</em>**"),
        (["gfm"], [span("code", code=True, bold=True)], "**`code`**"),
        (["gfm"], [span("€"), span("(x)", bold=True)], "€<strong>(x)</strong>"),
        (ALL, [span("a", "https://x.y/"), span("b", "https://x.y/", italic=True)], "[a*b*](https://x.y/)"),
        (["gfm"], [span("the "), formula("k"), span("th, f"), formula("g"), span("h")],
         "the $`k`$th, f<span></span>$`g`$h"),
        (["gfm"], [span("see "), formula("x", "https://x.y/"), span(".")], "see [$`x`$](https://x.y/)."),
        (["obsidian"], [span("2"), formula("x")], "2<span></span>$x$"),
        (["gfm"], [span("a :smile: b::c 12:30:45")], "a :<span></span>smile: b::c 12:30:45"),
        (ALL, [span("]: x", "https://x.y/")], "[\\]&#58; x](https://x.y/)"),
        (ALL, [span("]: x", "https://x.y/", code=True)], "[<code>\\]&#58; x</code>](https://x.y/)"),
        (ALL, [formula("]: x", "https://x.y/")], "[<code>\\]&#58; x</code>](https://x.y/)"),
        (["docusaurus"], [span("under", underline=True)], "<p><u>under</u></p>"),
        (["docusaurus"], [span("under", underline=True), span(" text")], "<u>under</u> text"),
        (["obsidian"], [span("a", color="red_background"), span("b", color="blue_background", bold=True)],
         "==a**b**=="),
        (["obsidian"], [span("a", color="red_background")], "==a=="),
        (["obsidian"], [span("= a")], "\\= a"),
    ],
)  # fmt: skip
def test_markup_beside_its_neighbours(dialects: list[str], items: list[Json], markdown: str) -> None:
    for dialect in dialects:
        assert body(block("paragraph", items), dialect=dialect) == markdown


@pytest.mark.parametrize(
    ("kind", "items", "options", "markdown"),
    [
        ("to_do", [], {}, "- [ ] &nbsp;"),
        ("to_do", [span("[x]", code=True)], {}, "- [ ] <code>\\[x\\]</code>"),
        ("to_do", [span("x", "https://x.y/")], {}, "- [ ] [&#120;](https://x.y/)"),
        ("bulleted_list_item", [span("u", underline=True)], {"dialect": "docusaurus"}, "- <u>u</u>&nbsp;"),
        ("heading_2", [], {}, "##"),
        ("heading_2", [], {"dialect": "jekyll", "heading": True}, "### &nbsp;"),
        ("toggle", [span("t", color="red")], {}, "<details>\n<summary>t</summary>\n\n</details>"),
        ("toggle", [span("t", color="red")], {"dialect": "hugo", "heading": True},
         '<details>\n<summary><span style="color:#c4554d">t</span></summary>\n\n</details>'),
        ("divider", [], {"dialect": "jekyll", "heading": True}, "<hr />"),
        ("bulleted_list_item", [], {}, "-"),
        ("bulleted_list_item", [], {"dialect": "hugo", "heading": True}, "- &nbsp;"),
        ("paragraph", [span("]: x", "https://x.y/", code=True)], {"dialect": "hugo", "heading": True},
         "[<code>\\]&#58; x</code>](https://x.y/)"),
        ("paragraph", [span("[a]: {b}|", "https://x.y/", code=True)], {"dialect": "jekyll", "heading": True},
         "[<code>&#91;a&#93;: &#123;b&#125;&#124;</code>](https://x.y/)"),
        ("toggle", [span("x", "https://e.com/?a=1&reg_code=5")], {},
         '<details>\n<summary><a href="https://e.com/?a=1&amp;reg_code=5">x</a></summary>\n\n</details>'),
    ],
)  # fmt: skip
def test_markup_in_its_block(kind: str, items: list[Json], options: dict[str, Any], markdown: str) -> None:
    assert body(block(kind, items), **options) == markdown


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"title": "A title"}, "A title"),
        ({"title": " \n", "name": "A name"}, "A name"),
        ({"title": " "}, "https://x.y/"),
        ({"title": None}, "https://x.y/"),
    ],
)
def test_a_mention_of_a_link_always_says_something(payload: Json, said: str) -> None:
    item = {**span("https://x.y/", "https://x.y/"), "type": "mention"}
    item["mention"] = {"type": "link_mention", "link_mention": {"href": "https://x.y/", **payload}}

    assert [run.text for run in runs([item], MemorySite())] == [said]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("math", [False, True])
@pytest.mark.parametrize("kind", ["text", "code", "equation"])
def test_a_link_that_begins_a_block_is_read_as_a_link(dialect: str, math: bool, kind: str) -> None:
    item = formula("]: x", "https://x.y/") if kind == "equation" else span("]: x", "https://x.y/", code=kind == "code")

    made = shown(body(block("paragraph", [item]), dialect=dialect, math=math), dialect, math)

    assert [(glyph.char, glyph.style.href) for glyph in squeezed(made.glyphs)] == [
        (char, "https://x.y/") for char in "]: x"
    ]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("a % c\n+ b", "a + b"),
        ("a \\% c\n+ b", "a \\% c + b"),
        ("a \\\\% c\n+ b", "a \\\\ + b"),
        ("\\alpha%\nb", "\\alpha b"),
        ("a % c", "a % c"),
        ("% all\n% of it\nx", "x"),
    ],
)
def test_a_comment_of_a_formula_ends_with_its_line(raw: str, line: str) -> None:
    assert tex(raw) == line


@pytest.mark.parametrize(
    "around",
    [
        lambda inner: block("heading_2", "", inner),
        lambda inner: block("paragraph", "", inner),
        lambda inner: {**block("synced_block", children=inner, synced_from=None), "id": "s"},
    ],
)
def test_lists_of_different_parents_take_different_markers(around: Any) -> None:
    first, second = [block("numbered_list_item", name) for name in "ab"], [block("numbered_list_item", "c")]

    made = body(around(first), *second)

    assert made.endswith("1. a\n2. b\n\n1) c")
    assert body(around(first), *second, dialect="mkdocs").endswith("1.  a\n2.  b\n\n<!-- -->\n\n1.  c")


def test_a_paragraph_of_text_keeps_lists_apart_by_itself() -> None:
    item = block("bulleted_list_item", "a")

    assert body(item, block("paragraph", "text", [item]), item) == "- a\n\ntext\n\n- a\n\n* a"


def test_an_empty_item_holds_its_list_in_hugo() -> None:
    made = body(block("numbered_list_item", "", [block("numbered_list_item", "deep")]), dialect="hugo", heading=True)

    assert made == "1. &nbsp;\n   1. deep"


@pytest.mark.parametrize("dialect", ["hugo", "jekyll"])
def test_the_color_of_a_toggle_is_that_of_its_first_line(dialect: str) -> None:
    items = [span("a "), span("b", color="blue")]

    made = body(block("toggle", items, color="red"), dialect=dialect, heading=True)

    red, blue = '<span style="color:#c4554d">', '<span style="color:#487ca5">'
    assert f"<summary>{red}a </span>{blue}b</span></summary>" in made
