"""Writing the views of databases: in their order, behind those that a service makes of itself, which then go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import define

from notion_sync_core.content.views import KEY, names_of
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, normalise_id, objects, properties_of
from notion_sync_core.restore.planning import texts
from notion_sync_core.restore.planning.views import Names, Plan
from notion_sync_core.restore.records import Entry
from notion_sync_core.restore.work import Work
from notion_sync_core.writing import Changes, New

_UNREAD = "views_unread"
"""Where a data source's object says why some are missing."""


@define
class Views:
    """Writes the views of one restore."""

    work: Work

    def write(self) -> None:
        """Write what is missing."""
        for database in self.work.journal.entries("database"):
            if database.new and not self.work.journal.fact(f"views {database.id}"):
                self._write(database)
                self.work.journal.set_fact(f"views {database.id}", "yes")
                self.work.journal.commit()

    def _write(self, database: Entry) -> None:
        sources = [each for each in self.work.journal.inside(database.id) if each.new]
        seen: set[str] = set()
        found = [(source, list(self._views_of(source, seen))) for source in sources]
        if not any(views for _, views in found):
            return
        limits = self.work.writer.limits
        if "view" not in limits.objects or not {"views", "columns"} <= limits.lists:
            self.work.note(database.id, "its views are left out: the target holds none")
            return
        own = self._own(database, len(sources))
        made = [self._make_all(database, source, views) for source, views in found]
        if any(made):
            self._clear(database, own)

    def _views_of(self, source: Entry, seen: set[str]) -> Iterator[Json]:
        """The views that were read of a data source: (id, view).

        :param seen: ids of those that came already: a dashboard shows with each data source of its database.
        """
        raw = self.work.originals.object(source.id) or {}
        if KEY not in raw:
            self.work.note(source.id, "its views are left out: they were not read (export.views was off)")
        if raw.get(_UNREAD):
            self.work.note(source.id, f"some of its views are left out: they could not be read ({raw[_UNREAD]})")
        for view in objects(raw.get(KEY)):
            key = normalise_id(str(view.get("id"))) or ""
            if key and key not in seen:
                seen.add(key)
                yield {**view, "id": key}

    def _own(self, database: Entry, expected: int) -> list[str]:
        """The views that the service made of itself, which are still there."""
        journal, name = self.work.journal, f"own views {database.id}"
        if not journal.fact(name):
            own = self.work.writer.views(database.new, expected)
            journal.set_foreign(own)
            journal.set_fact(name, json.dumps(own))
            journal.commit()
        found: list[str] = json.loads(journal.fact(name))
        return found

    def _clear(self, database: Entry, own: list[str]) -> None:
        while own:
            self.work.writer.update(own[0], Changes("view", is_gone=True))
            del own[0]
            self.work.journal.set_fact(f"own views {database.id}", json.dumps(own))
            self.work.journal.commit()

    def _make_all(self, database: Entry, source: Entry, raws: list[Json]) -> bool:
        """Make the views of one data source that are missing; whether one of them is there."""
        left = [raw for raw in raws if not self.work.journal.new_block(raw["id"])]
        if not left:
            return bool(raws)
        names = self._names(source)
        plans = [Plan(raw, names, self.work.around(source.id)) for raw in left]
        made = [self._make(database, source, plan) for plan in plans if plan.is_possible]
        return any(made) or len(left) < len(raws)

    def _names(self, source: Entry) -> Names:
        raw = self.work.originals.object(source.id) or {}
        there = [name for name in properties_of(raw) if self.work.journal.has_column(source.id, name)]
        return Names(names_of(raw), self.work.writer.columns(source.new, there))

    def _make(self, database: Entry, source: Entry, plan: Plan) -> bool:
        """Make one view; whether it is there."""
        doubts, journal, key = self.work.doubts, self.work.journal, str(plan.raw["id"])
        write = journal.intent(key)
        made = doubts.made_by(write) if write is not None else None
        if made is not None:
            self._settle(key, made.id)
            return True
        for body in (plan.body, plan.bare()):
            new = New("view", database.new, tuple(texts.line(plan.name)), {"data_source_id": source.new, **body})
            try:
                self._settle(key, doubts.create(key, new, "").id)
            except SkippableError as error:
                self.work.note(source.id, f"of the view {plan.name!r}: the target refuses it: {error.message}")
                if journal.intent(key) is not None:
                    break  # nobody knows whether it is there
            else:
                return True
        return False

    def _settle(self, key: str, new: str) -> None:
        self.work.journal.make_blocks([(key, new)])
        self.work.journal.settled(key)
        self.work.journal.commit()
