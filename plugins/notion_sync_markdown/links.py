"""Links as Markdown writes them: a destination escaped, a label as inline Markdown."""

from __future__ import annotations

from notion_sync_core.content import links
from notion_sync_core.content.links import Destination, Link
from notion_sync_core.model import Json, Site
from notion_sync_markdown import escape


def destination(to: Destination | None) -> str | None:
    """The Markdown destination; ``None`` if there is none, or an unsafe one."""
    if to is None:
        return None
    if not to.is_local:
        return escape.url(to.href)
    return escape.path(to.href) + (f"#{to.fragment}" if to.fragment else "")


def to_file(holder: Json, site: Site) -> tuple[str, str | None]:
    """The address of a file object and the destination of its copy in the export, or of the web."""
    url, to = links.to_file(holder, site)
    return url, destination(to)


def markdown(link: Link, label: str | None = None) -> str:
    """The link in Markdown; without a destination, its text.

    :param label: the label in Markdown, if it is more than text.
    """
    shown = escape.text(link.label) if label is None else label
    href = destination(link.to)
    return f"[{shown}]({href})" if href and shown else shown
