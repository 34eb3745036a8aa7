"""What readers see of a document, as a digest: whether it is what they saw before.

That is its own object and content; titles, places and files of what it leads to; what it shows by synced copies; of a
database its rows. What stands around it is not its own: navigation, and its place among others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from notion_sync_core.content.walk import listed_in
from notion_sync_core.mirror.mirror import Mirror, packed, print_of, visible
from notion_sync_core.model import Block, fields, normalise_id, objects
from notion_sync_core.stages.veil import Veil
from notion_sync_core.stages.view import MirrorMiss, View
from notion_sync_core.state import State
from notion_sync_core.state.changes import Standing

_UNKNOWN = Standing(None, is_to_read=False, content="", has_copies=False, comments="", selection="")


def appearance(state: State, mirror: Mirror, document: View) -> str:
    """The digest of what readers see of a document now."""
    changes = state.changes
    known = changes.standing(document.ref.id) or _UNKNOWN
    content, _, comments = known.content.partition("-")
    if known.is_to_read:
        # A run that ended while it was read may have put its content, or not.
        content = _content(mirror, document.ref.id)
    digest = hashlib.blake2b(digest_size=16)

    def take(*values: Any) -> None:
        digest.update(packed(values) + b"\n")

    take(document.ref.kind, document.ref.title, document.ref.url, known.path, document.raw)
    take(content, known.comments and comments, bool(known.selection), sorted(document.anchors))
    take(*changes.shown(document.ref.id))
    if known.has_copies:
        copied = changes.copied(document.ref.id)
        blocks = packed(visible(block.raw for block in _copied(mirror, copied)))
        digest.update(blocks)
        # Of what their holders show only what stands in these blocks.
        holders = changes.shown(document.ref.id, by_copies=True)
        take(*(row for row in holders if any(_is_in(blocks, each) for each in row[1:3])))
    if document.ref.kind == "database":
        take(*document.data_sources())
        for row in changes.rows(document.ref.id):
            take(*row)
    return digest.hexdigest()


def _content(mirror: Mirror, document_id: str) -> str:
    """The digest of a content as it is in the mirror; what readings say is the same, if they read what blocks name."""
    waiting, found = [document_id], 0
    while waiting:
        parent = waiting.pop()
        for index, listing in enumerate(mirror.listings(parent)):
            found ^= print_of(parent, index, listing)
            waiting += [each for block in map(Block, objects(listing.get("results"))) for each in listed_in(block)]
    return f"{found:x}"


def _is_in(blocks: bytes, found: object) -> bool:
    """Whether blocks name an id, with hyphens or without, or a file."""
    return isinstance(found, str) and (found.encode() in blocks or found.replace("-", "").encode() in blocks)


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
    """The same, and the original of a copy."""
    yield from listed_in(block)
    original = fields(block.payload.get("synced_from")).get("block_id")
    if isinstance(original, str):
        yield normalise_id(original) or original


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
