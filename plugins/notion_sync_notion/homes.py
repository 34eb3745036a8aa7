"""Where data sources and rows stand, when what shows them does not say: found out once a run."""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import NamedTuple

from attrs import evolve

from notion_sync_core.plugin import Gate, Json, Parent, Ref, SkippableError, Unusable, fields, objects
from notion_sync_notion import decode
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id

_VIEWS = 5
"""Views that are asked for; the first is mostly of the database itself."""
_OPEN = "Open it in Notion; if it looks well there, report this with the id that its link ends in."


class _Listed(NamedTuple):
    """A data source as its database lists it."""

    database: str
    name: str


class Homes:
    """Which data sources each database has, as far as this run has met it. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._data_sources: dict[str, _Listed] = {}
        self._databases: dict[str, tuple[str, ...]] = {}

    def learn(self, database: Json) -> None:
        """Take in a database object."""
        holder = usable_id(database.get("id"))
        listed = [(usable_id(item.get("id")), item) for item in objects(database.get("data_sources"))]
        if holder is None or not listed:
            return
        for found, item in listed:
            if found:
                self._data_sources[found] = _Listed(holder, decode.text(item.get("name")))
        self._databases[holder] = tuple(found for found, _ in listed if found)

    def of_row(self, ref: Ref, gate: Gate) -> Ref | None:
        """A page that says which database it is in, but not which data source, as a row of that data source.

        :returns: ``None`` if there are several: the query of the right one shows it.
        """
        if ref.kind != "page" or ref.parent.type != "database_id" or ref.parent.id is None:
            return ref
        sources = self._sources_of(ref.parent.id, gate)
        if len(sources) > 1:
            return None
        return evolve(ref, parent=Parent("data_source_id", sources[0])) if sources else ref

    def _sources_of(self, database: str, gate: Gate) -> tuple[str, ...]:
        if database not in self._databases:
            with contextlib.suppress(SkippableError):  # not shown: its rows stand where they say
                self.learn({**gate(self._client.get, f"databases/{database}").raw, "id": database})
            self._databases.setdefault(database, ())
        return self._databases[database]

    def of_data_source(self, ref: Ref, gate: Gate) -> list[Ref | Unusable]:
        """A data source of which the API shows only a part, with what its database and its rows tell of it."""
        name, raw = ref.title, ref.raw or {}
        if ref.parent.id is None:
            known = (
                self._data_sources.get(ref.id) or self._by_its_rows(ref.id, gate) or self._by_its_views(ref.id, gate)
            )
            known = known or _Listed("", "")
            name = name or known.name
            parent = {"type": "database_id", "database_id": known.database} if known.database else raw.get("parent")
            raw = {**raw, "parent": parent, "title": raw.get("title") or _as_text(name)}
            ref = evolve(ref, title=name, parent=Parent("database_id", known.database or None), raw=raw)
        told = f"the API shows only a part of the data source {name!r} ({ref.id}): "
        found: list[Ref | Unusable] = [ref]
        if ref.parent.id is None:
            found.append(Unusable(told + "nobody can tell which database it is of", "", ref.kind, name, _OPEN))
        if not isinstance(raw.get("properties"), dict):
            found.append(Unusable(told + "its columns are not known", "", ref.kind, name, _OPEN))
        return found

    def _by_its_rows(self, data_source: str, gate: Gate) -> _Listed | None:
        """By the database that its first row names."""
        try:
            answer = gate(self._client.post, f"data_sources/{data_source}/query", {"page_size": 1})
        except SkippableError:
            return None
        return self._by_parents(data_source, objects(answer.raw.get("results")), gate)

    def _by_its_views(self, data_source: str, gate: Gate) -> _Listed | None:
        """By the databases that show it; linked ones show it too, and list no data sources."""
        try:
            answer = gate(self._client.get, "views", [("data_source_id", data_source)])
            ids = filter(None, (usable_id(view.get("id")) for view in objects(answer.raw.get("results"))))
            views = [gate(self._client.get, f"views/{each}").raw for each in islice(ids, _VIEWS)]
        except SkippableError:
            return None
        return self._by_parents(data_source, views, gate)

    def _by_parents(self, data_source: str, shown: list[Json], gate: Gate) -> _Listed | None:
        for each in shown:
            if database := usable_id(fields(each.get("parent")).get("database_id")):
                self._sources_of(database, gate)
        return self._data_sources.get(data_source)


def _as_text(name: str) -> list[Json]:
    plain = {"type": "text", "text": {"content": name, "link": None}, "plain_text": name, "href": None}
    return [plain] if name else []
