"""Versions on the disk, compressed, each named by the sha256 of what is in it: small ones beside the rows, which makes
both durable in one step, large ones as files.

A version is lines of JSON, each a pair of key and value, as the mirror has them: ``b/ID/N`` for the answers of a list
of blocks, ``c/ID/N`` for one of comments, ``found`` for what reading turned up, and last ``o/ID`` for the object.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol, cast

import orjson

from notion_sync_core.errors import StateError
from notion_sync_core.history.compression import zstd
from notion_sync_core.history.records import Blob
from notion_sync_core.mirror.disk import explained
from notion_sync_core.mirror.durable import sync

LARGE = 1 << 20
"""Bytes of a version that are held in memory; of a larger one the lines come as they were read."""
SMALL = 32 << 10
"""Compressed bytes of a version that lies beside the rows: a file of its own would cost more than what it holds."""
_TEMPORARY = "tmp-"
_LEVEL = 1
LONGEST = 1 << 27
"""Bytes of a line that is believed."""
Line = tuple[str, bytes]
"""A key, and its value as JSON."""


class Frames(Protocol):
    """What has the small versions."""

    def frame(self, sha256: str) -> bytes | None:
        """One of them; ``None``: it is not there."""

    def frames(self) -> Iterator[str]:
        """The name of each."""

    def drop_frame(self, sha256: str) -> None:
        """Forget one, if it is there, with the next commit."""


class Blobs:
    """All versions. Keeping is safe from several threads; what lies beside the rows is for the thread that has these.

    :param folder: for the large ones; made when it is needed, readable by its owner only.
    """

    def __init__(self, folder: Path, frames: Frames) -> None:
        self.folder = folder
        self._frames = frames
        self._guard = threading.Lock()
        self._touched: set[str] = set()
        self._place = str(folder)
        self._compressing = threading.Lock()
        self._compressor = zstd.ZstdCompressor(_LEVEL)

    def explained(self) -> Any:
        """Turns what the disk says into an error with a remedy."""
        return explained(f"the history in {self.folder.parent}")

    def path(self, sha256: str) -> Path:
        """Where a large version lies, or would lie."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise StateError(f"{sha256!r} is not a sha256", "The history is damaged: run `notion-sync doctor`.")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether there is such a version."""
        return self.size(sha256) > 0

    def size(self, sha256: str) -> int:
        """How many bytes a version takes; 0: it is not there."""
        frame = self._frames.frame(sha256)
        if frame is not None:
            return len(frame)
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def draft(self) -> BlobDraft:
        """A version on its way."""
        return BlobDraft(self)

    def keep(self, sha256: str, raw: bytes) -> Blob:
        """Keep a version. The bytes of a large one are on the disk afterwards, its name with the next :meth:`flush`."""
        compressed = self._compressed(raw)
        if len(compressed) <= SMALL:
            return Blob(sha256, len(compressed), compressed)
        with self.explained():
            if not self.path(sha256).exists():
                with self.temporary() as file:
                    file.write(compressed)
                self.adopt(file.name, sha256)
        return Blob(sha256, len(compressed))

    def adopt(self, file: str, sha256: str) -> Blob:
        """Make a temporary file with the compressed bytes of a version that version."""
        path = Path(file)
        with self.explained():
            size = path.stat().st_size
            if size <= SMALL:
                frame = path.read_bytes()
                path.unlink()
                return Blob(sha256, size, frame)
            sync(path)
            self.place(file, sha256)
        return Blob(sha256, size)

    def temporary(self) -> IO[bytes]:
        """A file for a version on its way; its name stays until it is placed."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for above in (self.folder.parent.parent, self.folder.parent):
                self.touch(str(above))
        return cast("IO[bytes]", tempfile.NamedTemporaryFile(prefix=_TEMPORARY, dir=self.folder, delete=False))

    def _compressed(self, raw: bytes) -> bytes:
        """One frame; all threads share a compressor, which takes a megabyte, and longer to make than to use."""
        with self._compressing:
            return self._compressor.compress(raw, zstd.ZstdCompressor.FLUSH_FRAME)

    def place(self, file: str, sha256: str) -> None:
        """Give a file that is on the disk its name."""
        folder = f"{self._place}/{sha256[:2]}"
        try:
            os.replace(file, f"{folder}/{sha256}")  # noqa: PTH105
        except FileNotFoundError:
            Path(folder).mkdir(exist_ok=True, mode=0o700)
            os.replace(file, f"{folder}/{sha256}")  # noqa: PTH105
            self.touch(self._place)
        self.touch(folder)

    def touch(self, folder: str) -> None:
        """There are new names in a folder."""
        with self._guard:
            self._touched.add(folder)

    def flush(self) -> None:
        """Make the names of all versions survive a power cut."""
        with self._guard:
            touched, self._touched = self._touched, set()
        with self.explained():
            for folder in touched:
                sync(Path(folder))

    def clear_temporary(self) -> None:
        """Remove what dead runs left half-written."""
        for path in self.folder.glob(f"{_TEMPORARY}*"):
            path.unlink(missing_ok=True)

    def lines(self, sha256: str) -> Iterator[tuple[str, Any]]:
        """The lines of a version.

        :raises StateError: it is not there, or is not what it was.
        """
        path, digest = self.path(sha256), hashlib.sha256()
        frame = self._frames.frame(sha256)
        if frame is None and not path.exists():
            raise self._damaged(sha256, "it is not there")
        try:
            with self.explained(), zstd.open(path if frame is None else io.BytesIO(frame)) as opened:
                file = cast("IO[bytes]", opened)
                while line := file.readline(LONGEST):
                    digest.update(line)
                    key, value = orjson.loads(line)
                    yield key, value
        except (zstd.ZstdError, EOFError, ValueError, TypeError) as error:
            raise self._damaged(sha256, str(error)) from error
        if digest.hexdigest() != sha256:
            raise self._damaged(sha256, "it is not what it was")

    def raw(self, sha256: str) -> Iterator[bytes]:
        """The compressed bytes of a version, in pieces."""
        frame = self._frames.frame(sha256)
        if frame is not None:
            yield frame
            return
        with self.explained(), self.path(sha256).open("rb") as file:
            while chunk := file.read(LARGE):
                yield chunk

    def _damaged(self, sha256: str, why: str) -> StateError:
        return StateError(
            f"the version {sha256[:12]}… of the history in {self.folder.parent} cannot be read: {why}",
            "Put it back from a backup of the state folder; other versions are not harmed.",
        )

    def all(self) -> Iterator[str]:
        """The name of each version that is here."""
        yield from self._frames.frames()
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(each.name for each in folder.iterdir())

    def remove(self, sha256: str) -> int:
        """Forget a version, for good with the next commit of the rows.

        :returns: how many bytes that gave back.
        """
        size = self.size(sha256)
        self._frames.drop_frame(sha256)
        with self.explained(), contextlib.suppress(FileNotFoundError):
            self.path(sha256).unlink()
            self.touch(str(self.path(sha256).parent))
        return size


class BlobDraft:
    """A version on its way to its blob. Memory is bounded: a large one goes to the disk piece by piece."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._waiting: list[Line] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._path = Path()

    def add(self, lines: Iterable[tuple[str, bytes | None]]) -> None:
        """Lines; those without a value say that there is nothing."""
        for key, value in lines:
            if value is not None:
                self._waiting.append((key, value))
                self._size += len(value)
        if self._size > LARGE:
            self._spill()

    def _spill(self) -> None:
        if self._file is None:
            with self._blobs.explained():
                with self._blobs.temporary() as file:
                    self._path = Path(file.name)
                self._file = cast("IO[bytes]", zstd.open(self._path, "wb", level=_LEVEL))
        with self._blobs.explained():
            for line in self._waiting:
                raw = joined([line])
                self._digest.update(raw)
                self._file.write(raw)
        self._waiting, self._size = [], 0

    def keep(self, last: Iterable[Line]) -> Blob:
        """Make it a blob.

        :param last: the lines that come last.
        """
        tail = list(last)
        if self._file is None:
            self._waiting.sort()  # an order that does not depend on how they were read
        if self._file is None and self._size + sum(len(value) for _, value in tail) <= LARGE:
            raw = joined([*self._waiting, *tail])
            sha256 = hashlib.sha256(raw).hexdigest()
            return self._blobs.keep(sha256, raw)
        self._waiting += tail
        self._spill()
        assert self._file is not None
        sha256 = self._digest.hexdigest()
        with self._blobs.explained():
            self._file.close()
        return self._blobs.adopt(str(self._path), sha256)

    def drop(self) -> None:
        """It does not become a version after all."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


def joined(lines: list[Line]) -> bytes:
    """Lines as they stand in a version."""
    return b"".join(b"[%s,%s]\n" % (orjson.dumps(key), value) for key, value in lines)
