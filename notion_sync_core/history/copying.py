"""A history's copy in another place, such as a bucket: a machine that was lost is no history lost.

The copy holds each version and each file under its sha256, and one list of all rows, which is written when all that it
names is there, and before anything goes that it no longer names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from attrs import define, field

from notion_sync_core.errors import StateError
from notion_sync_core.history.blobs import LONGEST
from notion_sync_core.history.carrying import Carrying
from notion_sync_core.history.compression import zstd
from notion_sync_core.history.copies import VERSIONS, Copies, Name, damaged, path_of
from notion_sync_core.history.keeping import History
from notion_sync_core.model import Artifact
from notion_sync_core.plugins.sink import Sink

LIST = "history.jsonl.zst"
_MEDIA_TYPE = "application/zstd"
_PIECE = 1 << 16


@define
class Copying:
    """One job's history and the place where its copy lies.

    :param sink: open; whatever it holds is this copy.
    :param check: asked now and then; raises when the run is to stop.
    """

    history: History
    sink: Sink
    check: Callable[[], None] = lambda: None
    _copies: Copies = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._copies = Copies(self.history.store)

    # -- there

    def has_news(self) -> bool:
        """Whether the copy may be behind, as far as that is known without asking it."""
        copies, store = self._copies, self.history.store
        is_told = copies.place() == (self.sink.location, store.last_run())
        return store.has_changed or not is_told or bool(copies.missing() or copies.superfluous())

    def push(self) -> int:
        """Bring the copy up to date.

        :returns: how many versions and files were copied.
        """
        copies, place, changed = self._copies, self.sink.location, self.history.store.has_changed
        known, told = copies.place()
        if known != place or self.sink.stat(LIST) is None:
            copies.begin(place)
            told = 0
        count = Carrying(self.history, self._put, self.sink.flush, self.check).bring()
        last, gone = self.history.store.last_run(), copies.superfluous()
        if count or gone or told != last or changed:
            self._put(LIST, packed(copies.listed()))
            self.sink.flush()
        while gone:
            for name in gone:
                self.sink.delete(path_of(name))
            self.sink.flush()
            copies.note_gone(gone)
            gone = copies.superfluous()
        copies.end(place, last)
        self.history.store.commit()
        return count

    def _put(self, path: str, chunks: Iterable[bytes]) -> None:
        self.sink.commit(self.sink.stage(Artifact(path, chunks, _MEDIA_TYPE)))

    # -- and back

    def fetch(self) -> bool:
        """Fill an empty history from its copy, with the files that its versions show.

        :returns: whether there is a copy.
        :raises StateError: something in it is damaged, or is not there.
        """
        if self.sink.stat(LIST) is None:
            return False
        copies, store = self._copies, self.history.store
        copies.take(_rows(self.sink.read(LIST)))
        copies.begin(self.sink.location)
        while missing := copies.missing():
            for name in missing:
                self.check()
                (self._take_version if name[0] == VERSIONS else self._take_file)(name)
            copies.note(missing)
        copies.end(self.sink.location, self.history.store.last_run())
        self.history.blobs.flush()
        self.history.mirror.flush()
        store.commit()
        return True

    def _take_version(self, name: Name) -> None:
        sha256 = name[1]
        with self.history.blobs.temporary() as file:
            for chunk in self._read(name):
                file.write(chunk)
            file.flush()
            digest = hashlib.sha256()
            try:
                with zstd.open(file.name) as opened:
                    while raw := opened.read(_PIECE):
                        digest.update(raw)
            except (zstd.ZstdError, EOFError) as error:
                raise self._damaged(name, str(error)) from error
            if digest.hexdigest() != sha256:
                raise self._damaged(name, "it is not what it was")
        self.history.store.put_frames([self.history.blobs.adopt(file.name, sha256)])

    def _take_file(self, name: Name) -> None:
        if self.history.mirror.blob(name[1]).exists():
            return
        with self.history.mirror.receive() as receiver:
            for chunk in self._read(name):
                receiver.file.write(chunk)
            if receiver.keep()[0] != name[1]:
                raise self._damaged(name, "it is not what it was")

    def _read(self, name: Name) -> Iterator[bytes]:
        try:
            yield from self.sink.read(path_of(name))
        except FileNotFoundError:
            raise self._damaged(name, "it is not there") from None

    def _damaged(self, name: Name, why: str) -> StateError:
        return damaged(f"{self.sink.location}: {path_of(name)}: {why}")


def packed(rows: Iterable[Any]) -> Iterator[bytes]:
    """Rows as lines of JSON, compressed."""
    compressor = zstd.ZstdCompressor()
    for row in rows:
        if chunk := compressor.compress(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)):
            yield chunk
    yield compressor.flush()


def _rows(chunks: Iterable[bytes]) -> Iterator[Any]:
    """The rows of such a list."""
    decompressor, rest = zstd.ZstdDecompressor(), b""
    try:
        for chunk in chunks:
            *lines, rest = (rest + decompressor.decompress(chunk)).split(b"\n")
            yield from map(orjson.loads, lines)
            if len(rest) > LONGEST:
                raise ValueError("it has a line without an end")
        if rest or not decompressor.eof:
            raise EOFError("it ends too early")
    except (zstd.ZstdError, EOFError, ValueError) as error:
        raise damaged(f"{LIST}: {error}") from error
