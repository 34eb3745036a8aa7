"""Property values as HTML. https://developers.notion.com/reference/page-property-values"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from notion_sync_core.plugin import Json, Moment, Site, properties, properties_of, to_file, to_object, utc
from notion_sync_html import numbers
from notion_sync_html.context import Context
from notion_sync_html.dates import date, moment
from notion_sync_html.inline import color_class, image, inline
from notion_sync_html.markup import EMPTY, address, element, is_active, line, path_address, text, web_address
from notion_sync_html.media import file_name

_PICTURE = re.compile(r"(?i)\.(?:png|jpe?g|gif|webp|avif|svg|bmp)$")
_TIMES = frozenset(("date", "created_time", "last_edited_time"))
_SEARCHED = frozenset(("select", "multi_select", "status", "people", "url", "email", "phone_number", "unique_id"))
"""Types whose values people search rows by; rich text is searched in any case."""
_DEEPEST = 8
COMMA = Markup(", ")
SPACE = Markup(" ")
UNSUPPORTED = element("em", properties.UNSUPPORTED, class_="unsupported", title="Notion's API does not give this value")


def value(prop: Json, context: Context, schema: Json | None = None, depth: int = 0) -> Markup:
    """A property's value.

    :param schema: the property in the data source's schema, for the format of numbers.
    """
    kind = str(prop.get("type") or "")
    payload = prop.get(kind)
    if kind in ("formula", "rollup"):
        return _typed(payload, context, depth)
    if kind == "number":
        return number(payload, schema)
    writer = _WRITERS.get(kind)
    return text(properties.text(prop, context.site)) if writer is None else writer(payload, context)


def sort_key(prop: Json, site: Site) -> str:
    """What a column is sorted by, if it is not what is shown."""
    if str(prop.get("type")) in _TIMES:
        found = properties.typed(prop, site)
        if not isinstance(found, Moment):
            return ""
        return utc(found.start) if "T" in found.start and not found.zone else found.start
    found = properties.value(prop, site)
    if isinstance(found, bool):
        return str(int(found))
    return properties.as_text(found) if isinstance(found, (int, float)) else ""


def number(payload: Any, schema: Json | None = None) -> Markup:
    """A number in its column's format, with the bare number for machines."""
    if isinstance(payload, bool) or not isinstance(payload, (int, float)):
        return EMPTY
    shown = numbers.formatted(payload, _format(schema))
    return text(shown) if shown == str(payload) else element("data", shown, value=str(payload))


def person(payload: Any, site: Site) -> str:
    """A person's name as plain text."""
    return line(properties.user_text(payload, site) or "")


def _format(schema: Json | None) -> str:
    found = (schema or {}).get("number")
    return str(found.get("format") or "") if isinstance(found, dict) else ""


def _typed(payload: Any, context: Context, depth: int) -> Markup:
    """A formula's or rollup's result."""
    if not isinstance(payload, dict):
        return EMPTY
    kind = str(payload.get("type") or "")
    if kind in ("unsupported", "incomplete"):
        return UNSUPPORTED
    found = payload.get(kind)
    if kind == "array":
        items = [item for item in _items(found) if isinstance(item, dict)]
        shown = [value(item, context, None, depth + 1) for item in items] if depth < _DEEPEST else []
        return COMMA.join(item for item in shown if item)
    readers: dict[str, Callable[[Any], Markup]] = {"number": number, "date": date, "boolean": _checkbox_of}
    return readers.get(kind, _plain_of)(found)


def _items(payload: Any) -> list[Any]:
    return payload if isinstance(payload, list) else []


def _rich(payload: Any, context: Context) -> Markup:
    return inline(payload, context) if isinstance(payload, list) else _plain(payload, context)


def _plain_of(payload: Any) -> Markup:
    return EMPTY if payload in (None, "", [], {}) else text(properties.as_text(payload))


def _plain(payload: Any, _: Context) -> Markup:
    return _plain_of(payload)


def tag(payload: Any) -> Markup:
    """One option of a select."""
    if not isinstance(payload, dict) or not payload.get("name"):
        return EMPTY
    color = color_class(f"{payload.get('color')}_background")
    return element("span", line(str(payload["name"])), class_=f"tag {color}".rstrip())


def _tag(payload: Any, _: Context) -> Markup:
    return tag(payload)


def _tags(payload: Any, _: Context) -> Markup:
    return SPACE.join(tag(item) for item in _items(payload))


def _status(payload: Any, _: Context) -> Markup:
    if not isinstance(payload, dict) or not payload.get("name"):
        return EMPTY
    color = color_class(f"{payload.get('color')}_background")
    return element("span", line(str(payload["name"])), class_=f"tag status {color}".rstrip())


def _date(payload: Any, _: Context) -> Markup:
    return date(payload)


def _moment(payload: Any, _: Context) -> Markup:
    return moment(payload)


def _person(payload: Any, context: Context) -> Markup:
    name = person(payload, context.site)
    return element("span", name, class_="person") if name else EMPTY


def _people(payload: Any, context: Context) -> Markup:
    return COMMA.join(filter(None, (_person(item, context) for item in _items(payload))))


def _files(payload: Any, context: Context) -> Markup:
    return COMMA.join(filter(None, (_file(item, context) for item in _items(payload) if isinstance(item, dict))))


def _file(item: Json, context: Context) -> Markup:
    url, to = to_file(item, context.site)
    name = line(str(item.get("name") or "")) or file_name(url) or line(url)
    href = address(to)
    if not href:
        return text(name)
    shown = context.site.picture(url) if to.is_local else None
    if shown and _PICTURE.search(shown):
        thumbnail = image(path_address(shown), "", class_="thumbnail") + SPACE + text(name)
        if shown == to.href:
            return element("span", thumbnail, class_="file")
        return element("a", thumbnail, href=href, class_="file", download=True)
    return element("a", name, href=href, download=to.is_local and is_active(to.href))


def _checkbox_of(payload: Any) -> Markup:
    name = "yes" if payload else "no"
    return element("span", name, class_=f"check check-{name}") if isinstance(payload, bool) else EMPTY


def _checkbox(payload: Any, _: Context) -> Markup:
    return _checkbox_of(payload)


def _linked(scheme: str) -> Callable[[Any, Context], Markup]:
    def write(payload: Any, _: Context) -> Markup:
        if not payload:
            return EMPTY
        href = web_address(f"{scheme}{payload}")
        return element("a", text(str(payload)), href=href) if href else text(str(payload))

    return write


def _relation(payload: Any, context: Context) -> Markup:
    links = []
    for item in _items(payload):
        row = str(item.get("id") or "") if isinstance(item, dict) else ""
        if row:
            found = to_object(row, context.site, row)
            links.append(element("a", found.label, href=address(found.to), class_="page"))
    return COMMA.join(links)


def _verification(payload: Any, context: Context) -> Markup:
    if not isinstance(payload, dict):
        return EMPTY
    by = _person(payload.get("verified_by"), context) if payload.get("verified_by") else EMPTY
    parts = [text(str(payload.get("state") or "")), date(payload.get("date")), by]
    return SPACE.join(part for part in parts if part)


def _unsupported(_: Any, __: Context) -> Markup:
    return UNSUPPORTED


def _nothing(_: Any, __: Context) -> Markup:
    return EMPTY


_WRITERS: dict[str, Callable[[Any, Context], Markup]] = {
    "title": _rich,
    "rich_text": _rich,
    "select": _tag,
    "status": _status,
    "multi_select": _tags,
    "date": _date,
    "people": _people,
    "files": _files,
    "checkbox": _checkbox,
    "url": _linked(""),
    "email": _linked("mailto:"),
    "phone_number": _linked("tel:"),
    "relation": _relation,
    "created_time": _moment,
    "last_edited_time": _moment,
    "created_by": _person,
    "last_edited_by": _person,
    "verification": _verification,
    "button": _nothing,
    "unsupported": _unsupported,
}


def property_table(raw: Json, context: Context) -> list[tuple[str, str, Markup]]:
    """Name, type and value of each property of a row but its title; empty for a page that is no row."""
    found = properties_of(raw)
    rows = []
    for name in properties.ordered(found):
        kind = str(found[name].get("type") or "")
        if kind != "title":
            shown = value(found[name], context)
            rows.append((line(name), kind, shown))
            if kind in _SEARCHED:
                context.digest.hear(shown.striptags())
    return rows
