"""From the tree of blocks to Markdown, without recursion: pages can be nested to any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, field

from notion_sync_core.plugin import Block, Document
from notion_sync_markdown.comments import discussions
from notion_sync_markdown.context import Context
from notion_sync_markdown.layout import stacked
from notion_sync_markdown.pen import Pen
from notion_sync_markdown.references import SECTIONS
from notion_sync_markdown.sequence import Sequence
from notion_sync_markdown.table import table
from notion_sync_markdown.writers import Writer, to_markdown

_OTHERS = frozenset(("child_page", "child_database", "link_to_page", "unsupported"))
"""What is inside them is not this document's, or cannot be asked for."""
_HIDDEN_CHILDREN = frozenset(("synced_block", "meeting_notes", "transcription"))
"""May have children although the block does not say so."""
_SECTION = "meeting_section"
MAX_LEVELS = 16
"""Levels as Markdown parsers count them, who stop at 20 and drop the rest: deeper blocks follow flat."""
MAX_DEPTH = 48


@define
class _Frame:
    """A block whose children are being written."""

    block: Block
    children: list[tuple[Iterator[Block], str]]
    """What is still to be written, the innermost last, each with the synced block it is from."""
    context: Context
    level: int
    sequence: Sequence
    parts: list[str] = field(factory=list)


def pieces(document: Document, pen: Pen, write: Writer = to_markdown) -> Iterator[str]:
    """The document's blocks, one piece of text for each at the top.

    :param write: what makes one block of its children.
    """
    walker = _Walker(document, pen, write)
    sequence = Sequence(pen.dialect)
    for block in document.blocks():
        text = sequence.add(walker.write(block, sequence.marker(block)))
        if text:
            yield text
    yield sequence.end()


class _Walker:
    def __init__(self, document: Document, pen: Pen, write: Writer) -> None:
        self._document = document
        self._comments: Callable[[str], list[dict[str, object]]] = document.comments
        self._pen = pen
        self._write = write
        self._levels = pen.dialect.levels
        self._plain = Context(pen, document.ref.url)
        self._stack: list[_Frame] = []
        self._synced: set[str] = set()

    def write(self, block: Block, marker: str) -> str:
        """One block with all that is in it."""
        context = Context(self._pen, self._plain.url, marker) if marker else self._plain
        kind = block.type
        if not _has_children(block, kind):
            return self._made(block, "", context)
        if kind == "table":
            return self._table(block, context)
        self._open(block, context, 0)
        text = ""
        while self._stack:
            text = self._step()
        return text

    def _made(self, block: Block, inner: str, context: Context) -> str:
        about = self._comments(block.id)
        if about:
            inner = stacked(discussions(about, self._pen), inner)
        return self._write(block, inner, context)

    def _step(self) -> str:
        """Go on with the innermost block; its text, if that was its end."""
        frame = self._stack[-1]
        children, source = frame.children[-1]
        block = next(children, None)
        if block is not None:
            self._enter(frame, block)
            return ""
        frame.children.pop()
        self._synced.discard(source)
        return "" if frame.children else self._close()

    def _enter(self, frame: _Frame, block: Block) -> None:
        frame.context.has_content = True
        context = Context(self._pen, self._plain.url, frame.sequence.marker(block), frame.block.type)
        kind = block.type
        if not _has_children(block, kind):
            frame.parts.append(frame.sequence.add(self._made(block, "", context)))
        elif kind == "table":
            frame.parts.append(frame.sequence.add(self._table(block, context)))
        elif frame.level + self._levels.get(kind, 0) > MAX_LEVELS or len(self._stack) >= MAX_DEPTH:
            frame.parts.append(frame.sequence.add(self._made(block, "", context)))
            frame.children.append(self._children(block))
        else:
            self._open(block, context, frame.level)

    def _children(self, block: Block) -> tuple[Iterator[Block], str]:
        """What is in a block; nothing if it is a synced block inside itself."""
        source = _source(block)
        if not source:
            return _sections(block) or self._document.children(block), ""
        if source in self._synced:
            self._pen.site.warn(f"a synced block contains itself ({block.id})")
            return iter(()), ""
        self._synced.add(source)
        return self._document.children(block), source

    def _open(self, block: Block, context: Context, level: int) -> None:
        level += self._levels.get("tab_item" if context.parent == "tab" else block.type, 0)
        if context is self._plain:
            context = Context(self._pen, context.url)
        self._stack.append(_Frame(block, [self._children(block)], context, level, Sequence(self._pen.dialect)))

    def _close(self) -> str:
        frame = self._stack.pop()
        frame.parts.append(frame.sequence.end())
        text = self._made(frame.block, "".join(frame.parts), frame.context)
        if self._stack:
            outer = self._stack[-1]
            outer.parts.append(outer.sequence.add(text))
        return text

    def _table(self, block: Block, context: Context) -> str:
        text = table(block, self._document.children(block), self._pen)
        about = self._comments(block.id)
        text = stacked(text, discussions(about, self._pen)) if about else text
        return self._write(block, text, context)


def _has_children(block: Block, kind: str) -> bool:
    return kind in _HIDDEN_CHILDREN or (block.has_children and kind not in _OTHERS)


def _sections(block: Block) -> Iterator[Block] | None:
    """The parts of a meeting's notes, whose payload has ids where others have blocks."""
    named = block.payload.get("children")
    if block.has_children or not isinstance(named, dict):
        return None
    return (
        Block({"id": named[key], "type": _SECTION, "has_children": True, _SECTION: {"title": title}})
        for key, title in SECTIONS.items()
        if isinstance(named.get(key), str)
    )


def _source(block: Block) -> str:
    """The original of a synced block; ``""`` for others."""
    if block.type != "synced_block":
        return ""
    source = block.payload.get("synced_from")
    return str(source.get("block_id") or "") if isinstance(source, dict) else block.id
