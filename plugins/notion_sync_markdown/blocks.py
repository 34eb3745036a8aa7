"""What each type of block looks like in Markdown. https://developers.notion.com/reference/block"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from posixpath import basename
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import frozen

from notion_sync_core.content.links import Destination, Link, to_file, to_object
from notion_sync_core.content.links import destination as resolve
from notion_sync_core.content.rich_text import clean, runs
from notion_sync_core.model import Block, Json, Site
from notion_sync_markdown import escape, links, rich_text
from notion_sync_markdown.sequence import list_item, quoted

_INFO = {
    "plain text": "",
    "ascii art": "",
    "notion formula": "",
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "java/c/c++/c#": "java",
    "docker": "dockerfile",
    "vb.net": "vbnet",
    "visual basic": "vb",
    "objective-c": "objectivec",
    "llvm ir": "llvm",
    "markup": "html",
}
_NOT_INFO = re.compile(r"[^\w+#.-]+")
_STATUS = re.compile(r"^transcription_")


@frozen
class Context:
    """What a block needs besides itself."""

    site: Site
    url: str
    """The document's address in Notion."""
    marker: str = ""
    """The list marker, for a list item."""
    parent: str = ""
    """The type of the block around it."""


def to_markdown(block: Block, inner: str, context: Context) -> str:
    """One block as Markdown without a line break at its end.

    :param inner: its children, already rendered.
    """
    claimed = context.site.render_block(block, inner)
    if claimed is not None:
        return claimed.strip("\n")
    return _WRITERS.get(block.type, _unknown)(block, inner, context)


def plain(items: Iterable[Json], site: Site) -> str:
    """The text alone."""
    return "".join(run.text for run in runs(items, site))


def _with(text: str, inner: str) -> str:
    return f"{text}\n\n{inner}" if text and inner else text or inner


def _paragraph(block: Block, inner: str, context: Context) -> str:
    text = rich_text.inline(block.rich_text, context.site)
    if context.parent == "tab":
        label = f"{_icon(block.payload, context.site)} {text}".strip()
        text = f"<strong>{label}</strong>" if label else ""
    return _with(text, inner)


def _heading(block: Block, inner: str, context: Context) -> str:
    return _with(heading(int(block.type[-1]), rich_text.inline(block.rich_text, context.site, breaks="<br>")), inner)


def heading(level: int, text: str) -> str:
    """A heading of inline Markdown; ``#`` at its end would be taken for decoration."""
    if text.endswith("#"):
        text = f"{text[:-1]}\\#"
    return f"{'#' * level} {text}".rstrip(" ")


def _list_item(block: Block, inner: str, context: Context) -> str:
    return list_item(context.marker or "-", rich_text.inline(block.rich_text, context.site), inner)


def _to_do(block: Block, inner: str, context: Context) -> str:
    box = "[x]" if block.payload.get("checked") else "[ ]"
    text = rich_text.inline(block.rich_text, context.site)
    return list_item(context.marker or "-", f"{box} {text}".rstrip(" "), inner)


def _toggle(block: Block, inner: str, context: Context) -> str:
    summary = rich_text.html(block.rich_text, context.site)
    return f"<details>\n<summary>{summary}</summary>\n\n{inner + chr(10) * 2 if inner else ''}</details>"


def _quote(block: Block, inner: str, context: Context) -> str:
    text = _with(rich_text.inline(block.rich_text, context.site), inner)
    return quoted(text) if text else ""


def _callout(block: Block, inner: str, context: Context) -> str:
    text = rich_text.inline(block.rich_text, context.site)
    text = _with(f"{_icon(block.payload, context.site)} {text}".strip(), inner)
    return quoted(text) if text else ""


def _icon(payload: Json, site: Site) -> str:
    icon = payload.get("icon")
    if not isinstance(icon, dict):
        return ""
    kind = icon.get("type")
    if kind == "emoji":
        return escape.text(str(icon.get("emoji") or ""))
    if kind in ("file", "external"):
        _, href = links.to_file(icon, site)
        return f"![]({href})" if href else ""
    named = icon.get(kind or "")
    return escape.text(f":{named['name']}:") if isinstance(named, dict) and named.get("name") else ""


def _code(block: Block, inner: str, context: Context) -> str:
    text = plain(block.rich_text, context.site)
    language = str(block.payload.get("language") or "").lower()
    info = _INFO.get(language, _NOT_INFO.sub("-", language))
    return _with(_with(fenced(text, info), rich_text.inline(block.caption, context.site)), inner)


def fenced(text: str, info: str) -> str:
    """A code block whose fence is longer than any inside."""
    fence = "`" * max(3, escape.longest_run(text) + 1)
    return f"{fence}{info}\n{text}\n{fence}" if text else f"{fence}{info}\n{fence}"


def _equation(block: Block, inner: str, _: Context) -> str:
    tex = clean(str(block.payload.get("expression") or "")).strip()
    if not tex:
        return inner
    return _with(f"$${tex}$$" if rich_text.is_inert(tex) else fenced(tex, "math"), inner)


def _divider(_: Block, inner: str, __: Context) -> str:
    return _with("---", inner)


def _inner(_: Block, inner: str, __: Context) -> str:
    return inner


def _columns(_: Block, inner: str, __: Context) -> str:
    return f"<table><tr>\n\n{inner}\n\n</tr></table>" if inner else ""


def _column(_: Block, inner: str, __: Context) -> str:
    return f'<td valign="top">\n\n{inner}\n\n</td>' if inner else ""


def _web_link(block: Block, inner: str, context: Context) -> str:
    url = str(block.payload.get("url") or "")
    if url:
        copy = context.site.asset(url)
        to = Destination(copy, True) if copy else resolve(url, context.site)
    else:
        url, to = to_file(block.payload, context.site)
    return _with(_captioned(Link(clean(url), to), block.caption, context.site), inner)


def _captioned(link: Link, caption: list[Json], site: Site) -> str:
    """A link labelled with its caption, or above it where that has markup of its own."""
    text = rich_text.inline(caption, site)
    if text and links.destination(link.to) and not rich_text.has_markup(caption):
        return links.markdown(link, text)
    return _with(escape.line_start(links.markdown(link)), text)


def _image(block: Block, inner: str, context: Context) -> str:
    url, href = links.to_file(block.payload, context.site)
    text = rich_text.inline(block.caption, context.site)
    if not href:
        return _with(_with(_address(url), text), inner)
    if rich_text.has_markup(block.caption):
        return _with(_with(f"![]({href})", text), inner)
    return _with(f"![{text}]({href})", inner)


def _address(url: str) -> str:
    return escape.line_start(escape.text(" ".join(url.split())))


def _file(block: Block, inner: str, context: Context) -> str:
    url, to = to_file(block.payload, context.site)
    name = block.payload.get("name") or _file_name(url) or url
    text = rich_text.inline(block.caption, context.site)
    link = Link(" ".join(str(name).split()), to)
    shown = escape.line_start(links.markdown(link))
    return _with(_with(shown, text), inner)


def _file_name(url: str) -> str:
    try:
        return unquote(basename(urlsplit(url).path))
    except ValueError:
        return ""


def _child(block: Block, _: str, context: Context) -> str:
    title = str(block.payload.get("title") or "")
    return links.markdown(to_object(block.id, context.site, " ".join(title.split())))


def _link_to_page(block: Block, _: str, context: Context) -> str:
    payload = block.payload
    target = payload.get(payload.get("type") or "") or payload.get("page_id") or payload.get("database_id")
    if not isinstance(target, str):
        return _placeholder("link to page", block, context)
    fallback = "Comment" if payload.get("type") == "comment_id" else ""
    return links.markdown(to_object(target, context.site, fallback))


def _row(block: Block, inner: str, context: Context) -> str:
    """A row whose table was not there to hold it."""
    cells = [rich_text.inline(cell, context.site) for cell in block.payload.get("cells") or ()]
    return _with(" — ".join(filter(None, cells)), inner)


def _synced(block: Block, inner: str, context: Context) -> str:
    return inner or (_placeholder("empty synced block", block, context) if block.has_children else "")


def _meeting(block: Block, inner: str, context: Context) -> str:
    payload, site = block.payload, context.site
    title = _any_text(payload.get("title"), site)
    status = _STATUS.sub("", str(payload.get("status") or "")).replace("_", " ")
    event = payload.get("calendar_event") or payload.get("recording")
    event = event if isinstance(event, dict) else {}
    times = " – ".join(str(event[end]) for end in ("start_time", "end_time") if event.get(end))
    note = escape.text(", ".join(part for part in (status, times) if part))
    head = f"{title} ({note})" if title and note else title or note
    return _with(escape.line_start(head), inner)


def _unsupported(block: Block, _: str, context: Context) -> str:
    kind = block.payload.get("block_type")
    return _placeholder(f"unsupported block: {kind}" if kind else "unsupported block", block, context)


def _unknown(block: Block, inner: str, context: Context) -> str:
    context.site.warn(f"block type {block.type!r} is unknown here: its text is kept, its looks are not ({block.id})")
    texts = [_any_text(value, context.site) for key, value in block.payload.items() if key != "color"]
    text = "\n\n".join(escape.line_start(text) for text in texts if text)
    return _with(_with(_placeholder(f"unknown block: {block.type}", block, context), text), inner)


def _placeholder(what: str, block: Block, context: Context) -> str:
    address = f"{context.url}#{block.id.replace('-', '')}" if context.url else ""
    return links.markdown(Link(f"[{what}]", Destination(address) if address else None))


def _any_text(value: Any, site: Site) -> str:
    """Rich text or plain text, wherever a payload holds it."""
    if isinstance(value, str):
        return escape.text(value.strip()).replace("\n", rich_text.HARD_BREAK)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return rich_text.inline([item for item in value if "plain_text" in item], site)
    if isinstance(value, list) and all(isinstance(item, list) for item in value):
        return "\n\n".join(filter(None, (_any_text(item, site) for item in value)))
    return ""


_WRITERS: dict[str, Callable[[Block, str, Context], str]] = {
    "paragraph": _paragraph,
    "template": _paragraph,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "bulleted_list_item": _list_item,
    "numbered_list_item": _list_item,
    "to_do": _to_do,
    "toggle": _toggle,
    "quote": _quote,
    "callout": _callout,
    "code": _code,
    "equation": _equation,
    "divider": _divider,
    "breadcrumb": _inner,
    "table_of_contents": _inner,
    "column_list": _columns,
    "column": _column,
    "tab": _inner,
    "table": _inner,
    "table_row": _row,
    "synced_block": _synced,
    "bookmark": _web_link,
    "embed": _web_link,
    "link_preview": _web_link,
    "image": _image,
    "video": _file,
    "audio": _file,
    "pdf": _file,
    "file": _file,
    "child_page": _child,
    "child_database": _child,
    "link_to_page": _link_to_page,
    "meeting_notes": _meeting,
    "transcription": _meeting,
    "unsupported": _unsupported,
}
