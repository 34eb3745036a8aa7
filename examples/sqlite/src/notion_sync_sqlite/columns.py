"""What a property is as a column: its type, and a row's value."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen
from notion_sync_core.plugin import Json, Site, fields, properties, properties_of

_REAL, _INTEGER, _TEXT = "REAL", "INTEGER", "TEXT"
_TYPES = {"number": _REAL, "checkbox": _INTEGER}
_ANY = ("formula", "rollup")
"""What they give differs from row to row: their columns have no type, and SQLite keeps each value as it is."""
_LISTS = ("multi_select", "people", "relation", "files")
"""JSON arrays, for the functions that SQLite has for them: ``json_each``."""


@frozen
class Column:
    """A column, and the property that it shows."""

    name: str
    source: str
    kind: str
    """The type of the property, as the API calls it."""
    is_end: bool = False
    """It shows the end of a range of dates."""

    @property
    def type(self) -> str:
        """Its declared type; of formulas and rollups none."""
        return "" if self.kind in _ANY else _TYPES.get(self.kind, _TEXT)

    @property
    def is_text(self) -> bool:
        """Whether its values are words that people search for."""
        return self.type in (_TEXT, "") and self.kind not in ("date", "created_time", "last_edited_time")

    def value(self, raw: Json, site: Site) -> object:
        """What a row has there, as SQLite holds it; ``None`` if it has nothing."""
        found = properties.typed(properties_of(raw).get(self.source) or {}, site)
        if self.kind == "date":
            return _date(properties_of(raw).get(self.source) or {}, "end" if self.is_end else "start")
        if self.kind in _LISTS:
            return json.dumps([_plain(each) for each in found or ()], ensure_ascii=False) if found else None
        return _plain(found)


def columns_of(source: Json) -> list[Column]:
    """The columns of a data source: the title first, then by name; of a date there are two, its start and its end."""
    schema = properties_of(source)
    found: list[Column] = []
    for name in properties.ordered(schema):
        kind = str(schema[name].get("type") or "")
        found.append(Column(_free(name, found), name, kind))
        if kind == "date":
            found.append(Column(_free(f"{name} end", found), name, kind, is_end=True))
    return found


OWN = ("id", "url", "created_time", "last_edited_time")
"""Columns that every table has besides."""


def _free(name: str, taken: list[Column]) -> str:
    """A name that no other column has: SQLite takes capitals and small letters for the same."""
    names = {*OWN, *(column.name.casefold() for column in taken)}
    bare = name.replace("\0", "").strip() or "untitled"
    return next(each for each in _numbered(bare) if each.casefold() not in names)


def _numbered(name: str) -> list[str]:
    return [name, *(f"{name} {number}" for number in range(2, 1000))]


def _date(prop: Json, end: str) -> str | None:
    found = fields(prop.get("date")).get(end)
    return found if isinstance(found, str) else None


def _plain(found: Any) -> object:
    if isinstance(found, bool):
        return int(found)
    if isinstance(found, list):
        return json.dumps([_plain(each) for each in found], ensure_ascii=False)
    return found if found is None or isinstance(found, int | float | str) else str(found)
