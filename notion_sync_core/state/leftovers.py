"""Files that stand for nothing any more, as a manifest tells of them to a run that has no state."""

from __future__ import annotations

from collections.abc import Iterable

from notion_sync_core.state.database import Database


class Leftovers:
    """What is left of earlier runs in each sink until it is deleted."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, sink: str) -> dict[str, str]:
        """Path and sha256 of each, by path.

        Not among them is what stays because what belongs elsewhere cannot be written there.
        """
        rows = self._db.rows(
            "SELECT path, sha256 FROM files f WHERE sink=? AND is_current=0 AND sha256 != '' AND NOT EXISTS "
            "(SELECT 1 FROM files p WHERE p.document_id=f.document_id AND p.document_id != '' AND p.sink=f.sink "
            "AND p.renderer=f.renderer AND p.is_current=1 AND p.is_kept=1 AND p.sha256='') ORDER BY path",
            (sink,),
        )
        return {row["path"]: row["sha256"] for row in rows}

    def adopt(self, sink: str, files: Iterable[tuple[str, str]]) -> None:
        """What a manifest names as such: (path, sha256); what is on record already stays."""
        self._db.execute_many(
            "INSERT OR IGNORE INTO files (sink, path, document_id, renderer, sha256, is_current) "
            "VALUES (?, ?, '', '', ?, 0)",
            [(sink, *each) for each in files],
        )
