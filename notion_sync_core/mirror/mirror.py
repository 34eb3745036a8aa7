"""The mirror: everything that was read, losslessly, on the local disk.

One listing a key in diskcache, and a folder of asset blobs named by their sha256. Losing it costs
requests, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import orjson

from notion_sync_core import wellformed
from notion_sync_core.errors import StateError
from notion_sync_core.mirror.beneath import Beneath
from notion_sync_core.mirror.disk import explained
from notion_sync_core.mirror.durable import sync
from notion_sync_core.mirror.keyvalue import KeyValueStore
from notion_sync_core.mirror.suffix import HEAD
from notion_sync_core.model import Comments, Json, Listing, objects
from notion_sync_core.wellformed import CUT_BYTES

_TITLED = ("child_page", "child_database")
"""Blocks that hold nothing but the title of a document."""
LARGE = 1 << 20
"""Bytes of a document's listings that are held until it is complete."""


class Mirror:
    """The local copy of one job's source. Safe to use from several threads and processes.

    :param folder: made if missing, readable by its owner only.
    :param beneath: what this one does not have is taken from there; nothing is ever put there.
    """

    def __init__(self, folder: Path, beneath: Beneath | None = None) -> None:
        self.folder = folder
        self.beneath = beneath
        """Has what this one does not; ``None``: nobody does."""
        self._blobs = folder / "blobs"
        with explained(f"the mirror in {folder}"):
            self._blobs.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        self._listings = KeyValueStore(folder / "listings", f"the mirror in {folder}")
        (folder / "listings").chmod(0o700)
        self._guard = threading.Lock()
        self._touched = {folder.parent, folder, self._blobs, folder / "listings"}

    def close(self) -> None:
        """Close the database of the calling thread; what was not flushed is dropped."""
        self._listings.close()

    def flush(self) -> None:
        """Make everything put so far survive a power cut. Before the state says that something was read.

        The database itself syncs its log only now and then (``synchronous=NORMAL``).
        """
        self._listings.write()
        with self._guard:
            touched, self._touched = self._touched, set()
        with explained(f"the mirror in {self.folder}"):
            for path in (self.folder / "listings" / "cache.db-wal", *touched):
                sync(path)

    def _touch(self, *folders: Path) -> None:
        with self._guard:
            self._touched.update(folders)

    # -- objects and listings

    def put_object(self, object_id: str, raw: Json) -> None:
        """Keep an API object by its id."""
        self._put(f"o/{object_id}", raw)

    def object(self, object_id: str) -> Json | None:
        """The API object with that id, if it was read."""
        return self._get(f"o/{object_id}")

    @contextlib.contextmanager
    def document(self) -> Iterator[Draft]:
        """A place for the listings of one document: they take the place of older ones together, or not at all."""
        draft = Draft(self)
        yield draft
        if draft.waiting:
            self.put_listings(draft.waiting)

    def put_listings(self, values: list[tuple[str, bytes | None]]) -> None:
        """Keep what a draft holds, in one step; ``None`` forgets a key."""
        self._listings.put(values)

    def has_listing(self, parent_id: str) -> bool:
        """Whether the children of a block or page were read."""
        return self.value(f"b/{parent_id}/0") is not None

    def listings(self, parent_id: str) -> Iterator[Json]:
        """The answers of one list of children, in order; stops early where one is missing."""
        return self._pages(f"b/{parent_id}")

    def _pages(self, key: str) -> Iterator[Json]:
        for index in range(1_000_000):
            raw = self._get(f"{key}/{index}")
            if raw is None:
                return
            yield raw
            if not raw.get("has_more"):
                return

    def comments(self, block_id: str) -> Iterator[Json]:
        """The comments on a block or document, oldest first."""
        for raw in self.comment_listings(block_id):
            yield from objects(raw.get("results"))

    def comment_listings(self, block_id: str) -> Iterator[Json]:
        """The answers of one list of comments."""
        return self._pages(f"c/{block_id}")

    def put_user(self, raw: Json) -> None:
        """Keep a user object."""
        self._put(f"u/{raw['id']}", raw)

    def user(self, user_id: str) -> Json | None:
        """A user object by its id."""
        return self._get(f"u/{user_id}")

    def _put(self, key: str, raw: Json) -> None:
        self._listings.put([(key, packed(raw))])

    def _get(self, key: str) -> Json | None:
        value = self.value(key)
        if value is None:
            return None
        raw: Json = orjson.loads(value)
        return raw

    def value(self, key: str) -> bytes | None:
        """What a key holds, as JSON."""
        found = self._listings.get(key)
        return self.beneath.value(key) if found is None and self.beneath else found

    def own_value(self, key: str) -> bytes | None:
        """The same, as far as it lies here."""
        return self._listings.get(key)

    # -- asset blobs

    def blob(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, or would lie."""
        path = self.own_blob(sha256)
        return self.beneath.blob(sha256) if self.beneath and not path.exists() else path

    def own_blob(self, sha256: str) -> Path:
        """The same, in this mirror."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise StateError(f"{sha256!r} is not a sha256", "The state is damaged: run `notion-sync doctor`.")
        return self._blobs / sha256[:2] / sha256

    def blobs(self) -> Iterator[str]:
        """The hash of each file that lies here."""
        for folder in sorted(self._blobs.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(each.name for each in folder.iterdir())

    def remove_blob(self, sha256: str) -> int:
        """Forget the bytes with this hash for good; gives how many they were."""
        path = self.own_blob(sha256)
        with explained(f"the mirror in {self.folder}"):
            size = path.stat().st_size if path.exists() else 0
            path.unlink(missing_ok=True)
        self._touch(path.parent)
        return size

    def forget(self, keys: Iterable[str]) -> None:
        """Forget these keys for good: nothing of them stays in the file. No other process may have it open."""
        self._listings.erase(keys)

    @contextlib.contextmanager
    def receive(self, alive: Callable[[], None] | None = None) -> Iterator[Receiver]:
        """A place to write one asset to; :meth:`Receiver.keep` makes it a blob.

        :param alive: called whenever something was written: a large file takes its time.
        """
        with explained(f"the mirror in {self.folder}"):
            handle, name = tempfile.mkstemp(prefix="tmp-", dir=self._blobs)
        path = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield Receiver(self, file, path, alive)
        finally:
            path.unlink(missing_ok=True)

    def clear_temporary(self) -> None:
        """Remove what dead runs left half-received."""
        for path in self._blobs.glob("tmp-*"):
            path.unlink(missing_ok=True)


class Draft:
    """The listings of one document on their way into the mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._size = 0
        self.cut = False
        """Something is nested so deeply that it was cut."""
        self._blocks = 0
        self._comments = 0
        self.waiting: list[tuple[str, bytes | None]] = []
        self.on_spill: Callable[[list[tuple[str, bytes | None]]], None] | None = None
        """Told of what does not wait any longer."""

    def put_listing(self, listing: Listing) -> None:
        """Keep one answer of a list of children."""
        self._put(f"b/{listing.parent_id}/{listing.index}", packed(listing.raw))
        self._blocks ^= print_of(listing.parent_id, listing.index, listing.raw)

    def put_comments(self, comments: Comments) -> None:
        """Keep one answer of a list of comments; an empty list forgets older ones."""
        empty = comments.index == 0 and not comments.raw.get("results")
        key, value = f"c/{comments.block_id}/{comments.index}", None if empty else packed(comments.raw)
        self._put(key, value)
        if value is not None:
            self._comments ^= _number(key.encode() + value)

    def _put(self, key: str, value: bytes | None) -> None:
        self.waiting.append((key, value))
        self._size += len(value or b"")
        self.cut = self.cut or (value is not None and CUT_BYTES in value)
        if self._size >= LARGE:
            self._spill()

    @property
    def digest(self) -> str:
        """Of what readers see of the listings; behind a hyphen that of comments, if there are any."""
        return f"{self._blocks:x}" + (f"-{self._comments:x}" if self._comments else "")

    def _spill(self) -> None:
        """Memory is bounded: a document as large as this goes in piece by piece, its first piece last.

        Without that piece it counts as not there, rather than as half old and half new.
        """
        first = [each for each in self.waiting if each[0].startswith("b/")][:1]
        others = [each for each in self.waiting if each not in first]
        self._mirror.put_listings([*((key, None) for key, _ in first), *others])
        if self.on_spill is not None:
            self.on_spill(others)
        self.waiting, self._size = first, 0


class Receiver:
    """One asset on its way into the mirror."""

    def __init__(self, mirror: Mirror, file: IO[bytes], path: Path, alive: Callable[[], None] | None = None) -> None:
        self._mirror = mirror
        self._path = path
        self._file = file
        self.file = cast("BinaryIO", _Explaining(file, f"the mirror in {mirror.folder}", alive))
        """Where to write."""
        self.head = b""
        """Its first bytes, once it is kept."""

    def keep(self) -> tuple[str, int]:
        """Make what was written a blob.

        :returns: its sha256 and its size in bytes.
        """
        with explained(f"the mirror in {self._mirror.folder}"):
            self._file.flush()
            os.fsync(self._file.fileno())
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
            self.head = self._file.read(HEAD)
            self._file.seek(0)
            digest = hashlib.file_digest(cast("Any", self._file), "sha256").hexdigest()
            target = self._mirror.own_blob(digest)
            target.parent.mkdir(exist_ok=True, mode=0o700)
            self._path.replace(target)
            self._mirror._touch(target.parent, target.parent.parent)
        return digest, size


class _Explaining:
    """A file for plugins, which must not take a full disk for a broken network."""

    def __init__(self, file: IO[bytes], what: str, alive: Callable[[], None] | None = None) -> None:
        self._file = file
        self._what = what
        self._alive = alive

    def write(self, chunk: bytes) -> int:
        if self._alive is not None:
            self._alive()
        with explained(self._what):
            return self._file.write(chunk)

    def truncate(self, size: int | None = None) -> int:
        with explained(self._what):
            return self._file.truncate(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        with explained(self._what):
            return self._file.seek(offset, whence)

    def flush(self) -> None:
        with explained(self._what):
            self._file.flush()

    def close(self) -> None:
        """Whoever opened it closes it: its bytes are still to be read."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def print_of(parent_id: str, index: int, listing: Json) -> int:
    """What one listing adds to the digest of a content, by exclusive or: their order means nothing."""
    return _number(f"{parent_id}/{index}".encode() + packed(visible(objects(listing.get("results")))))


def _number(value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=16).digest())


def visible(blocks: Iterable[Json]) -> list[Any]:
    """What readers see of blocks: not who edited them when, nor the title that a page had when its block was read."""
    return [
        (block.get("id"), kind := block.get("type"), None if kind in _TITLED else block.get(str(kind)))
        for block in blocks
    ]


def dumps(value: Any) -> bytes:
    """The one JSON form used for hashing: sorted keys, no white space."""
    return packed(value, orjson.OPT_SORT_KEYS)


def packed(value: Any, option: int = 0) -> bytes:
    """Any value as JSON; what JSON in UTF-8 cannot hold is made such as :mod:`~notion_sync_core.wellformed` says."""
    try:
        return orjson.dumps(value, option=option)
    except TypeError:  # too deep, too large a number, half a surrogate pair, a key that is no text
        return orjson.dumps(wellformed.value(value), option=option)
