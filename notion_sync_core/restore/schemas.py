"""Columns that need others: relations, rollups, formulas; what is ready of a data source goes in one change."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, properties_of
from notion_sync_core.restore.planning import columns, payloads, values
from notion_sync_core.restore.planning.columns import Column
from notion_sync_core.restore.records import Entry
from notion_sync_core.restore.work import Work
from notion_sync_core.writing import Changes


@define
class Schemas:
    """Makes the columns of one restore that need others."""

    work: Work

    def make(self) -> None:
        """Make all that can be made now."""
        while sum(self._change(source) for source in self._sources()):
            pass

    def give_up(self) -> None:
        """Say which could not be made."""
        for source in self._sources():
            for column in self._missing(source):
                self._lost(source, column.name, "what it is computed from is not there")

    def look(self) -> None:
        """Give data sources the names and icons that were not made with their databases."""
        for source in self._sources():
            raw = self._raw(source.id)
            around = self.work.around(source.id)
            database = self.work.originals.object(source.parent) or {}
            is_other = bool(raw.get("title")) and raw["title"] != database.get("title") and self._is_first(source)
            title = tuple(values.title_of({"title": raw["title"]}, around)) if is_other else None
            icon = payloads.icon(raw.get("icon"), around) if self._is_first(source) else None
            if title is not None or icon is not None:
                self._dress(source, Changes("data_source", title=title, icon=icon))

    def _dress(self, source: Entry, changes: Changes) -> None:
        try:
            self.work.writer.update(source.new, changes)
        except SkippableError as error:
            self.work.note(source.id, f"its name or icon was not taken: {error.message}")

    def _is_first(self, source: Entry) -> bool:
        first = next(self.work.journal.inside(source.parent), None)
        return first is not None and first.id == source.id

    def _sources(self) -> Iterator[Entry]:
        return (each for each in self.work.journal.entries("data_source") if each.new)

    def _raw(self, source_id: str) -> Json:
        return self.work.originals.object(source_id) or {}

    def _change(self, source: Entry) -> bool:
        """Make the columns of one data source that are ready; whether there were any."""
        ready = [column for column in self._missing(source) if self._is_ready(column)]
        if not ready:
            return False
        try:
            self._send(source, ready)
        except SkippableError:
            for column in ready:
                self._send_alone(source, column)
        self.work.journal.commit()
        return True

    def _send(self, source: Entry, ready: list[Column]) -> None:
        changes = Changes("data_source", properties={column.name: column.body for column in ready})
        self.work.writer.update(source.new, changes)
        for column in ready:
            self.work.journal.made_columns(source.id, [column.name])
            if column.other is not None:
                self.work.journal.made_columns(column.other[0], [column.other[1]])
        self.work.writes += 1

    def _send_alone(self, source: Entry, column: Column) -> None:
        try:
            self._send(source, [column])
        except SkippableError as error:
            self._lost(source, column.name, error.message)

    def _lost(self, source: Entry, name: str, why: str) -> None:
        self.work.note(source.id, f"the column {name!r} could not be made: {why}")
        self.work.journal.set_fact(f"lost {source.id} {name}", "yes")

    def _is_ready(self, column: Column) -> bool:
        journal = self.work.journal
        is_there = all(journal.has_column(source, name) for source, name in column.needs)
        return is_there and all(self.work.around("").known(each) for each in column.sources)

    def _missing(self, source: Entry) -> Iterator[Column]:
        """Columns of a data source that need others and are not there; of two sides of a relation the first one."""
        props = properties_of(self._raw(source.id))
        around = self.work.around(source.id)
        taken: set[tuple[str, str]] = set()
        for name, prop in props.items():
            journal = self.work.journal
            is_done = journal.has_column(source.id, name) or journal.fact(f"lost {source.id} {name}")
            if is_done or (source.id, name) in taken:
                continue
            column = self._column(source.id, name, prop, props)
            kind = columns.kind_of(prop, around)
            if column is not None and kind == column.kind:
                if column.other is not None:
                    taken.add(column.other)
                yield column

    def _column(self, source_id: str, name: str, prop: Json, props: dict[str, Json]) -> Column | None:
        kind = prop.get("type")
        if kind == "relation":
            return columns.relation(source_id, name, prop, self._other(source_id, prop), self.work.around(source_id))
        if kind == "formula":
            names = {str(each.get("id")): other for other, each in props.items()}
            return columns.formula(source_id, name, prop, names)
        if kind == "rollup":
            via = props.get(columns.relation_of(prop, props), {})
            there = properties_of(self._raw(columns.target_of(via) or source_id))
            around = self.work.around(source_id)
            here = {key: each for key, each in props.items() if columns.kind_of(each, around) == each.get("type")}
            return columns.rollup(source_id, name, prop, here, there)
        return None

    def _other(self, source_id: str, prop: Json) -> tuple[str, str] | None:
        """The other side of a relation, by data source and name."""
        found = columns.other_side(source_id, prop)
        if found is None:
            return None
        target, key = found
        there = properties_of(self._raw(target))
        name = next((name for name, each in there.items() if each.get("id") == key), "")
        return (target, name) if name else None
