"""Versions on the disk: each one file, compressed, named by the sha256 of what is in it.

A version is lines of JSON, each a pair of key and value, as the mirror has them: ``b/ID/N`` for the answers of a list
of blocks, ``c/ID/N`` for one of comments, ``found`` for what reading turned up, and last ``o/ID`` for the object.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from notion_sync_core.errors import StateError
from notion_sync_core.mirror.disk import explained
from notion_sync_core.mirror.durable import sync

if sys.version_info >= (3, 14):  # the same, word for word
    from compression import zstd
else:
    from backports import zstd

LARGE = 1 << 20
"""Bytes of a version that are held in memory; of a larger one the lines come as they were read."""
_TEMPORARY = "tmp-"
_LEVEL = 1
_LONGEST = 1 << 27
"""Bytes of a line that is believed."""
Line = tuple[str, bytes]
"""A key, and its value as JSON."""


class Blobs:
    """The folder of versions. Safe to use from several threads.

    :param folder: made if missing, readable by its owner only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = threading.Lock()
        self._touched = {str(folder.parent.parent), str(folder.parent), str(folder)}
        self._place = str(folder)
        self._compressing = threading.Lock()
        self._compressor = zstd.ZstdCompressor(_LEVEL)
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def explained(self) -> Any:
        """Turns what the disk says into an error with a remedy."""
        return explained(f"the history in {self.folder.parent}")

    def path(self, sha256: str) -> Path:
        """Where a version lies, or would lie."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise StateError(f"{sha256!r} is not a sha256", "The history is damaged: run `notion-sync doctor`.")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether there is such a version."""
        return self.path(sha256).exists()

    def size(self, sha256: str) -> int:
        """How many bytes a version takes; 0: it is not there."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def draft(self) -> BlobDraft:
        """A version on its way."""
        return BlobDraft(self)

    def keep(self, sha256: str, raw: bytes) -> int:
        """Put a version in its place; its bytes are on the disk afterwards, its name is with the next :meth:`flush`.

        Names are text here, and files numbers: there is one for each document of an export.

        :returns: how many bytes it takes.
        """
        folder = f"{self._place}/{sha256[:2]}"
        target = f"{folder}/{sha256}"
        name = os.path.join(self._place, f"{_TEMPORARY}{os.getpid()}-{threading.get_ident()}")  # noqa: PTH118
        with self.explained():
            try:
                return os.stat(target).st_size  # noqa: PTH116
            except FileNotFoundError:
                compressed = self._compressed(raw)
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                written = os.write(handle, compressed)
                while written < len(compressed):
                    written += os.write(handle, compressed[written:])
                os.fsync(handle)
            finally:
                os.close(handle)
            self.place(name, sha256)
        return len(compressed)

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
        if not path.exists():
            raise self._damaged(sha256, "it is not there")
        try:
            with self.explained(), zstd.open(path) as opened:
                file = cast("IO[bytes]", opened)
                while line := file.readline(_LONGEST):
                    digest.update(line)
                    key, value = orjson.loads(line)
                    yield key, value
        except (zstd.ZstdError, EOFError, ValueError, TypeError) as error:
            raise self._damaged(sha256, str(error)) from error
        if digest.hexdigest() != sha256:
            raise self._damaged(sha256, "it is not what it was")

    def _damaged(self, sha256: str, why: str) -> StateError:
        return StateError(
            f"the version {sha256[:12]}… of the history in {self.folder.parent} cannot be read: {why}",
            "Put it back from a backup of the state folder; other versions are not harmed.",
        )

    def all(self) -> Iterator[str]:
        """The name of each version that lies here."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(each.name for each in folder.iterdir())

    def remove(self, sha256: str) -> int:
        """Forget a version for good.

        :returns: how many bytes that gave back.
        """
        size = self.size(sha256)
        with self.explained():
            self.path(sha256).unlink(missing_ok=True)
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
                handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=self._blobs.folder)
                os.close(handle)
                self._path = Path(name)
                self._file = cast("IO[bytes]", zstd.open(self._path, "wb", level=_LEVEL))
        with self._blobs.explained():
            for line in self._waiting:
                raw = joined([line])
                self._digest.update(raw)
                self._file.write(raw)
        self._waiting, self._size = [], 0

    def keep(self, last: Iterable[Line]) -> tuple[str, int]:
        """Make it a blob; its bytes are on the disk afterwards.

        :param last: the lines that come last.
        :returns: its sha256, and how many bytes it takes.
        """
        tail = list(last)
        if self._file is None:
            self._waiting.sort()  # an order that does not depend on how they were read
        if self._file is None and self._size + sum(len(value) for _, value in tail) <= LARGE:
            raw = joined([*self._waiting, *tail])
            sha256 = hashlib.sha256(raw).hexdigest()
            return sha256, self._blobs.keep(sha256, raw)
        self._waiting += tail
        self._spill()
        assert self._file is not None
        sha256 = self._digest.hexdigest()
        with self._blobs.explained():
            self._file.close()
            sync(self._path)
            self._blobs.place(str(self._path), sha256)
        return sha256, self._blobs.size(sha256)

    def drop(self) -> None:
        """It does not become a version after all."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


def joined(lines: list[Line]) -> bytes:
    """Lines as they stand in a version."""
    return b"".join(b"[%s,%s]\n" % (orjson.dumps(key), value) for key, value in lines)
