"""The renderer itself: API objects as read, enough to make every other format from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import orjson
from attrs import frozen

from notion_sync_core.plugin import Artifact, Block, Document, Json, Site, hookimpl

SCHEMA = 1
_CHUNK = 1 << 16
_OTHERS = frozenset(("child_page", "child_database", "link_to_page", "unsupported"))
_HIDDEN_CHILDREN = frozenset(("synced_block", "meeting_notes", "transcription"))


@frozen(eq=False)
class JsonRenderer:
    """One JSON file a document: ``{"schema": 1, "object": …, "data_sources": […], "blocks": […]}``.

    A block holds its children under ``children`` and its open discussions under ``comments``, keys that the API's
    block objects lack; comments on the page itself stand beside its blocks.
    """

    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""

    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterable[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        return [Artifact(site.path(self.suffix), _chunks(_pieces(document)), "application/json")]


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a size that is cheap to write."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _CHUNK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _pieces(document: Document) -> Iterator[bytes]:
    yield b'{"schema":%d,' % SCHEMA
    if document.source_version:
        yield b'"notion_version":%b,' % orjson.dumps(document.source_version)
    yield b'"object":%b,"data_sources":%b,' % (orjson.dumps(document.raw), orjson.dumps(document.data_sources()))
    about = document.comments(document.ref.id)
    if about:
        yield b'"comments":%b,' % orjson.dumps(about)
    yield b'"blocks":'
    yield from _blocks(document)
    yield b"}\n"


def _blocks(document: Document) -> Iterator[bytes]:
    """The blocks as nested lists; the nesting is on a stack of our own, as it may be deep."""
    stack = [document.blocks()]
    synced: list[str] = [""]
    separator = b""
    yield b"["
    while stack:
        block = next(stack[-1], None)
        if block is None:
            stack.pop()
            synced.pop()
            yield b"]}" if stack else b"]"
            separator = b","
            continue
        text = orjson.dumps(_with_comments(block, document))
        source = _source(block)
        if not _has_children(block) or (source and source in synced):
            yield separator + text
            separator = b","
        else:
            yield separator + _opened(text)
            stack.append(document.children(block))
            synced.append(source)
            separator = b""


def _with_comments(block: Block, document: Document) -> Json:
    about = document.comments(block.id)
    return {**block.raw, "comments": about} if about else block.raw


def _opened(text: bytes) -> bytes:
    """A serialised block left open for its children."""
    return text[:-1] + (b"," if text != b"{}" else b"") + b'"children":['


def _has_children(block: Block) -> bool:
    if "children" in block.raw:
        return False
    return block.type in _HIDDEN_CHILDREN or (block.has_children and block.type not in _OTHERS)


def _source(block: Block) -> str:
    """The original of a synced block: a copy inside itself is not followed."""
    if block.type != "synced_block":
        return ""
    source = block.payload.get("synced_from")
    return str(source.get("block_id") or "") if isinstance(source, dict) else block.id
