"""The order in which a restore writes: shells, columns, leaves, bodies, and at last values that name what came later.

Each step goes over what is planned and does what is not on record, so it is the same whether it begins or goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import define, field

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json
from notion_sync_core.restore.bodies import Bodies
from notion_sync_core.restore.documents import TITLE, Documents
from notion_sync_core.restore.planning import values
from notion_sync_core.restore.records import HOME, Entry, Step
from notion_sync_core.restore.schemas import Schemas
from notion_sync_core.restore.talks import Talks
from notion_sync_core.restore.views import Views
from notion_sync_core.restore.work import Work
from notion_sync_core.writing import Changes

_FIRST = "what it stands in could not be restored"
_DRESSED = "sources dressed"


@define
class Order:
    """Carries out one restore."""

    work: Work
    tell: Callable[[str], object] = field(default=lambda _: None)
    """Told which step begins."""
    documents: Documents = field(init=False)
    bodies: Bodies = field(init=False)
    schemas: Schemas = field(init=False)

    @documents.default
    def _documents(self) -> Documents:
        return Documents(self.work)

    @bodies.default
    def _bodies(self) -> Bodies:
        return Bodies(self.work)

    @schemas.default
    def _schemas(self) -> Schemas:
        return Schemas(self.work)

    def run(self) -> None:
        """Do all that is not done."""
        while self._make_some():
            pass
        self.schemas.give_up()
        self._dress_sources()
        self.tell("content")
        self._write_bodies()
        self.tell("values that name what came later")
        self._write_later()
        if "views" in self.work.wishes:
            self.tell("views")
            Views(self.work).write()
        if "comments" in self.work.wishes:
            self.tell("comments")
            Talks(self.work).write()
        self.work.journal.commit()

    # -- documents

    def _make_some(self) -> bool:
        """Shells with all their columns, then leaves; what stands in rows comes the next time."""
        self.tell("pages that hold others, and databases")
        shells = self._make(("page", "database", "data_source"), lambda each: each.holds or each.kind != "page")
        self.schemas.make()
        self.tell("pages and rows")
        return self._make(("page", "row"), self._is_leaf) or shells

    def _is_leaf(self, entry: Entry) -> bool:
        """Whether it is made now: shells that stand beside it come first, as databases cannot be placed."""
        return entry.kind == "row" or not (entry.holds or self.work.journal.awaits_shells(entry.parent))

    def _make(self, kinds: tuple[str, ...], wanted: Callable[[Entry], bool]) -> bool:
        """Make documents of some kinds whose parents are there."""
        before = self.work.writes
        for entry in self.work.journal.entries(*kinds):
            if entry.step is not Step.PLANNED or not wanted(entry):
                continue
            if self.documents.parent(entry):
                self.documents.make(entry)
            elif self._is_hopeless(entry):
                self.work.journal.fail(entry.id, _FIRST, "See there.")
                self.work.journal.commit()
        return self.work.writes > before

    def _is_hopeless(self, entry: Entry) -> bool:
        parent = self.work.journal.entry(entry.parent) if entry.parent != HOME else None
        return parent is not None and parent.step is Step.FAILED

    def _dress_sources(self) -> None:
        if not self.work.journal.fact(_DRESSED):
            self.schemas.look()
            self.work.journal.set_fact(_DRESSED, "yes")
            self.work.journal.commit()

    # -- bodies

    def _write_bodies(self) -> None:
        """Write all bodies; those that show what others hold come after them, as far as that is possible."""
        while left := self._write_some():
            if left is True:
                continue
            if self.work.is_forced:
                return
            self.work.is_forced = True

    def _write_some(self) -> bool | int:
        """One round: 0: all are whole; ``True``: some are not, and something was written; 2: nothing was."""
        before, waiting = self.work.writes, False
        for entry in self.work.journal.entries("page", "row"):
            if entry.step is Step.MADE and not self.bodies.write(entry):
                waiting = True
        if not waiting:
            return 0
        return True if self.work.writes > before else 2

    # -- values

    def _write_later(self) -> None:
        for entry in self.work.journal.waiting():
            raw = self.work.originals.object(entry.id) or {}
            wanted = json.loads(entry.later)
            for names in ([wanted], [[name] for name in wanted]):
                if self._all_written(entry, raw, names):
                    break
            self.work.journal.set_later(entry.id, "")
            self.work.journal.commit()

    def _all_written(self, entry: Entry, raw: Json, groups: list[list[str]]) -> bool:
        """Write values; whether the target took them. Of those that stand alone what is not taken is told."""
        is_last = len(groups) > 1 or len(groups[0]) == 1
        for names in groups:
            try:
                self._write_values(entry, raw, names)
            except SkippableError as error:
                if not is_last:
                    return False
                self._write_poorer(entry, raw, names, error)
        return True

    def _write_poorer(self, entry: Entry, raw: Json, names: list[str], error: SkippableError) -> None:
        try:
            self._write_values(entry, raw, names, is_poor=True)
            self.work.people_are_strangers()
        except SkippableError:
            what = ", ".join(name or "the title" for name in names)
            self.work.note(entry.id, f"the value of {what} was not taken: {error.message}")

    def _write_values(self, entry: Entry, raw: Json, names: list[str], *, is_poor: bool = False) -> None:
        around = self.work.around(entry.id, names_others=not is_poor, names_people=not is_poor)
        props: Json = {}
        if entry.kind == "row":
            props = {
                name: made for name, made in self.documents.values(entry, raw, around, []).items() if name in names
            }
        title = tuple(values.title_of(raw, around)) if TITLE in names else None
        if props or title is not None:
            self.work.writer.update(entry.new, Changes(entry.kind, title, props or None))
            self.work.writes += 1
