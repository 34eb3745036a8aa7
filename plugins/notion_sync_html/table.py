"""Simple tables: rows of rich text."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from notion_sync_core.plugin import Block
from notion_sync_html.blocks import cells
from notion_sync_html.context import Context
from notion_sync_html.markup import EMPTY
from notion_sync_html.sanitise import sanitised


def table(block: Block, rows: Iterable[Block], context: Context) -> Markup:
    """A whole table, short rows padded."""
    found = [cells(row, context) for row in rows]
    width = max((len(row) for row in found), default=0)
    for row in found:
        row.extend([EMPTY] * (width - len(row)))
    html = _shown(block, found, context) if width else EMPTY
    claimed = context.site.render_block(block, str(html))
    return html if claimed is None else sanitised(claimed)


def _shown(block: Block, rows: list[list[Markup]], context: Context) -> Markup:
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
