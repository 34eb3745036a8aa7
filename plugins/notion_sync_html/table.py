"""Simple tables: rows of rich text."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from notion_sync_core.plugin import Block
from notion_sync_html import comments
from notion_sync_html.blocks import cells
from notion_sync_html.context import Context
from notion_sync_html.markup import EMPTY, join
from notion_sync_html.sanitise import sanitised


class TableRow(list[Markup]):
    """The cells of a row."""

    id: str | None = None
    """The row's anchor, if a link leads to it."""


def table(block: Block, children: Iterable[Block], context: Context) -> tuple[Markup, list[Block]]:
    """A whole table, short rows padded, with the comments on its rows below it.

    :returns: and what is in it though no table can hold it.
    """
    rows: list[TableRow] = []
    said: list[Markup] = []
    left: list[Block] = []
    for child in children:
        if child.type != "table_row":
            left.append(child)
            continue
        row = TableRow(cells(child, context))
        row.id = context.anchor(child.id)
        rows.append(row)
        said.append(comments.about(child.id, context))
        if child.has_children:
            left.extend(context.document.children(child))
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([EMPTY] * (width - len(row)))
    html = _shown(block, rows, context) if width else EMPTY
    claimed = context.site.render_block(block, str(html))
    return (html if claimed is None else sanitised(claimed)) + join(said), left


def _shown(block: Block, rows: list[TableRow], context: Context) -> Markup:
    head = rows.pop(0) if block.payload.get("has_column_header") else None
    values = {
        "type": block.type,
        "id": context.anchor(block.id),
        "payload": block.payload,
        "head": head,
        "rows": rows,
        "has_row_header": bool(block.payload.get("has_row_header")),
    }
    return context.look.block("table", values)
