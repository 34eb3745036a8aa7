"""Properties, and what a reader wants to know of a document, as YAML at the head of its file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from notion_sync_core.plugin import (
    Document,
    Json,
    Moment,
    objects,
    properties,
    properties_of,
    to_file,
    to_object,
    to_picture,
    user_text,
)
from notion_sync_markdown import yaml_writer
from notion_sync_markdown.extras import KEYS
from notion_sync_markdown.pen import Pen

_NOT_IN_SLUG = re.compile(r"[^\w]+")
_CLEAN_STEM = re.compile(r"[\w ]+")


def front_matter(document: Document, pen: Pen, extras: Sequence[str] = ()) -> str:
    """YAML between two lines of dashes; ``""`` if there is nothing to say.

    :param extras: words of :data:`~notion_sync_markdown.extras.KEYS`.
    """
    data = _without(pen.dialect.in_data, values(document, pen, extras))
    return f"---\n{yaml_writer.dump(data)}---\n\n" if data else ""


def _without(shunned: Mapping[int, str], value: Any) -> Any:
    """The value with other characters for those that the reader cannot hold."""
    if not shunned:
        return value
    if isinstance(value, str) or (isinstance(value, Moment) and not yaml_writer.is_stamp(str(value))):
        return str(value).translate(shunned)
    if isinstance(value, properties.File):
        return properties.File(value.address.translate(shunned), value.name.translate(shunned))
    if isinstance(value, dict):
        return {key.translate(shunned): _without(shunned, each) for key, each in value.items()}
    return [_without(shunned, each) for each in value] if isinstance(value, list) else value


def values(document: Document, pen: Pen, extras: Sequence[str] = ()) -> dict[str, Any]:
    """What the front matter says, in its order."""
    found = _properties(document.raw, pen) if document.ref.kind == "page" else {}
    data = _HEADS[pen.dialect.name](document, pen) if pen.dialect.name in _HEADS else {}
    if pen.dialect.nests_properties:
        data.update({"properties": found} if found else {})
    else:
        data.update(found)
    taken = {key.casefold() for key in data}
    for extra in extras:
        value = _EXTRAS[extra](document, pen)
        if value not in (None, ""):
            name = KEYS[extra]
            data[f"notion_{name}" if name in taken else name] = value
    return data


def _properties(raw: Json, pen: Pen) -> dict[str, Any]:
    """The values of a row; nothing for a page that has no property but its title."""
    found = properties_of(raw)
    if all(prop.get("type") == "title" for prop in found.values()):
        return {}
    return {name: _value(found[name], pen) for name in properties.ordered(found)}


def _value(prop: Json, pen: Pen) -> Any:
    if pen.dialect.links_relations and prop.get("type") == "files":
        return properties.value(prop, pen.site)  # Obsidian's properties hold no values within values
    if pen.dialect.links_relations and prop.get("type") == "relation":
        return [_relation(str(item.get("id") or ""), pen) for item in objects(prop.get("relation"))]
    return properties.typed(prop, pen.site)


def _relation(row: str, pen: Pen) -> str:
    """A link where Obsidian can read one, else the title."""
    link = to_object(row, pen.site, row)
    shown = pen.link(link)
    return shown if shown.startswith("[[") else link.label


# -- what each reader wants to know


def _obsidian(document: Document, pen: Pen) -> dict[str, Any]:
    """The title as another name where the file could not carry it."""
    title = " ".join(document.ref.title.split())
    return {"aliases": [title]} if title and title != _stem(pen) else {}


def _docusaurus(document: Document, pen: Pen) -> dict[str, Any]:
    """Identity, title, place and address: https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-docs#markdown-front-matter"""
    return {
        "id": bare(document.ref.id),
        "title": " ".join((document.ref.title or "Untitled").split()),
        "slug": slug(_stem(pen), document.ref.id),
        "sidebar_position": pen.site.position,
    }


_HEADS: Mapping[str, Callable[[Document, Pen], dict[str, Any]]] = {"obsidian": _obsidian, "docusaurus": _docusaurus}


def _stem(pen: Pen) -> str:
    return PurePosixPath(pen.site.path(".md")).name.removesuffix(".md")


def bare(object_id: str) -> str:
    """An id without hyphens."""
    return object_id.replace("-", "")


def slug(stem: str, object_id: str) -> str:
    """The last part of a page's address; with the end of the id where two names could give the same."""
    text = _NOT_IN_SLUG.sub("-", stem).strip("-").lower()
    return text if _CLEAN_STEM.fullmatch(stem) else f"{text}-{bare(object_id)[-6:]}".strip("-")


# -- what everybody may ask for


def _icon(document: Document, pen: Pen) -> Any:
    icon = document.raw.get("icon")
    if not isinstance(icon, dict):
        return None
    held = icon.get(str(icon.get("type") or ""))
    if isinstance(held, dict) and held.get("name"):
        return f":{held['name']}:"
    return _address(icon, pen) if isinstance(held, dict) else held


def _cover(document: Document, pen: Pen) -> Any:
    cover = document.raw.get("cover")
    return _address(cover, pen) if isinstance(cover, dict) else None


def _address(holder: Json, pen: Pen) -> str | None:
    url, to = to_file(holder, pen.site)
    return (to_picture(url, pen.site) or to).href or None


def _person(key: str) -> Callable[[Document, Pen], Any]:
    return lambda document, pen: user_text(document.raw.get(key), pen.site)


def _raw(key: str) -> Callable[[Document, Pen], Any]:
    return lambda document, _: document.raw.get(key)


def _time(key: str) -> Callable[[Document, Pen], Any]:
    return lambda document, _: Moment(getattr(document.ref, key))


_EXTRAS: Mapping[str, Callable[[Document, Pen], Any]] = {
    "id": lambda document, _: document.ref.id,
    "url": lambda document, _: document.ref.url,
    "created": _time("created_time"),
    "edited": _time("last_edited_time"),
    "icon": _icon,
    "cover": _cover,
    "author": _person("created_by"),
    "editor": _person("last_edited_by"),
    "public_url": _raw("public_url"),
    "locked": _raw("is_locked"),
}
