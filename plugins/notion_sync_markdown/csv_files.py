"""The rows of a database as CSV: RFC 4180, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
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
    properties,
    properties_of,
    user_text,
)
from notion_sync_markdown.csv_safety import defused
from notion_sync_markdown.extras import COLUMNS

_BOM = b"\xef\xbb\xbf"
_ROWS_A_CHUNK = 200


def sources_of(document: Document) -> list[Json]:
    """The data sources; before version 2025-09-03 a database was its own."""
    return document.data_sources() or ([document.raw] if document.raw.get("properties") else [])


def columns_of(source: Json) -> list[str]:
    """The names of the columns, the title's first."""
    return properties.ordered(properties_of(source))


def csv_artifacts(
    document: Document, site: Site, metadata: Sequence[str] = (), *, bom: bool = False, safe: bool = True
) -> Iterator[Artifact]:
    """One CSV file for each data source.

    :param metadata: what else it says of each row: words of :data:`~notion_sync_markdown.extras.COLUMNS`.
    :param bom: begin with a byte order mark.
    :param safe: text that a spreadsheet would run gets an apostrophe.
    """
    sources = sources_of(document)
    given = suffixes([(str(source["id"]), plain_text(source.get("title"))) for source in sources])
    for source, suffix in zip(sources, given, strict=True):
        chunks = _chunks(document, source, site, metadata, defused if safe else str)
        yield Artifact(site.path(suffix), chain((_BOM,), chunks) if bom else chunks, "text/csv")


def suffixes(sources: Sequence[tuple[str, str]]) -> list[str]:
    """What follows the database's name in the name of each file.

    :param sources: id and title of each data source.
    """
    return per_source(sources, ".csv")


def _chunks(
    document: Document, source: Json, site: Site, metadata: Sequence[str], shown: Callable[[str], str]
) -> Iterator[bytes]:
    """Some hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = columns_of(source)
    writer.writerow([*map(shown, columns), *_named(metadata, columns)])
    for count, row in enumerate(document.rows(source["id"]), 1):
        found = properties_of(row.raw)
        more = [shown(_about(row, word, site)) for word in metadata]
        writer.writerow([_cell(found.get(name), site, shown) for name in columns] + more)
        if not count % _ROWS_A_CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def _named(metadata: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """The names of the columns about rows; none is that of a property."""
    taken = set(map(fold, columns))
    for word in metadata:
        name = COLUMNS[word]
        while fold(name) in taken:
            name = f"notion_{name}"
        yield name


def _about(row: Row, word: str, site: Site) -> str:
    """What is known of a row besides its properties."""
    raw = row.raw
    values = {
        "id": row.ref.id,
        "url": row.ref.url,
        "created": row.ref.created_time,
        "edited": row.ref.last_edited_time,
        "author": user_text(raw.get("created_by"), site),
        "editor": user_text(raw.get("last_edited_by"), site),
        "public_url": raw.get("public_url"),
        "locked": raw.get("is_locked"),
    }
    return properties.as_text(values[word])


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _cell(prop: Json | None, site: Site, shown: Callable[[str], str]) -> str:
    found: Any = properties.typed(prop, site) if prop else None
    text = properties.as_text(found)
    return text if isinstance(found, (int, float)) else shown(text)
