"""Objects that are asked for by their ids: roots, what listings show in part, and what holds a block."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from attrs import evolve

from notion_sync_core.plugin import (
    Gate,
    Kind,
    MissingError,
    Ref,
    RetryableError,
    SkippableError,
    Unusable,
    fields,
    objects,
)
from notion_sync_notion import decode
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id
from notion_sync_notion.homes import Homes
from notion_sync_notion.shown import judged, of_answer
from notion_sync_notion.signed import Signed
from notion_sync_notion.views import VIEWS, Views

_DEEPEST = 200
"""Levels walked up from a block to its page."""
_PARTIAL = 1_000
"""How many look-ups of objects that listings show in part are remembered."""

_Answered = list[Ref | Unusable] | SkippableError


class Lookups:
    """What this run asked for by id. Safe to use from several threads.

    :param archived: rows that were archived in Notion are exported as well.
    :param views: data sources come with the views of their databases.
    """

    def __init__(self, client: Client, signed: Signed, *, archived: bool, views: bool) -> None:
        self._client = client
        self._signed = signed
        self._archived = archived
        self._homes = Homes(client)
        self._views = Views(client) if views else None
        self._partial: OrderedDict[str, _Answered] = OrderedDict()
        """What became of objects that a listing showed only a part of."""
        self._roots: dict[str, list[Ref | Unusable]] = {}
        """Roots that were found when they were resolved, until they are listed."""
        self._lock = threading.Lock()

    def fetch(self, object_id: str, kind: Kind, gate: Gate) -> list[Ref | Unusable]:
        """An object by its id. A database without data sources is a linked view: nothing."""
        try:
            answer = gate(self._client.get, f"{kind}s/{object_id}")
        except MissingError:
            raise
        except SkippableError as error:
            # Some linked views answer 400 instead of an empty list.
            if kind == "database":
                raise MissingError(error.message, error.remedy) from error
            raise
        self._signed.remember(answer)
        raw = of_answer(answer.raw, object_id, kind)
        if kind == "database" and "properties" not in raw:
            sources = raw.get("data_sources")
            if not isinstance(sources, list):
                raise SkippableError(f"the database {object_id} does not say what its data sources are")
            if not sources:
                return []
            self._homes.learn(raw)
        if kind == "page" and not decode.is_full(raw):
            raise SkippableError(f"the API shows only the id of the page {object_id}, neither title nor properties")
        ref = judged(decode.ref(raw), archived=self._archived)
        if kind == "data_source":
            shown = [ref] if decode.is_full(raw) else self._homes.of_data_source(ref, gate)
            return [self._with_views(each, gate) if isinstance(each, Ref) else each for each in shown]
        return [self._homes.of_row(ref, gate) or ref]

    def locate(self, block_id: str, gate: Gate) -> str:
        """The page in which a block stands, up the parents, one request a level; ``""``: nobody can tell."""
        for _ in range(_DEEPEST):
            try:
                parent = decode.parent_of(gate(self._client.get, f"blocks/{block_id}").raw)
            except SkippableError:
                return ""
            if parent.type != "block_id" or parent.id is None:
                return parent.id or ""
            block_id = parent.id
        return ""

    # -- roots

    def resolve(self, root: str, gate: Gate) -> str:
        """The object that an id means; each kind is asked for, the likeliest first, for an id does not say its own."""
        asks: tuple[Callable[[], str], ...] = (
            lambda: self._known_root(root, "page", gate),
            lambda: self._known_root(root, "database", gate),
            lambda: self._linked_by(root, gate),
            lambda: self._database_of(root, gate),
            lambda: self.locate(root, gate),
            lambda: self._shown_by(root, gate),
        )
        for ask in asks:
            # An id of another kind is missing to some endpoints, and a mistake to others.
            with contextlib.suppress(SkippableError, RetryableError):
                if found := ask():
                    return found
        return ""

    def _shown_by(self, view: object, gate: Gate) -> str:
        """The database whose rows a view shows."""
        found = usable_id(view)
        return (
            self._database_of(gate(self._client.get, f"views/{found}").raw.get("data_source_id"), gate) if found else ""
        )

    def _linked_by(self, root: str, gate: Gate) -> str:
        """The database that a linked one shows: the API calls it a database without data sources, and has its views."""
        answer = gate(self._client.get, "views", [("database_id", root)])
        return next((self._shown_by(view.get("id"), gate) for view in objects(answer.raw.get("results"))), "")

    def _database_of(self, data_source: object, gate: Gate) -> str:
        """The database that a data source is of."""
        source = usable_id(data_source)
        parent = fields(gate(self._client.get, f"data_sources/{source}").raw.get("parent")) if source else {}
        return usable_id(parent.get("database_id")) or ""

    def _known_root(self, root: str, kind: Kind, gate: Gate) -> str:
        found = self.fetch(root, kind, gate)
        if not found:
            return ""  # a linked view is no object of its own
        with self._lock:
            self._roots[root] = found
        return root

    def root(self, root: str, gate: Gate) -> list[Ref | Unusable]:
        """A page or database that is exported with what is in it; nothing: there is no such object."""
        with self._lock:
            known = self._roots.pop(root, None)
        if known is not None:
            return known
        for kind in ("page", "database"):
            try:
                return self.fetch(root, kind, gate)
            except MissingError:
                continue
        return []

    # -- what listings show in part

    def placed(self, ref: Ref, gate: Gate) -> Ref | None:
        """An object where it stands, a data source with its views."""
        if self._views is not None and ref.kind == "data_source":
            return self._with_views(ref, gate)
        return self._homes.of_row(ref, gate)

    def _with_views(self, ref: Ref, gate: Gate) -> Ref:
        if self._views is None or ref.raw is None or VIEWS in ref.raw or ref.left_out:
            return ref
        return evolve(ref, raw=self._views.added(ref.raw, ref.parent.id, gate))

    def look_up(self, object_id: str, kind: Kind, gate: Gate) -> list[Ref | Unusable]:
        """An object that a listing shows only a part of; several listings may show it."""
        with self._lock:
            known = self._partial.get(object_id)
        if known is None:
            try:
                known = self.fetch(object_id, kind, gate)
            except SkippableError as error:
                known = error
            with self._lock:
                self._partial[object_id] = known
                while len(self._partial) > _PARTIAL:
                    self._partial.popitem(last=False)
        if isinstance(known, SkippableError):
            raise known
        return known
