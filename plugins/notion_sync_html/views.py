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
    whole = context.label(_name(view))
    for group in made.groups:
        label = whole
        if view.grouping is not None:
            name = line(group.title) or "Untitled"
            label = context.label(f"{whole}: {name}")
            yield element(f"h{level}", name, dir="auto") + "\n"
        if view.columns and (group.rows or view.grouping is None):
            yield from database.table(view.columns, columns, group.rows, "rows", label)
    return view.filter is None or not made.is_filtered


def first_rows(source: Json, context: Context, count: int) -> tuple[list[Markup], bool] | None:
    """The first rows of the first view that has any, as it shows them.

    :returns: their table, and whether nothing is missing in it; ``None``: no view shows rows that can be told.
    """
    view = next((view for view in views_of(source) if view.has_rows and view.columns), None)
    if view is None:
        return None
    columns = properties_of(source)
    title = properties.title_key(columns)
    made = arranged(context.document.rows(source["id"]), view, source, context.site, lambda row: row.ref.id)
    ids = list(dict.fromkeys(each for group in made.groups for each in group.rows))
    first = dict.fromkeys(ids[:count])
    # The rows themselves would be too many to keep.
    rows = {row.ref.id: row for row in context.document.rows(source["id"]) if row.ref.id in first}
    shown = (database.row_of(rows[each], view.columns, title, columns, context) for each in first)
    label = context.label(_name(view))
    is_whole = len(ids) <= count and (view.filter is None or not made.is_filtered)
    return list(database.table(view.columns, columns, shown, database.PART, label)), is_whole
