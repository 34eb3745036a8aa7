"""Any document that the API could give, and some that it should not: strategies for hypothesis.

They need the library ``hypothesis``; nothing else in this package does.
"""

from __future__ import annotations

from typing import Any

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:  # pragma: no cover - it is among the tools of this project's own tests
    raise ModuleNotFoundError("strategies need the library hypothesis: pip install hypothesis") from error

from notion_sync_core.model import KINDS, Json, Parent, Ref
from notion_sync_core.testing.build import (
    TEXTS,
    bare,
    block,
    equation,
    every_kind,
    external,
    media,
    mention,
    table,
    text,
)
from notion_sync_core.testing.drafts import WHEN, Draft, document

Texts = st.SearchStrategy[str]
HOSTILE_TEXTS = (
    *("", " ", "\n", "a\nb", "\t", "| a | b |", "# h", "- x", "1. x", "> q", "```", "`", "**", "$$", "\\", "---"),
    *("<zq>", "</script><script>zq()</script>", '"><img src=x onerror=zq()>', "{{ zq }}", "{% zq %}", "]]>", "&lt;"),
    *(
        "](javascript:zq())",
        "\u202egnp",
        "\u200b",
        "\ufeff",
        "é",
        "e\u0301",
        "日本語",
        "🚲",
        "a" * 300,
        "\x00",
        "\x1b[2J",
    ),
)
"""Texts that mean something to some format."""
_HREFS = (
    None,
    None,
    None,
    "https://example.org/a?b=c&d=e#f",
    "/relative",
    "javascript:zq()",
    "mailto:a@example.org",
    "",
)
_COLORS = ("default", "red", "blue_background", 'zq" onclick="zq()')
_FLAGS = ("bold", "italic", "strikethrough", "underline", "code")


def texts() -> Texts:
    """Any text with an encoding; often one that is hard for some format."""
    some = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    return st.sampled_from(HOSTILE_TEXTS) | some | st.lists(st.sampled_from(HOSTILE_TEXTS), max_size=4).map("".join)


def ids() -> Texts:
    """Ids of objects."""
    return st.uuids(version=4).map(str)


@st.composite
def _items(draw: st.DrawFn) -> Json:
    shown = draw(texts())
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return equation(shown)
    if kind == 1:
        named = draw(st.sampled_from(["user", "page", "database", "date", "link_preview", "link_mention", "zq"]))
        payload = {"id": draw(ids()), "url": "https://example.org", "start": "2026-01-02", "name": shown}
        return mention(named, payload, shown, draw(st.sampled_from(_HREFS)))
    look = dict.fromkeys(draw(st.sets(st.sampled_from(_FLAGS), max_size=2)), True)
    return text(shown, draw(st.sampled_from(_HREFS)), color=draw(st.sampled_from(_COLORS)), **look)


def rich_texts() -> st.SearchStrategy[list[Json]]:
    """Rich text arrays of a few items: texts with any look and link, formulas, mentions."""
    return st.lists(_items(), max_size=4)


def blocks(max_leaves: int = 12) -> st.SearchStrategy[Json]:
    """Blocks of any type with blocks inside, to any depth; also of a type that nobody knows yet.

    :param max_leaves: about how many there are at most in one.
    """
    return st.recursive(_leaves(), _nested, max_leaves=max_leaves)


def _leaves() -> st.SearchStrategy[Json]:
    coded = st.builds(lambda items, name: block("code", items, language=name, caption=[]), rich_texts(), texts())
    cards = st.builds(
        lambda kind, url: bare(kind, url=url, caption=[]),
        st.sampled_from(["bookmark", "embed", "link_preview"]),
        st.sampled_from(_HREFS[3:]) | texts(),
    )
    files = st.builds(
        lambda kind, url, said: media(kind, external(url), said),
        st.sampled_from(["image", "video", "audio", "pdf", "file"]),
        st.sampled_from(_HREFS[3:]) | texts(),
        texts(),
    )
    tables = st.lists(st.lists(rich_texts(), min_size=2, max_size=2), max_size=3).map(table)
    unknown = st.builds(lambda items: bare("comes_later", rich_text=items, answer=42), rich_texts())
    odd = st.builds(lambda kind, payload: {"type": kind, kind: payload}, st.sampled_from(TEXTS), _odd_payloads())
    known = st.sampled_from(list(every_kind()))
    return st.one_of(_lines([]), known, coded, cards, files, tables, unknown, odd)


def _odd_payloads() -> st.SearchStrategy[Any]:
    return st.sampled_from([None, {}, [], "text", {"rich_text": None}, {"rich_text": [None, 3, {}]}, {"color": 7}])


def _lines(inside: list[Json]) -> st.SearchStrategy[Json]:
    kinds = st.sampled_from([*TEXTS, "to_do", "callout"])
    return st.builds(
        lambda kind, items, done: block(kind, items, inside, checked=done), kinds, rich_texts(), st.booleans()
    )


def _nested(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        several.flatmap(_lines),
        several.map(lambda inside: bare("column_list", [bare("column", inside), bare("column")])),
        several.map(lambda inside: bare("synced_block", inside, synced_from=None)),
        several.map(lambda inside: bare("tab", [block("paragraph", "tab", inside)])),
    )


def documents(max_blocks: int = 6) -> st.SearchStrategy[Draft]:
    """Pages with any title and blocks, to be put on a :class:`~notion_sync_core.testing.shelf.Shelf`."""
    return st.builds(lambda title, inside: document(title, *inside), texts(), st.lists(blocks(), max_size=max_blocks))


def refs() -> st.SearchStrategy[Ref]:
    """References as sources give them, of any kind, with any title."""
    parents = st.just(Parent()) | st.builds(Parent, st.sampled_from(["page_id", "block_id", "data_source_id"]), ids())
    return st.builds(
        lambda own, kind, title, parent: Ref(own, kind, title, parent, WHEN, WHEN, raw={"id": own}),
        ids(),
        st.sampled_from(KINDS),
        texts(),
        parents,
    )
