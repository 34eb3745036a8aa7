"""Short ways to write rich text, blocks and property values in the API's shapes (version 2026-03-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]
_PLAIN = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}


def text(content: str, href: str | None = None, **annotations: Any) -> Json:
    """A text item; ``bold=True``, ``color="red"`` and so on."""
    return {
        "type": "text",
        "text": {"content": content, "link": {"url": href} if href else None},
        "annotations": {**_PLAIN, **annotations},
        "plain_text": content,
        "href": href,
    }


def mention(kind: str, payload: Json, shown: str, href: str | None = None) -> Json:
    """A mention item: of a user, page, database, date, …"""
    return {
        "type": "mention",
        "mention": {"type": kind, kind: payload},
        "annotations": dict(_PLAIN),
        "plain_text": shown,
        "href": href,
    }


def page_mention(page_id: str, shown: str) -> Json:
    """A mention of a page."""
    return mention("page", {"id": page_id}, shown, f"https://app.notion.com/p/{page_id.replace('-', '')}")


def equation(expression: str) -> Json:
    """An inline formula."""
    return {
        "type": "equation",
        "equation": {"expression": expression},
        "annotations": dict(_PLAIN),
        "plain_text": expression,
        "href": None,
    }


def rich(content: str | Iterable[Json | str]) -> list[Json]:
    """A rich text array from a text or from items."""
    if isinstance(content, str):
        return [text(content)] if content else []
    return [text(item) if isinstance(item, str) else item for item in content]


def block(kind: str, content: str | Iterable[Json | str] = "", children: Iterable[Json] = (), **payload: Any) -> Json:
    """A block with rich text."""
    return {
        "type": kind,
        kind: {"rich_text": rich(content), "color": "default", **payload},
        "children": list(children),
    }


def bare(kind: str, children: Iterable[Json] = (), **payload: Any) -> Json:
    """A block without text of its own."""
    return {"type": kind, kind: payload, "children": list(children)}


def media(kind: str, source: Json, caption: str = "", **payload: Any) -> Json:
    """An image, video, audio, pdf or file block."""
    return {"type": kind, kind: {**source, "caption": rich(caption), **payload}, "children": []}


def external(url: str) -> Json:
    """A file that lies somewhere else."""
    return {"type": "external", "external": {"url": url}}


def table(rows: Iterable[Iterable[str | list[Json]]], *, header: bool = True) -> Json:
    """A table block with its rows."""
    cells = [[rich(cell) for cell in row] for row in rows]
    width = max((len(row) for row in cells), default=1)
    children = [bare("table_row", cells=row) for row in cells]
    return bare("table", children, table_width=width, has_column_header=header, has_row_header=False)


def schema(name: str, kind: str, **config: Any) -> Json:
    """A property of a data source; its id is made from its name."""
    return {
        "id": "title" if kind == "title" else property_id(name),
        "name": name,
        "description": None,
        "type": kind,
        kind: config,
    }


def property_id(name: str) -> str:
    """A short id of a property, URL-safe."""
    return "".join(char for char in name.casefold() if char.isascii() and char.isalnum())[:8] or "prop"


def value(kind: str, name: str, payload: Any) -> Json:
    """A property's value on a page."""
    found: Json = {"id": "title" if kind == "title" else property_id(name), "type": kind, kind: payload}
    if kind == "relation":
        found["has_more"] = False
    return found


def hosted(url: str, name: str = "") -> Json:
    """A file that lies with the service, as it is after normalising: its address has no signature."""
    return {"type": "file", "file": {"url": url, "expiry_time": None}, **({"name": name} if name else {})}


def every_kind(link_to: str = "") -> Iterator[Json]:
    """One block of each type that the API documents, each with text where it has any.

    :param link_to: the id of a page that those lead to that lead to one.
    """
    page = link_to or "22222222-2222-4222-8222-222222222222"
    for kind in TEXTS:
        yield block(kind, f"text of {kind}")
    yield block("to_do", "text of to_do", checked=True)
    yield block("code", "text of code", language="python", caption=rich("caption of code"))
    yield block("callout", "text of callout", icon={"type": "emoji", "emoji": "💡"})
    for kind in ("divider", "breadcrumb", "table_of_contents"):
        yield bare(kind, color="default")
    yield bare("equation", expression="e = mc^2")
    for kind in ("bookmark", "embed", "link_preview"):
        yield bare(kind, url=f"https://example.org/{kind}", caption=rich(f"caption of {kind}"))
    for kind in ("image", "video", "audio", "pdf", "file"):
        yield media(kind, external(f"https://example.org/{kind}.bin"), f"caption of {kind}")
    yield table([["head one", "head two"], ["cell one", "cell two"]])
    yield bare("column_list", [bare("column", [block("paragraph", f"column {side}")]) for side in ("left", "right")])
    yield bare("tab", [block("paragraph", "label of tab", [block("paragraph", "inside tab")])])
    yield bare("synced_block", [block("paragraph", "inside synced")], synced_from=None)
    yield bare("child_page", title="title of child_page")
    yield bare("child_database", title="title of child_database")
    yield bare("link_to_page", type="page_id", page_id=page)
    yield bare("meeting_notes", [block("paragraph", "inside meeting")], title=rich("title of meeting"))
    yield bare("unsupported", block_type="button")


TEXTS = (
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "heading_4",
    "bulleted_list_item",
    "numbered_list_item",
    "toggle",
    "quote",
    "template",
)
"""Types of blocks that are a text, and what is inside them."""
