"""Blocks that stand for something elsewhere: files, addresses, other documents, what is unknown."""

from __future__ import annotations

import re
from posixpath import basename
from typing import Any
from urllib.parse import unquote, urlsplit

from notion_sync_core.plugin import Block, Destination, Json, Link, clean, to_file, to_object, user_text
from notion_sync_core.plugin import destination as resolve
from notion_sync_markdown.context import Context
from notion_sync_markdown.layout import stacked
from notion_sync_markdown.pen import Pen, has_markup, single_line

_STATUS = re.compile(r"^transcription_")


def web_link(block: Block, inner: str, context: Context) -> str:
    """A bookmark, an embed or a preview."""
    url, to = _address(block, context)
    link = captioned(Link(clean(url), to), block.caption, context.pen)
    return stacked(link, inner)


def _address(block: Block, context: Context) -> tuple[str, Destination]:
    url = str(block.payload.get("url") or "")
    if not url:
        return to_file(block.payload, context.site)
    copy = context.site.asset(url)
    return url, Destination(copy, True) if copy else resolve(url, context.site)


def captioned(link: Link, caption: list[Json], pen: Pen) -> str:
    """A link labelled with its caption, or above it where that has markup of its own."""
    if caption and pen.href(link.to) and not has_markup(caption):
        return pen.link(link, pen.label(caption))
    return stacked(pen.dialect.escaper.line_start(pen.link(link)), pen.inline(caption))


def image(block: Block, inner: str, context: Context) -> str:
    """A picture with its caption as the other text."""
    shown, below = picture(block, context)
    return stacked(shown, below, inner)


def picture(block: Block, context: Context) -> tuple[str, str]:
    """The picture and, where a caption cannot be its other text, the caption."""
    url, _, is_local = context.pen.file(block.payload)
    href = context.pen.picture(block.payload)
    if not href:
        shown = player(block, context) if is_local else context.pen.line(url)
        return shown, context.pen.inline(block.caption)
    if has_markup(block.caption):
        return f"![]({href})", context.pen.inline(block.caption)
    return f"![{context.pen.alt(block.caption)}]({href})", ""


def media(block: Block, inner: str, context: Context) -> str:
    """A video, a sound, a document or any other file."""
    return stacked(player(block, context), context.pen.inline(block.caption), inner)


def player(block: Block, context: Context) -> str:
    """The file itself, or a link to it."""
    pen = context.pen
    url, href, is_local = pen.file(block.payload)
    name = single_line(file_name(block, url))
    label = pen.dialect.escaper.label(name)
    if href and label and block.type not in ("file", "image"):
        shown = pen.dialect.media(label, href, is_local)
    else:
        shown = f"[{label}]({href})" if href and label else pen.text(name)
    return pen.dialect.escaper.line_start(shown)


def file_name(block: Block, url: str) -> str:
    """The name people gave a file, or that its address ends with."""
    try:
        return str(block.payload.get("name") or unquote(basename(urlsplit(url).path)) or url)
    except ValueError:
        return url


def child(block: Block, inner: str, context: Context) -> str:
    """A link to a document that stands here."""
    title = single_line(block.payload.get("title") or "")
    return stacked(context.pen.link(to_object(block.id, context.site, title)), inner)


def link_to_page(block: Block, inner: str, context: Context) -> str:
    """A link to a document that stands elsewhere."""
    payload = block.payload
    target = payload.get(str(payload.get("type") or "")) or payload.get("page_id") or payload.get("database_id")
    if not isinstance(target, str):
        return stacked(context.placeholder("link to page", block), inner)
    fallback = "Comment" if payload.get("type") == "comment_id" else ""
    return stacked(context.pen.link(to_object(target, context.site, fallback)), inner)


def synced(block: Block, inner: str, context: Context) -> str:
    """What a synced block holds, or a placeholder for a copy whose original cannot be read."""
    if inner or context.has_content or not isinstance(block.payload.get("synced_from"), dict):
        return inner
    return context.placeholder("synced block whose original is not shared", block)


def meeting(block: Block, inner: str, context: Context) -> str:
    """A meeting's notes: title, state and time above its sections."""
    payload, pen = block.payload, context.pen
    title = any_text(payload.get("title"), pen)
    status = _STATUS.sub("", str(payload.get("status") or "")).replace("_", " ")
    event = payload.get("calendar_event")
    event = event if isinstance(event, dict) else {}
    recorded = _times(payload.get("recording"))
    facts = (status, _times(event), recorded and f"recorded {recorded}", _attendees(event, context))
    note = pen.text(single_line(", ".join(filter(None, facts))))
    head = f"{title} ({note})" if title and note else title or note
    return stacked(context.anchored(block, pen.dialect.escaper.line_start(head)), inner)


def _times(event: Any) -> str:
    """When something began and ended."""
    event = event if isinstance(event, dict) else {}
    return " – ".join(str(event[end]) for end in ("start_time", "end_time") if event.get(end))


def _attendees(event: Json, context: Context) -> str:
    people = event.get("attendees")
    given = (each if isinstance(each, dict) else {"id": each} for each in (people if isinstance(people, list) else ()))
    return ", ".join(filter(None, (single_line(user_text(each, context.site) or "") for each in given)))


def meeting_section(block: Block, inner: str, _: Context) -> str:
    """One part of a meeting's notes."""
    return stacked(f"**{block.payload['title']}**", inner) if inner else ""


def unsupported(block: Block, inner: str, context: Context) -> str:
    """What the API does not give."""
    kind = block.payload.get("block_type")
    return stacked(context.placeholder(f"unsupported block: {kind}" if kind else "unsupported block", block), inner)


def unknown(block: Block, inner: str, context: Context) -> str:
    """A type nobody here has heard of: its text is kept."""
    context.site.warn(f"block type {block.type!r} is unknown here: its text is kept, its looks are not ({block.id})")
    texts = [any_text(value, context.pen) for key, value in block.payload.items() if key != "color"]
    start = context.dialect.escaper.line_start
    return stacked(context.placeholder(f"unknown block: {block.type}", block), *map(start, texts), inner)


def any_text(value: Any, pen: Pen) -> str:
    """Rich text or plain text, wherever a payload holds it."""
    if isinstance(value, str):
        return pen.text(value.strip()).replace("\n", pen.dialect.hard_break)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return pen.inline([item for item in value if "plain_text" in item])
    if isinstance(value, list) and all(isinstance(item, list) for item in value):
        return stacked(*(any_text(item, pen) for item in value))
    return ""
