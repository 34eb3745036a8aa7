"""Icons and covers. https://developers.notion.com/reference/emoji-object and file objects."""

from __future__ import annotations

from markupsafe import Markup

from notion_sync_core.plugin import Json, Site, fields, to_file
from notion_sync_html.inline import COLORS, emoji, image
from notion_sync_html.markup import EMPTY, address, element, line, path_address


def icon(holder: Json, site: Site) -> Markup:
    """The icon of a page, database, callout or tab; nothing if it has none."""
    found = holder.get("icon")
    if not isinstance(found, dict):
        return EMPTY
    kind = found.get("type")
    if kind == "emoji":
        return element("span", line(str(found.get("emoji") or "")), class_="icon", aria_hidden="true")
    if kind in ("file", "external"):
        return _picture(found, site)
    named = found.get(str(kind))
    name = line(str(named.get("name") or "")) if isinstance(named, dict) else ""
    if not isinstance(named, dict) or not name:
        return EMPTY
    if kind == "custom_emoji":
        return element("span", emoji(str(named.get("url") or ""), f":{name}:", site), class_="icon")
    color = str(named.get("color"))
    tint = f" color-{color}" if color in COLORS else ""
    return element(
        "span", name[0].upper(), class_=f"icon icon-named{tint}", role="img", aria_label=name, title=name, dir="ltr"
    )


def sign(holder: Json, site: Site) -> Markup:
    """The icon within a link, which says nothing of its own; nothing where it would have to be a link itself."""
    found = fields(holder.get("icon"))
    kind = str(found.get("type"))
    if kind == "emoji":
        return icon(holder, site)
    named = fields(found.get(kind))
    if kind in ("file", "external", "custom_emoji"):
        shown = site.picture(str(named.get("url") or ""))
        return element("span", image(path_address(shown), ""), class_="icon", aria_hidden="true") if shown else EMPTY
    name = line(str(named.get("name") or ""))
    color = str(named.get("color"))
    tint = f" color-{color}" if color in COLORS else ""
    letter = element("span", name[:1].upper(), class_=f"icon icon-named{tint}", aria_hidden="true", dir="ltr")
    return letter if name else EMPTY


def icon_text(holder: Json) -> str:
    """The icon for the index of all pages: an emoji, or nothing."""
    found = holder.get("icon")
    return line(str(found.get("emoji") or "")) if isinstance(found, dict) and found.get("type") == "emoji" else ""


def cover(holder: Json, site: Site) -> Markup:
    """The picture over a page; a link to it where it lies outside the export."""
    found = holder.get("cover")
    if not isinstance(found, dict):
        return EMPTY
    url, to = to_file(found, site)
    href = address(to)
    if not url or not href:
        return EMPTY
    shown = site.picture(url) if to.is_local else None
    if shown:
        return element("div", image(path_address(shown), ""), class_="cover")
    return element("p", element("a", "Cover picture", href=href, rel="noreferrer"), class_="cover-link")


def _picture(found: Json, site: Site) -> Markup:
    url, to = to_file(found, site)
    href = address(to)
    if not url or not href:
        return EMPTY
    shown = site.picture(url) if to.is_local else None
    if shown:
        return element("span", image(path_address(shown), ""), class_="icon")
    return element("a", "↗\ufe0e", class_="icon icon-outside", href=href, rel="noreferrer", aria_label="Icon (outside)")
