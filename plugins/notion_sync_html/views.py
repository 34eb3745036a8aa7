"""The views of a database as sections of its page: a table each, or one for each group."""

from __future__ import annotations

from collections.abc import Generator

from attrs import evolve
from markupsafe import Markup

from notion_sync_core.plugin import Json, Row, TableView, arranged, properties, properties_of, views_of
from notion_sync_html import database
from notion_sync_html.context import Context, Heading
from notion_sync_html.digest import Digest
from notion_sync_html.markup import element, line, web_address

_UNFILTERED = "All rows: what this view leaves out depends on the day, or on who looks."


def headings(source: Json, level: int) -> list[Heading]:
    """The names of the views.

    :param level: in the table of contents.
    """
    return [Heading(level, view.id.replace("-", ""), _name(view)) for view in views_of(source) if view.id]


def _name(view: TableView) -> str:
    return line(view.name) or "Untitled"


def sections(source: Json, context: Context, level: int) -> Generator[Markup, None, Context | None]:
    """A section for each view.

    :param level: of their headings.
    :returns: what to write all rows with, if none of the views shows them.
    """
    if unread := source.get("views_unread"):
        context.site.warn(f"not all views could be read: {unread}")
    is_whole = False
    writing = context
    for view in views_of(source):
        anchor = context.anchor(view.id, wanted=True)
        context.digest.head(_name(view), anchor)
        yield element(f"h{level}", _name(view), dir="auto", id=anchor) + "\n"
        if not view.has_rows:
            only = f"{view.type}: only in Notion"
            href = web_address(view.url)
            yield element("p", element("a", only, href=href) if href else only, class_="description") + "\n"
            continue
        is_whole = (yield from _section(source, view, writing, level + 1)) or is_whole
        # Each view goes through all rows, and the search need hear them once.
        writing = evolve(context, digest=Digest(0))
    return None if is_whole else writing


def _section(source: Json, view: TableView, context: Context, level: int) -> Generator[Markup, None, bool]:
    """The rows of one view, and whether these are all."""
    columns = properties_of(source)
    title = properties.title_key(columns)

    def make(row: Row) -> Markup:
        return database.row_of(row, view.columns, title, columns, context)

    made = arranged(context.document.rows(source["id"]), view, source, context.site, make)
    if not made.is_filtered:
        yield element("p", _UNFILTERED, class_="description") + "\n"
    for group in made.groups:
        label = _name(view)
        if view.grouping is not None:
            name = line(group.title) or "Untitled"
            label = f"{label}: {name}"
            yield element(f"h{level}", name, dir="auto") + "\n"
        if view.columns and (group.rows or view.grouping is None):
            yield from database.table(view.columns, columns, group.rows, "rows", label)
    return view.filter is None or not made.is_filtered
