"""One block as it was read, made into blocks of requests: what can be written is, the rest becomes a visible note.

https://developers.notion.com/reference/patch-block-children; what may be in a payload follows the types of the
official SDK 5.26.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from notion_sync_core.content.walk import OTHER_DOCUMENTS, listed_in
from notion_sync_core.model import Block, Json, fields, normalise_id
from notion_sync_core.restore.planning import texts
from notion_sync_core.restore.planning.around import Around

HEADINGS = ("heading_1", "heading_2", "heading_3", "heading_4")
_TEXTS = (
    *("paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout", "template"),
    *HEADINGS,
)
_MEDIA = ("image", "video", "audio", "pdf", "file")
_MEETINGS = ("meeting_notes", "transcription")
HOLDERS = frozenset((*_TEXTS, "synced_block", "column_list", "column", "table", "tab"))
"""Types of blocks that hold others."""
PARTS = {"table": "table_row", "column_list": "column"}
"""What alone may stand in these."""


def planned(raw: Json, holder: str, width: int, around: Around) -> list[Json]:
    """The blocks that are written for one, in their order, without what stands in them: that goes into the last.

    :param holder: the type of the block that it stands in; ``page``: it stands right on one.
    :param width: cells of a row of that table.
    :raises Awaited: it names something that will be there later.
    """
    block = Block(raw)
    kind = block.type
    part = PARTS.get(holder)
    if part == "table_row":
        return [_row(block, width, around)]
    if part == "column":
        ratio = block.payload.get("width_ratio")
        is_ratio = isinstance(ratio, int | float) and not isinstance(ratio, bool) and 0 < ratio <= 1
        return [_block("column", {"width_ratio": ratio} if is_ratio else {})]
    if holder == "tab":
        return [_block("paragraph", {"rich_text": _all(block, around), **_icon(block, around)})]
    maker = _MAKERS.get(kind)
    needed = "toggle" if kind in _MEETINGS else kind
    if maker is None or (needed not in around.limits.kinds and kind not in OTHER_DOCUMENTS):
        return [_unknown(block, around)]
    return maker(block, around)


def inside(raw: Json, payload: Json) -> str:
    """Ids of what has the content of a block, with spaces between; ``""``: nothing stands in it.

    :param payload: the last of what was planned for it.
    """
    block, kind = Block(raw), payload["type"]
    if block.type in OTHER_DOCUMENTS or (kind == "synced_block" and payload[kind]["synced_from"] is not None):
        return ""
    if block.type == "synced_block" and block.id:
        return block.id
    return " ".join(listed_in(block))


def width_of(lists: str, raw: Json, around: Around) -> int:
    """How many cells the rows of a table have."""
    said = Block(raw).payload.get("table_width")
    width = said if isinstance(said, int) and not isinstance(said, bool) else 1
    rows = (len(_cells(Block(row))) for each in lists.split() for row in around.blocks(each))
    return max(1, width, *rows)


def noted(words: str, around: Around, rest: list[Json] | None = None, href: str = "") -> Json:
    """A visible paragraph in the place of what cannot be written."""
    around.note(words)
    told = texts.line(f"Not restored: {words}" + (" " if rest or href else ""), italic=True)
    link = texts.line(href, href=href) if href else []
    return _block("paragraph", {"rich_text": [*told, *link, *(rest or [])][: around.limits.items]})


def empty_row(width: int) -> Json:
    """A row without text: a table has to have one."""
    return _block("table_row", {"cells": [[] for _ in range(width)]})


def _block(kind: str, payload: Json) -> Json:
    return {"type": kind, kind: payload}


def _all(block: Block, around: Around) -> list[Json]:
    return texts.array(block.rich_text, around, f"the text of a block ({block.type})")


def _caption(block: Block, around: Around) -> Json:
    found = texts.array(block.caption, around, "a caption")
    return {"caption": found} if found else {}


def _unknown(block: Block, around: Around) -> Json:
    named = block.payload.get("block_type")
    what = named if isinstance(named, str) and named else block.type
    url = block.payload.get("url")
    href = str(url) if texts.is_address(url) else ""
    words = f"a block of the type {what!r:.60}"
    return noted(words, around, _all(block, around) if block.rich_text else None, href)


# -- by type


def _text(block: Block, around: Around) -> list[Json]:
    """The block; and, where its text is too long for one, others of its type behind it."""
    kind, payload = block.type, block.payload
    more: Json = {} if kind == "template" else {"color": texts.color(payload.get("color"))}
    if kind == "to_do":
        more["checked"] = payload.get("checked") is True
    elif kind in HEADINGS:
        more["is_toggleable"] = payload.get("is_toggleable") is True or block.has_children
    elif kind == "callout":
        more |= _icon(block, around)
    elif kind == "numbered_list_item" and payload.get("list_start_index") not in (None, 1):
        around.note("a numbered list that began with another number begins with 1")
    found = texts.arrays(block.rich_text, around)[: around.limits.array]
    if len(found) > 1:
        around.note(f"a text that is too long for one block ({kind}) became {len(found)}")
    return [_block(kind, {"rich_text": each, **more}) for each in found]


def _icon(block: Block, around: Around) -> Json:
    found = icon(block.payload.get("icon"), around)
    return {"icon": found} if found else {}


def icon(raw: Any, around: Around) -> Json | None:
    """An icon, or a cover, as requests have it."""
    given = fields(raw)
    kind = given.get("type")
    if kind == "emoji" and isinstance(given.get("emoji"), str):
        return {"type": "emoji", "emoji": given["emoji"]}
    if kind == "icon" and isinstance(given.get("icon"), dict):
        return {"type": "icon", "icon": given["icon"]}
    if kind in ("external", "file"):
        return source(given, around, "an icon or a cover")
    if given:
        around.note(f"an icon ({str(kind).replace('_', ' ')}) cannot be written")
    return None


def source(holder: Json, around: Around, what: str) -> Json | None:
    """What shows a file in a request; ``None``: nothing can, and a note says so."""
    if holder.get("type") == "external":
        url = fields(holder.get("external")).get("url")
        if texts.is_address(url):
            return {"type": "external", "external": {"url": url}}
        around.note(f"{what} lies at an address that cannot be written")
        return None
    found = around.file(holder)
    if found is None:
        around.note(f"{what} cannot be restored: its file is not here, or is not taken")
    return found


def _code(block: Block, around: Around) -> list[Json]:
    language = block.payload.get("language")
    known = around.limits.languages
    if not isinstance(language, str) or (known and language not in known):
        around.note(f"code in a language that cannot be written ({language!r:.40}) became plain text")
        language = "plain text"
    found = texts.arrays(block.rich_text, around)[: around.limits.array]
    made = [_block("code", {"rich_text": each, "language": language}) for each in found]
    made[-1]["code"].update(_caption(block, around))
    return made


def _equation(block: Block, around: Around) -> list[Json]:
    expression = block.payload.get("expression")
    if isinstance(expression, str) and len(expression) <= texts.LONGEST_EQUATION // 2:
        return [_block("equation", {"expression": expression})]
    item = {"type": "equation", "equation": {"expression": expression}, "plain_text": str(expression or "")}
    return [_block("paragraph", {"rich_text": texts.array([item], around, "a formula")})]


def _bare(block: Block, _: Around) -> list[Json]:
    return [_block(block.type, {})]


def _contents(block: Block, _: Around) -> list[Json]:
    return [_block("table_of_contents", {"color": texts.color(block.payload.get("color"))})]


def _card(block: Block, around: Around) -> list[Json]:
    url = block.payload.get("url")
    if texts.is_address(url):
        return [_block(block.type, {"url": url, **_caption(block, around)})]
    if block.type == "embed" and "file" in block.payload:
        found = source(block.payload, around, "an embedded file")
        if found is not None:
            return [_block("embed", {**found, **_caption(block, around)})]
    return [noted(f"the address of a block ({block.type})", around, _caption(block, around).get("caption"))]


def _media(block: Block, around: Around) -> list[Json]:
    found = source(block.payload, around, f"a file ({block.type})")
    caption = _caption(block, around)
    if found is None:
        name = str(block.payload.get("name") or "")
        said = caption.get("caption") or texts.line(name)
        return [noted(f"a file ({block.type})", around, said)]
    named = block.payload.get("name")
    called = {"name": named} if block.type == "file" and isinstance(named, str) and named else {}
    return [_block(block.type, {**found, **caption, **called})]


def _link(block: Block, around: Around) -> list[Json]:
    payload = block.payload
    for key, kind in (("page_id", "page"), ("database_id", "database")):
        old = normalise_id(str(payload.get(key)))
        if old is not None:
            return [_to(old, kind, around)]
    return [noted("a link to a comment, or to nothing", around)]


def _to(old: str, kind: str, around: Around) -> Json:
    """A block that leads to a page or database."""
    new = around.new_of(old)
    is_ours = bool(around.kind(old))
    if new and is_ours:
        key = "database_id" if around.kind(old) == "database" else "page_id"
        return _block("link_to_page", {"type": key, key: new})
    if around.names_others and not is_ours:
        return _block("link_to_page", {"type": f"{kind}_id", f"{kind}_id": old})
    return noted(f"a link to a {kind} that is not restored:", around, href=texts.old_address(old))


def _child(block: Block, around: Around) -> list[Json]:
    """A page or database that stood here: it is somewhere on the page, or nowhere."""
    kind = block.type.removeprefix("child_")
    if around.kind(block.id):
        made = _to(block.id, kind, around)
        if made["type"] == "link_to_page":
            around.note(f"a {kind} that stood inside a block stands at the end of its page, with a link in its place")
        return [made]
    title = block.payload.get("title")
    said = texts.line(title) if isinstance(title, str) and title else None
    what = "a view of a database that lives elsewhere" if kind == "database" and not said else f"a {kind} in a page:"
    return [noted(what, around, said)]


def _columns(_: Block, __: Around) -> list[Json]:
    return [_block("column_list", {})]


def _table(block: Block, around: Around) -> list[Json]:
    flags = {flag: block.payload.get(flag) is True for flag in ("has_column_header", "has_row_header")}
    width = width_of(" ".join(listed_in(block)), block.raw, around)
    return [_block("table", {"table_width": width, **flags})]


def _cells(block: Block) -> list[Any]:
    cells = block.payload.get("cells")
    return cells if isinstance(cells, list) else []


def _row(block: Block, width: int, around: Around) -> Json:
    cells = [texts.array(cell, around, "the text of a cell") for cell in _cells(block)[:width]]
    return _block("table_row", {"cells": [*cells, *([] for _ in range(width - len(cells)))]})


def _stray(block: Block, around: Around) -> list[Json]:
    """A part without its whole."""
    said = [item for cell in _cells(block) for item in texts.array(cell, around, "the text of a cell")]
    return [noted(f"a part ({block.type}) without its whole", around, said)]


def _synced(block: Block, around: Around) -> list[Json]:
    origin = fields(block.payload.get("synced_from")).get("block_id")
    old = normalise_id(str(origin)) if origin else None
    new = around.new_of(old) if old else around.known(block.id)
    # Whoever of them comes first holds the content: of a copy, where the original is not restored.
    return [_block("synced_block", {"synced_from": {"type": "block_id", "block_id": new} if new else None})]


def _meeting(block: Block, around: Around) -> list[Json]:
    around.note("notes of a meeting became a toggle with what stood in them")
    title = texts.array(block.payload.get("title"), around, "the title of a meeting")
    return [_block("toggle", {"rich_text": title or texts.line("Meeting notes")})]


def original_of(raw: Json) -> str:
    """Of a synced block, the id that it is known by: its original's, or its own."""
    block = Block(raw)
    origin = fields(block.payload.get("synced_from")).get("block_id")
    return (normalise_id(str(origin)) if origin else None) or block.id


def children(lists: str, around: Around) -> Iterator[Json]:
    """What stands in a block, in its order."""
    for each in lists.split():
        yield from around.blocks(each)


_MAKERS: dict[str, Callable[[Block, Around], list[Json]]] = {
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_MEDIA, _media),
    **dict.fromkeys(("divider", "breadcrumb", "tab"), _bare),
    **dict.fromkeys(("bookmark", "embed"), _card),
    **dict.fromkeys(("child_page", "child_database"), _child),
    **dict.fromkeys(("table_row", "column"), _stray),
    **dict.fromkeys(_MEETINGS, _meeting),
    "code": _code,
    "equation": _equation,
    "table_of_contents": _contents,
    "link_to_page": _link,
    "column_list": _columns,
    "table": _table,
    "synced_block": _synced,
}
