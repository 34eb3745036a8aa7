"""One walk over a document's blocks for all renderers: in document order, without recursion, never whole in memory.

Pages can be nested to any depth, formats cannot: a renderer says how deep it nests, and what is deeper follows flat.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from itertools import chain

from attrs import Factory, define, frozen

from notion_sync_core.document import Document
from notion_sync_core.model import Block, fields

OTHER_DOCUMENTS = frozenset(("child_page", "child_database", "link_to_page", "unsupported"))
"""What is inside them is not this document's, or cannot be asked for."""
TAB_ITEM = "tab_item"
"""A paragraph directly within ``tab``: one tab, its label and what is in it."""
MEETING_SECTION = "meeting_section"
"""A part of a meeting's notes, whose payload has ids where other blocks have children; payload: ``title``."""
_MAY_HIDE = frozenset(("synced_block", "meeting_notes", "transcription"))
"""May have children although the block does not say so."""
_SECTIONS = {"summary_block_id": "Summary", "notes_block_id": "Notes", "transcript_block_id": "Transcript"}
"""In the order of the app."""


def listed_in(block: Block) -> Iterator[str]:
    """Whose children stand in a block: its own, and those of parts that it names by their ids."""
    if block.has_children and block.type not in OTHER_DOCUMENTS:
        yield block.id
    for each in fields(block.payload.get("children")).values():
        if isinstance(each, str):
            yield each


class Step(Enum):
    """What happens to a block on the walk."""

    LEAF = "leaf"
    """Nothing is in it."""
    OPEN = "open"
    """What is in it follows."""
    CLOSE = "close"
    """All that is in it has been."""


@frozen
class Depth:
    """How deep a format nests."""

    blocks: int = sys.maxsize
    """Blocks within each other."""
    levels: int = sys.maxsize
    """Levels within each other, as the format's readers count them."""
    weights: Mapping[str, int] = Factory(dict)
    """How many levels a type of block takes, :data:`TAB_ITEM` for a tab; others take none."""


ANY_DEPTH = Depth()


@define  # not frozen: one is made for each block that has any
class _Opened:
    """A list of children on the walk."""

    children: Iterator[Block]
    block: Block | None = None
    """The block that they stand in."""
    depth: int = 0
    level: int = 0
    source: str = ""
    """The synced block that they are from."""
    is_flat: bool = False
    """Too deep: they follow their parent instead."""

    @property
    def parent(self) -> str:
        """The type of the block that they stand in."""
        return "" if self.block is None else self.block.type

    def below(self, block: Block, children: Iterator[Block], source: str, depth: Depth) -> _Opened:
        """What is in one of these blocks: within it, or behind it where that would be too deep."""
        level = self.level + depth.weights.get(shown_as(block, self.parent), 0)
        if level > depth.levels or self.depth >= depth.blocks:
            return _Opened(children, self.block, self.depth, self.level, source, is_flat=True)
        return _Opened(children, block, self.depth + 1, level, source)


def walk(
    document: Document,
    warn: Callable[[str], None],
    *,
    depth: Depth = ANY_DEPTH,
    whole: Collection[str] = (),
    sections: bool = True,
) -> Iterator[tuple[Step, Block]]:
    """The document's blocks with all that is in them, but for other documents.

    :param warn: told of a synced block that contains itself; it is a leaf there.
    :param whole: types that stay leaves whatever is in them: their renderer reads their children itself.
    :param sections: the parts of a meeting's notes come as blocks of the type :data:`MEETING_SECTION`.
    """
    stack = [_Opened(document.blocks())]
    within: set[str] = set()
    while stack:
        here = stack[-1]
        for block in here.children:
            kind = block.type
            if kind in whole or not (kind in _MAY_HIDE or (block.has_children and kind not in OTHER_DOCUMENTS)):
                yield Step.LEAF, block
                continue
            source = _source(block, kind)
            if source in within:
                warn(f"a synced block contains itself ({block.id})")
                yield Step.LEAF, block
                continue
            if source:
                within.add(source)
            children = (_sections(block, document) if sections else None) or document.children(block)
            opened = here.below(block, children, source, depth)
            yield Step.LEAF if opened.is_flat else Step.OPEN, block
            stack.append(opened)
            break
        else:
            stack.pop()
            within.discard(here.source)
            if here.block is not None and not here.is_flat:
                yield Step.CLOSE, here.block


def shown_as(block: Block, parent: str) -> str:
    """The type that a block is shown as: :data:`TAB_ITEM` for a paragraph within tabs, else its own.

    :param parent: the type of the block around it, ``""`` at the top.
    """
    kind = block.type
    return TAB_ITEM if parent == "tab" and kind == "paragraph" else kind


def _source(block: Block, kind: str) -> str:
    """The original of a synced block; ``""`` for others."""
    if kind != "synced_block":
        return ""
    source = block.payload.get("synced_from")
    return str(source.get("block_id") or "") if isinstance(source, dict) else block.id


def _sections(block: Block, document: Document) -> Iterator[Block] | None:
    """The parts that a block names by their ids, and what else is in it."""
    payload = block.payload
    named = payload.get("children")
    if not isinstance(named, dict):
        return None
    ids = {key: named[key] for key in _SECTIONS if isinstance(named.get(key), str)}
    parts = (
        Block({"id": found, "type": MEETING_SECTION, "has_children": True, MEETING_SECTION: {"title": _SECTIONS[key]}})
        for key, found in ids.items()
    )
    return chain(parts, _others(block, set(ids.values()), document)) if block.has_children else parts


def _others(block: Block, named: set[str], document: Document) -> Iterator[Block]:
    """The children of a block that are none of its named parts."""
    payload = {key: value for key, value in block.payload.items() if key != "children"}
    return (each for each in document.children(Block({**block.raw, block.type: payload})) if each.id not in named)
