"""One restore from its beginning to its report: where it goes, what it is, a dry run or the real one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import define, field

from notion_sync_core.clock import Clock, moment
from notion_sync_core.errors import (
    ConfigError,
    DoubtError,
    FatalError,
    MissingError,
    NotionSyncError,
    RetryableError,
    SkippableError,
    StateError,
    UnreachableError,
)
from notion_sync_core.gate.gate import Gate
from notion_sync_core.model import properties_of
from notion_sync_core.plugins.target import Target
from notion_sync_core.restore import survey
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.order import Order
from notion_sync_core.restore.originals import Originals
from notion_sync_core.restore.originals.added import Added
from notion_sync_core.restore.outcome import Outcome, outcome
from notion_sync_core.restore.records import HOME
from notion_sync_core.restore.sending import Counting, Sending, Writer
from notion_sync_core.restore.work import Work
from notion_sync_core.writing import Limits, Made, New

_MOMENT = "moment"
_FINISHED = "finished"
_PLANNED = "planned"
_BEGAN = "began"
_LISTED = "listed"


@define
class Restoring:
    """What is restored, from where and to where."""

    originals: Originals
    target: Target
    gate: Gate
    clock: Clock
    into: str = ""
    """The id of the page that everything goes below; ``""``: a new one at the top."""
    chosen: tuple[str, ...] = ()
    """Ids of documents; none: everything."""
    people: Mapping[str, str] = field(factory=dict)
    per_minute: float = 0.0
    """Requests that the budget allows; 0: any number."""
    moment: str = ""
    """Of which moment the originals are: a journal of another one is of another restore."""
    stamp: bool = False
    """Pages and rows say who wrote them, and when."""
    comments: bool = False
    """Comments come along: where they were, or in a list at the end of their page where the target has none."""
    views: bool = False
    """Views of databases come along."""
    tell: Callable[[str], object] = field(default=lambda _: None)
    limits: Limits = field(init=False)
    added: Added = field(init=False)
    """The originals with what was added to them, once it began."""
    _foreign: list[str] | None = field(default=None, init=False)
    _seen: dict[tuple[str, str], list[Made] | None] = field(factory=dict, init=False)

    @limits.default
    def _open(self) -> Limits:
        with _reachable():
            try:
                return self.target.open(self.into, self.gate)
            except MissingError as error:
                raise ConfigError(
                    f"nothing can be restored below {self.into}: {error.message}",
                    "Name a page with --into that exists, and that the connection may write to.",
                ) from error

    def _has_comments(self) -> bool:
        return "comment" in self.limits.objects and "comments" in self.limits.lists

    def _look(self, container: str, kind: str) -> list[Made] | None:
        """What stood in the target before, by container and kind; each is asked for once."""
        if (container, kind) not in self._seen:
            self._seen[container, kind] = None
            if self.target.can_show() and (kind == "data_source" or kind in self.limits.lists):
                with contextlib.suppress(SkippableError):
                    self._seen[container, kind] = list(self.target.children(container, kind, self.gate))
        return self._seen[container, kind]

    def foresee(self, path: Path | None = None) -> Outcome:
        """What the restore would take, and what it cannot do: the same steps, with nothing sent.

        :param path: of the journal: a restore that began already goes on from there. ``None``: it begins anew.
        """
        journal = self._copy(path)
        try:
            writer = Counting(self.limits, self.target.can_show(), self.target.can_upload())
            work = self._work(journal, writer)
            self._list_home(journal)
            self._run(work)
            return outcome(work, _PLANNED, sum(writer.sent.values()) + self.gate.stats.total, self.per_minute)
        finally:
            journal.close()

    def _copy(self, path: Path | None) -> Journal:
        if path is None or not path.is_file():
            return Journal(None)
        journal = Journal(path)
        try:
            self._check(journal)
            return journal.copied()
        finally:
            journal.close()

    def run(self, path: Path) -> Outcome:
        """Restore, or go on with it.

        :param path: of the journal.
        :raises StateError: the journal is of another restore, or damaged.
        :raises FatalError: it was stopped; ``report`` says what it came to so far.
        """
        journal, began = Journal(path), self.clock.monotonic()
        try:
            self._check(journal)
            work = self._work(journal, Sending(self.target, self.gate, self.limits))
            try:
                with _reachable():
                    self._list_home(journal)
                    self._run(work)
            except FatalError as error:
                error.report = self._outcome(work, "interrupted", began)
                raise
            journal.set_fact(_FINISHED, "yes")
            journal.commit()
            return self._outcome(work, "complete", began)
        finally:
            journal.close()

    def _outcome(self, work: Work, status: str, began: float) -> Outcome:
        return outcome(work, status, self.gate.stats.total, self.per_minute, self.clock.monotonic() - began)

    def _check(self, journal: Journal) -> None:
        found = journal.fact(_MOMENT)
        if found and found != self.moment:
            raise StateError(
                f"the journal {journal.path} is of another restore: of what was there after {found}, and now it is to "
                f"be what was there after {self.moment}",
                f"Go on with it by --as-of {found.rpartition(' ')[2]}; or begin anew with --again.",
            )
        if not found:
            journal.set_fact(_MOMENT, self.moment)
            journal.commit()

    def _work(self, journal: Journal, writer: Writer) -> Work:
        self.added = Added(self.originals, self.stamp, self.comments and not self._has_comments())
        wishes = {"views": self.views, "comments": self.comments and self._has_comments()}
        chosen = frozenset(name for name, is_wanted in wishes.items() if is_wanted)
        return Work(journal, self.added, writer, self.clock, self.people, self._look, chosen)

    def _run(self, work: Work) -> None:
        if not work.journal.fact(_PLANNED):
            work.journal.forget_plan()
            survey.plan(work.journal, self.originals, self.chosen)
            work.journal.set_fact(_PLANNED, "yes")
            work.journal.commit()
        for entry in work.journal.inside(HOME):
            ref = self.originals.ref(entry.id) if entry.kind == "page" else None
            if ref is not None and ref.parent.type in ("data_source_id", "database_id"):
                work.originals.lonely.add(entry.id)
                _note_lonely(work, entry.id)
        if not work.home():
            self._make_home(work)
        Order(work, self.tell).run()

    # -- where it goes

    def _list_home(self, journal: Journal) -> None:
        """Put on record what stands there already: it is nobody's who restores."""
        if not self.into or journal.fact(_LISTED):
            return
        journal.set_fact(HOME, self.into)
        if self._foreign is None:
            is_shown = self.target.can_show()
            shown = self.target.children(self.into, "page", self.gate) if is_shown else iter(())
            self._foreign = [each.id for each in shown]
        journal.set_foreign(self._foreign)
        journal.set_fact(_LISTED, "yes")
        journal.commit()

    def _make_home(self, work: Work) -> None:
        """A new page at the top; where nobody knows whether it was made, an empty one may be left there."""
        journal = work.journal
        if not journal.fact(_BEGAN):
            journal.set_fact(_BEGAN, moment(self.clock))
            journal.commit()
        title = f"Restored {journal.fact(_BEGAN)[:16].replace('T', ' ')}"
        new = New("page", "", ({"type": "text", "text": {"content": title}},))
        try:
            made = work.writer.create(new).id
        except DoubtError as doubt:
            if len(doubt.saved) != 1:
                raise UnreachableError(
                    f"nobody knows whether the page {title!r} was made at the top: there was no answer",
                    "Run the same command again: if there are two of it then, the empty one can go. "
                    "Or name a page with --into.",
                ) from doubt
            made = doubt.saved[0]
        except NotionSyncError as error:
            error.remedy = error.remedy or "Name a page with --into: not every connection may write at the top."
            raise
        journal.set_fact(HOME, made)
        journal.commit()


def _note_lonely(work: Work, row_id: str) -> None:
    """Say what becomes of a row whose database is not restored: of its content, and of its properties."""
    names = ", ".join(map(repr, properties_of(work.originals.object(row_id) or {})))
    work.note(row_id, "its database is not restored: it became a page, with its values as text")
    work.note(row_id, f"its values are text ({names}), and its title is called 'title'")


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    """A target whose answers stay unusable stops everything.

    :raises UnreachableError: they did.
    """
    try:
        yield
    except RetryableError as error:
        raise UnreachableError(
            f"the target gives no usable answer: {error.message}",
            "Run the same command again later: it goes on where it was.",
        ) from error


def is_finished(path: Path) -> bool:
    """Whether a restore came to its end: run again, it would do nothing."""
    if not path.is_file():
        return False
    journal = Journal(path)
    try:
        return bool(journal.fact(_FINISHED))
    finally:
        journal.close()


def forget(path: Path) -> None:
    """Forget what a restore did: the next one begins anew."""
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
