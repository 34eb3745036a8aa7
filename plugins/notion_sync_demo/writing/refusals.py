"""Refusals word for word: each names the place in the body, what should be there and what was.

Requests of real clients and the answers they got: ``body failed validation: body.children.length should be ≤ `100`,
instead was `101`.``
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import orjson

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, as_id

_UNDEFINED = object()
LONGEST_URL = 2000


def words(text: str, between: str = " ") -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split(between))


def invalid(message: str) -> ApiError:
    """A refusal in words of its own."""
    return ApiError(400, "validation_error", message)


def failed(lines: list[str]) -> ApiError:
    """A refusal for one reason, or for several of which correcting one is enough."""
    start = "body failed validation"
    return invalid(f"{start}: {lines[0]}" if len(lines) == 1 else "\n".join([f"{start}. Fix one:", *lines]))


def should(where: str, what: str, was: Any = _UNDEFINED) -> str:
    """What should be at a place, and what was."""
    shown = "undefined" if was is _UNDEFINED else orjson.dumps(was).decode()
    return f"{where} should be {what}, instead was `{shown}`."


def wrong(where: str, what: str, was: Any = _UNDEFINED) -> ApiError:
    """A refusal for one reason."""
    return failed([should(where, what, was)])


def only(body: Json, allowed: Collection[str], where: str) -> None:
    """Nothing but what is known may be in an object."""
    for key in body:
        if key not in allowed:
            raise wrong(f"{where}.{key}", "not present", body[key])


def required(body: Json, key: str, where: str) -> Any:
    """What has to be there."""
    if key not in body:
        raise wrong(f"{where}.{key}", "defined")
    return body[key]


def an_object(value: Any, where: str) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise wrong(where, "an object", value)
    return value


def an_array(value: Any, where: str, most: int) -> list[Any]:
    """A JSON array of at most so many items."""
    if not isinstance(value, list):
        raise wrong(where, "an array", value)
    if len(value) > most:
        raise wrong(f"{where}.length", f"≤ `{most}`", len(value))
    return value


def a_string(value: Any, where: str, most: int | None = None) -> str:
    """A text of at most so many UTF-16 units."""
    if not isinstance(value, str):
        raise wrong(where, "a string", value)
    units = len(value.encode("utf-16-le", "surrogatepass")) // 2
    if most is not None and units > most:
        raise wrong(f"{where}.length", f"≤ `{most}`", units)
    return value


def a_boolean(value: Any, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(where, "a boolean", value)
    return value


def an_id(value: Any, where: str) -> str:
    """An id, hyphenated."""
    found = as_id(value)
    if found is None:
        raise wrong(where, "a valid uuid", value)
    return found


def one_of(value: Any, known: Iterable[str], where: str) -> str:
    """One of a few words."""
    listing = list(known)
    if value not in listing:
        quoted = [f'`"{word}"`' for word in listing]
        listed = f"{', '.join(quoted[:-1])}, or {quoted[-1]}" if len(quoted) > 1 else quoted[0]
        raise wrong(where, listed, value)
    return str(value)


def exactly_one(body: Json, names: Iterable[str], where: str) -> str:
    """Which of several keys is there."""
    names = list(names)
    found = [name for name in names if name in body]
    if not found:
        raise failed([should(f"{where}.{name}", "defined") for name in names])
    if len(found) > 1:
        raise wrong(f"{where}.{found[1]}", "not present", body[found[1]])
    return found[0]


def a_url(value: Any, where: str) -> str:
    """An address, absolute."""
    found = a_string(value, where, LONGEST_URL)
    if ":" not in found.split("/", 1)[0]:
        raise invalid("Invalid URL for link.")
    return found
