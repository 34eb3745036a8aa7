"""The renderer itself: API objects as read, enough to make every other format from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import orjson
from attrs import frozen

from notion_sync_core.plugin import Artifact, Block, Document, Ref, Site, Step, hookimpl, hosted_files, walk

SCHEMA = 1
_CHUNK = 1 << 16


@frozen(eq=False)
class JsonRenderer:
    """One JSON file a document: ``{"schema": 1, "object": …, "data_sources": […], "blocks": […], "files": {…}}``.

    A block holds its children under ``children`` and its open discussions under ``comments``, keys that the API's
    block objects lack; comments on the page itself stand beside its blocks. ``files`` says where the file of each
    hosted address lies that the document shows, if it was downloaded.
    """

    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""
    rows: bool = False
    """Whether databases become JSON Lines as well, a line with types for each row, and a schema of these lines."""

    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterable[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        yield Artifact(site.path(self.suffix), _chunks(_pieces(document, site)), "application/json")
        if self.rows and document.ref.kind != "page":
            from notion_sync_json import rows

            yield from rows.artifacts(document, site)

    @hookimpl
    def render_suffixes(self, sources: list[Ref]) -> list[str]:
        """See :func:`notion_sync_core.hookspecs.render_suffixes`."""
        if not self.rows:
            return []
        from notion_sync_json import rows

        # A data source whose object was lost with the mirror is not counted when the files are made.
        found = rows.suffixes([(source.id, source.title) for source in sources])
        return list(dict.fromkeys([rows.LINES, rows.SCHEMA, *found]))


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a size that is cheap to write."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _CHUNK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _pieces(document: Document, site: Site) -> Iterator[bytes]:
    files: set[str] = set()
    yield b'{"schema":%d,' % SCHEMA
    if document.source_version:
        yield b'"notion_version":%b,' % orjson.dumps(document.source_version)
    sources, about = document.data_sources(), document.comments(document.ref.id)
    yield b'"object":%b,"data_sources":%b,' % (_noted(document.raw, files), _noted(sources, files))
    if about:
        yield b'"comments":%b,' % _noted(about, files)
    yield b'"blocks":'
    yield from _blocks(document, site, files)
    if lie := {address: path for address in sorted(files) if (path := site.asset(address)) is not None}:
        yield b',"files":%b' % orjson.dumps(lie)
    yield b"}\n"


def _noted(value: Any, files: set[str]) -> bytes:
    """A value as JSON; the addresses of its files are noted."""
    text = orjson.dumps(value)
    if _FILE in text:  # most show none
        files |= hosted_files({"": value})
    return text


_FILE = b'"file":{'


def _blocks(document: Document, site: Site, files: set[str]) -> Iterator[bytes]:
    separator = b"["
    empty = b"[]"
    for step, block in walk(document, site.warn, sections=False):
        if step is Step.CLOSE:
            yield b"]}"
            separator = b","
            continue
        opens = step is Step.OPEN
        yield separator + _serialised(block, document, files, opens=opens)
        separator, empty = b"" if opens else b",", b"]"
    yield empty


def _serialised(block: Block, document: Document, files: set[str], *, opens: bool) -> bytes:
    """A block, left open for its children if they follow."""
    about = document.comments(block.id)
    raw = {**block.raw, "comments": about} if about else block.raw
    if not opens:
        return _noted(raw, files)
    # No API object has the key; if one had, there may be only one of it.
    text = _noted({key: value for key, value in raw.items() if key != "children"} if "children" in raw else raw, files)
    return text[:-1] + (b"," if text != b"{}" else b"") + b'"children":['
