"""A database's index page: what it is about, its columns, its rows."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.plugin import (
    Destination,
    Document,
    Json,
    Link,
    Row,
    destination,
    plain_text,
    properties,
    properties_of,
    to_object,
)
from notion_sync_markdown.csv_files import columns_of, sources_of
from notion_sync_markdown.pen import Pen, in_cell, single_line
from notion_sync_markdown.schema import details
from notion_sync_markdown.table import line, lines


def pieces(document: Document, pen: Pen, *, schema: bool = True) -> Iterator[str]:
    """The description, and columns and rows of each data source.

    :param schema: whether columns have a table of their own.
    """
    shown = pen.inline(document.raw.get("description"))
    if shown:
        yield shown
    start = "\n\n" if shown else ""
    sources = sources_of(document)
    for source in sources:
        if len(sources) > 1:
            name = pen.line(plain_text(source.get("title")) or "Untitled")
            yield start + pen.dialect.heading(2, name)
            start = "\n\n"
            about = pen.inline(source.get("description"))
            if about:
                yield f"{start}{about}"
        if schema:
            yield start + "\n".join(_schema(source, pen))
            start = "\n\n"
        yield from _rows(document, source, pen, start)
        start = "\n\n"


def _schema(source: Json, pen: Pen) -> Iterator[str]:
    schema = properties_of(source)
    rows = [
        (pen.text_cell(name), pen.text_cell(str(schema[name].get("type") or "")), pen.text_cell(details(schema[name])))
        for name in columns_of(source)
    ]
    if any(row[2] for row in rows):
        return lines(("Property", "Type", "Details"), rows, 3)
    return lines(("Property", "Type"), [row[:2] for row in rows], 2)


def _rows(document: Document, source: Json, pen: Pen, start: str) -> Iterator[str]:
    columns = columns_of(source)
    if not columns:
        return
    yield start + "\n".join(lines([pen.text_cell(name) for name in columns], (), len(columns)))
    for row in document.rows(source["id"]):
        yield f"\n{line(_row(row, columns, pen), len(columns))}"


def _row(row: Row, columns: list[str], pen: Pen) -> list[str]:
    found = properties_of(row.raw)
    cells = [_cell(found[name], pen) if name in found else "" for name in columns[1:]]
    return [_linked(to_object(row.ref.id, pen.site, row.ref.title, row.ref.url), pen), *cells]


def _cell(prop: Json, pen: Pen) -> str:
    """A value; what leads somewhere is a link."""
    kind = str(prop.get("type") or "")
    payload = prop.get(kind)
    if kind == "rich_text" and isinstance(payload, list):
        return pen.cell(payload)
    if kind == "url" and payload:
        return _linked(Link(single_line(payload), destination(str(payload), pen.site)), pen)
    if kind == "relation" and isinstance(payload, list):
        ids = [str(item.get("id") or "") for item in payload if isinstance(item, dict)]
        return ", ".join(_linked(to_object(row, pen.site, row), pen) for row in ids if row)
    if kind == "files" and isinstance(payload, list):
        return ", ".join(_file(item, pen) for item in payload if isinstance(item, dict))
    return pen.text_cell(properties.text(prop, pen.site))


def _file(item: Json, pen: Pen) -> str:
    holder = item.get(str(item.get("type") or ""))
    address = str(holder.get("url") or "") if isinstance(holder, dict) else ""
    copy = pen.site.asset(address) if address else None
    label = single_line(item.get("name") or address)
    return _linked(Link(label, Destination(copy, True) if copy else Destination(address)), pen)


def _linked(link: Link, pen: Pen) -> str:
    # A wikilink has a pipe, which would end the cell.
    href = pen.href(link.to)
    return in_cell(
        f"[{pen.dialect.escaper.label(link.label)}]({href})" if href and link.label else pen.prose(link.label)
    )
