"""A mirror on a machine that has none: what a run asks it for comes from versions that lie elsewhere.

A worker that takes a job up with an empty disk fetches the documents that it renders or compares, and no others.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from notion_sync_core.history.blobs import LARGE, LONGEST
from notion_sync_core.history.compression import zstd
from notion_sync_core.history.copies import FILES, VERSIONS, Name
from notion_sync_core.history.store import Store
from notion_sync_core.history.version import FOUND
from notion_sync_core.mirror.mirror import Mirror, packed
from notion_sync_core.state import State

_log = logging.getLogger(__name__)

Fetch = Callable[[Name], Iterable[bytes]]
"""The bytes of a version, compressed as in :class:`~notion_sync_core.history.blobs.Blobs`, or of a file.

It raises ``FileNotFoundError`` where there is no such thing."""


class VersionsBeneath:
    """What a mirror takes from the newest versions of a job's documents; see :class:`~..mirror.mirror.Beneath`.

    A document comes whole, when something of it is asked for the first time, and lies in the mirror from then on. What
    the mirror has, which may be newer, stays as it is; a version that is damaged is as if it were not there, and its
    document is read again. Safe to use from several threads.

    :param store: the rows that say which version is the newest.
    :param fetch: brings one.
    """

    def __init__(self, state: State, store: Store, mirror: Mirror, fetch: Fetch) -> None:
        self._state = state
        self._store = store
        self._mirror = mirror
        self._fetch = fetch
        self._guard = threading.Lock()
        self._done: set[str] = set()
        """Objects of which everything is in the mirror that will ever be taken from here."""

    def value(self, key: str) -> bytes | None:
        """The value of a key; ``None``: nobody has it, or its version is damaged."""
        kind, _, rest = key.partition("/")
        asked = rest.partition("/")[0]
        if kind == "u":
            return self._person(asked)
        if key == "o/mirror":
            return packed({"schema": 1})
        with self._guard:
            holder = self._state.findings.holder_of(asked) or asked
            if holder in self._done:
                return None
            self._done.add(holder)
            self._bring(holder)
        return self._mirror.own_value(key)

    def blob(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, or would lie."""
        with self._guard:
            path = self._mirror.own_blob(sha256)
            if not path.exists():
                self._bring_file(sha256)
        return path

    def _person(self, user_id: str) -> bytes | None:
        name = self._store.people().get(user_id)
        return None if name is None else packed({"object": "user", "id": user_id, "name": name})

    def _bring(self, object_id: str) -> None:
        known = self._state.objects.find(object_id)
        if known is not None and known.read_in_run == self._state.run:
            return  # what this run has read says more, also where it says nothing
        newest = self._store.latest([object_id]).get(object_id)
        if newest is not None and newest.sha256:
            with contextlib.suppress(_Damaged):  # there is no copy of it, then: it is read again
                self._take(object_id, newest.sha256)

    def _take(self, object_id: str, sha256: str) -> None:
        # What is asked for first comes last: a document is in the mirror whole, or as if nothing of it were.
        heads = (f"o/{object_id}", f"b/{object_id}/0")
        first: list[tuple[str, bytes | None]] = []
        waiting: list[tuple[str, bytes | None]] = []
        size = 0
        for key, value in self._lines(sha256):
            if key == FOUND or self._mirror.own_value(key) is not None:
                continue
            (first if key in heads else waiting).append((key, value))
            size += len(value)
            if size > LARGE:
                self._mirror.put_listings(waiting)
                waiting, size = [], 0
        self._mirror.put_listings([*waiting, *first])

    def _lines(self, sha256: str) -> Iterator[tuple[str, bytes]]:
        digest, rest, decompressor = hashlib.sha256(), b"", zstd.ZstdDecompressor()
        try:
            for chunk in self._fetch((VERSIONS, sha256)):
                *lines, rest = (rest + decompressor.decompress(chunk)).split(b"\n")
                for line in lines:
                    digest.update(line + b"\n")
                    key, value = orjson.loads(line)
                    yield key, packed(value)
                if len(rest) > LONGEST:
                    raise _Damaged
        except (FileNotFoundError, zstd.ZstdError, EOFError, ValueError, TypeError) as error:
            raise _Damaged from error
        if rest or not decompressor.eof or digest.hexdigest() != sha256:
            raise _Damaged

    def _bring_file(self, sha256: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._mirror.receive() as receiver:
            for chunk in self._fetch((FILES, sha256)):
                receiver.file.write(chunk)
            if receiver.keep()[0] != sha256:
                _log.warning("the file %s… that lies elsewhere is not what it was: it is downloaded again", sha256[:12])


class _Damaged(Exception):
    """A version is not there, or is not what it was."""
