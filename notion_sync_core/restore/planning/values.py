"""Values of rows as they were read, made into what requests take.

https://developers.notion.com/reference/page-property-values
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_core.model import Json, fields, normalise_id, objects
from notion_sync_core.restore.planning import payloads, texts
from notion_sync_core.restore.planning.around import Around
from notion_sync_core.restore.planning.columns import option_name

COMPUTED = frozenset(
    (
        *("formula", "rollup", "unique_id", "button", "verification", "title"),
        *("created_time", "created_by", "last_edited_time", "last_edited_by"),
    )
)
"""Types whose values nobody writes; that of a title is written with its row."""
_LONGEST_ADDRESS = 200
_PLACE = ("lat", "lon", "name", "address", "aws_place_id", "google_place_id")


def value(name: str, given: Json, kind: str, around: Around) -> Json | None:
    """A value as a request has it; ``None``: there is none, or none that can be written, which a note says then.

    :param kind: the type of the column as it was made.
    :raises Awaited: it names something that will be there later.
    """
    if kind in COMPUTED or kind not in _MAKERS:
        return None
    said = str(given.get("type") or "")
    payload = given.get(said)
    if payload is None or payload is False or payload in ([], {}, ""):
        return None
    if said == "relation" and kind == "rich_text":
        payload = _titles(payload, around)
    if kind == "relation" and _is_far(given, payload, around):
        return None
    made = _MAKERS[kind](payload, name, around)
    return None if made is None else {kind: made}


def _is_far(given: Json, payload: Any, around: Around) -> bool:
    """Whether a value has more rows than can be written, and the other side of the relation writes each of them."""
    return given.get("has_other_side") is True and len(objects(payload)) > around.limits.values


def title_of(raw: Json, around: Around) -> list[Json]:
    """The title of a page, row, database or data source."""
    props = fields(raw.get("properties")).values()
    titles = (prop.get("title") for prop in props if isinstance(prop, dict) and prop.get("type") == "title")
    given = raw.get("title") if isinstance(raw.get("title"), list) else next(titles, None)
    return texts.array(given, around, "a title")


# -- by type


def _text(payload: Any, name: str, around: Around) -> list[Json]:
    return texts.array(payload, around, f"the text of {name!r}")


def _titles(payload: Any, around: Around) -> list[Json]:
    """The titles of rows that a relation named."""
    ids = [normalise_id(str(item.get("id"))) or "" for item in objects(payload)]
    said = ", ".join(around.title(each) or each for each in ids)
    return [{"type": "text", "text": {"content": said}}]


def _same(payload: Any, _: str, __: Around) -> Any:
    return payload


def _number(payload: Any, _: str, __: Around) -> Any:
    return payload if isinstance(payload, int | float) and not isinstance(payload, bool) else None


def _option(payload: Any, _: str, __: Around) -> Json | None:
    name = fields(payload).get("name")
    return {"name": option_name(name)} if isinstance(name, str) and name else None


def _options(payload: Any, name: str, around: Around) -> list[Json]:
    found = [made for item in objects(payload) if (made := _option(item, name, around))]
    return _most(found, name, around)


def _date(payload: Any, _: str, around: Around) -> Json | None:
    return texts.date("date", fields(payload), around)


def _people(payload: Any, name: str, around: Around) -> list[Json]:
    found = []
    for item in objects(payload):
        person = around.person(str(item.get("id") or ""))
        if person:
            found.append({"object": "user", "id": person})
        else:
            around.note(f"of {name!r} people are missing who are not there")
    return _most(found, name, around)


def _files(payload: Any, name: str, around: Around) -> list[Json]:
    found = []
    for item in objects(payload):
        source = payloads.source(item, around, f"a file of {name!r}")
        if source is not None:
            called = item.get("name")
            found.append({"name": called, **source} if isinstance(called, str) and called else source)
    return _most(found, name, around)


def _address(payload: Any, name: str, around: Around) -> str | None:
    if isinstance(payload, str) and len(payload) <= _LONGEST_ADDRESS:
        return payload
    around.note(f"the value of {name!r} is longer than can be written")
    return None


def _url(payload: Any, name: str, around: Around) -> str | None:
    if isinstance(payload, str) and len(payload) <= texts.LONGEST_URL:
        return payload
    around.note(f"the address in {name!r} is longer than can be written")
    return None


def _relation(payload: Any, name: str, around: Around) -> list[Json]:
    found = []
    for item in objects(payload):
        old = normalise_id(str(item.get("id"))) or ""
        new = around.new_of(old) if old else ""
        if new or around.is_outside(old):
            found.append({"id": new or old})
        else:
            around.note(f"of {name!r} rows are missing that are not restored")
    return _most(list({each["id"]: each for each in found}.values()), name, around)


def _place(payload: Any, _: str, __: Around) -> Json | None:
    place = fields(payload)
    known = {key: place[key] for key in _PLACE if place.get(key) is not None}
    return known if {"lat", "lon"} <= known.keys() else None


def _most(found: list[Json], name: str, around: Around) -> list[Json]:
    if len(found) > around.limits.values:
        around.note(f"of {name!r} only {around.limits.values} of {len(found)} can be written")
    return found[: around.limits.values]


_MAKERS: dict[str, Callable[[Any, str, Around], Any]] = {
    "rich_text": _text,
    "number": _number,
    "select": _option,
    "status": _option,
    "multi_select": _options,
    "date": _date,
    "people": _people,
    "files": _files,
    "checkbox": _same,
    "url": _url,
    "email": _address,
    "phone_number": _address,
    "relation": _relation,
    "place": _place,
}
