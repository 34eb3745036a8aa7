"""Content as it is compared: what a restore cannot keep, or has to change, is not in it.

Out are ids of blocks, columns and options, times, authors, signatures, computed values, and what follows from other
fields (``plain_text``, ``href``). Ids of what was restored are those that it had. What is empty is not there, whichever
way the API says so. Texts that were split are one. Relations have no order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from notion_sync_core.mirror.mirror import dumps
from notion_sync_core.model import (
    Block,
    Json,
    fields,
    fragment_from_url,
    id_from_url,
    normalise_id,
    objects,
    properties_of,
)

COMPUTED = frozenset(
    (
        *("formula", "rollup", "unique_id", "button", "created_time", "created_by"),
        *("last_edited_time", "last_edited_by"),
    )
)
"""Types of properties whose values nobody can write."""
_OUT = frozenset(
    (
        *("id", "plain_text", "href", "expiry_time", "created_time", "created_by", "last_edited_time"),
        *("last_edited_by", "request_id", "parent", "has_children", "in_trash", "archived", "is_archived", "has_more"),
        *("next_cursor", "relation_property_id", "rollup_property_id", "synced_property_id", "option_ids"),
    )
)
_UNKNOWN = "?"
"""In place of the id of a block of which nobody was told what became of it."""
_DEEPEST = 60
_TEXTS = frozenset(("text", "mention", "equation"))
_OBJECTS = frozenset(("page", "database", "data_source"))
_OF_COLUMN = re.compile(r"\{\{notion:block_property:([^:}]*)[^}]*\}\}")


@frozen
class Side:
    """What is compared with the other side, and how its ids and files are told."""

    object_id: Callable[[str], str]
    """What an object's id was."""
    block_id: Callable[[str], str]
    """What a block's id was; ``""``: nobody knows."""
    is_ours: Callable[[str], bool]
    """Whether an object by this side's id was restored: links to it lead to what was restored."""
    sha256: Callable[[Json], str | None]
    """Of the bytes behind a hosted file."""


def payload(block: Block, side: Side) -> Any:
    """What a block says by itself."""
    kind = block.type
    if kind in ("child_page", "child_database"):
        return {"shows": side.object_id(normalise_id(block.id) or block.id)}
    if kind == "synced_block":
        return {"copies": copied(block, side)} if copied(block, side) else {}
    # Before version 2022-02-22 of the API its text was called so.
    names = {"text": "rich_text"} if isinstance(block.payload.get("text"), list) else {}
    return _value({names.get(key, key): each for key, each in block.payload.items() if key != "children"}, side)


def copied(block: Block, side: Side) -> str:
    """The synced block that one is a copy of, by the id that it had; ``""``: what it shows stands in itself."""
    source = fields(block.payload.get("synced_from")).get("block_id")
    return side.block_id(normalise_id(source) or source) if isinstance(source, str) else ""


def about(raw: Json, side: Side) -> Iterator[tuple[str, Any]]:
    """What an object says of itself beside its blocks: what is compared, by the name that people have for it.

    A data source shows the description of its database, and no request writes it or its cover.
    """
    is_source = raw.get("object") == "data_source"
    for key in ("icon", "title") if is_source else ("icon", "title", "cover", "description", "is_inline"):
        if key in raw:
            yield key.removeprefix("is_"), _value(raw[key], side)
    found = properties_of(raw)
    for name in sorted(found):
        yield f"{'column' if is_source else 'property'} {name}", (column if is_source else _property)(found, name, side)


def _property(found: Mapping[str, Json], name: str, side: Side) -> Any:
    value = found[name]
    kind = str(value.get("type") or "")
    if kind in COMPUTED:
        return None
    given = value.get(kind)
    if kind == "relation":
        return sorted(side.object_id(str(each.get("id") or "")) for each in objects(given))
    if kind in ("select", "status"):
        return fields(given).get("name")  # its colour is its column's
    if kind == "multi_select":
        return [each.get("name") for each in objects(given)]
    return _value(given, side)


def column(found: Mapping[str, Json], name: str, side: Side) -> Any:
    """What a data source says of one of its columns."""
    prop = found[name]
    kind = str(prop.get("type") or "")
    config = fields(prop.get(kind))
    made = _value({key: each for key, each in config.items() if key not in ("groups", "expression")}, side)
    named = {str(option.get("id")): option.get("name") for option in objects(config.get("options"))}
    groups = [
        [group.get("name"), group.get("color"), [named.get(str(each)) for each in group.get("option_ids") or ()]]
        for group in objects(config.get("groups"))
    ]
    said = _value(prop.get("description"), side)
    expression = _expression(config.get("expression"), found)
    rest = {"groups": groups, "expression": expression, "description": said}
    return {"type": kind, **(made if isinstance(made, dict) else {}), **_without_nothing(rest)}


def _expression(text: Any, columns: Mapping[str, Json]) -> Any:
    """A formula names other columns by their ids, or by their names."""
    names = {unquote(str(prop.get("id"))): name for name, prop in columns.items()}
    if not isinstance(text, str):
        return text
    return _OF_COLUMN.sub(lambda found: f'prop("{names.get(unquote(found[1]), _UNKNOWN)}")', text)


def said(comments: list[Json], side: Side) -> list[Any]:
    """What comments say, in their order."""
    return [_value(each.get("rich_text"), side) for each in comments]


# -- any value


def _value(value: Any, side: Side, depth: int = 0) -> Any:
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and item.get("type") in _TEXTS for item in value):
            return _text(value, side, depth)
        return [_value(each, side, depth + 1) for each in value] if depth < _DEEPEST else dumps(value)
    if not isinstance(value, dict):
        return value
    if depth >= _DEEPEST:
        return dumps(value)
    if value.get("object") == "user":
        return {"user": side.object_id(str(value.get("id") or ""))}
    if isinstance(value.get("file"), dict) and value.get("type", "file") == "file" and "url" in value["file"]:
        rest = {key: each for key, each in value.items() if key not in ("file", "type")}
        # One whose bytes nobody has is that at its address, and no other.
        return {**_fields(rest, side, depth), "file": side.sha256(value) or value["file"]["url"]}
    return _fields(value, side, depth)


def _fields(value: Json, side: Side, depth: int) -> Json:
    found = {key: _field(key, each, side, depth) for key, each in value.items() if key not in _OUT}
    return _without_nothing(found)


def is_nothing(value: Any) -> bool:
    """Whether it is one of the ways in which the API says that there is nothing."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


def _without_nothing(found: Json) -> Json:
    return {
        key: each for key, each in found.items() if not is_nothing(each) and not (key == "color" and each == "default")
    }


def _field(key: str, value: Any, side: Side, depth: int) -> Any:
    if isinstance(value, str):
        if key == "url":
            return _address(value, side)
        if key == "block_id":
            return side.block_id(normalise_id(value) or value) or _UNKNOWN
        if key.endswith("_id"):
            return side.object_id(normalise_id(value) or value)
    return _value(value, side, depth + 1)


def _address(url: str, side: Side) -> Any:
    """An address; of one that leads to what was restored, what it leads to."""
    found = id_from_url(url)
    if found is None or not side.is_ours(found):
        return url
    block = fragment_from_url(url)
    return {"to": side.object_id(found), "at": (side.block_id(normalise_id(block) or "") or _UNKNOWN) if block else ""}


def _text(items: list[Json], side: Side, depth: int) -> list[Any]:
    """A rich text as runs of one look."""
    runs: list[tuple[Any, str]] = []
    for item in items:
        look, words = _run(item, side, depth)
        if runs and item.get("type") == "text" and runs[-1][0] == look:
            runs[-1] = (look, runs[-1][1] + words)
        elif words or item.get("type") != "text":
            runs.append((look, words))
    return [[look, words] for look, words in runs]


def _run(item: Json, side: Side, depth: int) -> tuple[Any, str]:
    kind = str(item["type"])
    given = fields(item.get(kind))
    look = _fields(fields(item.get("annotations")), side, depth)
    if kind == "text":
        return [kind, look, _value(given.get("link"), side, depth + 1)], str(given.get("content") or "")
    if kind == "equation":
        return [kind, look], str(given.get("expression") or "")
    to = str(given.get("type") or "")
    shown = given.get(to)
    if to in _OBJECTS:
        return [kind, look, to, side.object_id(str(fields(shown).get("id") or ""))], ""
    if to == "user":
        return [kind, look, to, side.object_id(str(fields(shown).get("id") or ""))], ""
    return [kind, look, to, _value(shown, side, depth + 1)], ""
