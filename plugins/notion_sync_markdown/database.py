"""A database's index page and its rows as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from notion_sync_core.content import properties
from notion_sync_core.content.links import to_object
from notion_sync_core.model import Artifact, Document, Json, Row, Site, plain_text
from notion_sync_core.run.names import clean, cut
from notion_sync_markdown import escape, links, rich_text
from notion_sync_markdown.blocks import heading
from notion_sync_markdown.table import line, lines

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_ROWS_A_CHUNK = 200
_MAX_NAME = 60
"""Bytes of a data source's name in the name of its CSV file."""


def pieces(document: Document, site: Site) -> Iterator[str]:
    """The index page: description, columns and rows of each data source."""
    description = rich_text.inline(document.raw.get("description"), site)
    if description:
        yield description
    sources = sources_of(document)
    for source in sources:
        start = "\n\n" if description or source is not sources[0] else ""
        if len(sources) > 1:
            yield f"{start}{heading(2, _one_line(plain_text(source.get('title'))))}"
            start = "\n\n"
        yield start + "\n".join(_schema(source))
        yield from _rows(document, source, site)


def sources_of(document: Document) -> list[Json]:
    """The data sources; before version 2025-09-03 a database was its own."""
    return document.data_sources() or ([document.raw] if document.raw.get("properties") else [])


def columns_of(source: Json) -> list[str]:
    """The names of the columns, the title's first."""
    return properties.ordered(source.get("properties") or {})


def _one_line(raw: str) -> str:
    return escape.line_start(escape.text(" ".join(raw.split())))


def _schema(source: Json) -> Iterator[str]:
    schema = source.get("properties") or {}
    rows = [(_cell(name), _cell(str(schema[name].get("type") or ""))) for name in columns_of(source)]
    return lines(("Property", "Type"), rows, 2)


def _cell(raw: str) -> str:
    text = escape.text(raw.strip()).replace("\n", "<br>")
    return rich_text.in_cell(text)


def _rows(document: Document, source: Json, site: Site) -> Iterator[str]:
    columns = columns_of(source)
    if not columns:
        return
    yield "\n\n" + "\n".join(lines([_cell(name) for name in columns], (), len(columns)))
    for row in document.rows(source["id"]):
        yield f"\n{line(_row(row, columns, site), len(columns))}"


def _row(row: Row, columns: list[str], site: Site) -> list[str]:
    found = row.raw.get("properties") or {}
    cells = [_cell(properties.text(found[name], site)) if name in found else "" for name in columns]
    link = to_object(row.ref.id, site, row.ref.title, row.ref.url)
    return [rich_text.in_cell(links.markdown(link)), *cells[1:]]


def csv_artifacts(document: Document, site: Site) -> Iterator[Artifact]:
    """One CSV file for each data source."""
    sources = sources_of(document)
    for source, suffix in zip(sources, _suffixes(sources), strict=True):
        path: PurePosixPath = site.path(suffix)
        yield Artifact(path, csv_chunks(document, source, site), "text/csv")


def _suffixes(sources: list[Json]) -> list[str]:
    if len(sources) == 1:
        return [".csv"]
    names = [cut(clean(plain_text(source.get("title"))), _MAX_NAME) for source in sources]
    seen = Counter(name.casefold() for name in names)
    return [
        f".{name}.csv" if seen[name.casefold()] == 1 else f".{name} {source['id'].replace('-', '')[-8:]}.csv"
        for name, source in zip(names, sources, strict=True)
    ]


def csv_chunks(document: Document, source: Json, site: Site) -> Iterator[bytes]:
    """The rows as RFC 4180, some hundred at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = columns_of(source)
    writer.writerow([defused(name) for name in columns])
    for count, row in enumerate(document.rows(source["id"]), 1):
        found = row.raw.get("properties") or {}
        writer.writerow([_csv_cell(found.get(name), site) for name in columns])
        if not count % _ROWS_A_CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _csv_cell(prop: Json | None, site: Site) -> str:
    found: Any = properties.value(prop, site) if prop else None
    text = properties.as_text(found)
    return text if isinstance(found, (int, float)) else defused(text)


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text
