"""What workers do: ask the source, and put what it gives into the mirror.

What the state has to know goes to the thread that writes it, as calls on the :class:`Recorder`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from attrs import define, evolve

from notion_sync_core import wellformed
from notion_sync_core.content.dates import utc_of
from notion_sync_core.errors import (
    FatalError,
    MissingError,
    NotionSyncError,
    PluginError,
    RetryableError,
    SkippableError,
)
from notion_sync_core.gate.gate import Gate
from notion_sync_core.history.blobs import BlobDraft
from notion_sync_core.history.keeping import Took
from notion_sync_core.mirror.mirror import Draft, Mirror
from notion_sync_core.mirror.suffix import asset_suffix
from notion_sync_core.model import Asset, Comments, Found, Listing, Parent, Piece, Ref, objects
from notion_sync_core.plugins.source import Source
from notion_sync_core.stages import border
from notion_sync_core.stages.memory import StateCatalog
from notion_sync_core.stages.record import Reading, Received, Recorder, Shown
from notion_sync_core.stages.workers import Task, WorkerPool
from notion_sync_core.state import Child, State

BATCH = 25
"""References that travel together; a full queue of them, with their objects, is what memory has to hold."""
_ONE_OBJECT = (SkippableError, RetryableError, PluginError)
"""What reaches no further than the object at hand: content may be such that a source trips over it."""
_NOWHERE = Parent("unknown", None)


class Reader:
    """The tasks of one pool; each method is one task, made on a worker."""

    def __init__(
        self,
        pool: WorkerPool,
        recorder: Recorder,
        source: Source,
        gate: Gate,
        catalog: StateCatalog,
        state: State,
        mirror: Mirror,
        *,
        assets: bool,
    ) -> None:
        self._pool = pool
        self._recorder = recorder
        self._source = source
        self._name = source.name
        self._gate = gate
        self._catalog = catalog
        self._state = state
        self._mirror = mirror
        self._assets = assets
        self._history = recorder.plan.history

    def list_users(self) -> None:
        """Note the names of people."""
        try:
            users = border.users(self._source.users(self._gate))
        except _ONE_OBJECT as error:
            # Names are nice to have; each page shows those of its own people.
            self._pool.send(partial(self._recorder.warn, f"the users cannot be listed: {error.message}"))
        else:
            self._pool.send(lambda: self._recorder.plan.add_users(Found(users=users)))

    def discover(self) -> None:
        """List the workspace."""
        self._stream(
            lambda: self._source.discover((), self._catalog, self._gate),
            lambda error: self._recorder.incomplete("the workspace cannot be listed", error),
        )

    def revisit(self) -> None:
        """See again what earlier runs know, where a listing shows it cheaper than asking for each object."""
        self._stream(
            lambda: self._source.revisit(self._catalog, self._gate),
            # What it does not show is asked for by id.
            lambda error: self._recorder.warn(f"what is known cannot be listed again: {error.message}"),
        )

    def discover_root(self, root: str) -> None:
        """List one root; if it fails, that must not hide the others."""
        try:
            refs = self._admitted(self._source.discover((root,), self._catalog, self._gate))
        except _ONE_OBJECT as error:
            self._fail(root, partial(self._recorder.root_failed, root, error))
        else:
            self._pool.send(partial(self._recorder.see, refs))

    def expand(self, data_source_id: str) -> None:
        """List the rows of a data source."""
        known = self._state.objects.find(data_source_id)
        if known is None:
            return
        ref = evolve(known.ref, raw=self._mirror.object(data_source_id))
        self._stream(
            lambda: self._source.expand(ref, self._catalog, self._gate),
            lambda error: self._recorder.incomplete(f"the rows of {ref.title!r} cannot be listed", error, ref),
        )

    def _stream(self, listing: Callable[[], Iterator[Shown]], failed: Callable[[NotionSyncError], object]) -> None:
        batch: list[Shown] = []
        failure: Task | None = None
        try:
            for ref in listing():
                if self._pool.stopping:
                    return
                batch.append(border.admitted(ref, self._name))
                if len(batch) >= BATCH:
                    self._pool.send(partial(self._recorder.see, tuple(batch)))
                    batch = []
        except _ONE_OBJECT as error:
            failure = partial(failed, error)
        if batch:
            self._pool.send(partial(self._recorder.see, tuple(batch)))
        if failure is not None:
            self._pool.send(failure)

    def fetch(self, child: Child, *, ancestor: bool = False) -> None:
        """Look up one object by id."""
        try:
            refs = self._admitted(self._source.fetch(child.id, child.kind, self._gate))
        except MissingError as error:
            outside = partial(self._state.lookups.is_outside, child, error.message)
            self._pool.send(outside if ancestor else partial(self._recorder.not_found, child, error))
        except _ONE_OBJECT as error:
            self._fail(child.id, partial(self._recorder.fail, child.id, child.kind, child.title, error))
        else:
            self._pool.send(partial(self._recorder.fetched, child, refs))

    def show(self, child: Child, take: Callable[[tuple[Shown, ...]], None]) -> None:
        """Look up an object that nobody knows; one that cannot be had is none of ours."""
        with contextlib.suppress(*_ONE_OBJECT):
            refs = self._admitted(self._source.fetch(child.id, child.kind, self._gate))
            self._pool.send(partial(take, refs))

    def locate(self, object_id: str, block_id: str) -> None:
        """Find the page in which a block shows this object."""
        page_id = ""
        with contextlib.suppress(*_ONE_OBJECT):
            found = self._source.locate(block_id, self._gate)
            page_id = found if isinstance(found, str) and wellformed.is_text(found) else ""
        self._pool.send(partial(self._state.lookups.locate, object_id, page_id))

    def read(self, ref: Ref) -> None:
        """Read a document and its files."""
        began = utc_of(self._pool.clock.now())
        try:
            if ref.raw is None:
                ref = self._with_object(ref)
            pieces = border.read(self._source.read(ref, self._catalog, self._gate), ref, self._name)
            reading = self._store(ref, pieces, began)
        except _ONE_OBJECT as error:
            self._fail(ref.id, partial(self._recorder.fail, ref.id, ref.kind, ref.title, error))
        else:
            self._pool.send(partial(self._recorder.finish, reading))

    def _fail(self, object_id: str, record: Task) -> None:
        """What fails while the run ends may have failed for that: it stays to be read."""

        def apply() -> None:
            if self._pool.stopping:
                self._recorder.put_back(object_id)
            else:
                record()

        self._pool.send(apply)

    def _with_object(self, ref: Ref) -> Ref:
        """The mirror lost the object itself: look it up again."""
        refs = self._admitted(self._source.fetch(ref.id, ref.kind, self._gate))
        found = refs[0] if refs else None
        if not isinstance(found, Ref) or found.raw is None or found.id != ref.id:
            raise MissingError(f"{ref.title!r} ({ref.id}) is no longer shown", "")
        self._mirror.put_object(ref.id, found.raw)
        return found

    def _admitted(self, shown: Iterable[Any]) -> tuple[Shown, ...]:
        return tuple(border.admitted(each, self._name) for each in shown)

    def _store(self, ref: Ref, pieces: Iterable[Piece], began: str = "") -> Reading:
        """Put the pieces of one document into the mirror.

        :param began: our own time when the reading began, for a source that does not tell its own.
        """
        found = Found()
        received: list[Received] = []
        lost: list[tuple[Asset, str]] = []
        with self._version() as version:
            with self._mirror.document() as draft:
                draft.on_spill = version.add if version else None
                for piece in pieces:
                    if isinstance(piece, Listing):
                        draft.put_listing(piece)
                    elif isinstance(piece, Comments):
                        draft.put_comments(piece)
                    else:
                        found = piece
                    if self._pool.stopping:
                        raise SkippableError("stopped")
            if self._assets:
                for asset in {asset.key: asset for asset in found.assets}.values():
                    self._receive_asset(asset, received, lost)
            took = self._keep(version, draft, ref, found, received) if version else Took()
        if not found.read_at:
            found = evolve(found, read_at=began)
        return Reading(ref, found, tuple(received), tuple(lost), draft.digest, cut=draft.cut, took=took)

    @contextlib.contextmanager
    def _version(self) -> Iterator[BlobDraft | None]:
        """A draft of what history keeps of a document, gone if the reading fails; ``None``: nothing is kept."""
        if self._history is None:
            yield None
            return
        draft = self._history.draft()
        try:
            yield draft
        except BaseException:
            draft.drop()
            raise

    def _keep(self, version: BlobDraft, draft: Draft, ref: Ref, found: Found, received: list[Received]) -> Took:
        """Put what was read into history; its bytes are on the disk afterwards."""
        assert self._history is not None
        version.add(draft.waiting)
        files = {each.asset.key: each.record for each in received}
        for key in {asset.key for asset in found.assets if asset.key not in files}:
            known = self._state.assets.find(key)
            if known is not None:
                files[key] = known
        return Took(self._history.finish(version, ref, found, files.values()), tuple(files.values()))

    def _receive_asset(self, asset: Asset, received: list[Received], lost: list[tuple[Asset, str]]) -> None:
        known = self._state.assets.find(asset.key)
        if known and self._mirror.blob(known.sha256).exists():
            return
        try:
            with self._mirror.receive(self._source.hooks.alive) as receiver:
                given = self._source.download(asset, receiver.file, self._gate)
                media_type = given if isinstance(given, str) and wellformed.is_text(given) else ""
                sha256, size = receiver.keep()
        except FatalError as error:
            if error.exit_code.name != "NETWORK":
                raise
            lost.append((asset, error.message))  # a dead file host must not stop the texts
        except _ONE_OBJECT as error:
            lost.append((asset, error.message))
        else:
            received.append(Received(asset, sha256, size, asset_suffix(asset.key, receiver.head), media_type))

    def read_orphan(self, block: str, doc: str) -> None:
        """Read a synced block whose original no document of the export holds."""
        try:
            reading = self._read_original(block)
        except MissingError as error:
            self._pool.send(partial(self._recorder.hide_orphan, doc, block, error))
        except _ONE_OBJECT as error:
            if not self._pool.stopping:
                self._pool.send(partial(self._recorder.orphan_failed, doc, error))
        else:
            self._pool.send(partial(self._recorder.finish_orphan, doc, reading))

    def _read_original(self, block: str) -> Reading:
        """What a synced block holds; each copy of it shows the same, and any of them may be readable.

        :raises MissingError: none is.
        """
        ref = Ref(block, "page", "", parent=_NOWHERE, created_time="", last_edited_time="")
        refused: SkippableError | None = None
        empty: Reading | None = None
        for each in (block, *self._state.findings.copies_of(block)):
            given = self._source.read_children(each, self._catalog, self._gate)
            original = _Original(block, each)
            try:
                reading = self._store(ref, (original.of(border.checked(piece, self._name)) for piece in given))
            except SkippableError as error:
                if self._pool.stopping:
                    raise
                refused = error if refused is None or not isinstance(error, MissingError) else refused
                continue
            if original.blocks:
                return reading
            empty = reading
        if empty is None:
            assert refused is not None
            raise refused
        return empty


@define
class _Original:
    """What stands in a copy, as if it had been read from the original: so every copy shows it."""

    id: str
    copy: str
    blocks: int = 0
    """How many came."""

    def of(self, piece: Piece) -> Piece:
        """A piece of the copy as one of the original."""
        if not isinstance(piece, Listing) or piece.parent_id != self.copy:
            return piece
        self.blocks += len(objects(piece.raw.get("results")))
        return evolve(piece, parent_id=self.id)
