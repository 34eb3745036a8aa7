"""The renderer plugin: one JSON file a document, enough to rebuild every other format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import orjson
from attrs import frozen

from notion_sync_core.hookspecs import hookimpl
from notion_sync_core.model import Artifact, Block, Document, Site

SCHEMA = 1
_CHUNK = 64 << 10
_NOT_OPENED = {"child_page", "child_database", "unsupported"}
_ALWAYS_OPENED = {"synced_block", "meeting_notes", "transcription"}


@frozen(eq=False)
class JsonRenderer:
    """JSON files. Its attributes are the keys of ``[plugins.json]``."""

    folder: str = ""
    """Folder in the sink; by default none, or ``json`` as soon as there are two renderers."""

    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterable[Artifact]:
        """See the hook."""
        yield Artifact(site.path(self.suffix), _gathered(_document(document)), "application/json")


def _document(document: Document) -> Iterator[bytes]:
    """``{"schema", "object", "data_sources", "blocks"}``; a block's children are in it as ``children``."""
    yield b'{"schema":%d,"object":%b' % (SCHEMA, _dumps(document.raw))
    if document.ref.kind == "database":
        yield b',"data_sources":' + _dumps(document.data_sources())
    yield b',"blocks":['
    yield from _blocks(document)
    yield b"]}\n"


def _blocks(document: Document) -> Iterator[bytes]:
    """Nested arrays, written with a stack: depth costs no recursion."""
    stack: list[Iterator[Block]] = [document.blocks()]
    active: list[str] = [document.ref.id]
    first = True
    while stack:
        block = next(stack[-1], None)
        if block is None:
            stack.pop()
            active.pop()
            first = False
            if stack:
                yield b"]}"
            continue
        if not first:
            yield b","
        first = False
        raw = _dumps(block.raw)
        if not _opens(block) or _identity(block) in active:
            yield raw
            continue
        yield raw[:-1] + (b"," if len(raw) > 2 else b"") + b'"children":['
        stack.append(document.children(block))
        active.append(_identity(block))
        first = True


def _opens(block: Block) -> bool:
    return block.type not in _NOT_OPENED and (block.has_children or block.type in _ALWAYS_OPENED)


def _identity(block: Block) -> str:
    source: Any = block.payload.get("synced_from") if block.type == "synced_block" else None
    return str(source["block_id"]) if isinstance(source, dict) and source.get("block_id") else block.id


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Few larger chunks instead of many small ones."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size > _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value)
