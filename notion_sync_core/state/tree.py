"""The export as renderers see it: targets of links, neighbours, folders, rows."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.document import COUNTED, NEIGHBOURS
from notion_sync_core.state.database import Database
from notion_sync_core.state.objects import HAS_FILE_SQL, LIVE_SQL, OBJECTS_SQL
from notion_sync_core.state.records import OBJECT_COLUMNS, Known, Level, ObjectRecord, TreeEntry

_KNOWN = "id, title, path, url, kind, copy_edited_time IS NOT NULL AS has_file, icon"
_INSIDE = "folder_id IN (SELECT :id UNION SELECT id FROM objects WHERE folder_id=:id AND kind='data_source')"
_COUNTED = COUNTED + 2 * NEIGHBOURS + 1
"""How many are counted, so that what is not shown is known up to :data:`COUNTED`."""
_DEEPEST = 500
_PAGE = 500


class Tree:
    """What stands where. Reading it changes nothing, so other processes may."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def target(self, object_id: str) -> Known | None:
        """The object that a link with this id leads to; for a data source the database that shows it."""
        row = self._db.row(
            f"SELECT {_KNOWN} FROM objects WHERE id=coalesce((SELECT parent_id FROM objects WHERE id=:id "
            f"AND kind='data_source'), :id) AND status IN {LIVE_SQL} AND path IS NOT NULL",
            {"id": object_id},
        )
        return Known.of(row) if row else None

    def trail(self, folder_id: str | None) -> list[Level]:
        """What an object in that folder stands inside, data sources included, the innermost first."""
        found: list[Level] = []
        while folder_id is not None and len(found) < _DEEPEST:
            row = self._db.row(f"SELECT folder_id, folder_rank, {_KNOWN} FROM objects WHERE id=?", (folder_id,))
            if row is None:
                break
            found.append(Level(Known.of(row), row["folder_id"], row["folder_rank"]))
            folder_id = row["folder_id"]
        return found

    def beside(self, folder_id: str | None, rank: int, reach: int = NEIGHBOURS) -> list[Known]:
        """The nearest objects in a folder.

        :param reach: how many on each side.
        """
        rows = self._db.rows(
            f"SELECT {_KNOWN} FROM objects WHERE folder_id IS ? AND folder_rank BETWEEN ? AND ? AND {HAS_FILE_SQL} "
            "ORDER BY folder_rank",
            (folder_id, rank - reach, rank + reach),
        )
        return [Known.of(row) for row in rows]

    def count_beside(self, folder_id: str | None) -> int:
        """How many documents lie in a folder, as far as they are counted."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM objects WHERE folder_id IS ? AND {HAS_FILE_SQL} LIMIT {_COUNTED})"
        return self._db.count(sql, (folder_id,))

    def count_inside(self, object_id: str) -> int:
        """How many documents lie in an object's folder and those of its data sources, as far as they are counted."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM objects WHERE {_INSIDE} AND {HAS_FILE_SQL} LIMIT {_COUNTED})"
        return self._db.count(sql, {"id": object_id})

    def leading_to(self, object_id: str) -> list[Known]:
        """The documents whose text or relations lead to an object, by title; one more than are shown says of more."""
        rows = self._db.rows(
            f"SELECT {_KNOWN} FROM objects WHERE id IN (SELECT document_id FROM links WHERE target_id IN "
            "(SELECT :id UNION SELECT id FROM objects WHERE parent_id=:id AND kind='data_source')) "
            f"AND id != :id AND {HAS_FILE_SQL} ORDER BY title COLLATE NOCASE, id LIMIT {_COUNTED}",
            {"id": object_id},
        )
        return [Known.of(row) for row in rows]

    def inside(self, object_id: str) -> list[Known]:
        """The first objects in an object's folder, those of a database's data sources included."""
        rows = self._db.rows(
            f"SELECT {_KNOWN} FROM objects WHERE {_INSIDE} AND {HAS_FILE_SQL} "
            f"ORDER BY folder_id, folder_rank LIMIT {2 * NEIGHBOURS}",
            {"id": object_id},
        )
        return [Known.of(row) for row in rows]

    def data_sources(self, database_id: str) -> list[ObjectRecord]:
        """A database's data sources, by id."""
        rows = self._db.rows(
            f"{OBJECTS_SQL} WHERE kind='data_source' AND parent_id=? AND status IN {LIVE_SQL} ORDER BY id",
            (database_id,),
        )
        return list(map(ObjectRecord.of, rows))

    def all_data_sources(self) -> list[str]:
        """The ids of all data sources of the export."""
        rows = self._db.rows(f"SELECT id FROM objects WHERE kind='data_source' AND status IN {LIVE_SQL} ORDER BY id")
        return [row["id"] for row in rows]

    def rows(self, data_source_id: str) -> Iterator[ObjectRecord]:
        """The rows of a data source by (created minute, id)."""
        rows = self._db.stream(
            f"{OBJECTS_SQL} WHERE folder_id=? AND kind='page' AND status IN {LIVE_SQL} "
            "ORDER BY substr(created_time, 1, 16), id",
            (data_source_id,),
        )
        return map(ObjectRecord.of, rows)

    def standing_in(self, folder_id: str | None) -> Iterator[ObjectRecord]:
        """All that stands right in an object, whether it has a path or not: as on the page; what no page shows by its
        time, but at the top by its title.
        """
        rows = self._db.stream(
            f"SELECT {', '.join(f'o.{name}' for name in OBJECT_COLUMNS.split(', '))} FROM objects o "
            "LEFT JOIN children e ON e.document_id = o.folder_id AND e.child_id = o.id AND e.kind != 'located' "
            f"WHERE o.folder_id IS ? AND o.status IN {LIVE_SQL} ORDER BY e.position IS NULL, e.position, "
            "CASE WHEN o.folder_id IS NULL THEN o.title END COLLATE NOCASE, substr(o.created_time, 1, 16), o.id",
            (folder_id,),
        )
        return map(ObjectRecord.of, rows)

    def folder(self, folder_id: str | None, since: int = -1) -> Iterator[TreeEntry]:
        """What lies in a folder, by rank; the state may be written meanwhile.

        :param since: what changed for readers after that number is told.
        """
        last = -1
        changed = "EXISTS (SELECT 1 FROM changes n WHERE n.document_id = o.id AND n.is_gone = 0 AND n.number > :since)"
        changed = changed if since >= 0 else "0"
        while True:
            rows = self._db.rows(
                "SELECT id, kind, title, path, folder_rank, "
                "EXISTS (SELECT 1 FROM objects c WHERE c.folder_id = o.id AND c.path IS NOT NULL) AS has_children, "
                f"{HAS_FILE_SQL} AND status != 'missing' AND {changed} AS has_changed, "
                f"{HAS_FILE_SQL} AS has_file FROM objects o "
                f"WHERE folder_id IS :folder AND folder_rank > :last AND status IN {LIVE_SQL} "
                f"AND path IS NOT NULL ORDER BY folder_rank LIMIT {_PAGE}",
                {"folder": folder_id, "last": last, "since": since},
            )
            for row in rows:
                yield TreeEntry(
                    row["id"],
                    row["kind"],
                    row["title"],
                    row["path"],
                    row["folder_rank"],
                    bool(row["has_children"]),
                    bool(row["has_file"]),
                    bool(row["has_changed"]),
                )
            if len(rows) < _PAGE:
                return
            last = rows[-1]["folder_rank"]
