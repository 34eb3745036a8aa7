"""Properties, and what a reader wants to know of a document, as YAML at the head of its file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from attrs import field, frozen

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
from notion_sync_markdown.mapping import Mapped, is_empty
from notion_sync_markdown.pen import Pen

EVERY = "*"
"""Stands for every property that has no key of its own."""
_NOT_IN_SLUG = re.compile(r"[^\w]+")
_CLEAN_STEM = re.compile(r"[\w ]+")
_NOT_IN_TAG = re.compile(r"[^\w/-]+")
_OFFSET = re.compile(r"(T\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?\Z")


@frozen
class FrontMatter:
    """What it says beside what the dialect's reader needs."""

    extras: Sequence[str] = ()
    """Words of :data:`~notion_sync_markdown.extras.KEYS`."""
    keys: Mapping[str, Mapped] = field(factory=dict)
    """What stands under keys of the user's choice."""
    shown: Sequence[str] = (EVERY,)
    """The properties that stand under their own names; :data:`EVERY` stands for all."""
    hidden: Sequence[str] = ()
    """Those that do not, and what the reader needs but in this case."""
    empty: bool = True
    """Whether properties without a value are said."""


EVERYTHING = FrontMatter()
_BOTH = {"aliases"}
"""What a reader needs, and a user may add to."""


def front_matter(document: Document, pen: Pen, wanted: FrontMatter = EVERYTHING) -> str:
    """YAML between two lines of dashes; ``""`` if there is nothing to say."""
    data = _without(pen, values(document, pen, wanted))
    return written(data)


def written(data: Mapping[str, Any]) -> str:
    """Some data as front matter; ``""`` if there is none."""
    return f"---\n{yaml_writer.dump(data)}---\n\n" if data else ""


def _without(pen: Pen, value: Any) -> Any:
    """The value with others for what the reader cannot hold, or could run."""
    shunned, words = pen.dialect.in_data, pen.dialect.not_in_data
    if not shunned and not words:
        return value
    if isinstance(value, str) or (isinstance(value, Moment) and not yaml_writer.is_stamp(str(value))):
        return defused(str(value).translate(shunned), words)
    if isinstance(value, properties.File):
        address, name = (defused(each.translate(shunned), words) for each in (value.address, value.name))
        return properties.File(address, name)
    if isinstance(value, dict):
        return {defused(key.translate(shunned), words): _without(pen, each) for key, each in value.items()}
    return [_without(pen, each) for each in value] if isinstance(value, list) else value


def defused(text: str, words: Mapping[str, str]) -> str:
    """Text without words that a reader could take for a program."""
    for word, instead in words.items():
        text = text.replace(word, instead)
    return text


def values(document: Document, pen: Pen, wanted: FrontMatter = EVERYTHING) -> dict[str, Any]:
    """What the front matter says, in its order."""
    head = _HEADS[pen.dialect.name](document, pen) if pen.dialect.name in _HEADS else {}
    data = {key: value for key, value in head.items() if key not in wanted.hidden}
    raw = document.raw if document.ref.kind == "page" else {}
    if wanted.keys:
        made = _mapped(document, raw, pen, wanted)
        made |= (
            {"aliases": list(dict.fromkeys([*made["aliases"], *data["aliases"]]))} if {*made} & {*data} & _BOTH else {}
        )
        data |= made
    found = _properties(raw, pen, wanted)
    if pen.dialect.nests_properties:
        data.update({"properties": found} if found else {})
    else:
        data |= {name: value for name, value in found.items() if name not in wanted.keys}
    taken = {key.casefold() for key in data}
    for extra in wanted.extras:
        value = _EXTRAS[extra](document, pen)
        if value not in (None, ""):
            name = KEYS[extra]
            data[f"notion_{name}" if name in taken else name] = value
    return data


def _mapped(document: Document, raw: Json, pen: Pen, wanted: FrontMatter) -> dict[str, Any]:
    """The keys of the user's choice that have something to say."""
    found = properties_of(raw)

    def own(word: str) -> Any:
        return _title(document) if word == "title" else _EXTRAS[word](document, pen)

    made = {key: mapped.value(key, found, own, pen) for key, mapped in wanted.keys.items()}
    return {key: _under(key, value, pen)[1] for key, value in made.items() if not is_empty(value)}


def _properties(raw: Json, pen: Pen, wanted: FrontMatter) -> dict[str, Any]:
    """The values of a row; nothing for a page that has no property but its title."""
    found = properties_of(raw)
    if all(prop.get("type") == "title" for prop in found.values()):
        return {}
    used: set[str] = set().union(*(mapped.properties(found) for mapped in wanted.keys.values()), wanted.hidden)
    chosen = [name for name in properties.ordered(found) if name not in used and {name, EVERY} & {*wanted.shown}]
    made = (_under(name, _value(found[name], pen), pen) for name in chosen)
    return {name: value for name, value in made if wanted.empty or not is_empty(value)}


def _under(key: str, value: Any, pen: Pen) -> tuple[str, Any]:
    """A key and its value as its reader takes them: Obsidian's tags hold no blanks."""
    if pen.dialect.name == "obsidian" and key.casefold() in ("tags", "tag") and isinstance(value, list):
        return "tags", [tag for each in value if (tag := _tag(str(each)))]
    return key, _for_reader(value, pen)


def _tag(text: str) -> str:
    """Letters, digits, hyphens and slashes, and not digits alone: https://help.obsidian.md/tags"""
    tag = _NOT_IN_TAG.sub("-", text).strip("-")
    return f"{tag}_" if tag.isdigit() else tag


def _value(prop: Json, pen: Pen) -> Any:
    kind = prop.get("type")
    if pen.dialect.links_relations and kind == "relation":
        return [_relation(str(item.get("id") or ""), pen) for item in objects(prop.get("relation"))]
    found = properties.typed(prop, pen.site)
    if pen.dialect.links_relations and kind == "files":
        return [_in_vault(each.address if isinstance(each, properties.File) else str(each), pen) for each in found]
    return found


def _for_reader(value: Any, pen: Pen) -> Any:
    """Obsidian's times have no zone: with one they are text to it."""
    if pen.dialect.name != "obsidian":
        return value
    if isinstance(value, Moment) and not value.end and (plain := _OFFSET.sub(r"\1", value.start)) != str(value):
        return Moment(plain)
    return [_for_reader(each, pen) for each in value] if isinstance(value, list) else value


def _in_vault(address: str, pen: Pen) -> str:
    """A file of the vault as a link; any other as its address."""
    if "://" in address or not address:
        return address
    path = normpath(f"{pen.here}/{address}").lstrip("/")
    return f"[[{path}]]" if not set("[]|#^") & set(path) else path


def _relation(row: str, pen: Pen) -> str:
    """A link where Obsidian can read one, else the title."""
    link = to_object(row, pen.site, row)
    shown = pen.link(link)
    return shown if shown.startswith("[[") else link.label


# -- what each reader wants to know


def _title(document: Document) -> str:
    return " ".join((document.ref.title or "Untitled").split())


def _obsidian(document: Document, pen: Pen) -> dict[str, Any]:
    """The title as another name where the file could not carry it."""
    title = " ".join(document.ref.title.split())
    return {"aliases": [title]} if title and title != _stem(pen) else {}


def _docusaurus(document: Document, pen: Pen) -> dict[str, Any]:
    """Identity, title, place and address: https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-docs#markdown-front-matter"""
    stem = _stem(pen)
    return {
        "id": bare(document.ref.id),
        "title": _title(document),
        # The page of a folder has the folder's address.
        **({"slug": slug(stem, document.ref.id)} if stem != "index" else {}),
        "sidebar_position": pen.site.position,
    }


def _titled(document: Document, _: Pen) -> dict[str, Any]:
    """The title: its reader shows it, and takes a file without front matter for something else."""
    return {"title": _title(document)}


_HEADS: Mapping[str, Callable[[Document, Pen], dict[str, Any]]] = {
    "obsidian": _obsidian,
    "docusaurus": _docusaurus,
    "hugo": _titled,
    "jekyll": _titled,
}


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
    return lambda document, pen: _for_reader(Moment(getattr(document.ref, key)), pen)


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
