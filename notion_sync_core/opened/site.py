"""What a job has read, opened: its documents in the order of the tree, and what changed since an earlier look."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from notion_sync_core.clock import RunClock, SystemClock
from notion_sync_core.errors import CursorError, LockedError, NotionSyncError, StateError
from notion_sync_core.job import Job
from notion_sync_core.lock import refuse_while_running
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Ref, normalise_id
from notion_sync_core.opened.document import SiteDocument
from notion_sync_core.opened.rendered import Rendered
from notion_sync_core.session import Options
from notion_sync_core.stages import harmless
from notion_sync_core.stages.appearance import settle
from notion_sync_core.stages.site import in_order
from notion_sync_core.stages.veil import Veil
from notion_sync_core.stages.view import Neighbours, Page, Spot, View
from notion_sync_core.state import State
from notion_sync_core.state.changes import Gone

_CURSOR = re.compile(r"([0-9]{1,18})-([0-9a-f]{12})")


class OpenSite:
    """What was read, at the moment when it was opened. Nothing is asked of the source.

    A run that goes on meanwhile, here or in another process, harms nothing: titles, places and the list of documents
    stay as they were. The text of a document that it reads again may be the newer one already; that document changes
    for the next cursor.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.cursor = desk.cursor
        """Stands for this moment: keep it, and ask with it next time. Text that means nothing to anybody else."""

    def documents(self, changed_since: str | None = None) -> Iterator[SiteDocument]:
        """Pages and databases, each before what stands inside it, siblings in the order of Notion.

        :param changed_since: a cursor; only those that came since, or look other to a reader: own text, properties,
            title, path and address, and titles and places of what they lead to; of a database its rows.
        :raises CursorError: the cursor is not of this state.
        """
        number = self._desk.number(changed_since) if changed_since is not None else 0
        return self._documents(number)

    def _documents(self, number: int) -> Iterator[SiteDocument]:
        for entry, _ in in_order(self._desk.state, number):
            self._desk.check()
            if entry.has_changed and (found := self._desk.document(entry.id)) is not None:
                yield found

    def document(self, object_id: str) -> SiteDocument | None:
        """One document by its id, with hyphens or without; ``None`` if it is not there."""
        self._desk.check()
        found = normalise_id(object_id)
        return self._desk.document(found) if found and self._desk.state.changes.is_present(found) else None

    def deleted_since(self, cursor: str) -> Iterator[Gone]:
        """Documents that were there at that cursor and are not any more: in the trash, not shared, out of scope.

        What came back since is not among them.

        :raises CursorError: the cursor is not of this state.
        """
        return self._desk.state.changes.gone_since(self._desk.number(cursor))

    def knows(self, cursor: str | None) -> bool:
        """Whether a cursor is of this state: else what was built with it has to begin anew."""
        try:
            return cursor is not None and self._desk.number(cursor) >= 0
        except CursorError:
            return False

    def __len__(self) -> int:
        """How many documents there are."""
        self._desk.check()
        return self._desk.state.changes.count()


class Desk:
    """What the documents of an opened site are read with."""

    def __init__(self, job: Job, state: State, mirror: Mirror) -> None:
        self.state = state
        self._job = job
        self._mirror = mirror
        self._veil = Veil.over(state, mirror)
        self._neighbours = Neighbours(state, mirror, self._veil)
        self._rendered: dict[str, Rendered] = {}
        self.is_closed = False
        number = state.changes.number
        self.cursor = f"{number}-{state.changes.era(number)}"

    def check(self) -> None:
        """Return, unless the site is closed.

        :raises NotionSyncError: it is.
        """
        if self.is_closed:
            raise NotionSyncError(
                "this site is closed, and so are its documents", "Read them within `with job.open() as site`."
            )

    def number(self, cursor: str) -> int:
        """The number that a cursor stands for.

        :raises CursorError: it is not of this state.
        """
        self.check()
        found = _CURSOR.fullmatch(cursor)
        number, era = (int(found[1]), found[2]) if found else (0, "")
        if not found or number > self.state.changes.number or self.state.changes.era(number) != era:
            raise CursorError(
                f"the cursor {cursor!r} is not of this state: that is another job's, or was lost or put back",
                "Build anew what was built with it, from site.documents(), and keep site.cursor.",
            )
        return number

    def document(self, object_id: str) -> SiteDocument | None:
        """The document with that id."""
        known = self.state.objects.find(object_id)
        return SiteDocument(self, known.ref, known.path) if known is not None and known.path is not None else None

    def view(self, ref: Ref) -> View:
        """A document as renderers see it."""
        self.check()
        return View(self.state, self._mirror, ref, self._veil)

    def site(self, document_id: str) -> Page:
        """What stands around a document."""
        self.check()
        known = self.state.objects.find(document_id)
        assert known is not None
        spot = Spot(known.id, known.path or "", known.folder_id, known.folder_rank, set())
        return Page(self._neighbours, spot, "", ".md", lambda _: None)

    def rendered(self, renderer: str, document_id: str) -> str:
        """A document as a renderer makes it."""
        self.check()
        if renderer not in self._rendered:
            self._rendered[renderer] = Rendered(self._job, self.state, self._mirror, renderer)
        return self._rendered[renderer].text(document_id)


@contextlib.contextmanager
def opened(job: Job, as_of: str | None = None) -> Iterator[OpenSite]:
    """Open what a job has read, or had read at some time.

    What a run that was killed left unnumbered is numbered first, if no run is under way and the disk can be written.

    :param as_of: a run's number, a date, a time or how long ago; ``None``: as it is now.
    :raises ConfigError: that is no moment.
    :raises StateError: nothing was read yet, or nothing is kept of that time.
    """
    with contextlib.ExitStack() as stack:
        state, mirror = _present(job, stack) if as_of is None else _past(job, as_of, stack)
        desk = Desk(job, state, mirror)
        try:
            yield OpenSite(desk)
        finally:
            desk.is_closed = True


def _present(job: Job, stack: contextlib.ExitStack) -> tuple[State, Mirror]:
    if not job.has_state():
        raise StateError("this job has read nothing yet", "Run it first: job.export(), or notion-sync export.")
    _number(job)
    state = job.open_state(read_only=True)
    stack.callback(state.close)
    state.hold()
    mirror = job.open_mirror()
    stack.callback(mirror.close)
    return state, mirror


def _past(job: Job, as_of: str, stack: contextlib.ExitStack) -> tuple[State, Mirror]:
    # Who opens the present does not wait for what makes the past.
    from notion_sync_core.history.asof import lay_out, rebuilt
    from notion_sync_core.history.looking import kept

    clock = RunClock(SystemClock())
    found = stack.enter_context(kept(job))
    run = found.at(as_of, clock.now())
    session = rebuilt(found, run, job, [], lambda _: None, clock, Options(mode="render"), stack)
    lay_out(session)
    harmless.arrange(session.state, session.mirror)
    settle(session.state, session.mirror)
    return session.state, session.mirror


def _number(job: Job) -> None:
    folder = job.home / job.id
    if not os.access(folder / "state.sqlite", os.W_OK):
        return
    state = job.open_state(read_only=True)
    try:
        if state.changes.is_settled():
            return
    finally:
        state.close()
    with contextlib.suppress(LockedError), contextlib.ExitStack() as stack:
        refuse_while_running(folder / "lock")
        stack.enter_context(job.host.lock(folder / "lock", SystemClock(), 0.0))
        state = job.open_state()
        stack.callback(state.close)
        mirror = job.open_mirror()
        stack.callback(mirror.close)
        state.changes.begin()
        settle(state, mirror)
        state.checkpoint()
