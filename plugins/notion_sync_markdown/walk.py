"""From the tree of blocks to Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, field

from notion_sync_core.plugin import TAB_ITEM, Block, Depth, Document, Step, shown_as, walk
from notion_sync_markdown.comments import discussions
from notion_sync_markdown.context import Context
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.layout import stacked
from notion_sync_markdown.pen import Pen
from notion_sync_markdown.sequence import NOTHING_BEFORE, QUOTE, Sequence, Tail
from notion_sync_markdown.table import table
from notion_sync_markdown.writers import Writer, to_markdown

MAX_LEVELS = 16
"""Levels as Markdown parsers count them, who stop at 20 and drop the rest: deeper blocks follow flat."""
MAX_DEPTH = 48
_INDENTED = frozenset(("bulleted_list_item", "numbered_list_item", "to_do", "quote", "callout", "toggle"))


@define
class _Frame:
    """A block whose children are being written, or the document itself."""

    context: Context
    sequence: Sequence
    block: Block | None = None
    parts: list[str] = field(factory=list)

    def add(self, text: str, tail: Tail = NOTHING_BEFORE) -> None:
        """The text of the next child, and what it ends with."""
        added = self.sequence.add(text, tail)
        if added:
            self.parts.append(added)


def pieces(document: Document, pen: Pen, write: Writer = to_markdown) -> Iterator[str]:
    """The document's blocks, one piece of text for each at the top.

    :param write: what makes one block of its children.
    """
    return _Pieces(document, pen, write).all()


class _Pieces:
    def __init__(self, document: Document, pen: Pen, write: Writer) -> None:
        self._document = document
        self._comments: Callable[[str], list[dict[str, object]]] = document.comments
        self._pen = pen
        self._write = write
        self._url = document.ref.url
        self._plain = Context(pen, self._url)
        """For the many that stand at the top and need no more."""
        self._flat = _flat_types(pen.dialect)
        self._top = _Frame(self._plain, Sequence(pen.dialect))
        self._stack = [self._top]

    def all(self) -> Iterator[str]:
        """See :func:`pieces`."""
        depth = Depth(MAX_DEPTH, MAX_LEVELS, self._pen.dialect.levels)
        for step, block in walk(self._document, self._pen.site.warn, depth=depth, whole=("table",)):
            if step is Step.CLOSE:
                self._close()
            else:
                self._enter(step, block)
            if self._top.parts:
                yield self._top.parts.pop()
        yield self._top.sequence.end()

    def _enter(self, step: Step, block: Block) -> None:
        frame = self._stack[-1]
        parent = ""
        if frame.block is not None:
            frame.context.has_content = True
            parent = frame.block.type
        marker = frame.sequence.marker(block)
        is_plain = step is Step.LEAF and not (parent or marker)
        context = self._plain if is_plain else Context(self._pen, self._url, marker, parent)
        if step is Step.OPEN:
            self._stack.append(_Frame(context, self._within(block, context, frame), block))
        else:
            text = self._table(block, context) if block.type == "table" else self._made(block, "", context)
            frame.add(text, QUOTE if self._ends_with_quote(block) else NOTHING_BEFORE)

    def _within(self, block: Block, context: Context, frame: _Frame) -> Sequence:
        """The children of a block, before the first."""
        tail = NOTHING_BEFORE
        if self._ends_with_quote(block):
            tail = QUOTE
        elif shown_as(block, context.parent) in self._flat and not self._shows_itself(block, context):
            tail = frame.sequence.tail
        splits_boxes = frame.sequence.splits_boxes and block.type not in _INDENTED
        if block.type == "column" and self._pen.dialect.swaps_boxes:
            splits_boxes = any(each.block is not None and each.block.type in _INDENTED for each in self._stack)
        return Sequence(self._pen.dialect, tail, splits_boxes)

    def _ends_with_quote(self, block: Block) -> bool:
        """Whether comments about a block, which are quotes, could take in another quote behind them."""
        return self._pen.dialect.joins_quotes and bool(self._comments(block.id))

    def _shows_itself(self, block: Block, context: Context) -> bool:
        """Whether something of a block stands before its children."""
        texts = (str(item.get("plain_text") or "") for item in block.rich_text)
        if block.payload.get("icon") or self._comments(block.id) or any(text and not text.isspace() for text in texts):
            return True
        is_text = block.type in ("paragraph", "template")
        return bool(context.anchor(block)) and (is_text or not self._pen.dialect.names_behind)

    def _close(self) -> None:
        frame = self._stack.pop()
        frame.parts.append(frame.sequence.end())
        if frame.block is not None:
            inner = "".join(frame.parts)
            text = self._made(frame.block, inner, frame.context)
            is_flat = inner and (text == inner or text.endswith(f"\n\n{inner}"))
            self._stack[-1].add(text, frame.sequence.tail if is_flat else NOTHING_BEFORE)

    def _made(self, block: Block, inner: str, context: Context) -> str:
        about = self._comments(block.id)
        if about:
            inner = stacked(discussions(about, self._pen), inner)
        return self._write(block, inner, context)

    def _table(self, block: Block, context: Context) -> str:
        rows: list[Block] = []
        others: list[Block] = []
        for each in self._document.children(block):
            (rows if each.type == "table_row" else others).append(each)
        below = [discussions(about, self._pen) for each in (block, *rows) if (about := self._comments(each.id))]
        # No table holds anything but rows; what else stands in it is not lost.
        below += [self._made(each, "", Context(self._pen, self._url)) for each in others]
        text = table(block, rows, self._pen)
        return self._write(block, stacked(text, *below) if below else text, context)


def _flat_types(dialect: Dialect) -> frozenset[str]:
    """The blocks around whose children nothing stands, if they say nothing themselves."""
    types = {"paragraph", "template", "synced_block", "tab"}
    types |= {"column_list", "column"} if dialect.columns("x") == "x" else set()
    return frozenset(types | ({TAB_ITEM} if dialect.tab("", "x") == "x" else set()))
