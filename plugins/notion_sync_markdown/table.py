"""Tables of GitHub's kind: https://github.github.com/gfm/#tables-extension-"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from notion_sync_core.model import Block, Site
from notion_sync_markdown import rich_text


def table(block: Block, rows: Iterable[Block], site: Site) -> str:
    """A whole table; without a header row it gets an empty one, as GitHub's tables must have one."""
    cells = [[rich_text.cell(cell, site) for cell in row.payload.get("cells") or ()] for row in rows]
    width = max((len(row) for row in cells), default=0)
    if not width:
        return ""
    head = cells.pop(0) if block.payload.get("has_column_header") else []
    return "\n".join(lines(head, cells, width))


def lines(head: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """The table line by line, short rows padded."""
    yield line(head, width)
    yield f"|{' --- |' * width}"
    for row in rows:
        yield line(row, width)


def line(cells: Sequence[str], width: int) -> str:
    """One row."""
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
