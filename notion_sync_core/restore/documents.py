"""Making one document: a page or row with the first of its blocks, a database with its plain columns, a data source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
from attrs import define, evolve, frozen

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Block, Json, objects, properties_of
from notion_sync_core.restore.planning import columns, payloads, texts, values
from notion_sync_core.restore.planning.around import Around, Awaited
from notion_sync_core.restore.planning.batches import Batch
from notion_sync_core.restore.planning.trees import Trees
from notion_sync_core.restore.records import HOME, Container, Entry, Step
from notion_sync_core.restore.work import Work, uploads_in
from notion_sync_core.writing import Made, New

TITLE = ""
"""In the place of a column's name: the title."""


@frozen
class _Start:
    """The first blocks of a page, which are made with it."""

    blocks: tuple[Json, ...] = ()
    taken: int = 0
    is_whole: bool = False
    """Nothing is left to be written."""


@define
class Documents:
    """Makes the documents of one restore."""

    work: Work

    def make(self, entry: Entry) -> None:
        """Make a document whose parent is there, or put on record why it cannot be."""
        try:
            if self._is_there(entry):
                return
            if entry.kind not in self.work.writer.limits.objects:
                raise SkippableError(f"the target holds nothing of the kind {entry.kind}")
            self._make(entry)
        except SkippableError as error:
            self.work.journal.fail(entry.id, error.message, error.remedy)
        self.work.journal.commit()

    def parent(self, entry: Entry) -> str:
        """The id of what a document is to stand in; ``""``: it is not there."""
        if entry.parent == HOME:
            return self.work.home()
        found = self.work.journal.entry(entry.parent)
        return "" if found is None else found.new

    def _is_there(self, entry: Entry) -> bool:
        """Whether a write of before, that nobody answered, made it."""
        write = self.work.journal.intent(entry.id)
        made = None if write is None else self.work.doubts.made_by(write)
        if write is None or made is None:
            return False
        self._settle(entry, made, json.loads(write.detail))
        return True

    def _make(self, entry: Entry) -> None:
        maker = {"database": self._database, "data_source": self._data_source}.get(entry.kind, self._page)
        refusal = None
        for new, detail in maker(entry):
            try:
                made = self.work.doubts.create(entry.id, new, json.dumps(detail))
            except SkippableError as error:
                if self.work.journal.intent(entry.id) is not None:
                    raise  # nobody knows whether it is there
                refusal = refusal or error
                continue
            self._settle(entry, made, detail)
            return
        if refusal is not None:
            raise refusal

    def _settle(self, entry: Entry, made: Made, detail: dict[str, Any]) -> None:
        """Put on record what was made."""
        journal = self.work.journal
        step = Step.MADE if detail.get("open") else Step.WHOLE
        if detail.get("open"):
            written, children = detail["written"], detail["children"]
            journal.open_container(Container(entry.id, entry.id, made.id, "page", entry.id, 0, written, "", children))
        journal.make(entry, made.id, step, detail.get("later", ""))
        if entry.kind == "data_source":
            journal.made_columns(entry.id, detail["columns"])
        first = journal.entry(detail["source"]) if detail.get("source") else None
        if first is not None and made.sources:
            journal.make(first, made.sources[0], Step.WHOLE)
            journal.made_columns(first.id, detail["columns"])
        journal.uploads_shown(detail.get("uploads", ()))
        if detail.get("lost"):
            self.work.note(entry.id, detail["lost"])
        self.work.writes += 1

    # -- pages and rows

    def _page(self, entry: Entry) -> Iterator[tuple[New, dict[str, Any]]]:
        """The page, as rich as it can be, and then poorer ones, for targets that refuse it."""
        raw = self.work.originals.object(entry.id)
        around = self.work.around(entry.id)
        if raw is None:
            around.note("its content was never read: it has a title alone")
            raw = {"title": [{"type": "text", "text": {"content": self.work.title(entry.id)}}]}
        later: list[str] = []
        props = self.values(entry, raw, around, later) if entry.kind == "row" else {}
        title = tuple(self._title(raw, around, later))
        start = _Start()
        with suppress(SkippableError):  # a part of its blocks is lost: who writes them says so
            start = self._start(entry, around, len(orjson.dumps([props, title])))
        icon, cover = payloads.icon(raw.get("icon"), around), payloads.icon(raw.get("cover"), around)
        new = New(
            entry.kind, self.parent(entry), title, props,
            start.blocks, self._after(entry), icon, cover,
        )  # fmt: skip
        detail = {
            "later": json.dumps(later) if later else "",
            "written": start.taken,
            "children": len(new.blocks),
            "open": not start.is_whole,
            "uploads": uploads_in([new.properties, new.blocks, icon, cover]),
        }
        yield new, detail
        if new.blocks:
            new, detail = evolve(new, blocks=()), {**detail, "written": 0, "children": 0, "open": True}
            yield new, detail
        names = [*new.properties, *(name for name in later if name not in new.properties)]
        lost = "its icon or its cover was refused" if icon or cover else ""
        new, detail = evolve(new, properties={}, icon=None, cover=None), {**detail, "uploads": [], "lost": lost}
        yield new, {**detail, "later": json.dumps(names) if names else ""}
        said = tuple(texts.line(self.work.title(entry.id)))
        yield evolve(new, title=said), {**detail, "later": json.dumps(list(dict.fromkeys([*names, TITLE])))}

    def _title(self, raw: Json, around: Around, later: list[str]) -> list[Json]:
        try:
            return values.title_of(raw, around)
        except Awaited:
            later.append(TITLE)
            return values.title_of(raw, evolve(around, is_awaited=lambda _: False, note=lambda _: None))

    def values(self, entry: Entry, raw: Json, around: Around, later: list[str]) -> Json:
        """The values of a row that can be written now.

        :param later: gets the names of the others.
        """
        schema = properties_of(self.work.originals.object(entry.parent) or {})
        found: Json = {}
        for name, given in properties_of(raw).items():
            prop = schema.get(name, {})
            kind = columns.kind_of(prop, around)
            if kind in values.COMPUTED:
                continue
            if not self.work.journal.has_column(entry.parent, name):
                if kind == "relation" and given.get("relation"):
                    later.append(name)
                continue
            if kind == "relation" and given.get("relation"):
                self.work.outside.list_rows(columns.target_of(prop))
            two = {"has_other_side": True} if self._has_other_side(entry, prop) else {}
            try:
                made = values.value(name, {**given, **two}, kind, around)
            except Awaited:
                later.append(name)
                continue
            if made is not None:
                found[name] = made
        return found

    def _has_other_side(self, row: Entry, prop: Json) -> bool:
        other = columns.other_side(row.parent, prop)
        return other is not None and self.work.journal.entry(other[0]) is not None

    def _start(self, entry: Entry, around: Around, taken: int) -> _Start:
        """As many of the first blocks as need no ids and name nothing that is missing.

        :param taken: bytes of the request that are taken already.
        """
        if not self._may_start(entry):
            return _Start()
        batch, trees = Batch(evolve(around.limits, bytes=max(1, around.limits.bytes - taken))), Trees(around)
        is_whole = True
        for raw in self.work.originals.blocks(entry.id):
            if self._is_child(entry, raw):
                return _Start(tuple(batch.made), len(batch.pieces))
            try:
                piece = trees.piece(raw, "page", 0)
            except Awaited:
                is_whole = False
                break
            is_told = around.is_told(Block(raw).id)
            if is_told or piece.rests or _is_original(piece.made) or not batch.takes(piece):
                is_whole = False
                break
            batch.add(piece)
        if not is_whole and entry.holds:
            return _Start()  # what comes behind it would have no place that can be named
        return _Start(tuple(batch.made), len(batch.pieces), is_whole)

    def _may_start(self, entry: Entry) -> bool:
        """Whether blocks can be made with a page: not if what stands behind them has to be put there afterwards."""
        if not entry.holds:
            return True
        inside = list(self.work.journal.inside(entry.id))
        first = next((each for each in inside if each.is_direct), None)
        if first is None:
            return False
        is_shell = first.holds or first.kind != "page"
        return is_shell or not any(each.holds or each.kind != "page" or not each.is_direct for each in inside)

    def _is_child(self, entry: Entry, raw: Json) -> bool:
        """Whether a block stands for a document that is made in this one."""
        found = self.work.journal.entry(Block(raw).id) if raw.get("type") in ("child_page", "child_database") else None
        return found is not None and found.parent == entry.id and found.is_direct

    def _after(self, entry: Entry) -> str:
        """Where a page stands among what is there already: what holds others comes in its order, at the end."""
        is_placed = entry.kind in self.work.writer.limits.places and entry.parent != HOME and entry.is_direct
        if not is_placed or entry.holds:
            return ""
        before = self.work.journal.before(entry)
        if before is not None:
            return before.new
        around = self.work.journal.container(entry.parent)
        return around.id if around is not None and around.written == 0 and around.children else ""

    # -- databases

    def _database(self, entry: Entry) -> Iterator[tuple[New, dict[str, Any]]]:
        raw = self.work.originals.object(entry.id) or {}
        around = self.work.around(entry.id)
        first = next(self.work.journal.inside(entry.id), None)
        made = self._columns(first, self.work.around(first.id)) if first is not None else {"Name": {"title": {}}}
        if first is None:
            around.note("its columns were never read: it has a title alone")
        calm = evolve(around, is_awaited=lambda _: False)
        title = values.title_of({"title": raw.get("title") or []}, calm) or texts.line(self.work.title(entry.id))
        icon, cover = payloads.icon(raw.get("icon"), around), payloads.icon(raw.get("cover"), around)
        # It is written on the database, and shows on its data source as well.
        source = self.work.originals.object(first.id) if first is not None else None
        described = raw.get("description") or (source or {}).get("description")
        said = tuple(texts.array(described, calm, "the description of a database"))
        detail = {
            "source": first.id if first is not None else "",
            "columns": list(made),
            "uploads": uploads_in([icon, cover]),
        }
        inline = raw.get("is_inline") is True
        new = New("database", self.parent(entry), tuple(title), made, (), "", icon, cover, said, inline)
        yield new, detail
        lost = "its icon, its cover or its description was refused"
        yield evolve(new, icon=None, cover=None, description=()), {**detail, "uploads": [], "lost": lost}

    def _data_source(self, entry: Entry) -> Iterator[tuple[New, dict[str, Any]]]:
        raw = self.work.originals.object(entry.id) or {}
        around = evolve(self.work.around(entry.id), is_awaited=lambda _: False)
        made = self._columns(entry, around)
        title = values.title_of({"title": raw.get("title") or []}, around) or texts.line(self.work.title(entry.id))
        icon = payloads.icon(raw.get("icon"), around)
        detail = {"columns": list(made), "uploads": uploads_in(icon)}
        yield New("data_source", self.parent(entry), tuple(title), made, icon=icon), detail

    def _columns(self, source: Entry, around: Around) -> Json:
        """The columns of a data source that need no other."""
        schema = properties_of(self.work.originals.object(source.id) or {})
        seen = self._seen(source, schema)
        found = (columns.plain(name, prop, around, seen.get(name, {}).values()) for name, prop in schema.items())
        made = {column.name: column.body for column in found if column is not None}
        if not any("title" in body for body in made.values()):
            name = next(name for name in ("Name", "Title", source.id) if name not in schema)
            around.note(f"the column of its titles was never read: it is called {name!r}")
            made[name] = {"title": {}}
        return made

    def _seen(self, source: Entry, schema: dict[str, Json]) -> dict[str, dict[str, Json]]:
        """Options that rows have, by column and name."""
        seen: dict[str, dict[str, Json]] = {
            name: {} for name, prop in schema.items() if prop.get("type") in columns.CHOICES
        }
        if not seen:
            return seen
        for row in self.work.journal.inside(source.id):
            given = properties_of(self.work.originals.object(row.id) or {})
            for name, found in seen.items():
                payload = given.get(name, {}).get(str(schema[name]["type"]))
                for option in objects(payload if isinstance(payload, list) else [payload]):
                    found.setdefault(str(option.get("name")), option)
        return seen


def _is_original(made: tuple[Json, ...]) -> bool:
    last = made[-1]
    return bool(last["type"] == "synced_block" and last["synced_block"]["synced_from"] is None)
