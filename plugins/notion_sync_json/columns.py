"""What the columns of a table are, and what stands in them: one or more for each property, of one type each.

https://developers.notion.com/reference/page-property-values
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from notion_sync_core.plugin import Json, Row, Site, fields, fold, objects, properties, properties_of, user_text

TEXT: Json = {"type": ["string", "null"]}
NUMBER: Json = {"type": ["number", "null"]}
BOOLEAN: Json = {"type": ["boolean", "null"]}
TEXTS: Json = {"type": ["array", "null"], "items": {"type": "string"}}
ANYTHING: Json = {}
WHOLE: Json = {"type": ["object", "null"]}

Read = Callable[[Row, Site], Any]
Part = Callable[[Any, Site], Any]
"""What stands in a column, from what the API's value holds under its type."""
Parts = tuple[tuple[str, Json, Part], ...]
"""The columns of a property: what follows its name in theirs, their types, what stands in them."""


@frozen
class Column:
    """One column."""

    name: str
    type: Json
    """As JSON Schema has it."""
    read: Read
    property: str = ""
    """The property that it shows a part of; empty: it is about the row."""


def columns_of(source: Json) -> list[Column]:
    """The columns of all rows of a data source, whatever is in them; no two have one name, in whatever case."""
    schema = properties_of(source)
    taken = set(map(fold, schema))

    def free(name: str) -> str:
        while fold(name) in taken:
            name = f"notion_{name}"
        taken.add(fold(name))
        return name

    found = [Column(free(name), kind, _fitting(read, kind)) for name, kind, read in _ABOUT]
    for name in properties.ordered(schema):
        kind = str(schema[name].get("type") or "")
        for suffix, type_, part in PARTS.get(kind, _UNKNOWN):
            reader = _fitting(_reader(name, kind, part), type_)
            found.append(Column(free(name + suffix) if suffix else name, type_, reader, name))
    return found


def _reader(name: str, kind: str, part: Part) -> Read:
    """Nothing where the row has no such property, or one of another type."""

    def read(row: Row, site: Site) -> Any:
        value = fields(fields(row.raw.get("properties")).get(name))
        return part(value.get(kind), site) if value.get("type") == kind else None

    return read


def _fitting(read: Read, type_: Json) -> Read:
    """Nothing where a value is of another type than its column."""

    def fitting(row: Row, site: Site) -> Any:
        found = read(row, site)
        return found if _fits(found, type_) else None

    return fitting


def _fits(found: Any, type_: Json) -> bool:
    """Whether a value is of a column's type."""
    if type_ is TEXTS:
        return isinstance(found, list) and all(isinstance(each, str) for each in found)
    if type_ is NUMBER:
        return isinstance(found, int | float) and not isinstance(found, bool)
    return type_ is ANYTHING or isinstance(found, bool if type_ is BOOLEAN else str)


# -- what is known of a row


def _author(key: str) -> Read:
    return lambda row, site: user_text(row.raw.get(key), site)


_ABOUT: tuple[tuple[str, Json, Read], ...] = (
    ("notion_id", TEXT, lambda row, _: row.ref.id),
    ("notion_url", TEXT, lambda row, _: row.ref.url or None),
    ("public_url", TEXT, lambda row, _: row.raw.get("public_url")),
    ("created", TEXT, lambda row, _: row.ref.created_time),
    ("updated", TEXT, lambda row, _: row.ref.last_edited_time),
    ("created_by", TEXT, _author("created_by")),
    ("updated_by", TEXT, _author("last_edited_by")),
    ("locked", BOOLEAN, lambda row, _: row.raw.get("is_locked")),
)

# -- what is in a property


def _same(payload: Any, _: Site) -> Any:
    return payload


def _as(kind: str) -> Part:
    """The text, or the texts, that other formats show."""
    return lambda payload, site: None if payload is None else properties.value({"type": kind, kind: payload}, site)


def _of(key: str, read: Part = _same) -> Part:
    return lambda payload, site: read(fields(payload).get(key), site)


def _each(key: str) -> Part:
    return lambda payload, _: [str(item.get(key) or "") for item in objects(payload)]


def _addresses(payload: Any, site: Site) -> list[str]:
    return [properties.file_of(item, site).address for item in objects(payload)]


def _person(payload: Any, site: Site) -> str | None:
    return user_text(payload, site)


def _date(payload: Any, _: Site) -> Any:
    return fields(fields(payload).get("date")).get("start")


_SIMPLE_TEXT: Parts = (("", TEXT, _same),)
_UNKNOWN: Parts = (("", ANYTHING, _same),)
_CHOICE: Parts = (("", TEXT, _of("name")),)
_SOMEBODY: Parts = (("", TEXT, _person), (".id", TEXT, _of("id")))
PARTS: Mapping[str, Parts] = {
    "title": (("", TEXT, _as("title")),),
    "rich_text": (("", TEXT, _as("rich_text")),),
    "number": (("", NUMBER, _same),),
    "checkbox": (("", BOOLEAN, _same),),
    **dict.fromkeys(("url", "email", "phone_number", "created_time", "last_edited_time"), _SIMPLE_TEXT),
    **dict.fromkeys(("select", "status"), _CHOICE),
    "multi_select": (("", TEXTS, _each("name")),),
    "date": (("", TEXT, _of("start")), (".end", TEXT, _of("end")), (".time_zone", TEXT, _of("time_zone"))),
    "people": (("", TEXTS, _as("people")), (".ids", TEXTS, _each("id"))),
    **dict.fromkeys(("created_by", "last_edited_by"), _SOMEBODY),
    "relation": (("", TEXTS, _as("relation")), (".ids", TEXTS, _each("id"))),
    "files": (("", TEXTS, _addresses), (".names", TEXTS, _each("name"))),
    "formula": (("", ANYTHING, _as("formula")),),
    "rollup": (("", ANYTHING, _as("rollup")),),
    "unique_id": (("", TEXT, _as("unique_id")), (".number", NUMBER, _of("number"))),
    "verification": (("", TEXT, _of("state")), (".date", TEXT, _date), (".by", TEXT, _of("verified_by", _person))),
    "place": (("", TEXT, _as("place")), (".lat", NUMBER, _of("lat")), (".lon", NUMBER, _of("lon"))),
    "button": (),
}
"""By type of property; of another type it is the API's value itself."""
