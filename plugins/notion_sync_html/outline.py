"""The headings of a document, for its table of contents."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.plugin import Block, Document, Site
from notion_sync_html.context import MOST_HEADINGS, Heading
from notion_sync_html.inline import plain
from notion_sync_html.markup import line

_OPENED = frozenset(("column_list", "column", "synced_block", "toggle", "callout", "tab", "quote"))
HEADINGS = frozenset(("heading_1", "heading_2", "heading_3", "heading_4"))
"""Types of blocks that stand in it."""
_DEEPEST = 24


def contents(document: Document, site: Site) -> list[Heading]:
    """All headings in the order they are read; at most :data:`~notion_sync_html.context.MOST_HEADINGS`.

    This reads the document once more, so it is asked for only where the headings are needed before the text.
    """
    found: list[Heading] = []
    seen: set[str] = set()
    for block in _blocks(document):
        title = line(plain(block.rich_text, site)) if _is_heading(block) else ""
        anchor = block.id.replace("-", "")
        if title and anchor not in seen:
            seen.add(anchor)
            found.append(Heading(int(block.type[-1]), anchor, title))
            if len(found) == MOST_HEADINGS:
                break
    return found


def _is_heading(block: Block) -> bool:
    return block.type in HEADINGS


def _blocks(document: Document) -> Iterator[Block]:
    """The blocks that may hold headings, and the headings."""
    stack = [document.blocks()]
    while stack:
        block = next(stack[-1], None)
        if block is None:
            stack.pop()
            continue
        yield block
        if len(stack) < _DEEPEST and (block.type in _OPENED or (block.has_children and _is_heading(block))):
            stack.append(document.children(block))
