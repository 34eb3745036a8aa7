"""What a column's schema says besides its type. https://developers.notion.com/reference/property-object"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notion_sync_core.plugin import Json, plain_text


def details(column: Json) -> str:
    """Description, options, number format, formula and the like as one line; ``""`` if there is nothing to say."""
    kind = str(column.get("type") or "")
    payload = column.get(kind)
    found = _READERS[kind](payload) if kind in _READERS and isinstance(payload, dict) else ""
    about = column.get("description")
    about = plain_text(about) if isinstance(about, list) else about
    return ". ".join(part for part in (str(about or "").strip(), found) if part)


def _options(payload: Json) -> str:
    names = [str(option.get("name") or "") for option in payload.get("options") or () if isinstance(option, dict)]
    return ", ".join(filter(None, names))


def _status(payload: Json) -> str:
    """The options, by group where the groups are known."""
    names = {
        option.get("id"): str(option.get("name") or "")
        for option in payload.get("options") or ()
        if isinstance(option, dict)
    }
    groups = [group for group in payload.get("groups") or () if isinstance(group, dict)]
    shown = []
    for group in groups:
        inside = [names.pop(each) for each in group.get("option_ids") or () if each in names]
        if inside:
            shown.append(f"{group.get('name')}: {', '.join(inside)}")
    return "; ".join([*shown, *([", ".join(names.values())] if names else [])])


def _rollup(payload: Json) -> str:
    """Which value of which relation, and how it is summed up."""
    function = str(payload.get("function") or "").replace("_", " ")
    return f"{function} of {payload.get('rollup_property_name')} over {payload.get('relation_property_name')}"


def _field(key: str) -> Callable[[Json], str]:
    def read(payload: Json) -> str:
        found: Any = payload.get(key)
        return "" if found in (None, "", "number") else str(found)

    return read


_READERS: Mapping[str, Callable[[Json], str]] = {
    "select": _options,
    "multi_select": _options,
    "status": _status,
    "number": _field("format"),
    "formula": _field("expression"),
    "rollup": _rollup,
    "unique_id": _field("prefix"),
}
