"""The views of a database as sections of its page: a table each, or one for each group."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from notion_sync_core.plugin import (
    Destination,
    Document,
    Json,
    Link,
    Row,
    TableView,
    arranged,
    properties,
    properties_of,
    views_of,
)
from notion_sync_markdown.cells import row_cells
from notion_sync_markdown.pen import Pen, single_line
from notion_sync_markdown.table import lines

_UNFILTERED = "All rows: what this view leaves out depends on the day, or on who looks."


def sections(document: Document, source: Json, pen: Pen, level: int, start: str) -> Generator[str, None, bool]:
    """A section for each view.

    :param level: of their headings.
    :param start: what stands before the first.
    :returns: whether none of them shows all rows.
    """
    if unread := source.get("views_unread"):
        pen.site.warn(f"not all views could be read: {unread}")
    is_whole = False
    for view in views_of(source):
        yield f"{start}{pen.dialect.heading(level, pen.line(single_line(view.name)))}"
        start = "\n\n"
        if not view.has_rows:
            where = Link(f"[{view.type}: only in Notion]", Destination(view.url) if view.url else None)
            yield f"\n\n{pen.link(where)}"
            continue
        shows_all = yield from _section(document, source, view, pen, level + 1)
        is_whole = is_whole or shows_all
    return not is_whole


def _section(document: Document, source: Json, view: TableView, pen: Pen, level: int) -> Generator[str, None, bool]:
    """The rows of one view, and whether these are all."""
    title = properties.title_key(properties_of(source))

    def make(row: Row) -> list[str]:
        return row_cells(row, view.columns, title, pen)

    made = arranged(document.rows(source["id"]), view, source, pen.site, make)
    if not made.is_filtered:
        yield f"\n\n{pen.prose(_UNFILTERED)}"
    for group in made.groups:
        if view.grouping is not None:
            yield f"\n\n{pen.dialect.heading(level, pen.line(single_line(group.title) or 'Untitled'))}"
        if group.rows or view.grouping is None:
            yield from _table(view, group.rows, pen)
    return view.filter is None or not made.is_filtered


def _table(view: TableView, rows: tuple[list[str], ...], pen: Pen) -> Iterator[str]:
    head = [pen.text_cell(name) for name in view.columns]
    yield "\n\n" + "\n".join(lines(head, rows, len(head)))
