"""The views of databases, read on wish: one request a database and one a view.

https://developers.notion.com/reference/list-views
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from notion_sync_core.plugin import Gate, Json, RetryableError, SkippableError, objects
from notion_sync_notion import decode
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id
from notion_sync_notion.listing import get_pages

VIEWS = "views"
"""Where a data source's object holds its views."""
UNREAD = "views_unread"
"""Why some are missing there."""


class _Found(NamedTuple):
    views: tuple[Json, ...] = ()
    unread: str = ""


class Views:
    """The views that this run has read. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: dict[str, _Found] = {}
        self._locks: dict[str, threading.Lock] = {}

    def added(self, source: Json, database: str | None, gate: Gate) -> Json:
        """A data source's object with its views; what cannot be read is named, and fails nothing."""
        own = usable_id(source.get("id"))
        if database is None or own is None:
            return source
        with self._locks.setdefault(database, threading.Lock()):
            if database not in self._found:
                self._found[database] = self._read(database, gate)
        found = self._found[database]
        # A dashboard is of no data source; a database that has one shows it with the first.
        shown = [view for view in found.views if usable_id(view.get("data_source_id")) in (own, None)]
        return {**source, VIEWS: shown, **({UNREAD: found.unread} if found.unread else {})}

    def _read(self, database: str, gate: Gate) -> _Found:
        found: list[Json] = []
        unread: list[str] = []
        try:
            for answer in get_pages(self._client, gate, "views", ("database_id", database)):
                for item in objects(answer.raw.get("results")):
                    if view := usable_id(item.get("id")):
                        self._one(view, gate, found, unread)
        except (SkippableError, RetryableError) as error:
            unread.append(error.message)
        return _Found(tuple(found), "; ".join(unread))

    def _one(self, view: str, gate: Gate, found: list[Json], unread: list[str]) -> None:
        """One view; some types are refused."""
        try:
            raw: dict[str, Any] = gate(self._client.get, f"views/{view}").raw
        except (SkippableError, RetryableError) as error:
            unread.append(error.message)
            return
        decode.normalise(raw)
        found.append({**raw, "id": view})
