"""The rows of a database as CSV: RFC 4180, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from notion_sync_core.plugin import Artifact, Document, Json, Site, cut, fold, plain_text, properties, properties_of
from notion_sync_core.plugin import file_name as clean
from notion_sync_markdown.csv_safety import defused

_ROWS_A_CHUNK = 200
_MAX_NAME = 60
"""Bytes of a data source's name in the name of its CSV file."""


def sources_of(document: Document) -> list[Json]:
    """The data sources; before version 2025-09-03 a database was its own."""
    return document.data_sources() or ([document.raw] if document.raw.get("properties") else [])


def columns_of(source: Json) -> list[str]:
    """The names of the columns, the title's first."""
    return properties.ordered(properties_of(source))


def csv_artifacts(document: Document, site: Site, *, safe: bool = True) -> Iterator[Artifact]:
    """One CSV file for each data source.

    :param safe: text that a spreadsheet would run gets an apostrophe.
    """
    sources = sources_of(document)
    given = suffixes([(str(source["id"]), plain_text(source.get("title"))) for source in sources])
    for source, suffix in zip(sources, given, strict=True):
        yield Artifact(site.path(suffix), _chunks(document, source, site, safe), "text/csv")


def suffixes(sources: Sequence[tuple[str, str]]) -> list[str]:
    """What follows the database's name in the name of each file; no two are the same file anywhere.

    :param sources: id and title of each data source.
    """
    if len(sources) < 2:
        return [".csv"] * len(sources)
    names = {each: cut(clean(title), _MAX_NAME) for each, title in sources}
    seen = Counter(map(fold, names.values()))
    for each, name in names.items():
        if seen[fold(name)] > 1:
            names[each] = f"{name} {_bare(each)[-8:]}"
    # A title may imitate what was added to another.
    seen = Counter(map(fold, names.values()))
    return [f".{name}.csv" if seen[fold(name)] == 1 else f".{_bare(each)}.csv" for each, name in names.items()]


def _bare(object_id: str) -> str:
    return object_id.replace("-", "")


def _chunks(document: Document, source: Json, site: Site, safe: bool) -> Iterator[bytes]:
    """Some hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = columns_of(source)
    shown = defused if safe else str
    writer.writerow([shown(name) for name in columns])
    for count, row in enumerate(document.rows(source["id"]), 1):
        found = properties_of(row.raw)
        writer.writerow([_cell(found.get(name), site, shown) for name in columns])
        if not count % _ROWS_A_CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _cell(prop: Json | None, site: Site, shown: Callable[[str], str]) -> str:
    found: Any = properties.typed(prop, site) if prop else None
    text = properties.as_text(found)
    return text if isinstance(found, (int, float)) else shown(text)
