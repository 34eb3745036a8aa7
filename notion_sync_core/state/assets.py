"""Downloaded files, and which documents refer to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notion_sync_core.state.database import Database, Row
from notion_sync_core.state.objects import LIVE_SQL
from notion_sync_core.state.records import AssetRecord

_PAGE = 500


class Assets:
    """What the mirror holds of files."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, key: str) -> AssetRecord | None:
        """The file with that key, or ``None``."""
        row = self._db.row("SELECT * FROM assets WHERE key=?", (key,))
        return _record(row) if row else None

    def add(self, assets: Iterable[AssetRecord]) -> None:
        """These files are in the mirror."""
        self._db.execute_many(
            "INSERT OR REPLACE INTO assets (key, sha256, size, suffix, media_type) VALUES (?, ?, ?, ?, ?)",
            [(each.key, each.sha256, each.size, each.suffix, each.media_type) for each in assets],
        )

    def forget(self, sha256: str) -> None:
        """The mirror lost a file."""
        self._db.execute("DELETE FROM assets WHERE sha256=?", (sha256,))

    def count(self) -> int:
        """How many files there are."""
        return self._db.count("SELECT count(*) FROM assets")

    def hashes(self) -> Iterator[str]:
        """Each file's sha256, once."""
        return (row["sha256"] for row in self._db.stream("SELECT DISTINCT sha256 FROM assets"))

    def in_use(self) -> Iterator[AssetRecord]:
        """Files that live documents refer to, by key; they may be forgotten meanwhile."""
        last = ""
        while True:
            rows = self._db.rows(
                "SELECT * FROM assets a WHERE key > ? AND EXISTS (SELECT 1 FROM document_assets d "
                f"JOIN objects o ON o.id = d.document_id WHERE d.asset_key = a.key AND o.status IN {LIVE_SQL}) "
                f"ORDER BY key LIMIT {_PAGE}",
                (last,),
            )
            yield from map(_record, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["key"]

    def of(self, document_id: str) -> list[AssetRecord]:
        """The files a document refers to, each once, by hash."""
        rows = self._db.rows(
            "SELECT a.* FROM document_assets d JOIN assets a ON a.key=d.asset_key WHERE d.document_id=? "
            "GROUP BY a.sha256, a.suffix ORDER BY a.sha256, a.suffix",
            (document_id,),
        )
        return list(map(_record, rows))


def _record(row: Row) -> AssetRecord:
    return AssetRecord(row["key"], row["sha256"], row["size"], row["suffix"], row["media_type"])
