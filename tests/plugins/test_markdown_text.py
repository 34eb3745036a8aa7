"""Rich text: whatever it says, a CommonMark parser reads the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.document import Target
from notion_sync_core.model import Json
from notion_sync_markdown.dialects import DIALECTS
from notion_sync_markdown.escape import Escaper
from plugins.rendering import MemorySite, block, body, page, parser, read_text, span, squeezed, table

TRICKY = st.text(st.sampled_from("ab1 \n*_[]()<>&#|~`+-=.!:$\\\"'{}^@/é中€\u0301😀;"), max_size=12)
FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
LOOKS = st.fixed_dictionaries({}, optional={flag: st.booleans() for flag in FLAGS})
HREFS = st.none() | st.sampled_from(["https://a.example/x_y?a=1&copy=2", "/" + "a" * 32, "javascript:alert(1)"])


@st.composite
def rich_texts(draw: st.DrawFn) -> list[Json]:
    return [span(draw(TRICKY), draw(HREFS), **draw(LOOKS)) for _ in range(draw(st.integers(min_value=1, max_value=4)))]


def without_space(text: str) -> str:
    return "".join(text.split())


@given(rich_texts(), st.sampled_from(["paragraph", "heading_1", "bulleted_list_item", "quote", "to_do", "toggle"]))
def test_text_comes_back_whatever_it_looks_like(items: list[Json], kind: str) -> None:
    text = "".join(item["plain_text"] for item in items)

    read = read_text(body(block(kind, items)))

    read = read.removeprefix("[ ]") if kind == "to_do" else read
    assert without_space(read) == without_space(text)


@given(st.lists(st.lists(TRICKY, min_size=2, max_size=2), min_size=1, max_size=3))
def test_cells_of_a_table_come_back(rows: list[list[str]]) -> None:
    read = read_text(body(table(*rows)))

    assert without_space(read) == without_space("".join(map("".join, rows)))


@given(rich_texts())
def test_formatted_cells_come_back(items: list[Json]) -> None:
    row = block("table_row", cells=[items, [span("end")]])

    read = read_text(body(block("table", children=[row], has_column_header=False)))

    assert without_space(read) == without_space("".join(item["plain_text"] for item in items)) + "end"


@given(TRICKY)
def test_words_stay_apart(text: str) -> None:
    assert read_text(body(block("paragraph", f"x{text}x"))) == squeezed(f"x{text}x")


@pytest.mark.parametrize(
    ("items", "markdown"),
    [
        ([span("plain")], "plain"),
        ([span("bold ", bold=True), span("text")], "**bold** text"),
        ([span("bo", bold=True), span("ld", bold=True)], "**bold**"),
        ([span("both", bold=True, italic=True)], "***both***"),
        ([span("gone", strikethrough=True)], "~~gone~~"),
        ([span("under", underline=True)], "<ins>under</ins>"),
        ([span("a`b", code=True)], "``a`b``"),
        ([span("in"), span("sid", bold=True), span("e")], "in**sid**e"),
        ([span("a"), span("(b)", bold=True), span("c")], "a<strong>(b)</strong>c"),
        ([span("one\ntwo")], "one\\\ntwo"),
        ([span("1. x")], "1\\. x"),
        ([span("- x")], "\\- x"),
        ([span("snake_case _x_")], "snake_case \\_x\\_"),
        ([span("R&D &amp; A & B")], "R&D \\&amp; A & B"),
        ([span("wow!"), span("x", "https://a.b")], "wow\\![x](https://a.b)"),
        ([span("https://a.b/c", "https://a.b/c")], "<https://a.b/c>"),
        ([span("evil", "javascript:alert(1)")], "evil"),
        ([span("evil", "data:text/html,x")], "evil"),
        ([span("a b", "https://a.b/x y(z)")], "[a b](https://a.b/x%20y%28z%29)"),
    ],
)
def test_rich_text_reads_well(items: list[Json], markdown: str) -> None:
    assert body(block("paragraph", items)) == markdown


def mention(kind: str, payload: Json, text: str, href: str | None = None) -> Json:
    return {
        "type": "mention",
        "mention": {"type": kind, kind: payload},
        "annotations": {},
        "plain_text": text,
        "href": href,
    }


OTHER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("item", "markdown"),
    [
        (mention("page", {"id": OTHER}, "Old title"), "[New \\[title\\]](Sub%20folder/New.md)"),
        (span("see", f"/{OTHER.replace('-', '')}#abc"), "[see](Sub%20folder/New.md)"),
        (span("see", f"https://www.notion.so/Old-{OTHER.replace('-', '')}?v=1"), "[see](Sub%20folder/New.md)"),
        (mention("page", {"id": "b" * 32}, "Other"), f"[Other](https://www.notion.so/{'b' * 32})"),
        (mention("user", {"id": "u1"}, "@Anonymous"), "@Ada"),
        (mention("user", {"id": "u2"}, "@Bob"), "@Bob"),
        (mention("date", {"start": "2026-01-01", "end": "2026-01-02"}, ""), "2026-01-01 → 2026-01-02"),
        (mention("link_preview", {"url": "https://a.b/1"}, "https://a.b/1"), "<https://a.b/1>"),
        (mention("link_mention", {"href": "https://a.b/1", "title": "One"}, ""), "[One](https://a.b/1)"),
        (mention("custom_emoji", {"name": "bufo"}, ":bufo:"), "\\:<span></span>bufo:"),
        (mention("agent", {"name": "Helper"}, ""), "Helper"),
        ({"type": "equation", "equation": {"expression": "x"}, "plain_text": "x"}, "$x$"),
        ({"type": "equation", "equation": {"expression": "a_b"}, "plain_text": "a_b"}, "$`a_b`$"),
    ],
)
def test_mentions_and_links_lead_to_what_they_name(item: Json, markdown: str) -> None:
    target = Target("New [title]", "Sub folder/New.md", "https://app.notion.com/p/x")

    assert body(block("paragraph", [item]), site=MemorySite({OTHER: target}, users={"u1": "Ada"})) == markdown


def test_a_title_stays_a_title() -> None:
    from plugins.rendering import ref

    rendered = page(ref=ref("# a\n* <b> #"))

    assert [token.tag for token in parser().parse(rendered)] == ["h1", "", "h1"]
    assert read_text(rendered) == "# a * <b> #"


@pytest.mark.parametrize("dialect", list(DIALECTS))
@given(text=st.text(st.sampled_from("".join(map(chr, range(32, 127))) + "ab1 \né"), max_size=12))
def test_what_a_dialect_escapes_begins_with_what_is_looked_for(dialect: str, text: str) -> None:
    escaper = DIALECTS[dialect].escaper
    whole = Escaper.__new__(Escaper)
    whole.__dict__ |= {**vars(escaper), "_first": re.compile("")}
    assert escaper.markup(text) == whole.markup(text)
