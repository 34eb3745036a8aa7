"""A database's index page: what it is about, its columns, its rows."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.plugin import Document, Json, plain_text, properties_of
from notion_sync_markdown.cells import row_cells
from notion_sync_markdown.csv_files import columns_of, sources_of
from notion_sync_markdown.pen import Pen
from notion_sync_markdown.schema import details
from notion_sync_markdown.table import line, lines


def pieces(document: Document, pen: Pen, *, schema: bool = True, describe: bool = False) -> Iterator[str]:
    """The description, and columns and rows of each data source.

    :param schema: whether columns have a table of their own.
    :param describe: say what is said about the options of columns.
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
        about = pen.inline(source.get("description")) if source is not document.raw else ""
        # A database and its only data source may say the same.
        if about and (len(sources) > 1 or about != shown):
            yield f"{start}{about}"
            start = "\n\n"
        if schema:
            yield start + "\n".join(_schema(source, pen, describe))
            start = "\n\n"
        yield from (_views if "views" in source else _rows)(document, source, pen, start)
        start = "\n\n"


def _schema(source: Json, pen: Pen, describe: bool) -> Iterator[str]:
    schema = properties_of(source)
    rows = [
        [pen.text_cell(each) for each in (name, str(column.get("type") or ""), details(column, describe=describe))]
        for name, column in ((name, schema[name]) for name in columns_of(source))
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
        yield f"\n{line(row_cells(row, columns, columns[0], pen), len(columns))}"


def _views(document: Document, source: Json, pen: Pen, start: str) -> Iterator[str]:
    # Most exports have no views.
    from notion_sync_markdown import views

    level = 2 if len(sources_of(document)) < 2 else 3
    rest = yield from views.sections(document, source, pen, level, start)
    if rest:
        if source["views"]:
            yield f"\n\n{pen.dialect.heading(level, 'All rows')}"
            start = "\n\n"
        yield from _rows(document, source, pen, start)
