"""The rows of a database with typed columns, for programs; as frames of pandas and Polars."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from notion_sync_core.content import properties
from notion_sync_core.content.dates import Moment
from notion_sync_core.document import Document, Row, Site
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json, properties_of

if TYPE_CHECKING:
    import pandas
    import polars

Kind = Literal["text", "number", "boolean", "texts", "time", "any"]
"""``texts`` are lists of text; ``time`` holds dates and times; ``any`` is what a formula or rollup gives."""
_KINDS: dict[str, Kind] = {
    "number": "number",
    "checkbox": "boolean",
    **dict.fromkeys(("multi_select", "people", "files", "relation"), "texts"),
    **dict.fromkeys(("date", "created_time", "last_edited_time"), "time"),
    **dict.fromkeys(("formula", "rollup"), "any"),
}
_END = ".end"


@frozen
class Column:
    """One column."""

    name: str
    kind: Kind
    property: str = ""
    """The property whose values stand in it; empty: it is about the row."""
    type: str = ""
    """The type of that property."""
    about: str = field(default="", repr=False)
    """What about the row, if no property of it."""


@frozen
class Table:
    """The rows of one data source. The same names as in the JSON renderer's lines."""

    id: str
    """Of the data source."""
    title: str
    columns: tuple[Column, ...]
    _document: Document = field(repr=False)
    _site: Site = field(repr=False)

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row by the names of the columns, streamed; ``None`` where it has nothing.

        Dates are :class:`datetime.date`, times :class:`datetime.datetime` with a zone.
        """
        for row in self._document.rows(self.id):
            values = properties_of(row.raw)
            yield {column.name: self._value(column, row, values) for column in self.columns}

    def _value(self, column: Column, row: Row, values: dict[str, Json]) -> Any:
        if not column.property:
            return _ABOUT[column.about](row)
        found = properties.typed(values.get(column.property, {}), self._site)
        if isinstance(found, Moment):
            stamp = found.end if column.name == column.property + _END else found.start
            return _time(stamp, found.zone) if column.kind in ("time", "any") else str(found)
        if column.kind == "texts":
            return [_text(each) for each in found] if isinstance(found, list) else None
        return _fitting(column.kind, found)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a frame of pandas: texts ``string``, numbers ``Float64``, checkboxes ``boolean``, lists objects,
        dates and times ``datetime64[ns, UTC]`` (dates at midnight).

        :raises ConfigError: pandas is not installed.
        """
        library = _library("pandas")
        kinds: dict[str, Callable[[list[Any]], Any]] = {
            "text": lambda values: library.array(values, dtype="string"),
            "number": lambda values: library.array(values, dtype="Float64"),
            "boolean": lambda values: library.array(values, dtype="boolean"),
            "time": lambda values: library.Series(values, dtype="datetime64[ns, UTC]"),
            "texts": lambda values: library.Series(values, dtype="object"),
        }
        made = {name: kinds[kind](values) for name, (kind, values) in self._gathered().items()}
        frame: pandas.DataFrame = library.DataFrame(made)
        return frame

    def to_polars(self) -> polars.DataFrame:
        """The rows as a frame of Polars: ``String``, ``Float64``, ``Boolean``, ``List(String)``,
        ``Datetime("us", "UTC")`` (dates at midnight).

        :raises ConfigError: Polars is not installed.
        """
        library = _library("polars")
        kinds: dict[str, Any] = {
            "text": library.String,
            "number": library.Float64,
            "boolean": library.Boolean,
            "time": library.Datetime("us", "UTC"),
            "texts": library.List(library.String),
        }
        columns = self._gathered()
        frame: polars.DataFrame = library.DataFrame(
            {name: values for name, (_, values) in columns.items()},
            schema={name: kinds[kind] for name, (kind, _) in columns.items()},
        )
        return frame

    def _gathered(self) -> dict[str, tuple[str, list[Any]]]:
        """Kind and values of each column; what a formula gives is of the kind that all its values are."""
        found: dict[str, list[Any]] = {column.name: [] for column in self.columns}
        for row in self.rows:
            for name, value in row.items():
                found[name].append(value)
        gathered = {}
        for column in self.columns:
            values = found[column.name]
            kind = _kind_of(values) if column.kind == "any" else column.kind
            if kind == "time":
                values = [_moment(each) for each in values]
            elif kind == "text":
                values = [None if each is None else properties.as_text(each) for each in values]
            gathered[column.name] = (kind, values)
        return gathered


def table_of(source: Json, document: Document, site: Site) -> Table:
    """The table of a data source."""
    schema = properties_of(source)
    columns = [Column(_free(name, schema), _OF_ROWS[name], about=name) for name in _ABOUT]
    for name in properties.ordered(schema):
        kind = str(schema[name].get("type") or "")
        if kind == "button":
            continue
        columns.append(Column(name, _KINDS.get(kind, "text"), name, kind))
        if kind == "date" and name + _END not in schema:
            columns.append(Column(name + _END, "time", name, kind))
    title = "".join(str(part.get("plain_text") or "") for part in source.get("title") or () if isinstance(part, dict))
    return Table(str(source["id"]), title, tuple(columns), document, site)


def _free(name: str, schema: dict[str, Json]) -> str:
    while name in schema:
        name = f"notion_{name}"
    return name


_ABOUT: dict[str, Callable[[Row], Any]] = {
    "notion_id": lambda row: row.ref.id,
    "notion_url": lambda row: row.ref.url or None,
    "created": lambda row: _time(row.ref.created_time),
    "updated": lambda row: _time(row.ref.last_edited_time),
}
_OF_ROWS: dict[str, Kind] = {"notion_id": "text", "notion_url": "text", "created": "time", "updated": "time"}


def _time(stamp: str, zone: str = "") -> date | datetime | None:
    """A date, or a time with a zone; ``None`` if it is neither."""
    try:
        if "T" not in stamp:
            return date.fromisoformat(stamp) if stamp else None
        found = datetime.fromisoformat(stamp)
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    except (ValueError, KeyError):  # a zone that this machine does not know
        return None


def _text(value: Any) -> str:
    return value.address if isinstance(value, properties.File) else properties.as_text(value)


def _moment(value: Any) -> datetime | None:
    """A date or time in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _fitting(kind: Kind, found: Any) -> Any:
    """A value of a column's kind; ``None`` in place of another."""
    if isinstance(found, list):
        found = [properties.as_text(each) for each in found]
    if kind == "number":
        return found if isinstance(found, int | float) and not isinstance(found, bool) else None
    if kind == "boolean":
        return found if isinstance(found, bool) else None
    if kind == "time":
        return None
    return found if kind == "any" or found is None else properties.as_text(found)


def _kind_of(values: list[Any]) -> str:
    """What all values are that are there."""
    there = [each for each in values if each is not None]
    for kind, fits in (
        ("boolean", lambda each: isinstance(each, bool)),
        ("number", lambda each: isinstance(each, int | float) and not isinstance(each, bool)),
        ("time", lambda each: isinstance(each, date)),
        ("texts", lambda each: isinstance(each, list)),
    ):
        if there and all(map(fits, there)):
            return kind
    return "text"


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ConfigError(
            f"a table as a frame of {name} needs that library, and it is not installed", f"pip install {name}"
        ) from None
