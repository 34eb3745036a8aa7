"""Where links lead: to an exported file if there is one, else to the web."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.model import Json, Site, id_from_url, normalise_id
from notion_sync_markdown import escape

NOTION = "https://www.notion.so"
_SINGLE_LINE = str.maketrans("\n\r", "  ")


@frozen
class Link:
    """A label as plain text and, if there is a safe one, a destination ready for use."""

    label: str
    href: str | None


def destination(href: str, site: Site) -> str | None:
    """The Markdown destination of an address in Notion's text; ``None`` if it is unsafe."""
    object_id = id_from_url(href)
    found = site.target(object_id) if object_id else None
    if found is not None:
        return escape.path(found.href) if found.href else escape.url(found.url)
    return escape.url(NOTION + href if href.startswith("/") else href)


def to_object(object_id: str, site: Site, fallback: str = "", url: str = "") -> Link:
    """A link to a page or database, with its present title if it is part of the export."""
    found = site.target(normalise_id(object_id) or object_id)
    fallback = fallback.translate(_SINGLE_LINE)
    if found is None:
        address = url or f"{NOTION}/{object_id.replace('-', '')}"
        return Link(fallback or "Untitled", destination(address, site))
    label = (found.title or fallback or "Untitled").translate(_SINGLE_LINE)
    return Link(label, escape.path(found.href) if found.href else escape.url(found.url))


def to_file(holder: Json, site: Site) -> tuple[str, str | None]:
    """The address of a file object and where to link: its copy in the export, or the web."""
    payload = holder.get(holder.get("type") or "") or holder.get("file") or holder.get("external")
    url = str(payload.get("url") or "") if isinstance(payload, dict) else ""
    copy = site.asset(url) if url else None
    return url, escape.path(copy) if copy else escape.url(url)


def markdown(link: Link, label: str | None = None) -> str:
    """The link in Markdown; without a destination, its text.

    :param label: the label in Markdown, if it is more than text.
    """
    shown = escape.text(link.label) if label is None else label
    return f"[{shown}]({link.href})" if link.href and shown else shown
