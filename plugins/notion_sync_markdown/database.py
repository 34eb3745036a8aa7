"""Databases: an index page with a table of the rows, and the rows as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from notion_sync_core.model import Artifact, Document, Json, Row, Site, plain_text
from notion_sync_markdown import escape
from notion_sync_markdown.properties import ordered, text
from notion_sync_markdown.rich_text import inline

_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def index_page(document: Document, site: Site) -> Iterator[bytes]:
    """Title, description and, for each data source, its schema and rows."""
    title = escape.text(" ".join(document.ref.title.split())) or "Untitled"
    yield f"# {title}\n".encode()
    description = inline(document.raw.get("description"), site).strip()
    if description:
        yield f"\n{description}\n".encode()
    sources = document.data_sources()
    for source in sources:
        if len(sources) > 1:
            yield f"\n## {escape.text(source_name(source))}\n".encode()
        yield from _schema(source)
        yield from _rows(document, source, site)


def _schema(source: Json) -> Iterator[bytes]:
    properties = source.get("properties") or {}
    if not properties:
        return
    yield b"\n| Property | Type |\n| --- | --- |\n"
    for name in ordered(properties):
        kind = str(properties[name].get("type") or "") if isinstance(properties[name], dict) else ""
        yield f"| {_cell(name)} | {_cell(kind.replace('_', ' '))} |\n".encode()


def _rows(document: Document, source: Json, site: Site) -> Iterator[bytes]:
    columns = ordered(source.get("properties") or {})
    if not columns:
        return
    head = " | ".join(_cell(name) for name in columns)
    yield f"\n| {head} |\n|{' --- |' * len(columns)}\n".encode()
    for row in document.rows(source["id"]):
        yield f"| {' | '.join(_row_cells(row, columns, site))} |\n".encode("utf-8", "replace")


def _row_cells(row: Row, columns: list[str], site: Site) -> Iterator[str]:
    properties = row.raw.get("properties") or {}
    for index, name in enumerate(columns):
        shown = _cell(text(properties.get(name) or {}, site))
        if index == 0:
            found = site.target(row.ref.id)
            shown = shown or "Untitled"
            if found is not None and found.href:
                shown = f"[{shown}]({escape.path(found.href)})"
        yield shown


def _cell(raw: str) -> str:
    return escape.text(raw).replace("\n", "<br>").strip()


def source_name(source: Json) -> str:
    """A data source's name."""
    return plain_text(source.get("title")) or str(source.get("name") or "Untitled")


def csv_artifacts(document: Document, site: Site) -> Iterator[Artifact]:
    """One CSV file for each data source (RFC 4180, UTF-8)."""
    sources = document.data_sources()
    taken: set[str] = set()
    for source in sources:
        suffix = ".csv" if len(sources) == 1 else f".{_file_part(source, taken)}.csv"
        yield Artifact(site.path(suffix), _csv(document, source, site), "text/csv")


def _file_part(source: Json, taken: set[str]) -> str:
    """A data source's name as part of a file name, unlike its siblings'."""
    part = re.sub(r"[^\w -]", "-", source_name(source)).strip() or "Untitled"
    part = part.encode()[:40].decode("utf-8", "ignore").strip()
    if part.casefold() in taken:
        part = f"{part}-{source['id'].replace('-', '')[-6:]}"
    taken.add(part.casefold())
    return part


def _csv(document: Document, source: Json, site: Site) -> Iterator[bytes]:
    columns = ordered(source.get("properties") or {})
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_defused(name) for name in columns])
    for row in document.rows(source["id"]):
        properties = row.raw.get("properties") or {}
        writer.writerow([_defused(text(properties.get(name) or {}, site)) for name in columns])
        if buffer.tell() > 1 << 16:
            yield _take(buffer)
    yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    taken = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return taken


def _defused(raw: str) -> str:
    """Spreadsheets run what begins like a formula; a leading apostrophe makes it text."""
    return f"'{raw}" if _FORMULA.match(raw) and not _NUMBER.fullmatch(raw) else raw
