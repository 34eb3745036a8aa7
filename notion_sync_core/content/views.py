"""The views of a database: what each shows of its rows, in which order.

They stand under ``views`` in the data source's object, where ``export.views`` asks for them.
https://developers.notion.com/guides/data-apis/working-with-views
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from attrs import field, frozen

from notion_sync_core.content import properties
from notion_sync_core.model import Json, fields, objects, properties_of

KEY = "views"
"""Where a data source's object holds its views."""
WITHOUT_ROWS = frozenset(("form", "chart", "dashboard"))
"""Types of views of which the API tells no rows."""
CREATED, EDITED = "created_time", "last_edited_time"


@frozen
class Sort:
    """One of the orders of a view; earlier ones count more."""

    by: str
    """A property's name, or :data:`CREATED` or :data:`EDITED` of the row itself if ``is_stamp``."""
    descending: bool = False
    is_stamp: bool = False


@frozen
class Grouping:
    """What the rows of a view are grouped by."""

    by: str
    """A property's name."""
    how: str = ""
    """As the API says it: ``day``, ``month``, ``alphabet_prefix``, ``group``…"""
    order: str = "manual"
    """``manual``, ``ascending`` or ``descending``."""
    hides_empty: bool = False
    size: float = 0
    """Of a range of numbers; 0: each number is a group."""


@frozen
class TableView:
    """One view, whatever its type."""

    id: str
    name: str
    type: str
    """``table``, ``board``, ``list``, ``gallery``, ``calendar``, ``timeline``, ``map``, ``form``, ``chart``…"""
    columns: tuple[str, ...]
    """Names of the properties that it shows, in order; the title's first."""
    sorts: tuple[Sort, ...] = ()
    grouping: Grouping | None = None
    filter: Json | None = field(default=None, repr=False)
    """As the API has it, but with names in place of ids."""
    url: str = ""

    @property
    def has_rows(self) -> bool:
        """Whether the API tells which rows it shows."""
        return self.type not in WITHOUT_ROWS


def views_of(source: Json) -> list[TableView]:
    """The views of a data source, in the order in which the API lists them; none if they were not asked for."""
    names = names_of(source)
    return [_view(raw, source, names) for raw in objects(source.get(KEY)) if raw.get("type")]


def names_of(source: Json) -> dict[str, str]:
    """The names of a data source's properties by their ids, encoded or not, and by themselves."""
    found: dict[str, str] = {}
    for name, column in properties_of(source).items():
        found.setdefault(name, name)
        if isinstance(column.get("id"), str):
            found[column["id"]] = found[unquote(column["id"])] = name
    return found


def _view(raw: Json, source: Json, names: Mapping[str, str]) -> TableView:
    config = fields(raw.get("configuration"))
    return TableView(
        id=str(raw.get("id") or ""),
        name=str(raw.get("name") or "").strip() or "Untitled",
        type=str(raw["type"]),
        columns=_columns(config, source, names),
        sorts=tuple(filter(None, (_sort(each, names) for each in objects(raw.get("sorts"))))),
        grouping=_grouping(fields(config.get("group_by")), names),
        filter=_named(raw.get("filter"), names),
        url=str(raw.get("url") or ""),
    )


def _columns(config: Json, source: Json, names: Mapping[str, str]) -> tuple[str, ...]:
    """What is shown; everything where the API tells nothing, in the order of other formats."""
    everything = properties.ordered(properties_of(source))
    listed = [
        (_name(each.get("property_id"), names), each.get("visible")) for each in objects(config.get("properties"))
    ]
    known = [(name, visible is not False) for name, visible in listed if name]
    if not known:
        return tuple(everything)
    shown = [name for name, is_visible in known if is_visible]
    title = properties.title_key(properties_of(source))
    if title is not None and title not in shown:
        shown.insert(0, title)  # a row without its name could not be told from another
    return tuple(dict.fromkeys(shown))


def _name(raw: Any, names: Mapping[str, str]) -> str:
    return names.get(raw) or names.get(unquote(raw)) or "" if isinstance(raw, str) else ""


def _sort(raw: Json, names: Mapping[str, str]) -> Sort | None:
    descending = raw.get("direction") == "descending"
    if raw.get("timestamp") in (CREATED, EDITED):
        return Sort(raw["timestamp"], descending, is_stamp=True)
    name = _name(raw.get("property"), names)
    return Sort(name, descending) if name else None


def _grouping(raw: Json, names: Mapping[str, str]) -> Grouping | None:
    name = _name(raw.get("property_id"), names)
    if not name:
        return None
    inner = raw.get("group_by")
    how = fields(inner) or {"group_by": inner}
    size = raw.get("range_size") or how.get("range_size")
    return Grouping(
        by=name,
        how=str(how.get("group_by") or ""),
        order=str(fields(raw.get("sort")).get("type") or "manual"),
        hides_empty=bool(raw.get("hide_empty_groups")),
        size=float(size) if isinstance(size, int | float) and size > 0 else 0.0,
    )


def _named(raw: Any, names: Mapping[str, str]) -> Json | None:
    """A filter whose conditions name their properties."""
    if not isinstance(raw, dict) or not raw:
        return None
    found = {key: [_named(each, names) for each in objects(raw[key])] for key in ("and", "or") if key in raw}
    if found:
        return found
    return {**raw, "property": _name(raw["property"], names)} if "property" in raw else raw
