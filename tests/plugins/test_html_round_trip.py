"""A page read back by a parser: of each character its look, colour and address, of each block what it stands in."""

from __future__ import annotations

import os
from typing import Any

import html5lib
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_core.model import Json
from plugins.html_rendering import body, page, tree
from plugins.rendering import MemorySite, block, span, table

LINES = int(os.environ.get("LOOK_LINES", "2000"))
TREES = int(os.environ.get("LOOK_TREES", "500"))
"""How many are read back, some on each page."""
_TAGS = {"strong": "bold", "em": "italic", "del": "strikethrough", "u": "underline", "code": "code"}
_FLAGS = tuple(_TAGS.values())
_COLORS = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc", "Cs"]), max_size=12)
TEXT |= st.sampled_from(
    [
        "*",
        "_a_",
        "**b**",
        "<b>",
        "&reg_code=5",
        "&amp;",
        "&#65;",
        "a  b",
        "\n",
        " x\n\ny ",
        "`",
        "$x$",
        "שלום",
        "日本",
        "1. a",
    ]
)
ADDRESSES = st.sampled_from(
    ["https://e.com/?a=1&reg_code=5", "https://e.com/a_b", "mailto:a@e.com", "https://e.com/%20'", "https://e.com/ä#b"]
)
COLORS = st.sampled_from(["default", *_COLORS, *(f"{name}_background" for name in _COLORS)])
LOOKS = st.fixed_dictionaries({flag: st.booleans() for flag in _FLAGS} | {"color": COLORS})
SPANS = st.builds(lambda text, href, look: span(text, href, **look), TEXT, st.none() | ADDRESSES, LOOKS)
RICH = st.lists(SPANS, max_size=5)
NAMED = st.builds(lambda first, rest: [first, *rest], st.builds(span, st.just("x") | st.just("ש")), RICH)
"""Text of a container, which would be one of its children if it were empty."""


@frozen
class Letter:
    """One character as a reader sees it."""

    text: str
    look: frozenset[str]
    color: str
    href: str


def parsed(*blocks: Json) -> Any:
    """The blocks as a browser reads them."""
    return html5lib.parseFragment(body(*blocks), treebuilder="etree", namespaceHTMLElements=False)


def written(items: list[Json]) -> list[Letter]:
    """What a rich text says, letter by letter."""
    return [
        Letter(letter, frozenset(flag for flag in _FLAGS if look[flag]), look["color"], item["href"] or "")
        for item in items
        for look in [item["annotations"]]
        for letter in item["plain_text"]
    ]


def read(element: Any, look: frozenset[str] = frozenset(), color: str = "default", href: str = "") -> list[Letter]:
    """What an element says, letter by letter."""
    if element.tag == "br":
        return [Letter("\n", look, color, href)]
    if element.tag in _TAGS:
        look |= {_TAGS[element.tag]}
    kind, _, name = (element.get("class") or "").partition("-")
    if element.tag == "span" and kind in ("color", "bg"):
        color = name if kind == "color" else f"{name}_background"
    if element.tag == "a":
        if element.get("class") == "anchor":
            return []
        href = element.get("href")
    found = [Letter(letter, look, color, href) for letter in element.text or ""]
    for child in element:
        found += read(child, look, color, href)
        found += [Letter(letter, look, color, href) for letter in child.tail or ""]
    return found


def addressed(letters: list[Letter]) -> list[Letter]:
    """With addresses as HTML has them: what may not stand in one is encoded."""
    changed = {"https://e.com/%20'": "https://e.com/%20%27"}
    return [Letter(each.text, each.look, each.color, changed.get(each.href, each.href)) for each in letters]


_LINES = {
    "paragraph": ".//p",
    "heading_1": ".//h2",
    "heading_4": ".//h5",
    "quote": ".//blockquote/p",
    "callout": ".//p",
    "toggle": ".//summary/span",
    "to_do": ".//li/span[@class='text']",
    "bulleted_list_item": ".//li/span",
    "numbered_list_item": ".//li/span",
    "code": ".//pre/code",
}


@pytest.mark.campaign
@settings(max_examples=LINES // 10)
@given(st.lists(st.tuples(st.sampled_from(sorted(_LINES)), NAMED), min_size=10, max_size=10))
def test_of_each_letter_look_colour_and_address_come_back(lines: list[tuple[str, list[Json]]]) -> None:
    whole = parsed(*(block("column", children=[_line(kind, items)]) for kind, items in lines))

    for (kind, items), column in zip(lines, whole, strict=True):
        found = column.find(_LINES[kind])
        letters = addressed(written(items))
        if kind == "code" and all(
            not each.href and each.look <= {"code"} and each.color == "default" for each in letters
        ):
            # The colours of a language are no looks of its text.
            assert "".join(found.itertext()) == "".join(each.text for each in letters)
        else:
            assert read(found) == (_in_code(letters) if kind == "code" else letters)


def _line(kind: str, items: list[Json]) -> Json:
    return block(kind, items, caption=[], language="python")


def _in_code(letters: list[Letter]) -> list[Letter]:
    """All of a block of code stands in ``<code>``."""
    return [Letter(each.text, each.look | {"code"}, each.color, each.href) for each in letters]


# -- which block stands in which


@frozen
class Read:
    """A block as a reader sees it."""

    kind: str
    text: str
    inside: tuple[Read, ...] = ()


def _holder(kind: str, inner: Any) -> Any:
    return st.builds(
        lambda text, kids: block(kind, text, kids), st.sampled_from(["a", "b\nc", "ש"]), st.lists(inner, max_size=3)
    )


_LEAF = st.one_of(
    st.builds(
        lambda text: block("code", text, language="plain text", caption=[]), st.sampled_from(["x", "\n y\n\n", "<b>"])
    ),
    st.just(block("divider")),
    st.just(table(["a", "b"], ["c", "d"])),
    *(st.builds(block, st.just(kind), st.sampled_from(["a", "b"])) for kind in ("paragraph", "heading_2")),
)
_HOLDERS = (
    *("paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout", "heading_1"),
    *("synced_block", "column_list", "tab"),
)


def _node(inner: Any) -> Any:
    kids = st.lists(inner, min_size=1, max_size=3)
    simple = [kind for kind in _HOLDERS if kind not in ("synced_block", "column_list", "tab")]
    return st.one_of(
        *(_holder(kind, inner) for kind in simple),
        st.builds(lambda kids: block("synced_block", children=kids, synced_from=None), kids),
        st.builds(
            lambda columns: block("column_list", children=[block("column", children=each) for each in columns]),
            st.lists(kids, min_size=1, max_size=2),
        ),
        st.builds(
            lambda tabs: block("tab", children=[block("paragraph", "t", each) for each in tabs]),
            st.lists(kids, min_size=1, max_size=2),
        ),
        st.builds(lambda start: block("numbered_list_item", "n", list_start_index=start), st.integers(0, 12)),
    )


NODES = st.recursive(_LEAF, _node, max_leaves=8)


def expected(blocks: list[Json], parent: str = "") -> tuple[Read, ...]:
    """The blocks as they should be read, numbered as Notion numbers them."""
    found: list[Read] = []
    number = 0
    for raw in blocks:
        kind, payload = raw["type"], raw[raw["type"]]
        text = "".join(item["plain_text"] for item in payload.get("rich_text", []))
        number = payload.get("list_start_index", number + 1) if kind == "numbered_list_item" else 0
        inside = expected(raw.get("+", []), kind)
        if kind == "numbered_list_item":
            text = f"{number}. {text}"
        if kind == "table":
            rows = raw["+"]
            text = "|".join(cell[0]["plain_text"] for row in rows for cell in row["table_row"]["cells"])
            inside = ()
        if kind == "heading_1":
            kind = "toggle_heading" if raw["has_children"] else kind
        found.append(Read("tab_item" if parent == "tab" else kind, text, inside))
    return tuple(found)


def outline(parent: Any) -> tuple[Read, ...]:
    """The blocks that an element holds."""
    found: list[Read] = []
    for child in parent:
        if child.tag == "div" and child.get("class") == "indented":
            found[-1] = Read(found[-1].kind, found[-1].text, outline(child))
        elif child.tag in ("ul", "ol"):
            found += _items(child)
        else:
            found.append(_block(child))
    return tuple(found)


def _text(element: Any) -> str:
    return "".join(each.text for each in read(element))


def _items(items: Any) -> list[Read]:
    kind = (
        "to_do"
        if items.get("class") == "tasks"
        else {"ul": "bulleted_list_item", "ol": "numbered_list_item"}[items.tag]
    )
    first = int(items.get("start", "1"))
    return [
        Read(
            kind,
            (f"{number}. " if items.tag == "ol" else "") + _text(item.find("span[@class='text']")),
            outline([each for each in item if each.tag != "span"]),
        )
        for number, item in enumerate(items, first)
    ]


def _block(element: Any) -> Read:
    classes = (element.get("class") or "").split()
    if element.tag == "details":
        kind = "toggle_heading" if "heading" in classes else "tab_item" if "tab" in classes else "toggle"
        body = element.find("div") if kind == "tab_item" else list(element)[1:]
        return Read(kind, _text(element.find("summary")), outline(body))
    if element.tag == "blockquote":
        return Read("quote", _text(element[0]), outline(list(element)[1:]))
    if element.tag == "div" and "callout" in classes:
        return Read("callout", _text(element[0][0]), outline(list(element[0])[1:]))
    if element.tag == "div" and "table" in classes:
        return Read("table", "|".join(_text(cell) for cell in element.iter() if cell.tag in ("td", "th")))
    if element.tag == "div":
        kinds = {"synced": "synced_block", "columns": "column_list", "column": "column", "tabs": "tab"}
        return Read(kinds[classes[0]], "", outline(element))
    if element.tag == "figure":
        return Read("code", "".join(element.find("pre/code").itertext()))
    kinds = {"p": "paragraph", "h2": "heading_1", "h3": "heading_2", "hr": "divider"}
    return Read(kinds[element.tag], _text(element))


@pytest.mark.campaign
@settings(max_examples=TREES // 5)
@given(st.lists(NODES, min_size=5, max_size=5))
def test_each_block_stands_in_its_own_container_with_its_own_number(blocks: list[Json]) -> None:
    assert outline(parsed(*_with_ids(blocks, []))) == expected(blocks)


# -- local addresses


def _with_ids(blocks: list[Json], ids: list[str]) -> list[Json]:
    made = []
    for raw in blocks:
        own = f"{len(ids) + 1:032x}"
        ids.append(own)
        made.append({**raw, "id": own} | ({"+": _with_ids(raw["+"], ids)} if "+" in raw else {}))
    return made


_BARE = st.sampled_from(
    [
        block("table_of_contents"),
        block("breadcrumb"),
        block("equation", expression=""),
        block("synced_block", synced_from=None),
        block("bookmark", url=""),
        block("unsupported"),
        block("hologram", depth=3),
        block("child_page", title="x"),
        block("template", "x"),
    ]
)


@pytest.mark.campaign
@settings(max_examples=TREES // 5)
@given(st.lists(NODES | _BARE, min_size=5, max_size=5))
def test_each_block_that_a_link_leads_to_is_there_once(blocks: list[Json]) -> None:
    ids: list[str] = []
    numbered = _with_ids(blocks, ids)

    whole = tree(page(*numbered, site=MemorySite(anchors=frozenset(ids))))

    there = [each.get("id") for each in whole.iter() if each.get("id") in set(ids)]
    assert sorted(there) == sorted(ids)
    assert {each.get("href")[1:] for each in _local_links(whole)} <= set(there)


def _local_links(whole: Any) -> list[Any]:
    """Links within the page, but that past the navigation."""
    links = (each for each in whole.iter("a") if (each.get("href") or "").startswith("#"))
    return [each for each in links if each.get("class") != "skip"]
