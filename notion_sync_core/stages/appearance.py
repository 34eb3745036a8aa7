"""What readers see of a document, as a digest: whether it is what they saw before.

That is its own object and content; titles, places and files of what it leads to; what it shows by synced copies; of a
database its rows. What stands around it is not its own: navigation, and its place among others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.mirror.mirror import Mirror, packed, visible
from notion_sync_core.model import Block, fields, normalise_id, objects
from notion_sync_core.stages.veil import Veil
from notion_sync_core.stages.view import MirrorMiss, View
from notion_sync_core.state import State


def appearance(state: State, mirror: Mirror, document: View) -> str:
    """The digest of what readers see of a document now."""
    known = state.objects.find(document.ref.id)
    changes, facts = state.changes, state.facts
    digest = hashlib.blake2b(digest_size=16)

    def take(*values: Any) -> None:
        digest.update(packed(values) + b"\n")

    take(document.ref.kind, document.ref.title, document.ref.url, known and known.path, document.raw)
    content, _, comments = changes.content(document.ref.id).partition("-")
    take(content, facts.comments and comments, bool(facts.selection), sorted(document.anchors))
    take(*changes.shown(document.ref.id))
    for block in _copied(mirror, changes.copied(document.ref.id)):
        take(*visible([block.raw]))
    if document.ref.kind == "database":
        take(*document.data_sources())
        for row in changes.rows(document.ref.id):
            take(*row)
    return digest.hexdigest()


def _copied(mirror: Mirror, originals: list[str]) -> Iterator[Block]:
    """The blocks in synced blocks of others, at any depth; those may show copies themselves."""
    waiting, seen = list(originals), set(originals)
    while waiting:
        for listing in mirror.listings(waiting.pop()):
            for block in map(Block, objects(listing.get("results"))):
                yield block
                waiting += (new := [each for each in _inside(block) if each not in seen])
                seen.update(new)


def _inside(block: Block) -> Iterator[str]:
    """Of what the listings are that are in a block: its own, the original of a copy, parts that it names by ids."""
    if block.has_children and block.type not in OTHER_DOCUMENTS:
        yield block.id
    named = (fields(block.payload.get("synced_from")).get("block_id"), *fields(block.payload.get("children")).values())
    for each in named:
        if isinstance(each, str):
            yield normalise_id(each) or each


def settle(state: State, mirror: Mirror) -> None:
    """Number every change for readers that is not numbered yet; it lasts with the next checkpoint."""
    changes = state.changes
    if changes.is_settled():
        return
    changes.leave()
    veil = Veil.over(state, mirror)
    for each in changes.waiting():
        if (known := state.objects.find(each)) is not None:
            try:
                document = View(state, mirror, known.ref, veil)
            except MirrorMiss:
                continue  # what the mirror lacks is read again, and looked at then
            changes.note(each, appearance(state, mirror, document))
    changes.settle()
