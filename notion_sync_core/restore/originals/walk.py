"""One walk over all blocks of a document, as they were read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from notion_sync_core.content.walk import OTHER_DOCUMENTS, listed_in
from notion_sync_core.model import Block, Json, fields
from notion_sync_core.restore.originals import Originals


def walk(originals: Originals, document_id: str) -> Iterator[Block]:
    """All blocks of a document, each before what stands in it; what a synced copy shows is its original's.

    :raises SkippableError: a part of them is lost.
    """
    stack: list[Iterator[Json]] = [originals.blocks(document_id)]
    while stack:
        raw = next(stack[-1], None)
        if raw is None:
            stack.pop()
            continue
        block = Block(raw)
        yield block
        stack.append(chain.from_iterable(map(originals.blocks, _lists(block))))


def is_original(block: Block) -> bool:
    """Whether it is a synced block that others may show copies of."""
    return block.type == "synced_block" and not fields(block.payload.get("synced_from")).get("block_id")


def _lists(block: Block) -> tuple[str, ...]:
    if block.type == "synced_block":
        return (block.id,) if is_original(block) else ()
    return () if block.type in OTHER_DOCUMENTS else tuple(listed_in(block))
