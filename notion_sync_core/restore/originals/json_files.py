"""What the core knows of the files of the JSON renderer, of all versions of it; and reading them back.

::

    {"schema": 1, "notion_version": …, "object": …, "data_sources": […], "comments": […], "blocks": […], "files": {…}}

A block holds its children under ``children``, its last key, and its comments under ``comments``. ``files`` names the
file of each hosted address that the document shows, relative to its own; earlier versions wrote none.

Who wrote the file is not known: it may be of any size and depth, and hold anything.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from mmap import ACCESS_READ, mmap
from typing import IO, Any, Protocol

import orjson
from attrs import define, field, frozen

from notion_sync_core.errors import StateError
from notion_sync_core.model import Json, fields, normalise_id, objects

SCHEMA = 1
SUFFIX = ".json"
ROWS_SCHEMA = ".schema.json"
"""A file beside the rows of a database, which is no document."""
WHOLE = 4 << 20
"""Bytes of a file that is read at once; of a larger one a block at a time."""
MOST = 1 << 31
"""Bytes of a file that are read at all."""
MOST_OF_ONE = 64 << 20
"""Bytes of one block without its children, and of all but the blocks."""
LISTING = 100
"""Blocks in a listing, as the API has them."""
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[][{}]', re.DOTALL)
"""What the structure of JSON shows in: texts, which may hold anything, and brackets. A text that does not end goes to
the end, so that no byte is looked at twice."""

Listing = tuple[str, int, list[Json], bool]
"""Parent, number, blocks, whether more follow."""


@frozen
class Document:
    """One document, as its file has it, but for its blocks."""

    object: Json
    sources: list[Json]
    files: Json
    """The path of each file relative to the document's, by address."""
    notion_version: str = ""


class NoDocumentError(ValueError):
    """A JSON file of somebody else's."""


class Into(Protocol):
    """Where what a document holds goes."""

    def see(self, block: Json) -> None:
        """Told of each block without its children, in the document's order."""

    def put(self, listing: Listing) -> None:
        """Take a hundred children of one parent, or its last ones."""

    def put_comments(self, about: str, comments: list[Json]) -> None:
        """Take the comments on the document or a block."""

    def end(self) -> None:
        """That was all."""


@define
class Unnested:
    """The blocks of a document as listings, one for each hundred children of one parent."""

    into: Into
    _open: list[tuple[str, int, list[Json]]] = field(factory=list, init=False)

    def open(self, parent: str) -> None:
        """What is added from now on stands in this page or block."""
        self._open.append((parent, 0, []))

    def add(self, block: Json, *, is_open: bool) -> None:
        """A block without its children.

        :param is_open: children follow: :meth:`open` and :meth:`close` are called for them.
        """
        comments = objects(block.pop("comments", None))
        if comments:
            self.into.put_comments(str(block.get("id") or ""), comments)
        # Who asks for children by its id alone is given those that stand here, and none from elsewhere.
        block["has_children"] = is_open
        self.into.see(block)
        parent, number, blocks = self._open[-1]
        if len(blocks) == LISTING:
            self.into.put((parent, number, blocks, True))
            number, blocks = number + 1, []
            self._open[-1] = (parent, number, blocks)
        blocks.append(block)

    def close(self) -> None:
        """All that stands in the parent has been."""
        self.into.put((*self._open.pop(), False))


def read(file: IO[bytes], size: int, path: str, found: Callable[[Document], Into]) -> None:
    """Read one file.

    :param path: for messages.
    :param found: called with the document; all else goes to what that gives.
    :raises NoDocumentError: it is JSON, and no document; nothing was called.
    :raises StateError: it is damaged, too large, or a newer version wrote it.
    """
    if size > MOST:
        raise _damaged(path, f"it is larger than {MOST >> 30} GiB")
    if size > WHOLE:
        _read_large(file, path, found)
        return
    text = file.read(WHOLE + 1)
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # It may only be nested deeper than the parser goes; else what is wrong shows on this way too.
        try:
            _read_pieces(text, path, found)
        except NoDocumentError:
            raise _damaged(path, str(error)) from error
        return
    into = found(_document(whole, path))
    _unnest(whole, into, path)
    into.end()


def _document(whole: Any, path: str) -> Document:
    head = fields(whole)
    raw, schema = head.get("object"), head.get("schema")
    if not isinstance(raw, dict) or not isinstance(schema, int) or isinstance(schema, bool) or "blocks" not in head:
        raise NoDocumentError(path)
    if schema > SCHEMA:
        raise StateError(
            f"{path} was written by a newer version (schema {schema}, this knows {SCHEMA})",
            "Install a newer version of this program.",
        )
    version = head.get("notion_version")
    sources, files = objects(head.get("data_sources")), fields(head.get("files"))
    return Document(raw, sources, files, version if isinstance(version, str) else "")


def _about_itself(whole: Json, into: Into) -> str:
    own = str(whole["object"].get("id") or "")
    page = normalise_id(own) or own
    if comments := objects(whole.get("comments")):
        into.put_comments(page, comments)
    return page


def _unnest(whole: Json, into: Into, path: str) -> None:
    unnested = Unnested(into)
    unnested.open(_about_itself(whole, into))
    waiting: list[Iterator[Any]] = [iter(whole["blocks"] if isinstance(whole["blocks"], list) else ())]
    while waiting:
        block = next(waiting[-1], waiting)
        if block is waiting:
            waiting.pop()
            unnested.close()
            continue
        if not isinstance(block, dict):
            raise _damaged(path, "something stands among its blocks that is none")
        children = block.pop("children", None)
        _add(block, unnested, path, is_open=isinstance(children, list))
        if isinstance(children, list):
            waiting.append(iter(children))


def _add(block: Json, unnested: Unnested, path: str, *, is_open: bool) -> None:
    block_id = block.get("id")
    if is_open and not (isinstance(block_id, str) and block_id):
        raise _damaged(path, "a block that others stand in has no id")
    unnested.add(block, is_open=is_open)
    if is_open:
        unnested.open(str(block_id))


# -- files that are too large, or nested too deeply, to be read at once


def _read_large(file: IO[bytes], path: str, found: Callable[[Document], Into]) -> None:
    text = mmap(file.fileno(), 0, access=ACCESS_READ)
    try:
        _read_pieces(text, path, found)
    finally:
        # While an error is on its way, what was found last still points into it; it goes with that.
        with contextlib.suppress(BufferError):
            text.close()


def _read_pieces(text: bytes | mmap, path: str, found: Callable[[Document], Into]) -> None:
    start, end = _blocks_of(text, path)
    if start + len(text) - end > MOST_OF_ONE:
        raise _damaged(path, f"what stands beside its blocks is larger than {MOST_OF_ONE >> 20} MiB")
    whole = _loaded(text[:start] + b"[]" + text[end:], path)
    into = found(_document(whole, path))
    unnested = Unnested(into)
    unnested.open(_about_itself(whole, into))
    _pieces(text, start + 1, unnested, path)
    into.end()


def _blocks_of(text: bytes | mmap, path: str) -> tuple[int, int]:
    """Where the list of blocks begins and ends in the outermost object."""
    depth = 0
    start = -1
    is_next = False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"{", b"["):
            if depth == 1 and is_next and mark == b"[":
                start = token.start()
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth == 1 and start >= 0:
                return start, token.end()
        is_next = depth == 1 and mark == b'"blocks"' and text[token.end() : token.end() + 2] == b":["
    if start >= 0 or depth:
        raise _damaged(path, "it ends too early")
    raise NoDocumentError(path)


def _pieces(text: bytes | mmap, at: int, unnested: Unnested, path: str) -> None:
    """Go through a list of blocks, each of which is read by itself.

    :param at: behind the bracket with which it begins; the text is known to have one that ends it.
    """
    lists, depth, begins, done, is_list = 1, 0, at, at, False
    tokens = _TOKEN.finditer(text, at)
    for token in tokens:
        mark = token[0]
        if depth == 0:
            if text[done : token.start()].strip(b", \t\r\n") or mark not in (b"{", b"]"):
                raise _damaged(path, "something stands among its blocks that is none")
            begins = token.start()
        if is_list and mark == b"[":
            own = text[begins : token.start() - len(_CHILDREN)].rstrip(b",") + b"}"
            _add(_loaded(own, path), unnested, path, is_open=True)
            lists, depth, done = lists + 1, 0, token.end()
        elif mark in (b"{", b"["):
            depth += 1
        elif mark == b"]" and depth == 0:
            unnested.close()
            lists -= 1
            if not lists:
                return
            done = _end_of(next(tokens, None), text, token.end(), path)
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                _check_size(token.end() - begins, path)
                _add(_loaded(text[begins : token.end()], path), unnested, path, is_open=False)
                done = token.end()
        is_list = depth == 1 and mark == _CHILDREN[:-1] and text[token.end() : token.end() + 2] == b":["


_CHILDREN = b'"children":'


def _end_of(token: re.Match[bytes] | None, text: bytes | mmap, at: int, path: str) -> int:
    """Where a block ends whose children are over: they are the last that it holds."""
    if token is None or token[0] != b"}" or text[at : token.start()].strip():
        raise _damaged(path, "something follows the children of a block")
    return token.end()


def _check_size(size: int, path: str) -> None:
    if size > MOST_OF_ONE:
        raise _damaged(path, f"a block is larger than {MOST_OF_ONE >> 20} MiB")


def _loaded(text: bytes, path: str) -> Json:
    _check_size(len(text), path)
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(found, dict):
        raise _damaged(path, "something stands where an object belongs")
    return found


def _damaged(path: str, why: str) -> StateError:
    return StateError(
        f"{path} cannot be read: {why}",
        "Put the file back as it was exported, or move it away: then it is not restored.",
    )
