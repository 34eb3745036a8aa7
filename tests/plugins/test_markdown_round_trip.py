"""Whatever text says, independent parsers of each dialect read the same."""

from __future__ import annotations

import csv
import io

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_core.content.rich_text import clean
from notion_sync_core.document import Row
from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from plugins.markdown_reading import DIALECTS, body, github, read, rendered
from plugins.rendering import MemoryDocument, MemorySite, block, content, ref, span, table

TRICKY = st.text(st.sampled_from("ab1 \n*_[]()<>&#|~`+-=.!:$\\\"'{}^@/%?é中€\u0301😀;"), max_size=14)
STARTS = st.sampled_from(
    ["import x", "export a", ":::note", "!!! note", "??? x", "/// html", "- [ ] x", "> [!note] x", "[^1]: x",
     "--- \n---",
     "<!-- x", "{/* x */}", "#tag", "a ^block", "==x==", "%%x%%", "$x$", ":smile: :x[y]", "[[x|y]]", "=== x", "*[a]: b",
     "&lt;b&gt;", "<script>alert(1)</script>", "{{ x }}", "{% x %}", "1) x", "| a | b |\n| - | - |", "http://a_b.c/*d*",
     "www.a.b/_x_", "++x++", "~~~\nx", "\u00a0x"]
)  # fmt: skip
TEXT = TRICKY | STARTS | st.tuples(STARTS, TRICKY).map("".join)
FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
LOOKS = st.fixed_dictionaries({}, optional={flag: st.booleans() for flag in FLAGS})
HREFS = st.none() | st.sampled_from(["https://a.example/x_y?a=1&copy=2", "/" + "a" * 32, "javascript:alert(1)"])
KINDS = ["paragraph", "heading_1", "bulleted_list_item", "quote", "to_do", "toggle", "callout", "numbered_list_item"]


@st.composite
def rich_texts(draw: st.DrawFn) -> list[Json]:
    return [span(draw(TEXT), draw(HREFS), **draw(LOOKS)) for _ in range(draw(st.integers(min_value=1, max_value=3)))]


def letters(text: str) -> str:
    return "".join(text.split())


def text_of(items: list[Json]) -> str:
    return letters("".join(item["plain_text"] for item in items))


def shown(items: list[Json], kind: str) -> tuple[str, ...]:
    """What may be read: a box is text for some parsers."""
    text = text_of(items)
    return (text, f"[]{text}") if kind == "to_do" else (text,)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(items=rich_texts(), kind=st.sampled_from(KINDS))
def test_text_comes_back_in_every_dialect(dialect: str, items: list[Json], kind: str) -> None:
    assert letters(read(body(block(kind, items), dialect=dialect), dialect)) in shown(items, kind)


@given(items=rich_texts(), kind=st.sampled_from(KINDS))
def test_text_comes_back_from_githubs_own_parser(items: list[Json], kind: str) -> None:
    assert letters(github(body(block(kind, items)))) in shown(items, kind)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(items=rich_texts(), outer=st.sampled_from(KINDS), inner=st.sampled_from(KINDS))
@settings(max_examples=60)
def test_nested_text_comes_back_in_every_dialect(dialect: str, items: list[Json], outer: str, inner: str) -> None:
    markdown = body(block(outer, "outer", [block(inner, items), block("paragraph", "end")]), dialect=dialect)

    assert letters(read(markdown, dialect)).replace("[]", "") == letters(f"outer{text_of(items)}end").replace("[]", "")


@pytest.mark.parametrize("dialect", DIALECTS)
@given(cells=st.lists(TEXT, min_size=2, max_size=2), items=rich_texts())
@settings(max_examples=60)
def test_cells_come_back_in_every_dialect(dialect: str, cells: list[str], items: list[Json]) -> None:
    raw = table(["h", "i"], cells)
    raw["+"].append(block("table_row", cells=[items, [span("end")]]))

    assert letters(read(body(raw, dialect=dialect), dialect)) == letters(f"hi{''.join(cells)}{text_of(items)}end")


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=st.text(st.sampled_from("a` \n~=-*:/!$|"), max_size=20))
@settings(max_examples=60)
def test_code_comes_back_in_every_dialect(dialect: str, text: str) -> None:
    inside = block("bulleted_list_item", "x", [block("code", f"a{text}b", language="python", caption=[])])

    assert letters(read(body(inside, dialect=dialect), dialect)) == letters(f"xa{text}b")


VALUES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | st.text(max_size=8)
HOSTILE = st.sampled_from(
    ["no", "y", "1e3", "0o17", "0x1F", "1:30", "2026-01-01", "~", "null", "<<", "=", "---", "a: b", "# c", "- d", "&a",
     "*b", "!!python/object:x", "{}", "[x", "'", '"', "a\n---\nb", "\x85", "\u2028", "%x", "@x", "`x`", ".5", "+1",
     "🚲", "a\ue000🚲", "\\U0001F6B2 🚲"]
)  # fmt: skip


def as_property(value: object) -> Json:
    kind = {bool: "checkbox", int: "number", float: "number", type(None): "number"}.get(type(value), "rich_text")
    return {"type": kind, kind: [span(str(value))] if kind == "rich_text" else value}


@given(st.dictionaries(st.text(min_size=1, max_size=6) | HOSTILE, VALUES | HOSTILE, min_size=1, max_size=4))
def test_front_matter_gives_back_keys_and_values(values: dict[str, object]) -> None:
    values = {key: value for key, value in values.items() if _is_whole(key) and _is_whole(value)}
    properties = {key: as_property(value) for key, value in values.items()}

    markdown = rendered(raw={"properties": {**properties, "the title": {"type": "title", "title": [span("T")]}}})

    head = markdown.split("---\n", 2)[1] if values else "the title: T"
    shown = {key: clean(value) if isinstance(value, str) else value for key, value in values.items()}
    assert yaml.safe_load(head) == {"the title": "T", **shown}


def _is_whole(value: object) -> bool:
    return not isinstance(value, str) or value.encode("utf-8", "replace").decode() == value


@given(st.lists(st.text(max_size=10) | HOSTILE, max_size=4))
def test_csv_gives_back_its_cells(texts: list[str]) -> None:
    source: Json = {"id": "s", "title": [], "properties": {"Name": {"type": "title"}}}
    rows = [Row(ref(text), {"properties": {"Name": {"type": "title", "title": [span(text)]}}}) for text in texts]
    document = MemoryDocument([], ref("T", "database"), {}, [source], {"s": rows})

    made = content(list(MarkdownRenderer().render_document(document, MemorySite()))[1])

    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(made, newline=""))][1:]
    assert [cell.removeprefix("'") for cell in cells] == [
        clean(text.encode("utf-8", "replace").decode()).removeprefix("'") for text in texts
    ]


NESTING = ["paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout", "heading_3"]


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> list[Json]:
    """Blocks of any type within each other, each with a word of its own."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from([*NESTING, "code", "table", "column_list", "synced_block", "divider", "empty"]))
        children = draw(trees(depth=depth + 1)) if depth < 3 and draw(st.booleans()) else []
        word = f"w{draw(st.integers(100, 999))}"
        payload = {"list_start_index": draw(st.integers(1, 99))} if draw(st.booleans()) else {}
        if kind == "code":
            found.append(block("code", f"{word}\n\n    {word}", language="c", caption=[span(word)]))
        elif kind == "table":
            found.append(table([word, "h"], ["c", word]))
        elif kind == "column_list":
            columns = [block("column", children=children or [block("paragraph", word)]) for _ in range(2)]
            found.append(block("column_list", children=columns))
        elif kind == "synced_block":
            found.append({**block("synced_block", children=children, synced_from=None), "id": f"at-{depth}"})
        elif kind in ("divider", "empty"):
            found.append(block("divider") if kind == "divider" else block("paragraph", ""))
        else:
            found.append(block(kind, word, children, **(payload if kind == "numbered_list_item" else {})))
    return found


def words_of(raws: list[Json]) -> list[str]:
    words = []
    for raw in raws:
        payload = raw[raw["type"]]
        for items in (payload.get("rich_text"), *(payload.get("cells") or ()), payload.get("caption")):
            words += "".join(item["plain_text"] for item in items or ()).split()
        words += words_of(raw.get("+", []))
    return words


@pytest.mark.parametrize("dialect", DIALECTS)
@given(raws=trees())
def test_any_tree_of_blocks_keeps_its_words_in_order(dialect: str, raws: list[Json]) -> None:
    read_words = read(body(*raws, dialect=dialect), dialect).replace("[ ]", "").split()

    assert read_words == words_of(raws)


@given(raws=trees())
def test_any_tree_of_blocks_keeps_its_words_for_github(raws: list[Json]) -> None:
    assert github(body(*raws)).replace("[ ]", "").split() == words_of(raws)
