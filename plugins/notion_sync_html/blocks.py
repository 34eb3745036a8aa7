"""What the template of each type of block gets to see. https://developers.notion.com/reference/block"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from attrs import frozen
from markupsafe import Markup, escape

from notion_sync_core.plugin import (
    MEETING_SECTION,
    TAB_ITEM,
    Block,
    Destination,
    Json,
    Link,
    clean,
    fields,
    normalise_id,
    shown_as,
    to_object,
)
from notion_sync_html import code, database, dates, maths, media, values
from notion_sync_html.context import MOST_HEADINGS, Context, Heading
from notion_sync_html.icons import icon, sign
from notion_sync_html.inline import color_class, inline, plain
from notion_sync_html.markup import EMPTY, address, element, join, line, text
from notion_sync_html.outline import HEADINGS, contents
from notion_sync_html.sanitise import sanitised

Values = dict[str, Any]
_STATUS = re.compile(r"^transcription_")
_LOOKS_IN_CODE = ("bold", "italic", "underline", "strikethrough")


@frozen
class Place:
    """Where a block stands."""

    parent: Block | None = None
    """The block around it."""
    index: int = 0
    """Among its siblings, from 0."""


TOP = Place()


def to_html(block: Block, inner: Markup, context: Context, place: Place = TOP) -> Markup:
    """One block as HTML.

    :param inner: its children, already rendered.
    """
    claimed = context.site.render_block(block, str(inner))
    if claimed is not None:
        return _in_list(block, sanitised(claimed))
    kind = shown_as(block, "" if place.parent is None else place.parent.type)
    writer = _WRITERS.get(kind)
    if writer is None:
        writer = _other if context.look.has_block(kind) else _unknown
    found: Values = {
        "type": block.type,
        "id": context.anchor(block.id, wanted=kind in HEADINGS),
        "color": color_class(block.payload.get("color")),
        "payload": block.payload,
        "inner": inner,
    }
    found.update(writer(block, context, place))
    if kind in HEADINGS:
        _note_heading(block, found["id"], context)
    return context.look.block(kind, found)


def _in_list(block: Block, html: Markup) -> Markup:
    """A plugin's list item as one, since it stands in our list."""
    is_item = block.type in ("bulleted_list_item", "numbered_list_item", "to_do")
    return element("li", html) + "\n" if is_item and not html.startswith("<li") else html


def _text(block: Block, context: Context, _: Place) -> Values:
    return {"text": inline(block.rich_text, context)}


def _heading(block: Block, context: Context, _: Place) -> Values:
    return {
        "text": inline(block.rich_text, context),
        "level": int(block.type[-1]) + 1,
        "is_toggle": bool(block.payload.get("is_toggleable")) or block.has_children,
    }


def _note_heading(block: Block, anchor: str | None, context: Context) -> None:
    """For the table of contents and the search.

    :param anchor: its id on the page; ``None`` for one that stands there a second time.
    """
    title = line(plain(block.rich_text, context.site))
    if title:
        context.digest.head(title[:200], anchor)
        if anchor and len(context.headings) < MOST_HEADINGS:
            context.headings.append(Heading(int(block.type[-1]), anchor, title))


def _to_do(block: Block, context: Context, _: Place) -> Values:
    return {"text": inline(block.rich_text, context), "checked": bool(block.payload.get("checked"))}


def _callout(block: Block, context: Context, _: Place) -> Values:
    return {"icon": icon(block.payload, context.site), "text": inline(block.rich_text, context)}


def _tab_item(block: Block, context: Context, place: Place) -> Values:
    group = place.parent.id.replace("-", "") if place.parent else ""
    return {
        "icon": icon(block.payload, context.site),
        "text": inline(block.rich_text, context),
        "group": f"tabs-{group}",
        "is_first": place.index == 0,
    }


def _code(block: Block, context: Context, _: Place) -> Values:
    language = line(str(block.payload.get("language") or ""))
    # Links and annotations within code are worth more than colours.
    is_marked = any(item.get("href") or item.get("type") != "text" or _has_look(item) for item in block.rich_text)
    source = plain(block.rich_text, context.site)
    shown = None if is_marked else code.highlighted(source, language)
    if shown is None:
        shown = inline(block.rich_text, context) if is_marked else escape(source)
    if not is_marked:
        context.digest.hear(source)
    return {"code": shown, "language": language, "caption": inline(block.caption, context)}


def _has_look(item: Json) -> bool:
    """Whether it has one that shows in code, where all is code."""
    annotations = item.get("annotations")
    if not isinstance(annotations, dict):
        return False
    return any(annotations.get(flag) for flag in _LOOKS_IN_CODE) or bool(color_class(annotations.get("color")))


def _equation(block: Block, context: Context, _: Place) -> Values:
    # On one line, a comment would take in what follows it.
    tex = clean(str(block.payload.get("expression") or "")).strip()
    context.digest.hear(line(tex))
    return {"tex": tex, "math": maths.display(tex) if tex else EMPTY}


def _contents(_: Block, context: Context, __: Place) -> Values:
    return {"headings": contents(context.document, context.site)}


def _column(block: Block, _: Context, __: Place) -> Values:
    ratio = block.payload.get("width_ratio")
    if not isinstance(ratio, (int, float)) or isinstance(ratio, bool) or not 0 < ratio <= 1:
        return {"width": 0}
    return {"width": max(1, round(100 * ratio))}


def _row(block: Block, context: Context, _: Place) -> Values:
    """A row whose table was not there to hold it."""
    return {"cells": cells(block, context)}


def cells(row: Block, context: Context) -> list[Markup]:
    """The cells of a table's row."""
    found = row.payload.get("cells")
    return [inline(cell, context) for cell in found] if isinstance(found, list) else []


def _synced(block: Block, context: Context, _: Place) -> Values:
    source = block.payload.get("synced_from")
    is_copy = isinstance(source, dict) and bool(source.get("block_id"))
    return {"is_copy": is_copy, "is_expected": block.has_children or is_copy, "href": _in_notion(block, context)}


def _child(block: Block, context: Context, _: Place) -> Values:
    found = to_object(block.id, context.site, line(str(block.payload.get("title") or "")))
    if block.type != "child_database":
        return _page_link(found, block.id, context, "page")
    return _page_link(found, block.id, context, "database") | {"rows": database.in_place(block.id, context)}


def _link_to_page(block: Block, context: Context, _: Place) -> Values:
    payload = block.payload
    kind = str(payload.get("type") or "page_id")
    target = str(payload.get(kind) or "")
    found = to_object(target, context.site, "Comment" if kind == "comment_id" else "")
    return _page_link(found, target, context, "database" if kind == "database_id" else "page")


def _page_link(found: Link, target: str, context: Context, kind: str) -> Values:
    context.digest.hear(found.label)
    known = context.site.target(normalise_id(target) or target)
    shown = sign({"icon": known.icon}, context.site) if known else EMPTY
    return {"title": found.label, "href": address(found.to), "kind": kind, "icon": shown, "rows": EMPTY}


def _meeting(block: Block, context: Context, _: Place) -> Values:
    payload = block.payload
    event, recording = fields(payload.get("calendar_event")), fields(payload.get("recording"))
    attendees = event.get("attendees") or payload.get("attendees")
    people = [_attendee(each, context) for each in attendees] if isinstance(attendees, list) else []
    return {
        "title": _any_text(payload.get("title"), context),
        "status": _STATUS.sub("", str(payload.get("status") or "")).replace("_", " "),
        "times": dates.period(event.get("start_time"), event.get("end_time")),
        "recorded": dates.period(recording.get("start_time"), recording.get("end_time")),
        "attendees": list(filter(None, people)),
    }


def _attendee(given: Any, context: Context) -> str:
    """Who took part: a person, or a mere id."""
    return values.person({"id": given} if isinstance(given, str) else given, context.site)


def _meeting_section(block: Block, _: Context, __: Place) -> Values:
    return {"title": block.payload["title"]}


def _unsupported(block: Block, context: Context, _: Place) -> Values:
    return {"name": line(str(block.payload.get("block_type") or "")), "href": _in_notion(block, context)}


def _other(block: Block, context: Context, _: Place) -> Values:
    return {"texts": _all_texts(block, context), "href": _in_notion(block, context)}


def _unknown(block: Block, context: Context, place: Place) -> Values:
    context.site.warn(f"block type {block.type!r} is unknown here: its text is kept, its looks are not ({block.id})")
    return _other(block, context, place)


def _all_texts(block: Block, context: Context) -> list[Markup]:
    found = [_any_text(value, context) for key, value in block.payload.items() if key != "color"]
    return [item for item in found if item]


def _any_text(value: Any, context: Context) -> Markup:
    """Rich text or plain text, wherever a payload holds it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return inline([item for item in value if "plain_text" in item], context)
    if isinstance(value, list) and all(isinstance(item, list) for item in value):
        return join([_any_text(item, context) for item in value])
    return EMPTY


def _in_notion(block: Block, context: Context) -> str | None:
    """The block's own address, for what only Notion can show."""
    url = context.document.ref.url
    return address(Destination(f"{url}#{block.id.replace('-', '')}")) if url else None


def _nothing(_: Block, __: Context, ___: Place) -> Values:
    return {}


_WRITERS: dict[str, Callable[[Block, Context, Place], Values]] = {
    "paragraph": _text,
    "template": _text,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "bulleted_list_item": _text,
    "numbered_list_item": _text,
    "to_do": _to_do,
    "toggle": _text,
    "quote": _text,
    "callout": _callout,
    "code": _code,
    "equation": _equation,
    "divider": _nothing,
    "breadcrumb": _nothing,
    "table_of_contents": _contents,
    "column_list": _nothing,
    "column": _column,
    "tab": _nothing,
    TAB_ITEM: _tab_item,
    "table_row": _row,
    "synced_block": _synced,
    "bookmark": media.card,
    "embed": media.card,
    "link_preview": media.card,
    "image": media.media,
    "video": media.media,
    "audio": media.media,
    "pdf": media.file,
    "file": media.file,
    "child_page": _child,
    "child_database": _child,
    "link_to_page": _link_to_page,
    "meeting_notes": _meeting,
    MEETING_SECTION: _meeting_section,
    "transcription": _meeting,
    "unsupported": _unsupported,
}
