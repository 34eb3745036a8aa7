"""Downloaded files, which documents refer to them, and what is shown in place of an SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notion_sync_core.mirror.suffix import SVG
from notion_sync_core.state.database import Database, Row
from notion_sync_core.state.objects import LIVE_SQL
from notion_sync_core.state.records import AssetRecord

_PAGE = 500
PICTURE_SQL = (
    f"CASE a.suffix WHEN '{SVG}' THEN (SELECT nullif(p.sha256, '') FROM pictures p WHERE p.asset_sha256 = a.sha256) END"
)
"""The sha256 of what is shown in place of the SVG ``a`` of the table ``assets``; NULL if it is none."""
_COLUMNS = f"a.key, a.sha256, a.size, a.suffix, a.media_type, {PICTURE_SQL} AS picture"


class Assets:
    """What the mirror holds of files."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, key: str) -> AssetRecord | None:
        """The file with that key, or ``None``."""
        row = self._db.row(f"SELECT {_COLUMNS} FROM assets a WHERE key=?", (key,))
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

    def release(self, sha256: str) -> list[str]:
        """No version needs a file any more: unless a document of the export shows it, it is forgotten.

        Documents that showed it are read again should they come back.

        :returns: the hashes of what the mirror need not hold any longer: the file, and what was shown in its place.
        """
        shown = (
            "SELECT 1 FROM assets a JOIN document_assets d ON d.asset_key = a.key "
            "JOIN objects o ON o.id = d.document_id "
            f"WHERE a.sha256 = :sha256 AND o.status IN {LIVE_SQL} UNION SELECT 1 FROM pictures WHERE sha256 = :sha256"
        )
        if self._db.value(shown, {"sha256": sha256}) is not None:
            return []
        self._db.execute(
            "UPDATE objects SET copy_is_settled=0 WHERE id IN (SELECT d.document_id FROM document_assets d "
            "JOIN assets a ON a.key = d.asset_key WHERE a.sha256 = ?)",
            (sha256,),
        )
        picture = self._db.value("SELECT sha256 FROM pictures WHERE asset_sha256 = ?", (sha256,))
        self._db.execute("DELETE FROM pictures WHERE asset_sha256 = ?", (sha256,))
        self.forget(sha256)
        return [sha256, *([picture] if picture and not self.knows(picture) else [])]

    def knows(self, sha256: str) -> bool:
        """Whether a file, or what is shown in place of one, has this hash."""
        sql = "SELECT 1 FROM pictures WHERE sha256 = :sha256 UNION SELECT 1 FROM assets WHERE sha256 = :sha256"
        return self._db.value(sql, {"sha256": sha256}) is not None

    def count(self) -> int:
        """How many files there are."""
        return self._db.count("SELECT count(*) FROM assets")

    def all(self) -> Iterator[AssetRecord]:
        """Every file, by key; they may be changed meanwhile."""
        rows = self._db.pages(f"SELECT {_COLUMNS} FROM assets a WHERE true {{after}} ORDER BY key", "key")
        return map(_record, rows)

    def hashes(self) -> Iterator[str]:
        """Each file's sha256, once."""
        return (row["sha256"] for row in self._db.stream("SELECT DISTINCT sha256 FROM assets"))

    def in_use(self) -> Iterator[AssetRecord]:
        """Files that live documents refer to, by key; they may be forgotten meanwhile."""
        last = ""
        while True:
            rows = self._db.rows(
                f"SELECT {_COLUMNS} FROM assets a WHERE key > ? AND EXISTS (SELECT 1 FROM document_assets d "
                f"JOIN objects o ON o.id = d.document_id WHERE d.asset_key = a.key AND o.status IN {LIVE_SQL}) "
                f"ORDER BY key LIMIT {_PAGE}",
                (last,),
            )
            yield from map(_record, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["key"]

    def of(self, document_id: str) -> list[AssetRecord]:
        """The files a document refers to, by hash; of equal ones that with the first key."""
        rows = self._db.rows(
            f"SELECT min(a.key) AS key, a.sha256, a.size, a.suffix, a.media_type, {PICTURE_SQL} AS picture "
            "FROM document_assets d JOIN assets a ON a.key=d.asset_key WHERE d.document_id=? "
            "GROUP BY a.sha256, a.suffix ORDER BY a.sha256, a.suffix",
            (document_id,),
        )
        return list(map(_record, rows))

    def of_keys(self, document_id: str) -> list[AssetRecord]:
        """The files a document refers to, each address of its own."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM document_assets d JOIN assets a ON a.key=d.asset_key WHERE d.document_id=? "
            "ORDER BY a.key",
            (document_id,),
        )
        return list(map(_record, rows))

    def rename(self, key: str, suffix: str) -> None:
        """A file gets another suffix; documents that show it are made again."""
        self._db.execute("UPDATE assets SET suffix=? WHERE key=?", (suffix, key))
        self._render("a.key", key)

    # -- pictures in place of SVGs

    def svgs(self) -> Iterator[tuple[str, str | None]]:
        """(sha256, picture) of each SVG; ``None``: nobody made one yet, ``""``: it cannot be shown."""
        rows = self._db.pages(
            "SELECT DISTINCT a.sha256, (SELECT p.sha256 FROM pictures p WHERE p.asset_sha256 = a.sha256) AS picture "
            f"FROM assets a WHERE a.suffix = '{SVG}' {{after}} ORDER BY a.sha256",
            "sha256",
        )
        return ((row["sha256"], row["picture"]) for row in rows)

    def show(self, sha256: str, picture: str) -> None:
        """What is shown in place of an SVG; ``""``: nothing can be."""
        self._db.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?)", (sha256, picture))

    def forget_pictures(self) -> None:
        """Every picture has to be made again."""
        self._db.execute("DELETE FROM pictures")

    def render_showing(self, sha256: str) -> None:
        """Documents that refer to a file have to be made again."""
        self._render("a.sha256", sha256)

    def _render(self, column: str, value: str) -> None:
        self._db.execute(
            "UPDATE objects SET to_render=1 WHERE path IS NOT NULL AND copy_edited_time IS NOT NULL AND id IN "
            "(SELECT d.document_id FROM document_assets d JOIN assets a ON a.key = d.asset_key "
            f"WHERE {column} = ?)",
            (value,),
        )


def _record(row: Row) -> AssetRecord:
    return AssetRecord(row["key"], row["sha256"], row["size"], row["suffix"], row["media_type"], row["picture"] or "")
