"""Discover and read: from the source into the state and the mirror.

Workers call the source and put what they read into the mirror; one thread, the caller's, writes
the state. Queues between them are bounded.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from attrs import evolve, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.errors import (
    FatalError,
    GuardError,
    MissingError,
    NotAuthorisedError,
    NotionSyncError,
    PluginError,
    RetryableError,
    SkippableError,
    UnreachableError,
)
from notion_sync_core.events import (
    AssetDownloaded,
    AssetFailed,
    Event,
    ObjectDiscovered,
    ObjectFailed,
    ObjectRead,
    ObjectUnchanged,
    Warned,
)
from notion_sync_core.gate import Gate
from notion_sync_core.model import Asset, Comments, Found, Kind, Listing, Parent, Piece, Ref
from notion_sync_core.plugins import Hooks, blame
from notion_sync_core.run.memory import StateCatalog
from notion_sync_core.run.plan import Child, Plan, ref_of
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.suffix import asset_suffix

BATCH = 100
"""References that travel together."""
PATIENCE_S = 5.0
"""How long a run that stops waits for answers that are under way."""
_ONE_OBJECT = (SkippableError, RetryableError, PluginError)
"""What reaches no further than the object at hand: content may be such that a source trips over it."""
_NOWHERE = Parent("unknown", None)


@frozen
class Received:
    """An asset that came into the mirror."""

    asset: Asset
    sha256: str
    size: int
    suffix: str
    media_type: str


@frozen
class Reading:
    """A document that was read, with its files."""

    ref: Ref
    found: Found
    received: tuple[Received, ...] = ()
    lost: tuple[tuple[Asset, str], ...] = ()


@frozen
class Message:
    """From a worker to the thread that writes the state."""

    apply: Callable[[], object]
    done: bool = False
    """The worker's task ends with this message."""


class Collector:
    """One run's discovery and reading.

    :param reads: read what is new or changed; else only find out what that is.
    :param allowed_missing: how many objects may turn out missing before the run stops; ``None``: any.
    """

    def __init__(
        self,
        plan: Plan,
        mirror: Mirror,
        source: Hooks,
        gate: Gate,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        roots: tuple[str, ...] = (),
        workers: int = 8,
        queue_size: int = 64,
        assets: bool = True,
        full: bool = False,
        reads: bool = True,
        allowed_missing: int | None = None,
    ) -> None:
        self._plan = plan
        self._state = plan.state
        self._mirror = mirror
        self._source = source
        self._gate = gate
        self._clock = clock
        self._publish = publish
        self._roots = roots
        self._workers = workers
        self._assets = assets
        self._reads = reads
        self._allowed_missing = allowed_missing
        self._catalog = StateCatalog(plan.state, plan.run, full=full)
        self._full = full
        self._messages: queue.Queue[Message] = queue.Queue(queue_size)
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._in_flight = 0
        self._since_checkpoint = 0
        self._expanded: set[str] = set()
        self._broken: dict[str, tuple[str, str]] = {}
        """Databases whose rows could not be listed: they failed, however well the rest of them was read."""
        self._missing = 0
        self.discovery_complete = True
        """Every listing was read to its end."""
        self.failures: list[dict[str, str]] = []
        """What failed beside whole objects: the listing of the workspace, files."""

    def run(self) -> None:
        """Discover and read until nothing is left to do.

        :raises FatalError: nothing more can be read; what was read stays read.
        """
        self._plan.begin()
        with self._pooled():
            self._list_everything()
            self._look_up_the_rest()
            if self._reads:
                self._read_orphans()
            for database, (reason, remedy) in self._broken.items():
                self._plan.fail(database, reason, remedy)

    def read_pending(self) -> None:
        """Read what is pending now, without discovering anything new."""
        with self._pooled():
            self._work(iter(()))

    @contextlib.contextmanager
    def _pooled(self) -> Iterator[None]:
        """Workers for a while; at the end what they read is durable, whatever ended it."""
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="read")
        try:
            yield
        except BaseException:
            self._stopping.set()
            self._drain()
            raise
        finally:
            self._checkpoint()
            # Who waits for a silent server is not waited for: the answer would be thrown away.
            self._pool.shutdown(wait=not self._in_flight, cancel_futures=True)

    # -- the order of things

    def _list_everything(self) -> None:
        """Listings first: what they show need not be looked up one by one. Reading goes on meanwhile."""
        if not self._roots and (self._full or not self._state.value("SELECT 1 FROM users LIMIT 1")):
            self._start(self._list_users)
        self._start(self._discover)
        self._work(self._expansions)
        if self._roots:
            self._check_roots()

    def _look_up_the_rest(self) -> None:
        self._plan.keep_databases()
        self._look_up_parents()
        # What was confirmed may hold what was not seen: a database its data sources, and these their rows.
        while unseen := self._children_to_fetch() or self._plan.to_confirm() or self._plan.missing_to_ask():
            for child in unseen:
                self._plan.mark_asked(child)
            self._work(iter([partial(self._fetch, child) for child in unseen]))
            self._work(self._expansions)

        if not self._roots:
            while lost := self._plan.to_locate():
                self._work(iter([partial(self._locate, *each) for each in lost]))
            self._look_up_parents()

    def _children_to_fetch(self) -> list[Child]:
        return self._plan.children_to_fetch(below_roots=bool(self._roots))

    def _look_up_parents(self) -> None:
        """Not with roots given: what lies above them is not asked for."""
        while parents := [] if self._roots else self._plan.parents_to_fetch():
            for parent in parents:
                self._plan.mark_asked(parent)
            self._work(iter([partial(self._fetch, parent, ancestor=True) for parent in parents]))
            self._work(self._expansions)

    def _read_orphans(self) -> None:
        while orphans := self._plan.orphan_originals():
            self._state.execute_many(
                "INSERT OR REPLACE INTO originals VALUES (?, ?)", [(block, f"copy:{doc}") for block, _, doc in orphans]
            )
            self._work(iter([partial(self._read_orphan, *orphan) for orphan in orphans]))

    def _expansions(self) -> Iterator[Callable[[], None]]:
        rows = self._state.rows(
            "SELECT id FROM objects WHERE kind='data_source' AND seen=? AND status='read'", (self._plan.run,)
        )
        for row in rows:
            if row["id"] not in self._expanded:
                self._expanded.add(row["id"])
                yield partial(self._expand, row["id"])

    # -- the loop that writes

    def _work(self, tasks: Any) -> None:
        """Run tasks, and read whatever is pending, until neither is left.

        :param tasks: an iterator, or a function that gives a new one each time the work runs dry.
        """
        again = tasks if callable(tasks) else None
        waiting: Iterator[Callable[[], None]] = iter(()) if again else tasks
        pending: list[Ref] = []
        while True:
            while self._in_flight < 2 * self._workers:
                task = next(waiting, None)
                if task is None and not pending and self._reads:
                    pending = self._plan.take_pending(4 * self._workers)
                if task is None and pending:
                    task = partial(self._read, pending.pop())
                if task is None:
                    break
                self._start(task)
            if self._in_flight:
                self._receive()
                continue
            # The first listing must be complete before data sources are asked for what it missed.
            waiting = again() if again else iter(())
            task = next(waiting, None)
            if task is None:
                return
            self._start(task)

    def _start(self, task: Callable[[], None]) -> None:
        self._in_flight += 1
        self._pool.submit(self._guarded, task)

    def _guarded(self, task: Callable[[], None]) -> None:
        """A worker's life: run one task, and always say that it ended."""
        error: BaseException | None = None
        try:
            if not self._stopping.is_set():
                self._clock.check()
                task()
        except BaseException as caught:
            error = caught
        self._send(partial(self._finished, error), done=True)

    def _send(self, apply: Callable[[], object], *, done: bool = False) -> None:
        while not self._abandoned.is_set():
            with contextlib.suppress(queue.Full):
                self._messages.put(Message(apply, done), timeout=1.0)
                return

    def _receive(self) -> None:
        while True:
            try:
                message = self._messages.get(timeout=0.2)
                break
            except queue.Empty:
                self._clock.check()
        if message.done:
            self._in_flight -= 1
        message.apply()
        self._since_checkpoint += 1
        # With nothing else to do a checkpoint costs no time; else they are taken together.
        if self._messages.empty() or self._since_checkpoint >= 2 * self._workers:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Make durable what was read: content first, the fact second."""
        self._since_checkpoint = 0
        self._mirror.flush()
        self._state.checkpoint()

    def _finished(self, error: BaseException | None) -> None:
        if error is not None:
            raise error

    def _drain(self) -> None:
        """Let workers finish what they have in hand, so that it need not be read again, but not for long."""
        end = self._clock.monotonic() + PATIENCE_S
        while self._in_flight:
            try:
                message = self._messages.get(timeout=max(0.0, end - self._clock.monotonic()))
            except queue.Empty:
                self._abandoned.set()
                return
            if message.done:
                self._in_flight -= 1
            else:
                with contextlib.suppress(NotionSyncError):
                    message.apply()

    # -- tasks, each on a worker

    def _list_users(self) -> None:
        try:
            with blame(self._source, "source_users"):
                users = tuple(self._source.call("source_users", gate=self._gate) or ())
        except (SkippableError, RetryableError) as error:
            # Names are nice to have; each page shows those of its own people.
            self._send(partial(self._warn, f"the users cannot be listed: {error.message}"))
        else:
            self._send(lambda: self._plan.add_users(Found(users=users)))

    def _discover(self) -> None:
        if not self._roots:
            self._stream(
                lambda: self._source.call("source_discover", roots=(), catalog=self._catalog, gate=self._gate),
                "the workspace cannot be listed",
            )
        for root in self._roots:
            self._discover_root(root)

    def _discover_root(self, root: str) -> None:
        """One root that fails must not hide the others."""
        try:
            with blame(self._source, "source_discover"):
                refs = tuple(
                    self._source.call("source_discover", roots=(root,), catalog=self._catalog, gate=self._gate)
                )
        except (SkippableError, RetryableError) as error:
            self._send(partial(self._root_failed, root, error))
        else:
            self._send(partial(self._see, refs))

    def _expand(self, data_source_id: str) -> None:
        row = self._state.row("SELECT * FROM objects WHERE id=?", (data_source_id,))
        if row is None:
            return
        ref = evolve(ref_of(row), raw=self._mirror.object(data_source_id))
        self._stream(
            lambda: self._source.call("source_expand", ref=ref, catalog=self._catalog, gate=self._gate),
            f"the rows of {ref.title!r} cannot be listed",
            ref,
        )

    def _stream(self, listing: Callable[[], Iterator[Ref]], what: str, container: Ref | None = None) -> None:
        batch: list[Ref] = []
        failure: Callable[[], object] | None = None
        try:
            with blame(self._source, "source_discover"):
                for ref in listing():
                    batch.append(ref)
                    if len(batch) >= BATCH:
                        self._send(partial(self._see, tuple(batch)))
                        batch = []
        except (SkippableError, RetryableError) as error:
            failure = partial(self._incomplete, what, error, container)
        if batch:
            self._send(partial(self._see, tuple(batch)))
        if failure is not None:
            self._send(failure)

    def _fetch(self, child: Child, *, ancestor: bool = False) -> None:
        try:
            refs = self._source.call("source_fetch", object_id=child.id, kind=child.kind, gate=self._gate)
        except MissingError as error:
            outside = partial(self._plan.is_outside, child, error.message)
            self._send(outside if ancestor else partial(self._not_found, child, error))
        except _ONE_OBJECT as error:
            self._send(partial(self._fail, child.id, child.kind, child.title, error))
        else:
            self._send(partial(self._fetched, child, refs))

    def _locate(self, object_id: str, block_id: str) -> None:
        page_id = ""
        with contextlib.suppress(SkippableError, RetryableError):
            page_id = self._source.call("source_locate", block_id=block_id, gate=self._gate) or ""
        self._send(partial(self._plan.locate, object_id, page_id))

    def _read(self, ref: Ref) -> None:
        try:
            if ref.raw is None:
                ref = self._with_object(ref)
            pieces = self._source.call("source_read", ref=ref, catalog=self._catalog, gate=self._gate)
            reading = self._store(ref, pieces)
        except _ONE_OBJECT as error:
            self._send(partial(self._fail, ref.id, ref.kind, ref.title, error))
        else:
            self._send(partial(self._finish, reading))

    def _with_object(self, ref: Ref) -> Ref:
        """The mirror lost the object itself: look it up again."""
        refs: list[Ref] = self._source.call("source_fetch", object_id=ref.id, kind=ref.kind, gate=self._gate)
        if not refs or refs[0].raw is None:
            raise MissingError(f"{ref.title!r} ({ref.id}) is no longer shown", "")
        self._mirror.put_object(ref.id, refs[0].raw)
        return refs[0]

    def _store(self, ref: Ref, pieces: Iterator[Piece]) -> Reading:
        found = Found()
        received: list[Received] = []
        lost: list[tuple[Asset, str]] = []
        with self._mirror.document() as draft, blame(self._source, "source_read"):
            for piece in pieces:
                if isinstance(piece, Listing):
                    draft.put_listing(piece)
                elif isinstance(piece, Comments):
                    draft.put_comments(piece)
                else:
                    found = piece
                if self._stopping.is_set():
                    raise SkippableError("stopped")
        if self._assets:
            for asset in {asset.key: asset for asset in found.assets}.values():
                self._receive_asset(asset, received, lost)
        return Reading(ref, found, tuple(received), tuple(lost))

    def _receive_asset(self, asset: Asset, received: list[Received], lost: list[tuple[Asset, str]]) -> None:
        known = self._state.value("SELECT sha256 FROM assets WHERE key=?", (asset.key,))
        if known and self._mirror.blob(known).exists():
            return
        try:
            with self._mirror.receive() as receiver:
                media_type = self._source.call("source_download", asset=asset, out=receiver.file, gate=self._gate)
                sha256, size = receiver.keep()
        except FatalError as error:
            if error.exit_code.name != "NETWORK":
                raise
            lost.append((asset, error.message))  # a dead file host must not stop the texts
        except (SkippableError, RetryableError) as error:
            lost.append((asset, error.message))
        else:
            received.append(Received(asset, sha256, size, asset_suffix(asset.key, receiver.head), media_type or ""))

    def _read_orphan(self, block: str, copy: str, doc: str) -> None:
        try:
            pieces = self._source.call(
                "source_read_children", block_id=block, fallback_id=copy, catalog=self._catalog, gate=self._gate
            )
            reading = self._store(Ref(block, "page", "", parent=_NOWHERE, created_time="", last_edited_time=""), pieces)
        except _ONE_OBJECT as error:
            message = f"a synced block's original cannot be read: {error.message}"
            self._send(partial(self._warn, message, doc))
        else:
            self._send(partial(self._finish_orphan, doc, reading))

    # -- what the writing thread does about it

    def _see(self, refs: tuple[Ref, ...]) -> None:
        for ref in refs:
            seen = self._plan.see(ref)
            if not seen.first or ref.kind == "data_source" or ref.left_out:
                continue
            self._publish(ObjectDiscovered(ref.id, ref.kind, ref.title, seen.pending))
            if not seen.pending:
                self._publish(ObjectUnchanged(ref.id, ref.kind, ref.title))

    def _fetched(self, child: Child, refs: list[Ref]) -> None:
        self._see(tuple(refs))
        if not refs:
            self._plan.is_view(child)

    def _not_found(self, child: Child, error: MissingError) -> None:
        before = self._state.row("SELECT read_edited, status FROM objects WHERE id=?", (child.id,))
        self._plan.not_found(child, error.message)
        if before is None or before["read_edited"] is None or before["status"] == "missing":
            return
        self._missing += 1
        if self._allowed_missing is not None and self._missing > self._allowed_missing:
            self._plan.forgive_missing()
            raise GuardError(
                f"{self._missing} objects that were readable now are not, more than export.max_delete allows",
                "Nothing was deleted. Check that the pages are still shared with the token; if they are gone on "
                "purpose, run again with --set export.max_delete=1.",
            )
        self._warn(f"it was readable and now is not; the copy is kept ({error.message})", child.id, child.title)

    def _finish(self, reading: Reading) -> None:
        ref = reading.ref
        self._keep_assets(reading)
        # A file elsewhere that cannot be had is not asked for again until its page changes.
        lost = any(not asset.external for asset, _ in reading.lost)
        settled = not lost and reading.found.read_at[:16] > ref.last_edited_time[:16]
        self._plan.finish_read(ref, reading.found, settled=settled)
        for warning in reading.found.warnings:
            self._warn(warning, ref.id, ref.title)
        self._publish(ObjectRead(ref.id, ref.kind, ref.title))

    def _finish_orphan(self, doc: str, reading: Reading) -> None:
        self._keep_assets(reading)
        self._plan.add_document_assets(doc, reading.found)

    def _keep_assets(self, reading: Reading) -> None:
        self._state.execute_many(
            "INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?, ?)",
            [(item.asset.key, item.sha256, item.size, item.suffix, item.media_type) for item in reading.received],
        )
        for item in reading.received:
            self._publish(AssetDownloaded(item.asset.key, item.size))
        for asset, reason in reading.lost:
            self._publish(AssetFailed(asset.key, reason))
            message = f"the file {asset.name or asset.key!r} could not be had: {reason}"
            self._warn(message, reading.ref.id, reading.ref.title)
            if not asset.external:
                remedy = "Until then the page links to its address; it is tried again on the next run."
                self.failures.append(
                    {"id": reading.ref.id, "title": reading.ref.title, "error": message, "remedy": remedy}
                )

    def _fail(self, object_id: str, kind: Kind, title: str, error: NotionSyncError) -> None:
        if self._stopping.is_set():
            self._state.execute("UPDATE objects SET pending=1 WHERE id=? AND pending=2", (object_id,))
            return
        remedy = error.remedy or "It is tried first on the next run."
        self._plan.fail(object_id, error.message, remedy)
        self._publish(ObjectFailed(object_id, kind, title, error.message, remedy))

    def _incomplete(self, what: str, error: NotionSyncError, container: Ref | None) -> None:
        self.discovery_complete = False
        if container is None:
            if not self._plan.count("seen = ?", (self._plan.run,)):
                raise self._nothing_listed(what, error)
            # What no listing showed is still looked up by id; what nobody knows of is missed.
            remedy = error.remedy or "It is listed again on the next run."
            self.failures.append(
                {"id": "", "title": "", "error": f"{what} to its end: {error.message}", "remedy": remedy}
            )
            return
        if container is not None and container.parent.id:
            remedy = error.remedy or "It is tried first on the next run."
            self._broken[container.parent.id] = (f"{what}: {error.message}", remedy)
            self._plan.fail(container.parent.id, f"{what}: {error.message}", remedy)
            # Rows that a broken listing does not show are not missing.
            self._state.execute("UPDATE objects SET seen=? WHERE parent_id=?", (self._plan.run, container.id))
        self._warn(f"{what}: {error.message}")

    def _nothing_listed(self, what: str, error: NotionSyncError) -> FatalError:
        """Why a run stops whose very first listing failed."""
        known = self._plan.count("read_edited IS NOT NULL")
        message = f"{what}: {error.message}"
        if not isinstance(error, MissingError):
            return UnreachableError(message, error.remedy or "Run the same command again later.")
        if known:
            return GuardError(
                f"{what}, though {known} objects were readable before: {error.message}",
                "Nothing was deleted. Check the token and what is shared with it.",
            )
        return NotAuthorisedError(message, "Give the connection the capability to read content.")

    def _root_failed(self, root: str, error: NotionSyncError) -> None:
        self.discovery_complete = False
        row = self._state.row("SELECT kind, title FROM objects WHERE id=?", (root,))
        child = Child(root, row["kind"] if row else "page", row["title"] if row else root)
        if row is None:
            self._plan.mark_asked(child)
        self._fail(root, child.kind, child.title, error)

    def _check_roots(self) -> None:
        for root in self._roots:
            found = self._state.value("SELECT seen FROM objects WHERE id=?", (root,))
            if found != self._plan.run:
                # The service said that there is no such object.
                child = Child(root, "page", root)
                self._plan.mark_asked(child)
                error = MissingError("this root is not shown to the token", "Share it with your connection.")
                if self._state.value("SELECT read_edited FROM objects WHERE id=?", (root,)) is None:
                    self._fail(root, "page", root, error)
                else:
                    self._not_found(child, error)

    def _warn(self, message: str, object_id: str = "", title: str = "") -> None:
        self._publish(Warned(message, object_id, title))
