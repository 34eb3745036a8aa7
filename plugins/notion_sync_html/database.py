"""The page of a database: its columns and rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from markupsafe import Markup

from notion_sync_core.plugin import Document, Json, Row, objects, plain_text, properties, properties_of, to_object
from notion_sync_html import values
from notion_sync_html.context import MOST_HEADINGS, Context, Heading
from notion_sync_html.digest import Digest
from notion_sync_html.icons import sign
from notion_sync_html.inline import inline
from notion_sync_html.markup import EMPTY, address, element, join, line, start

ROWS_IN_PLACE = 10
"""How many rows of a database stand within the page that holds it."""
PART = "rows is-part"
"""The classes of their table."""


def pieces(context: Context) -> Iterator[Markup]:
    """Description, columns and rows of each data source."""
    description = inline(context.document.raw.get("description"), context)
    if description:
        yield element("p", description, class_="description") + "\n"
    sources = sources_of(context.document)
    for source in sources:
        yield context.look.part("source", _head(source, context, len(sources) > 1))
        yield from (_views if "views" in source else _rows)(source, context)


def headings(document: Document) -> list[Heading]:
    """The names of the data sources, if there are several, and of the views where they were asked for."""
    sources = sources_of(document)
    found = []
    for source in sources:
        if len(sources) > 1:
            found.append(Heading(1, _anchor(source), _name(source)))
        if "views" in source:
            from notion_sync_html import views

            found.extend(views.headings(source, 2 if len(sources) > 1 else 1))
    return found[:MOST_HEADINGS]


def sources_of(document: Document) -> list[Json]:
    """The data sources; before version 2025-09-03 a database was its own."""
    return document.data_sources() or ([document.raw] if document.raw.get("properties") else [])


def _head(source: Json, context: Context, is_one_of_many: bool) -> dict[str, Any]:
    title = _name(source) if is_one_of_many else ""
    if title:
        context.digest.head(title, _anchor(source))
    columns = properties_of(source)
    return {
        "title": title,
        "id": _anchor(source),
        "description": inline(source.get("description"), context) if source is not context.document.raw else EMPTY,
        "columns": [_column(name, columns[name]) for name in properties.ordered(columns)],
    }


def _name(source: Json) -> str:
    return line(plain_text(source.get("title"))) or "Untitled"


def _anchor(source: Json) -> str:
    return str(source.get("id") or "").replace("-", "")


def _column(name: str, column: Json) -> dict[str, Any]:
    kind = str(column.get("type") or "")
    config = column.get(kind)
    config = config if isinstance(config, dict) else {}
    return {
        "name": line(name),
        "kind": kind,
        "type": kind.replace("_", " "),
        "description": line(str(column.get("description") or "")),
        "options": [values.tag(item) for item in objects(config.get("options"))],
        "groups": _groups(config),
        "details": _details(kind, config),
    }


def _groups(config: Json) -> list[tuple[str, list[Markup]]]:
    """The groups of a status with their options; an option that is in none comes last, in one without a name."""
    options = {str(item.get("id")): item for item in objects(config.get("options"))}
    found = []
    for group in objects(config.get("groups")):
        ids = group.get("option_ids")
        ids = map(str, ids) if isinstance(ids, list) else ()
        found.append(
            (line(str(group.get("name") or "")), [values.tag(options.pop(each)) for each in ids if each in options])
        )
    return [*found, ("", [values.tag(item) for item in options.values()])] if found and options else found


def _details(kind: str, config: Json) -> str:
    """What else the schema says, on one line."""
    if kind == "formula":
        return line(str(config.get("expression") or ""))
    if kind == "number":
        return str(config.get("format") or "").replace("_", " ")
    if kind == "rollup":
        parts = (config.get("function"), config.get("relation_property_name"), config.get("rollup_property_name"))
        return line(" · ".join(str(part) for part in parts if part))
    return line(str(config.get("prefix") or ""))


def _rows(source: Json, context: Context) -> Iterator[Markup]:
    """The table, row by row."""
    yield from _table(source, context.document.rows(source["id"]), context, "rows")


def _views(source: Json, context: Context) -> Iterator[Markup]:
    # Most exports have no views.
    from notion_sync_html import views

    level = 3 if len(sources_of(context.document)) > 1 else 2
    rest = yield from views.sections(source, context, level)
    if rest is not None:
        if source["views"]:
            yield element(f"h{level}", "All rows") + "\n"
        yield from _rows(source, rest)


def in_place(database_id: str, context: Context) -> Markup:
    """The first rows of a database that stands within a page, with a link to all; nothing for one that does not."""
    document = context.site.document(database_id)
    if document is None or not document.raw.get("is_inline"):
        return EMPTY
    # What can be searched of it is found on its own page.
    inner = Context(document, context.site, context.look, Digest(0), labels=context.labels)
    parts: list[Markup] = []
    sources = sources_of(document)
    for source in sources:
        if len(sources) > 1:
            parts.append(element("p", _name(source), class_="source-name", dir="auto") + "\n")
        shown, are_all = _first_rows(source, inner)
        parts.extend(shown)
        to = to_object(database_id, context.site).to
        if not are_all:
            parts.append(element("p", element("a", "All rows", href=address(to)), class_="all-rows") + "\n")
    return join(parts)


def _first_rows(source: Json, context: Context) -> tuple[list[Markup], bool]:
    """The first rows of a data source, as its first view shows them if it is known, and whether these are all."""
    if source.get("views"):
        # Most exports have no views.
        from notion_sync_html import views

        if (shown := views.first_rows(source, context, ROWS_IN_PLACE)) is not None:
            return shown
    first = list(islice(context.document.rows(source["id"]), ROWS_IN_PLACE + 1))
    return list(_table(source, first[:ROWS_IN_PLACE], context, PART)), len(first) <= ROWS_IN_PLACE


def _table(source: Json, rows: Iterable[Row], context: Context, name: str) -> Iterator[Markup]:
    columns = properties_of(source)
    names = properties.ordered(columns)
    if names:
        shown = (row_of(row, names, names[0], columns, context) for row in rows)
        yield from table(names, columns, shown, name, context.label("Rows"))


def table(
    names: Sequence[str], columns: dict[str, Json], rows: Iterable[Markup], kind: str, label: str
) -> Iterator[Markup]:
    """A table of rows, row by row.

    :param names: of its columns, in order.
    :param columns: the schema.
    :param kind: its classes.
    :param label: what it is called where it cannot be seen.
    """
    yield start("div", class_=kind) + "\n"
    yield start("div", class_="table", role="region", aria_label=label, tabindex="0", dir="auto") + Markup(
        "\n<table>\n"
    )
    head = [element("th", line(name), scope="col", data_type=str(columns[name].get("type"))) for name in names]
    yield element("thead", element("tr", join(head))) + Markup("\n<tbody>\n")
    yield from rows
    yield Markup("</tbody>\n</table>\n</div>\n</div>\n")


def row_of(row: Row, names: Sequence[str], title: str | None, columns: dict[str, Json], context: Context) -> Markup:
    """A row of such a table.

    :param title: the name of the column that leads to its page.
    """
    found = properties_of(row.raw)
    cells = []
    for name in names:
        prop = found.get(name)
        if name == title:
            cells.append(_title(row, context))
        elif prop is None:
            cells.append(element("td"))
        else:
            key = values.sort_key(prop, context.site)
            cells.append(element("td", values.value(prop, context, columns[name]), data_key=key or None))
    return element("tr", join(cells)) + "\n"


def _title(row: Row, context: Context) -> Markup:
    """The row's name, as a link to its page."""
    link = to_object(row.ref.id, context.site, row.ref.title, row.ref.url)
    context.digest.hear(link.label)
    shown = sign(row.raw, context.site)
    return element("th", element("a", shown + link.label, href=address(link.to), class_="page"), scope="row")
