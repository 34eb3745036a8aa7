"""Pictures, sounds, files and what lies on the web. Nothing is loaded from outside the export: that is linked."""

from __future__ import annotations

from posixpath import basename
from typing import Any
from urllib.parse import unquote, urlsplit

from notion_sync_core.plugin import Block, Destination, destination, to_file
from notion_sync_html.context import Context
from notion_sync_html.inline import inline, plain
from notion_sync_html.markup import address, host, is_active, line

Values = dict[str, Any]


def card(block: Block, context: Context, _: object = None) -> Values:
    """A bookmark, an embed or a preview: where it leads, never what is there."""
    url = str(block.payload.get("url") or "")
    if not url:
        return file(block, context)
    copy = context.site.asset(url)
    to = Destination(copy, True) if copy else destination(url, context.site)
    return _card(block, context, line(url), to)


def file(block: Block, context: Context, _: object = None) -> Values:
    """A file, by the name that people gave it."""
    url, to = to_file(block.payload, context.site)
    name = line(str(block.payload.get("name") or "")) or file_name(url) or line(url)
    return _card(block, context, name, to)


def media(block: Block, context: Context, _: object = None) -> Values:
    """A picture, video or sound that the export has, or a card for one outside."""
    found = file(block, context)
    _, to = to_file(block.payload, context.site)
    found["src"] = found["href"] if to.is_local else None
    found["alt"] = line(plain(block.caption, context.site)) or found["title"]
    return found


def _card(block: Block, context: Context, title: str, to: Destination) -> Values:
    href = address(to)
    context.digest.hear(title)
    return {
        "title": title,
        "href": href,
        "host": host(href) if href and not to.is_local else "",
        "is_local": to.is_local,
        "download": to.is_local and is_active(to.href),
        "caption": inline(block.caption, context),
    }


def file_name(url: str) -> str:
    """The last part of an address's path, for people."""
    try:
        return line(unquote(basename(urlsplit(url).path)))
    except ValueError:
        return ""
