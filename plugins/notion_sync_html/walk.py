"""From the tree of blocks to HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from attrs import define, field, frozen
from markupsafe import Markup

from notion_sync_core.plugin import Block, Depth, Document, Step, walk
from notion_sync_html import comments, table
from notion_sync_html.blocks import TOP, Place, to_html
from notion_sync_html.context import Context
from notion_sync_html.markup import EMPTY, join
from notion_sync_html.siblings import Siblings

_HOLDS_COMMENTS = frozenset(("bulleted_list_item", "numbered_list_item", "to_do", "column", "column_list", "tab"))
"""Nothing may stand beside them, so their comments stand inside."""
MAX_DEPTH = 64
"""Deeper blocks follow flat, since browsers stop at some hundred elements."""


@define
class _Frame:
    """A block whose children are being written, or the document itself."""

    place: Place = TOP
    block: Block | None = None
    headings: int = 0
    """How many were written before it."""
    siblings: Siblings = field(factory=Siblings)
    parts: list[Markup] = field(factory=list)


@frozen
class _Part:
    """Some blocks of a document, to be walked like one."""

    document: Document
    found: Sequence[Block]

    def blocks(self) -> Iterator[Block]:
        return iter(self.found)

    def children(self, block: Block) -> Iterator[Block]:
        return self.document.children(block)


def pieces(context: Context, part: _Part | None = None) -> Iterator[Markup]:
    """The document's blocks, one piece for each at the top.

    :param part: only these.
    """
    top = _Frame()
    stack = [top]
    whole = cast("Document", part or context.document)
    for step, block in walk(whole, context.site.warn, depth=Depth(MAX_DEPTH), whole=("table",)):
        html = _closed(stack.pop(), context) if step is Step.CLOSE else _entered(step, block, stack, context)
        stack[-1].parts.append(html)
        if len(stack) == 1:
            yield join(top.parts)
            top.parts.clear()
    yield top.siblings.end()


def _entered(step: Step, block: Block, stack: list[_Frame], context: Context) -> Markup:
    """What stands before the block; all of it, if it is a leaf."""
    frame = stack[-1]
    before = frame.siblings.enter(block)
    place = TOP if frame.block is None else Place(frame.block, frame.siblings.index)
    if step is Step.LEAF:
        return before + (_table(block, context) if block.type == "table" else _finished(block, EMPTY, place, context))
    frame.parts.append(before)
    stack.append(_Frame(place, block, len(context.headings)))
    return EMPTY


def _closed(frame: _Frame, context: Context) -> Markup:
    frame.parts.append(frame.siblings.end())
    inside = len(context.headings)
    html = EMPTY if frame.block is None else _finished(frame.block, join(frame.parts), frame.place, context)
    if len(context.headings) > inside:
        # A heading stands before those of its section, though it is written after them.
        context.headings.insert(frame.headings, context.headings.pop())
    return html


def _finished(block: Block, inner: Markup, place: Place, context: Context) -> Markup:
    said = comments.about(block.id, context)
    if said and block.type in _HOLDS_COMMENTS:
        return to_html(block, inner + said, context, place)
    return to_html(block, inner, context, place) + said


def _table(block: Block, context: Context) -> Markup:
    html, left = table.table(block, context.document.children(block), context)
    below = join(pieces(context, _Part(context.document, left))) if left else EMPTY
    return html + comments.about(block.id, context) + below
