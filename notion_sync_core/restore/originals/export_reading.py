"""From the files of a JSON export into a state and a mirror; see :mod:`.of_export`."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

import orjson
from attrs import evolve, frozen

from notion_sync_core.content.dates import utc
from notion_sync_core.content.files import hosted_files
from notion_sync_core.errors import StateError
from notion_sync_core.identity import MANIFEST
from notion_sync_core.mirror.mirror import Mirror, packed
from notion_sync_core.mirror.suffix import HEAD, asset_suffix
from notion_sync_core.model import KINDS, Found, Json, Kind, Parent, Ref, fields, normalise_id, plain_text
from notion_sync_core.restore.originals import json_files
from notion_sync_core.restore.originals.export_files import ExportFiles
from notion_sync_core.restore.originals.json_files import Document, Into, Listing, NoDocumentError
from notion_sync_core.state import AssetRecord, State
from notion_sync_core.status import Status

_BATCH = 200
"""Documents between two checkpoints."""
_LONGEST_LINE = 16 << 20
"""Bytes of a manifest's line."""
_ASSET = re.compile(r"(?:[^/]+/)*([0-9a-f]{2})/((?:\1)[0-9a-f]{62})(\.[a-z0-9.]{1,20})?")
_EPOCH = "1970-01-01T00:00:00.000Z"
_CHILDREN: dict[str, Kind] = {"child_page": "page", "child_database": "database"}
_PRIVATE = ".notion-sync/"
_GUESSED = 100
"""Files of a document, and addresses, up to which it is tried which of them is which."""


def asset_key(document_id: str, address: str) -> str:
    """What a file is known by: another document may name another one by the same address."""
    return f"{document_id} {address}"


@frozen
class _Named:
    """A document as the manifest names it."""

    paths: tuple[str, ...]
    """One of them is its file."""
    id: str = ""
    """Empty: there is no manifest."""
    assets: tuple[str, ...] = ()


class Reading:
    """From files into a state and a mirror."""

    def __init__(self, files: ExportFiles, state: State, mirror: Mirror) -> None:
        self._files = files
        self._state = state
        self._mirror = mirror
        self._path = ""
        """The file that is read."""

    def all(self) -> None:
        """Read every document.

        :raises StateError: there is none.
        """
        self._state.begin_run()
        count = 0
        for named in self._named():
            count += self._one(named)
            if count % _BATCH == 0:
                self._checkpoint()
        if not count:
            raise StateError(
                f"there is no JSON export in {self._files.location}",
                "Name a folder that a job with the renderer json wrote: only it holds all that was read.",
            )
        self._state.layout.assign_folders()
        self._state.layout.free_lost()
        self._checkpoint()

    def _checkpoint(self) -> None:
        self._mirror.flush()
        self._state.checkpoint()

    # -- which files

    def _named(self) -> Iterator[_Named]:
        try:
            with self._files.open(MANIFEST) as (file, _):
                yield from _of_manifest(iter(lambda: file.readline(_LONGEST_LINE), b""))
        except FileNotFoundError:
            yield from (_Named((path,)) for path in self._files.list() if _may_be_document(path))

    def _one(self, named: _Named) -> int:
        """Read one document; how many there were."""
        for path in named.paths:
            self._path = path
            try:
                with self._files.open(path) as (file, size):
                    json_files.read(file, size, path, lambda found: self._found(found, named))
            except FileNotFoundError:
                raise StateError(
                    f"the export in {self._files.location} lacks {path}, which its manifest names",
                    f"Put the file back; or move {MANIFEST} away: then what is there is restored.",
                ) from None
            except NoDocumentError:
                continue
            return 1
        return 0

    # -- what is in one

    def _found(self, document: Document, named: _Named) -> Into:
        ref = self._ref(document.object)
        if named.id and ref.id != named.id:
            raise StateError(
                f"{self._path} is about {ref.title!r} ({ref.id}), and its manifest names it as that of {named.id}",
                f"Put the file back as it was exported; or move {MANIFEST} away: then what is there is restored.",
            )
        if self._state.objects.find(ref.id) is not None:
            raise self._twice(f"the page {ref.title!r} ({ref.id})")
        self._state.facts.source_version = document.notion_version
        self._put_object(ref, document.object)
        for raw in document.sources:
            source = self._ref({**raw, "object": "data_source"})
            if self._state.objects.find(source.id) is None:
                self._put_object(evolve(source, parent=Parent("database_id", ref.id)), raw)
        folder = posixpath.dirname(self._path)
        named_files = [(url, path) for url, path in document.files.items() if isinstance(path, str)]
        self.assets(ref.id, ((url, posixpath.normpath(posixpath.join(folder, path))) for url, path in named_files))
        own = (hosted_files(raw) for raw in (document.object, *document.sources))
        return _Into(self, ref, () if document.files else named.assets, frozenset().union(*own))

    def _put_object(self, ref: Ref, raw: Json) -> None:
        self._state.objects.recall(ref, Status.READ, None, "", has_copy=True)
        self._mirror.put_object(ref.id, raw)

    def put(self, listing: Listing) -> None:
        """Keep a listing; where two documents show what stands in one block, both show the same."""
        parent, number, blocks, more = listing
        key, value = f"b/{parent}/{number}", packed({"object": "list", "results": blocks, "has_more": more})
        known = self._mirror.value(key)
        if known is None:
            self._mirror.put_listings([(key, value)])
        elif known != value:
            raise self._twice(f"what stands in {parent:.36}")

    def put_comments(self, block_id: str, comments: list[Json]) -> None:
        """Keep the comments on a page or block."""
        self._mirror.put_listings([(f"c/{block_id}/0", packed({"results": comments, "has_more": False}))])

    def note(self, page_id: str, children: list[tuple[str, Kind, str]]) -> None:
        """Pages and databases that stand on a page."""
        self._state.findings.replace(page_id, Found(children=tuple(children)), own=frozenset(), known=False)

    def _ref(self, raw: Json) -> Ref:
        kind, object_id = raw.get("object"), normalise_id(str(raw.get("id") or ""))
        if kind not in KINDS or object_id is None:
            raise StateError(
                f"{self._path} cannot be read: what it is about has no id, or is of no kind",
                "Put the file back as it was exported, or move it away: then it is not restored.",
            )
        edited, made = utc(raw.get("last_edited_time")) or _EPOCH, utc(raw.get("created_time")) or _EPOCH
        url = raw.get("url")
        return Ref(
            object_id, cast("Kind", kind), _title_of(raw), _parent_of(raw), made, edited,
            url if isinstance(url, str) else "",
        )  # fmt: skip

    def _twice(self, what: str) -> StateError:
        return StateError(
            f"{self._path} and another file of {self._files.location} disagree about {what}",
            "Move the older one away, or restore from a folder that one run wrote anew.",
        )

    def assets(self, document_id: str, files: Iterable[tuple[str, str]]) -> None:
        """Files that a document shows, by address: where they lie from the root."""
        found = ((address, path, _ASSET.fullmatch(path)) for address, path in files)
        self._state.assets.add(
            AssetRecord(asset_key(document_id, address), match[2], 0, match[3] or "", path)
            for address, path, match in found
            if match
        )

    def head(self, path: str) -> bytes:
        """The first bytes of a file; none if it is not there."""
        with contextlib.suppress(FileNotFoundError), self._files.open(path) as (file, _):
            return file.read(HEAD)
        return b""


class _Into:
    """Where what one document holds goes. See :class:`~notion_sync_core.restore.originals.json_files.Into`."""

    def __init__(self, reading: Reading, ref: Ref, assets: tuple[str, ...], shown: Iterable[str]) -> None:
        self._reading = reading
        self._id = ref.id
        self._assets = assets
        """Paths of files that no address is known of."""
        self._shown = set(shown)
        """Addresses of files that nobody says where they lie."""
        self._children: list[tuple[str, Kind, str]] = []
        self.put = reading.put
        self.put_comments = reading.put_comments

    def see(self, block: Json) -> None:
        """See the protocol."""
        if self._assets:
            self._shown |= hosted_files(block)
        kind, child = _CHILDREN.get(str(block.get("type"))), normalise_id(str(block.get("id") or ""))
        if kind and child:
            title = fields(block.get(str(block["type"]))).get("title")
            self._children.append((child, kind, title if isinstance(title, str) else ""))

    def end(self) -> None:
        """See the protocol."""
        self._reading.note(self._id, self._children)
        if self._shown and max(len(self._shown), len(self._assets)) <= _GUESSED:
            self._reading.assets(self._id, self._guessed())

    def _guessed(self) -> Iterator[tuple[str, str]]:
        """Of earlier versions: the one address that the one file of its kind can be of; others stay unknown."""
        fits: list[tuple[str, str]] = []
        for path in self._assets:
            match, head = _ASSET.fullmatch(path), self._reading.head(path)
            suffix = (match[3] or "") if match else ""
            fits += [(address, path) for address in sorted(self._shown) if asset_suffix(address, head) == suffix]
        of_address, of_path = (Counter(pair[at] for pair in fits) for at in (0, 1))
        return (pair for pair in fits if of_address[pair[0]] == of_path[pair[1]] == 1)


def _may_be_document(path: str) -> bool:
    """Not what people have uploaded: that would be somebody else's page among theirs."""
    if not path.endswith(json_files.SUFFIX) or path.endswith(json_files.ROWS_SCHEMA):
        return False
    return not _ASSET.fullmatch(path) and not path.startswith(_PRIVATE)


def _of_manifest(lines: Iterator[bytes]) -> Iterator[_Named]:
    """The documents that a manifest names."""
    for number, line in enumerate(lines):
        try:
            entry = orjson.loads(line)
            if number == 0 or not line.strip():
                continue
            paths = [path for path in entry["sha256"] if path.endswith(json_files.SUFFIX)]
            # A page may be called like the schema of a database's rows.
            paths.sort(key=lambda path: path.endswith(json_files.ROWS_SCHEMA))
            yield _Named(tuple(paths), str(entry["id"]), tuple(map(str, entry["assets"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateError(
                f"line {number + 1} of {MANIFEST} cannot be understood: {error}",
                "Move that file away: then what is there is restored.",
            ) from error


def _title_of(raw: Json) -> str:
    if isinstance(raw.get("title"), list):
        return plain_text(raw["title"])
    values = [value for value in fields(raw.get("properties")).values() if isinstance(value, dict)]
    return next((plain_text(value.get("title")) for value in values if value.get("type") == "title"), "")


def _parent_of(raw: Json) -> Parent:
    parent = fields(raw.get("parent"))
    for kind in ("data_source_id", "page_id", "database_id", "block_id"):
        found = normalise_id(str(parent.get(kind) or ""))
        if found and kind in ("data_source_id", parent.get("type", kind)):
            return Parent(kind, found)
    return Parent()
