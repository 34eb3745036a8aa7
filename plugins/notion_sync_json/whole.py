"""Whether the columns of a property, with the schema beside them, say all of its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notion_sync_core.plugin import Json, clean, fields, is_plain, objects
from notion_sync_json.columns import PARTS

_VALUE = frozenset(("id", "type", "has_more"))
"""What stands beside the payload of each value, and says nothing about it."""


def says_all(value: Json, column: Json) -> bool:
    """Whether a value can be made again from its columns.

    :param column: what the data source says of the property.
    """
    kind = value.get("type")
    if not isinstance(kind, str) or kind != column.get("type") or not value.keys() <= {*_VALUE, kind}:
        return False
    if value.get("has_more") or value.get("id") != column.get("id"):
        return False
    check = _CHECKS.get(kind)
    payload = value.get(kind)
    return check(payload, fields(column.get(kind))) if check else kind not in PARTS


def _is(nothing: Any) -> Callable[[Any, Json], bool]:
    """Empty, in the one way in which the API says so."""
    return lambda payload, _: bool(payload == nothing) and type(payload) is type(nothing)


def _is_text(payload: Any, _: Json) -> bool:
    return payload is None or isinstance(payload, str)


def _is_number(payload: Any, _: Json) -> bool:
    return payload is None or (isinstance(payload, int | float) and not isinstance(payload, bool))


def _is_boolean(payload: Any, _: Json) -> bool:
    return isinstance(payload, bool)


def _is_plain(payload: Any, _: Json) -> bool:
    """Text without looks, links and mentions; how it is split says nothing."""
    return isinstance(payload, list) and all(
        isinstance(item, dict)
        and is_plain(item)
        and fields(item.get("text")).get("content") == item["plain_text"] == clean(item["plain_text"])
        for item in payload
    )


def _is_option(payload: Any, config: Json) -> bool:
    """Nothing, or the one option of that name in the schema."""
    if payload is None:
        return True
    name = payload.get("name") if isinstance(payload, dict) else None
    named = [option for option in objects(config.get("options")) if option.get("name") == name]
    return len(named) == 1 and {key: value for key, value in named[0].items() if key != "description"} == payload


def _are_options(payload: Any, config: Json) -> bool:
    return isinstance(payload, list) and all(item is not None and _is_option(item, config) for item in payload)


def _is_date(payload: Any, _: Json) -> bool:
    if payload is None:
        return True
    if not isinstance(payload, dict) or payload.keys() != {"start", "end", "time_zone"}:
        return False
    return isinstance(payload["start"], str) and all(each is None or isinstance(each, str) for each in payload.values())


def _are_ids(payload: Any, _: Json) -> bool:
    return isinstance(payload, list) and all(
        isinstance(item, dict) and item.keys() == {"id"} and isinstance(item["id"], str) for item in payload
    )


def _is_somebody(payload: Any, _: Json) -> bool:
    """Nothing but an id: what else the value tells of a person stands nowhere else."""
    return (
        isinstance(payload, dict)
        and payload.keys() == {"object", "id"}
        and payload["object"] == "user"
        and isinstance(payload["id"], str)
    )


def _is_result(payload: Any, _: Json) -> bool:
    """A formula's text, number or boolean says its type itself."""
    if not isinstance(payload, dict) or payload.keys() != {"type", payload.get("type")}:
        return False
    types = _RESULTS.get(payload["type"])
    found = payload[payload["type"]]
    return types is not None and isinstance(found, types) and isinstance(found, bool) == (types is bool)


_RESULTS: Mapping[str, Any] = {"string": str, "number": (int, float), "boolean": bool}


def _is_numbered(payload: Any, config: Json) -> bool:
    if not isinstance(payload, dict) or payload.keys() != {"prefix", "number"}:
        return False
    number = payload["number"]
    return payload["prefix"] == config.get("prefix") and number is not None and _is_number(number, {})


_CHECKS: Mapping[str, Callable[[Any, Json], bool]] = {
    "title": _is_plain,
    "rich_text": _is_plain,
    "number": _is_number,
    "checkbox": _is_boolean,
    **dict.fromkeys(("url", "email", "phone_number", "created_time", "last_edited_time"), _is_text),
    **dict.fromkeys(("select", "status"), _is_option),
    "multi_select": _are_options,
    "date": _is_date,
    "relation": _are_ids,
    **dict.fromkeys(("created_by", "last_edited_by"), _is_somebody),
    **dict.fromkeys(("people", "files"), _is([])),
    **dict.fromkeys(("verification", "place"), _is(None)),
    "button": _is({}),
    "formula": _is_result,
    "unique_id": _is_numbered,
}
"""Of a type that is not here the columns never say all, unless the value itself is the column."""
