"""From the tree of blocks to Markdown, without recursion: pages can be nested to any depth."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from notion_sync_core.model import Block, Document, Site
from notion_sync_markdown.blocks import Context, to_markdown
from notion_sync_markdown.sequence import Sequence
from notion_sync_markdown.table import table

_OTHERS = frozenset(("child_page", "child_database", "link_to_page", "unsupported"))
"""What is inside them is not this document's, or cannot be asked for."""
_HIDDEN_CHILDREN = frozenset(("synced_block", "meeting_notes", "transcription"))
"""May have children although the block does not say so."""
_LEVELS = {"bulleted_list_item": 2, "numbered_list_item": 2, "to_do": 2, "quote": 1, "callout": 1}
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
    sequence: Sequence = field(factory=Sequence)
    parts: list[str] = field(factory=list)


def pieces(document: Document, site: Site) -> Iterator[str]:
    """The document's blocks, one piece of text for each at the top."""
    walker = _Walker(document, site)
    sequence = Sequence()
    for block in document.blocks():
        text = sequence.add(walker.write(block, sequence.marker(block)))
        if text:
            yield text


class _Walker:
    def __init__(self, document: Document, site: Site) -> None:
        self._document = document
        self._site = site
        self._url = document.ref.url
        self._stack: list[_Frame] = []
        self._synced: set[str] = set()

    def write(self, block: Block, marker: str) -> str:
        """One block with all that is in it."""
        context = Context(self._site, self._url, marker)
        if not _has_children(block):
            return to_markdown(block, "", context)
        if block.type == "table":
            return self._table(block)
        self._open(block, context, 0)
        text = ""
        while self._stack:
            text = self._step()
        return text

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
        context = Context(self._site, self._url, frame.sequence.marker(block), frame.block.type)
        if not _has_children(block):
            frame.parts.append(frame.sequence.add(to_markdown(block, "", context)))
        elif block.type == "table":
            frame.parts.append(frame.sequence.add(self._table(block)))
        elif frame.level + _LEVELS.get(block.type, 0) > MAX_LEVELS or len(self._stack) >= MAX_DEPTH:
            frame.parts.append(frame.sequence.add(to_markdown(block, "", context)))
            frame.children.append(self._children(block))
        else:
            self._open(block, context, frame.level)

    def _children(self, block: Block) -> tuple[Iterator[Block], str]:
        """What is in a block; nothing if it is a synced block inside itself."""
        source = _source(block)
        if not source:
            return self._document.children(block), ""
        if source in self._synced:
            self._site.warn(f"a synced block contains itself ({block.id})")
            return iter(()), ""
        self._synced.add(source)
        return self._document.children(block), source

    def _open(self, block: Block, context: Context, level: int) -> None:
        level += _LEVELS.get(block.type, 0)
        self._stack.append(_Frame(block, [self._children(block)], context, level))

    def _close(self) -> str:
        frame = self._stack.pop()
        text = to_markdown(frame.block, "".join(frame.parts), frame.context)
        if self._stack:
            outer = self._stack[-1]
            outer.parts.append(outer.sequence.add(text))
        return text

    def _table(self, block: Block) -> str:
        text = table(block, self._document.children(block), self._site)
        claimed = self._site.render_block(block, text)
        return text if claimed is None else claimed.strip("\n")


def _has_children(block: Block) -> bool:
    kind = block.type
    return kind in _HIDDEN_CHILDREN or (block.has_children and kind not in _OTHERS)


def _source(block: Block) -> str:
    """The original of a synced block; ``""`` for others."""
    if block.type != "synced_block":
        return ""
    source = block.payload.get("synced_from")
    return str(source.get("block_id") or "") if isinstance(source, dict) else block.id
