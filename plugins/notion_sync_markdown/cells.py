"""The cells of a row, in tables: values as people read them, and links to what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from notion_sync_core.plugin import (
    Destination,
    Json,
    Link,
    Row,
    destination,
    properties,
    properties_of,
    to_object,
)
from notion_sync_markdown.pen import Pen, in_cell, single_line


def row_cells(row: Row, columns: Sequence[str], title: str | None, pen: Pen) -> list[str]:
    """The values of these properties; the title as a link to the row's page.

    :param title: the name of the title's column.
    """
    found = properties_of(row.raw)
    return [_link(row, pen) if name == title else _cell(found[name], pen) if name in found else "" for name in columns]


def _link(row: Row, pen: Pen) -> str:
    return _linked(to_object(row.ref.id, pen.site, row.ref.title, row.ref.url), pen)


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
