"""Discover and read: the order of things, from the source into the state and the mirror.

Workers call the source and put what they read into the mirror; one thread, the caller's, writes
the state. Listing goes on while documents are read; queues between them are bounded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from notion_sync_core.clock import Clock, moment
from notion_sync_core.errors import MissingError, NotionSyncError
from notion_sync_core.events import Event, QueueMeasured
from notion_sync_core.gate.gate import Gate
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Kind, Ref, Unusable
from notion_sync_core.plugins.source import Source
from notion_sync_core.stages.listed import Listed
from notion_sync_core.stages.memory import StateCatalog
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.read import Reader
from notion_sync_core.stages.record import Recorder, Shown
from notion_sync_core.stages.workers import Task, WorkerPool
from notion_sync_core.state import Child
from notion_sync_core.status import LIVE, Status

DATABASE_IS_FRESH_S = 3600.0
"""A database that nothing tells of, looked up within these seconds, is not looked up again for its icon and cover."""


class Collector:
    """One run's discovery and reading.

    :param reads: read what is new or changed; else only find out what that is.
    :param allowed_missing: how many objects may turn out missing before the run stops; ``None``: any.
    :param keeps_missing: what was made of such objects stays; else it is to go.
    :param listed: whether the listing of the run before this one holds.
    :param breathe: called on the thread that writes, when everything read so far is durable.
    """

    def __init__(
        self,
        plan: Plan,
        mirror: Mirror,
        source: Source,
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
        keeps_missing: bool = True,
        listed: Listed | None = None,
        breathe: Callable[[], None] | None = None,
    ) -> None:
        self._plan, self._state, self._lookups = plan, plan.state, plan.state.lookups
        self._mirror, self._source, self._gate = mirror, source, gate
        self._clock = clock
        self._roots = roots
        self._workers = workers
        self._queue_size = queue_size
        self._assets = assets
        self._full = full
        self._reads = reads
        self._breathe = breathe
        self._listed_before = listed or Listed(plan.state, clock, "")
        self._recorder = Recorder(plan, publish, allowed_missing, keeps_missing=keeps_missing)
        self._pool = self._new_pool()
        self._listing = 0  # tasks under way that find out what there is; the others read it
        self._unread: list[Ref] = []
        self._since_checkpoint = 0
        self._expanded: set[str] = set()
        self.has_listed = False
        """All listings were read; what is found from here on stands in what they showed."""

    @property
    def discovery_complete(self) -> bool:
        """Every listing was read to its end."""
        return self._recorder.discovery_complete

    @property
    def failures(self) -> list[dict[str, str]]:
        """What failed beside whole objects: the listing of the workspace, files."""
        return self._recorder.failures

    def measure(self) -> QueueMeasured:
        """How many answers wait to be recorded."""
        return QueueMeasured("read", self._pool.waiting)

    def run(self) -> None:
        """Discover and read until nothing is left to do.

        :raises FatalError: nothing more can be read; what was read stays read.
        """
        self._plan.begin()
        with self._at_work():
            if self._listed_before.goes_on():
                self._expanded.update(self._lookups.data_sources_to_list())
                self.has_listed = True
            else:
                self._list_everything()
            if not self._full:
                self._recorder.keep_databases(moment(self._clock, DATABASE_IS_FRESH_S))
            self._look_up()
            self._fetch(self._lookups.missing_to_ask())
            self._read_everything()
            if self._roots:
                self._check_roots()
            else:
                self._find_the_lost()
            if self._reads:
                self._read_orphans()
            self._name_broken()

    def run_only(self, wanted: Mapping[str, Kind]) -> None:
        """Read just these objects, and what they show for the first time.

        What nobody knew is taken in where its parent is known; the place of all else is found by the next whole run,
        which this one is no substitute for.

        :param wanted: kinds by id.
        :raises FatalError: nothing more can be read; what was read stays read.
        """
        self._plan.begin()
        self._recorder.discovery_complete = False
        known = [child for child in map(self._known, wanted) if child is not None]
        new = [Child(each, kind, "") for each, kind in wanted.items() if self._known(each) is None]
        with self._at_work():
            # What a data source tells of its database has to come before the database is asked for.
            for first in (True, False):
                self._fetch([each for each in known if (each.kind == "data_source") is first])
            self._read_to_the_end()
            self._take_in(new)
            self._read_to_the_end()
            while children := self._lookups.new_children():
                self._fetch(children)
                self._read_to_the_end()
            self._read_orphans()
            self._name_broken()

    def _known(self, object_id: str) -> Child | None:
        """An object that has its place; with roots given one that is in no trash: it may have left them."""
        found = self._state.objects.find(object_id)
        if found is None or (self._roots and found.status not in LIVE):
            return None
        return Child(found.id, found.kind, found.title)

    def _take_in(self, new: list[Child]) -> None:
        waiting: list[tuple[Shown, ...]] = []
        self._list(partial(self._reader.show, child, waiting.append) for child in new)
        while placed := [shown for shown in waiting if any(map(self._has_place, shown))]:
            for shown in placed:
                waiting.remove(shown)
                self._recorder.see(shown)
        self._list_rows()

    def _has_place(self, shown: Shown) -> bool:
        if isinstance(shown, Unusable):
            return False
        if shown.parent.type == "workspace":
            return not self._roots
        return self._lookups.is_known(shown.parent.id or "") or self._lookups.is_shown(shown.id)

    def _name_broken(self) -> None:
        for database, (reason, remedy) in self._recorder.broken.items():
            self._state.objects.fail(database, reason, remedy)

    def read_pending(self) -> None:
        """Read what is pending now, without discovering anything new."""
        with self._at_work():
            self._read_to_the_end()

    def _new_pool(self) -> WorkerPool:
        # Another one each time that there is work; a pool has no threads before.
        return WorkerPool(self._workers, self._queue_size, self._clock)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """A pool for a while; at the end what it read is durable, whatever ended it."""
        catalog = StateCatalog(self._state, full=self._full)
        with self._new_pool() as self._pool:
            self._gate.helpers = self._pool
            self._reader = Reader(
                self._pool, self._recorder, self._source, self._gate, catalog, self._state, self._mirror,
                assets=self._assets,
            )  # fmt: skip
            try:
                yield
            except BaseException:
                self._pool.stop()
                # Why the run ends is what counts, not that its last checkpoint fails for the same reason.
                with contextlib.suppress(NotionSyncError):
                    self._checkpoint()
                raise
            finally:
                self._gate.helpers = None
            self._checkpoint()

    # -- the order of things

    def _list_everything(self) -> None:
        """Listings first: what they show need not be looked up one by one."""
        reader = self._reader
        if self._roots:
            self._list([partial(reader.discover_root, root) for root in self._roots])
            self._list([reader.revisit] if not self._full else [])
        else:
            users_known = self._state.findings.has_users() and not self._full
            self._list([reader.discover] if users_known else [reader.list_users, reader.discover])
        # The first listing must be complete before data sources are asked for what it missed.
        self._list_rows()
        self.has_listed = True
        self._listed_before.note(complete=self.discovery_complete)

    def _list_rows(self) -> None:
        while new := [each for each in self._lookups.data_sources_to_list() if each not in self._expanded]:
            self._expanded.update(new)
            self._list(partial(self._reader.expand, each) for each in new)

    def _look_up(self) -> bool:
        """Ask for what no listing showed, one by one.

        What was confirmed may hold what was not seen: a database its data sources, and these their rows.

        :returns: whether there was anything to ask for.
        """
        asked = self._look_up_parents()
        below_roots = bool(self._roots)
        while unseen := self._lookups.children_to_fetch(below_roots=below_roots) or self._lookups.to_confirm():
            self._fetch(unseen)
            asked = True
        return self._look_up_parents() or asked

    def _look_up_parents(self) -> bool:
        """Not with roots given: what lies above them is not asked for."""
        asked = False
        while parents := [] if self._roots else self._lookups.parents_to_fetch():
            self._fetch(parents, ancestor=True)
            asked = True
        return asked

    def _fetch(self, children: list[Child], *, ancestor: bool = False) -> None:
        self._listed_before.forget()  # what is asked for may be a data source, which has to be listed
        for child in children:
            self._lookups.ask(child)
        self._list(partial(self._reader.fetch, child, ancestor=ancestor) for child in children)
        self._list_rows()
        if self.has_listed:
            self._listed_before.note(complete=self.discovery_complete)

    def _read_everything(self) -> None:
        """Read to the end; content may show what no listing did."""
        self._read_to_the_end()
        while self._look_up():
            self._read_to_the_end()

    def _find_the_lost(self) -> None:
        """What stands in a block of a page that nothing has shown."""
        while lost := self._lookups.to_locate():
            self._list(partial(self._reader.locate, *each) for each in lost)
            self._read_to_the_end()
        self._read_everything()

    def _read_orphans(self) -> None:
        last = ""
        while orphans := self._state.findings.orphan_originals(last):
            self._list(partial(self._reader.read_orphan, *orphan) for orphan in orphans)
            last = orphans[-1][0]

    def _check_roots(self) -> None:
        for root in self._roots:
            found = self._state.objects.find(root)
            if found is not None and found.status in (Status.TRASHED, Status.ASIDE):
                continue  # the service showed it, and where it is
            if found is None or found.seen_in_run != self._state.run:
                # The service said that there is no such object.
                child = Child(root, "page", root)
                self._lookups.ask(child)
                error = MissingError("this root is not shown to the token", "Share it with your connection.")
                if found is None or not found.has_copy:
                    self._recorder.fail(root, "page", root, error)
                else:
                    self._recorder.not_found(child, error)

    # -- the loop that writes

    def _list(self, tasks: Iterable[Task]) -> None:
        """Run tasks to their end; documents are read meanwhile."""
        for task in tasks:
            while not self._pool.hungry:
                self._receive()
            self._listing += 1
            self._pool.start(task, self._listed)
        while self._listing:
            self._feed()
            self._receive()

    def _read_to_the_end(self) -> None:
        self._feed()
        while self._pool.in_flight:
            self._receive()
            self._feed()

    def _feed(self) -> None:
        """Give the pool enough to read."""
        while self._reads and self._pool.hungry:
            if not self._unread:
                self._unread = self._plan.take_pending(4 * self._workers)[::-1]
            if not self._unread:
                return
            self._pool.start(partial(self._reader.read, self._unread.pop()))

    def _listed(self) -> None:
        self._listing -= 1

    def _receive(self) -> None:
        more = self._pool.receive()
        self._since_checkpoint += 1
        # With nothing else to do a checkpoint costs no time; else they are taken together.
        if not more or self._since_checkpoint >= 2 * self._workers:
            self._checkpoint()
            if self._breathe is not None:
                self._breathe()

    def _checkpoint(self) -> None:
        """Make durable what was read: content first, the fact second."""
        self._since_checkpoint = 0
        if self._plan.history is not None:
            # Before the mirror: the less comes between that and the state, the better they go together after a kill.
            self._plan.history.commit()
        self._mirror.flush()
        self._state.checkpoint()
