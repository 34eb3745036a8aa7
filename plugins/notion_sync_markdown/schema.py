"""What a column's schema says besides its type. https://developers.notion.com/reference/property-object"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notion_sync_core.plugin import Json, objects, plain_text


def details(column: Json, *, describe: bool = False) -> str:
    """Description, options, number format, formula and the like as one line; ``""`` if there is nothing to say.

    :param describe: with what is said about each option.
    """
    kind = str(column.get("type") or "")
    payload = column.get(kind)
    found = ""
    if isinstance(payload, dict):
        reader = _READERS.get(kind)
        found = reader(payload) if reader else _OPTIONS[kind](payload, describe) if kind in _OPTIONS else ""
    about = column.get("description")
    about = plain_text(about) if isinstance(about, list) else about
    return ". ".join(part for part in (str(about or "").strip(), found) if part)


def _options(payload: Json, describe: bool) -> str:
    return ", ".join(filter(None, (_option(option, describe) for option in objects(payload.get("options")))))


def _option(option: Json, describe: bool) -> str:
    name = str(option.get("name") or "")
    about = str(option.get("description") or "").strip() if describe else ""
    return f"{name} ({about})" if about else name


def _status(payload: Json, describe: bool) -> str:
    """The options, by group where the groups are known."""
    names = {option.get("id"): _option(option, describe) for option in objects(payload.get("options"))}
    shown = []
    for group in objects(payload.get("groups")):
        inside = [names.pop(each) for each in group.get("option_ids") or () if each in names]
        if inside:
            shown.append(f"{group.get('name')}: {', '.join(inside)}")
    return "; ".join([*shown, *([", ".join(names.values())] if names else [])])


def _rollup(payload: Json) -> str:
    """Which value of which relation, and how it is summed up."""
    function = str(payload.get("function") or "").replace("_", " ")
    return f"{function} of {payload.get('rollup_property_name')} over {payload.get('relation_property_name')}"


def _relation(payload: Json) -> str:
    """Under which name the related rows show it, if they do."""
    other = payload.get("dual_property")
    name = other.get("synced_property_name") if isinstance(other, dict) else None
    return f"shown there as {name}" if name else ""


def _field(key: str) -> Callable[[Json], str]:
    def read(payload: Json) -> str:
        found: Any = payload.get(key)
        return "" if found in (None, "", "number") else str(found)

    return read


_READERS: Mapping[str, Callable[[Json], str]] = {
    "number": _field("format"),
    "formula": _field("expression"),
    "rollup": _rollup,
    "unique_id": _field("prefix"),
    "relation": _relation,
}
_OPTIONS: Mapping[str, Callable[[Json, bool], str]] = {
    "select": _options,
    "multi_select": _options,
    "status": _status,
}
