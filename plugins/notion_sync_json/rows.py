"""The rows of a data source as JSON Lines, and a JSON Schema of these lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from notion_sync_core.plugin import (
    Artifact,
    Document,
    Json,
    Row,
    Site,
    fold,
    per_source,
    plain_text,
    properties_of,
    wellformed,
)
from notion_sync_json.columns import WHOLE, Column, columns_of
from notion_sync_json.whole import says_all

LINES = ".jsonl"
SCHEMA = ".schema.json"
_CHUNK = 1 << 16
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def artifacts(document: Document, site: Site) -> Iterator[Artifact]:
    """Two files for each data source."""
    sources = document.data_sources() or ([document.raw] if document.raw.get("properties") else [])
    given = [(str(source["id"]), plain_text(source.get("title"))) for source in sources]
    for source, lines, schema in zip(sources, per_source(given, LINES), per_source(given, SCHEMA), strict=True):
        columns = columns_of(source)
        yield Artifact(site.path(lines), _lines(document, source, columns, site), "application/jsonl")
        yield Artifact(site.path(schema), [wellformed.json_line(_schema(source, columns))], "application/schema+json")


def suffixes(sources: list[tuple[str, str]]) -> list[str]:
    """What follows a database's name in the names of these files.

    :param sources: id and title of each data source.
    """
    return [*per_source(sources, LINES), *per_source(sources, SCHEMA)]


def whole_name(columns: list[Column]) -> str:
    """The name of the column that holds whole values."""
    taken = {fold(each) for column in columns for each in (column.name, column.property)}
    name = "properties"
    while fold(name) in taken:
        name = f"notion_{name}"
    return name


def _lines(document: Document, source: Json, columns: list[Column], site: Site) -> Iterator[bytes]:
    schema, whole = properties_of(source), whole_name(columns)
    waiting = bytearray()
    for row in document.rows(source["id"]):
        line = {column.name: column.read(row, site) for column in columns}
        line[whole] = _whole(row, schema)
        waiting += wellformed.json_line(line)
        if len(waiting) >= _CHUNK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _whole(row: Row, schema: dict[str, Json]) -> dict[str, Any] | None:
    """The values of which the columns do not say all, as the API gives them."""
    values = row.raw.get("properties")
    found = {
        name: value
        for name, value in (values.items() if isinstance(values, dict) else ())
        if not (isinstance(value, dict) and name in schema and says_all(value, schema[name]))
    }
    return found or None


def _schema(source: Json, columns: list[Column]) -> Json:
    """What each column holds; with what the data source says of the property."""
    schema = properties_of(source)
    shown: Json = {column.name: dict(column.type) for column in columns}
    for column in columns:
        if column.property:
            shown[column.name]["x-notion-property"] = column.property
    shown[whole_name(columns)] = WHOLE
    return {
        "$schema": _DIALECT,
        "title": plain_text(source.get("title")),
        "description": plain_text(source.get("description")),
        "type": "object",
        "properties": shown,
        "required": list(shown),
        "additionalProperties": False,
        "x-notion": {"id": source["id"], "properties": schema},
    }
