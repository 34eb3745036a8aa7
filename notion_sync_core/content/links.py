"""Where links lead: to an exported document if there is one, else to the web. Nothing here is escaped."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.document import Site
from notion_sync_core.model import Json, fragment_from_url, id_from_url, normalise_id

NOTION = "https://www.notion.so"
SAFE_SCHEMES = frozenset(("http", "https", "mailto", "tel", "notion", "ftp"))
"""What an address may begin with, in whatever is rendered; another scheme could run something."""
_SINGLE_LINE = str.maketrans("\n\r", "  ")


@frozen
class Destination:
    """An address, not escaped for any format."""

    href: str
    """A path relative to the linking file, or a URL as it was found: its scheme may be any."""
    is_local: bool = False
    """It is a path in the export."""
    fragment: str = ""
    """The bare id of a block on that page, for a local destination."""
    object_id: str = ""
    """The exported object it leads to, if it is one."""


@frozen
class Link:
    """A label as plain text, and where it leads."""

    label: str
    to: Destination | None


def destination(href: str, site: Site) -> Destination:
    """Where an address in Notion's text leads."""
    object_id = id_from_url(href)
    found = site.target(object_id) if object_id else None
    if found is None:
        return Destination(NOTION + href if href.startswith("/") else href)
    if found.href is None:
        return Destination(found.url)
    fragment = fragment_from_url(href) or ""
    if object_id and fragment and (fragment == object_id.replace("-", "") or site.is_gone(object_id, fragment)):
        fragment = ""  # the page itself, or all that is left
    return Destination(found.href, True, fragment, object_id or "")


def to_object(object_id: str, site: Site, fallback: str = "", url: str = "") -> Link:
    """A link to a page or database, with its present title if it is part of the export.

    :param fallback: the title if it is not.
    :param url: its address if it is not.
    """
    object_id = normalise_id(object_id) or object_id
    found = site.target(object_id)
    fallback = fallback.translate(_SINGLE_LINE).strip()
    if found is None:
        return Link(fallback or "Untitled", Destination(url or f"{NOTION}/{object_id.replace('-', '')}"))
    # A title that is empty now is not the one the text remembers.
    label = found.title.translate(_SINGLE_LINE).strip() or "Untitled"
    if found.href is None:
        return Link(label, Destination(found.url))
    return Link(label, Destination(found.href, True, object_id=object_id))


def to_file(holder: Json, site: Site) -> tuple[str, Destination]:
    """The address of a file object and where to link: its copy in the export, or the web.

    :param holder: https://developers.notion.com/reference/file-object
    """
    payload = holder.get(str(holder.get("type") or "")) or holder.get("file") or holder.get("external")
    url = str(payload.get("url") or "") if isinstance(payload, dict) else ""
    copy = site.asset(url) if url else None
    return url, Destination(copy, True) if copy else Destination(url)


def to_picture(url: str, site: Site) -> Destination | None:
    """Where the picture with that address is: its copy in the export, or the web.

    ``None`` for a copy that must not be shown, as a browser might run it: it can be linked.
    """
    shown = site.picture(url)
    if shown:
        return Destination(shown, True)
    return Destination(url) if site.asset(url) is None else None
