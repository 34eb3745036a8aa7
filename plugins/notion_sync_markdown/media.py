"""Files, images and web addresses as Markdown links."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from notion_sync_core.model import Json, Site
from notion_sync_markdown import escape
from notion_sync_markdown.rich_text import resolve


def address(payload: Json) -> str:
    """The URL of a file object, wherever its kind puts it."""
    for kind in (payload.get("type"), "file", "external", "file_upload", "custom_emoji"):
        holder = payload.get(kind) if kind else None
        if isinstance(holder, dict) and isinstance(holder.get("url"), str):
            return str(holder["url"])
    return str(payload.get("url") or "")


def destination(payload: Json, site: Site) -> str | None:
    """Where a file is: beside the document if it was downloaded, else on the web."""
    url = address(payload)
    local = site.asset(url)
    return escape.path(local) if local else escape.url(url)


def image(payload: Json, caption: str, site: Site) -> str:
    """An image; its caption, or else its name, is the alternative text."""
    target = destination(payload, site)
    label = escape.text(caption or name(payload, "image")).replace("\n", " ")
    return f"![{label}]({target})" if target else label


def file_link(payload: Json, kind: str, site: Site) -> str:
    """A link to a file, with the name people gave it."""
    target = destination(payload, site)
    label = escape.text(name(payload, kind)).replace("\n", " ")
    return f"[{label}]({target})" if target else label


def name(payload: Json, fallback: str) -> str:
    """A file's name: its own, or the last part of its address."""
    given = payload.get("name")
    return str(given) if given else unquote(urlsplit(address(payload)).path.rpartition("/")[2]) or fallback


def web_link(url: str, caption: str, site: Site) -> str:
    """A link to an address on the web; its caption, or else the address, is the text."""
    target = resolve(url, site) if url else None
    if target == url and not caption:
        return f"<{url}>"
    label = caption or escape.text(url)
    return (
        f"[{label}]({target})"
        if target and "](" not in label
        else " ".join(filter(None, [label, target and f"<{target}>"]))
    )
