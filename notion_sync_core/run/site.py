"""The export's tree as one renderer sees it, streamed from the state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import PurePosixPath

from notion_sync_core.model import Entry
from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.view import HAS_FILE
from notion_sync_core.store.state import State

_PAGE = 500
_COLUMNS = (
    "id, kind, title, stem, rank, EXISTS (SELECT 1 FROM objects c WHERE c.place = o.id AND c.stem IS NOT NULL) AS has, "
    f"{HAS_FILE} AS has_file"
)


class SiteTree:
    """See :class:`~notion_sync_core.model.Tree`."""

    def __init__(self, state: State, renderer: str, folder: str, suffix: str) -> None:
        self._state = state
        self._renderer = renderer
        self._folder = folder
        self._suffix = suffix

    def path(self, name: str) -> PurePosixPath:
        """See :meth:`~notion_sync_core.model.Tree.path`."""
        return PurePosixPath(self._folder, name)

    def entries(self) -> Iterator[Entry]:
        """See :meth:`~notion_sync_core.model.Tree.entries`."""
        open_folders = [(self._folder_rows(None), 0)]
        while open_folders:
            rows, depth = open_folders[-1]
            row = next(rows, None)
            if row is None:
                open_folders.pop()
                continue
            if row["has_file"]:
                yield self._entry(row, depth)
            if row["has"]:
                # What stands in something without a file moves up to its level.
                open_folders.append((self._folder_rows(row["id"]), depth + int(row["has_file"])))

    def _entry(self, row: sqlite3.Row, depth: int) -> Entry:
        note = self._state.value("SELECT note FROM notes WHERE doc=? AND renderer=?", (row["id"], self._renderer))
        path = PurePosixPath(row["stem"] + self._suffix)
        return Entry(row["id"], row["kind"], row["title"], path, depth, bool(row["has"]), note or "")

    def _folder_rows(self, place: str | None) -> Iterator[sqlite3.Row]:
        last = -1
        while True:
            rows = self._state.rows(
                f"SELECT {_COLUMNS} FROM objects o WHERE place IS ? AND rank > ? AND status IN {LIVE} "
                f"AND stem IS NOT NULL ORDER BY rank LIMIT {_PAGE}",
                (place, last),
            )
            yield from rows
            if len(rows) < _PAGE:
                return
            last = rows[-1]["rank"]
