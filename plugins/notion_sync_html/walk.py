"""From the tree of blocks to HTML, without recursion: pages can be nested to any depth."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field
from markupsafe import Markup

from notion_sync_core.plugin import Block
from notion_sync_html import comments, table
from notion_sync_html.blocks import TOP, Place, to_html
from notion_sync_html.context import Context
from notion_sync_html.markup import EMPTY, join
from notion_sync_html.siblings import Siblings

_OTHERS = frozenset(("child_page", "child_database", "link_to_page", "unsupported"))
"""What is inside them is not this document's, or cannot be asked for."""
_HIDDEN_CHILDREN = frozenset(("synced_block", "meeting_notes", "transcription"))
"""May have children although the block does not say so."""
_HOLDS_COMMENTS = frozenset(("bulleted_list_item", "numbered_list_item", "to_do", "column", "column_list", "tab"))
"""Nothing may stand beside them, so their comments stand inside."""
MAX_DEPTH = 64
"""Levels that are nested; deeper blocks follow flat, since browsers stop at some hundred elements."""


@define
class _Frame:
    """A block whose children are being written."""

    block: Block
    place: Place
    children: list[tuple[Iterator[Block], str]]
    """What is still to be written, the innermost last, each with the synced block it is from."""
    headings: int
    """How many were written before it."""
    siblings: Siblings = field(factory=Siblings)
    parts: list[Markup] = field(factory=list)


def pieces(context: Context) -> Iterator[Markup]:
    """The document's blocks, one piece for each at the top."""
    walker = _Walker(context)
    siblings = Siblings()
    for block in context.document.blocks():
        start = siblings.enter(block)
        yield start + walker.write(block)
    yield siblings.end()


class _Walker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._document = context.document
        self._stack: list[_Frame] = []
        self._synced: set[str] = set()

    def write(self, block: Block) -> Markup:
        """One block with all that is in it."""
        if not _has_children(block):
            return self._finished(block, EMPTY, TOP)
        if block.type == "table":
            return self._table(block)
        self._open(block, TOP)
        html = EMPTY
        while self._stack:
            html = self._step()
        return html

    def _step(self) -> Markup:
        """Go on with the innermost block; its HTML, if that was its end."""
        frame = self._stack[-1]
        children, source = frame.children[-1]
        block = next(children, None)
        if block is not None:
            self._enter(frame, block)
            return EMPTY
        frame.children.pop()
        self._synced.discard(source)
        return EMPTY if frame.children else self._close()

    def _enter(self, frame: _Frame, block: Block) -> None:
        frame.parts.append(frame.siblings.enter(block))
        place = Place(frame.block, frame.siblings.index)
        if not _has_children(block):
            frame.parts.append(self._finished(block, EMPTY, place))
        elif block.type == "table":
            frame.parts.append(self._table(block))
        elif len(self._stack) >= MAX_DEPTH:
            frame.parts.append(self._finished(block, EMPTY, place))
            frame.children.append(self._children(block))
        else:
            self._open(block, place)

    def _children(self, block: Block) -> tuple[Iterator[Block], str]:
        """What is in a block; nothing if it is a synced block inside itself."""
        source = _source(block)
        if not source:
            return self._document.children(block), ""
        if source in self._synced:
            self._context.site.warn(f"a synced block contains itself ({block.id})")
            return iter(()), ""
        self._synced.add(source)
        return self._document.children(block), source

    def _open(self, block: Block, place: Place) -> None:
        self._stack.append(_Frame(block, place, [self._children(block)], len(self._context.headings)))

    def _close(self) -> Markup:
        frame = self._stack.pop()
        frame.parts.append(frame.siblings.end())
        inside = len(self._context.headings)
        html = self._finished(frame.block, join(frame.parts), frame.place)
        if len(self._context.headings) > inside:
            # A heading stands before those of its section, though it is written after them.
            self._context.headings.insert(frame.headings, self._context.headings.pop())
        if self._stack:
            self._stack[-1].parts.append(html)
        return html

    def _finished(self, block: Block, inner: Markup, place: Place) -> Markup:
        said = comments.about(block.id, self._context)
        if said and block.type in _HOLDS_COMMENTS:
            return to_html(block, inner + said, self._context, place)
        return to_html(block, inner, self._context, place) + said

    def _table(self, block: Block) -> Markup:
        html = table.table(block, self._document.children(block), self._context)
        return html + comments.about(block.id, self._context)


def _has_children(block: Block) -> bool:
    kind = block.type
    return kind in _HIDDEN_CHILDREN or kind == "table" or (block.has_children and kind not in _OTHERS)


def _source(block: Block) -> str:
    """The original of a synced block; ``""`` for others."""
    if block.type != "synced_block":
        return ""
    source = block.payload.get("synced_from")
    return str(source.get("block_id") or "") if isinstance(source, dict) else block.id
