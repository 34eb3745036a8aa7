"""Views of a data source as they are compared: columns by their names, rows and people by the ids that they had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notion_sync_core.content.views import KEY, names_of
from notion_sync_core.model import Json, normalise_id, objects
from notion_sync_core.restore.comparison.canonical import Side

_SAID = ("type", "filter", "sorts", "quick_filters", "configuration")
_OUT = frozenset(("property_name", "date_property_name", "end_date_property_name", "map_by_property_name"))
"""What answers say for people beside an id."""
_COLUMNS = frozenset(
    (
        *("property", "property_id", "date_property_id", "end_date_property_id", "map_by", "toggle_column_id"),
        *("x_axis_property_id", "y_axis_property_id"),
    )
)
"""Fields that name a column."""
ALL = "views"
"""In the place of the name of one: which there are, and their order."""


def views(source: Json, side: Side) -> Iterator[tuple[str, Any]]:
    """What is compared of each, by ``view`` and its name; and what they are called, in their order."""
    names = names_of(source)
    told: list[str] = []
    for raw in objects(source.get(KEY)):
        name = str(raw.get("name") or "").strip() or "Untitled"
        number = told.count(name) + 1
        told.append(name)
        found = {key: _told(raw.get(key), key, names, side) for key in _SAID}
        config = found["configuration"]
        if isinstance(config, dict):
            config.pop("type", None)
        yield f"view {name}{f' ({number})' if number > 1 else ''}", {key: each for key, each in found.items() if each}
    yield ALL, told


def _told(value: Any, key: str, names: Mapping[str, str], side: Side) -> Any:
    if isinstance(value, list):
        return [_told(each, "", names, side) for each in value]
    if isinstance(value, dict):
        keys = names if key == "quick_filters" else {}
        found = {keys.get(each, each): _told(inner, each, names, side) for each, inner in value.items()}
        return {each: inner for each, inner in found.items() if each not in _OUT and inner not in (None, [], {})}
    if not isinstance(value, str):
        return value
    if key in _COLUMNS:
        return names.get(value, "?")
    old = normalise_id(value)
    return side.object_id(old) if old else value
