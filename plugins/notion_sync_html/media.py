"""Pictures, sounds, files and what lies on the web. Nothing is loaded from outside the export: that is linked."""

from __future__ import annotations

import re
from posixpath import basename
from typing import Any
from urllib.parse import unquote, urlsplit

from notion_sync_core.plugin import Block, Destination, destination, to_file
from notion_sync_html.context import Context
from notion_sync_html.inline import inline, plain
from notion_sync_html.markup import address, host, is_active, line, path_address

Values = dict[str, Any]
_SAYS_SOMETHING = re.compile(r"(?i)^(?![0-9a-f-]{32,36}\.).*[^\W\d_].*\.[a-z0-9]{1,5}$")
"""A name with a suffix, and not an id alone: ``ride.mp4``, but neither ``watch`` nor ``1f0c…9a.mp4``."""
_WEB = re.compile(r"(?i)https?://")
_KINDS = {"image": "Picture", "video": "Video", "audio": "Sound", "pdf": "PDF"}


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
    return _card(block, context, _name(block, url, context), to)


def _name(block: Block, url: str, context: Context) -> str:
    """What a file is called: by people, by its address if that says something, else by what it is and where."""
    given = line(str(block.payload.get("name") or ""))
    named = file_name(url)
    if given or _SAYS_SOMETHING.search(named):
        return given or named
    said = line(plain(block.caption, context.site))
    if said or not url:
        return said
    return f"{_KINDS.get(block.type, 'File')} on {host(url)}" if _WEB.match(url) else line(url)


def media(block: Block, context: Context, _: object = None) -> Values:
    """A picture, video or sound that the export has, or a card for one outside."""
    found = file(block, context)
    found["src"] = _source(block, context)
    found["alt"] = line(plain(block.caption, context.site)) or found["title"]
    return found


def _source(block: Block, context: Context) -> str | None:
    """What is shown in its place; ``None`` for what lies outside and what a browser would run."""
    url, to = to_file(block.payload, context.site)
    if not to.is_local:
        return None
    shown = context.site.picture(url)
    if shown is None:
        context.site.warn(
            f"the {block.type} {file_name(url)!r} may run something: it is linked, not shown ({block.id})"
        )
    return path_address(shown) if shown else None


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
