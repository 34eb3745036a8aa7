"""Tables of GitHub's kind: https://github.github.com/gfm/#tables-extension-"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from notion_sync_core.plugin import Block, objects
from notion_sync_markdown.pen import Pen, bold


def table(block: Block, rows: Iterable[Block], pen: Pen) -> str:
    """A whole table; without a header row it gets an empty one, as GitHub's tables must have one.

    A header column is set in bold: no Markdown has one.
    """
    payload = block.payload
    bold_first = bool(payload.get("has_row_header"))
    cells = [_cells(row, pen, bold_first) for row in rows]
    width = max((len(row) for row in cells), default=0)
    if not width:
        return ""
    head = cells.pop(0) if payload.get("has_column_header") else []
    return "\n".join(lines(head, cells, width))


def _cells(row: Block, pen: Pen, bold_first: bool) -> list[str]:
    found = row.payload.get("cells")
    cells: Iterable[Any] = found if isinstance(found, list) else ()
    if bold_first and isinstance(found, list):
        cells = chain(([bold(item) for item in objects(cell)] for cell in found[:1]), found[1:])
    return _anchored([pen.cell(cell) for cell in cells], row, pen)


def _anchored(cells: list[str], row: Block, pen: Pen) -> list[str]:
    """A row that links can lead to, by an anchor in its first cell."""
    if not pen.site.is_anchor(row.id):
        return cells
    if pen.dialect.names_behind:
        pen.site.warn("a link leads to a row of a table, which can have no name in this dialect: it opens the page")
        return cells
    first, rest = "".join(cells[:1]), cells[1:]
    return [pen.dialect.anchored(first, row.id.replace("-", "")), *rest]


def lines(head: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """The table line by line, short rows padded."""
    yield line(head, width)
    yield f"|{' --- |' * width}"
    for row in rows:
        yield line(row, width)


def line(cells: Sequence[str], width: int) -> str:
    """One row."""
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
