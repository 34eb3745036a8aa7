"""Who lies in whose folder, under which path, and beside whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notion_sync_core.state.database import Database, text_list
from notion_sync_core.state.objects import DOCUMENTS_SQL, LIVE_SQL
from notion_sync_core.state.records import Neighbour, Placed
from notion_sync_core.status import TAKES_ALONG

_TAKES_ALONG_SQL = text_list(TAKES_ALONG)
_MINUTE = "substr(created_time, 1, 16)"


class Layout:
    """The places of objects."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def assign_folders(self) -> None:
        """Find the folder of each object: its parent, or the document whose content shows it.

        A parent in the trash counts: what lies in it goes with it. What says that it stands at the top does,
        though a page that was not read since may still show it.
        """
        there = f"(p.status IN {LIVE_SQL} OR p.status IN {_TAKES_ALONG_SQL})"
        self._db.execute(
            "UPDATE objects SET folder_id = CASE WHEN parent_type = 'workspace' THEN NULL "
            "WHEN parent_type IN ('page_id', 'database_id', 'data_source_id') AND "
            f"EXISTS (SELECT 1 FROM objects p WHERE p.id = objects.parent_id AND {there}) THEN parent_id "
            "ELSE (SELECT e.document_id FROM children e JOIN objects p ON p.id = e.document_id "
            f"WHERE e.child_id = objects.id AND {there} "
            f"ORDER BY p.status IN {_TAKES_ALONG_SQL}, e.document_id LIMIT 1) END "
            f"WHERE status IN {LIVE_SQL} OR status IN {_TAKES_ALONG_SQL}"
        )

    def release_gone(self) -> list[str]:
        """Take the paths of what is no part of the export any more.

        :returns: the ids.
        """
        rows = self._db.rows(f"SELECT id FROM objects WHERE path IS NOT NULL AND status NOT IN {LIVE_SQL}")
        self._db.execute_many("UPDATE objects SET path=NULL WHERE id=?", [(row["id"],) for row in rows])
        return [row["id"] for row in rows]

    def begin(self) -> None:
        """Nothing has its place yet."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS placed (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("DELETE FROM placed")

    def place(self, ids: Iterable[str]) -> None:
        """These have their place now."""
        self._db.execute_many("INSERT INTO placed VALUES (?)", [(each,) for each in ids])

    def move(self, object_id: str, path: str, *, moved: bool) -> None:
        """Give an object another path; its files have to be made again.

        :param moved: it had one before.
        """
        self._db.execute(
            "UPDATE objects SET path=:path, to_render=1, moved_in_run=CASE WHEN :moved AND EXISTS (SELECT 1 FROM files "
            "WHERE document_id=:id AND is_provisional=0) THEN :run ELSE moved_in_run END WHERE id=:id",
            {"path": path, "moved": moved, "run": self._db.run, "id": object_id},
        )

    def first_lost(self) -> str | None:
        """A live object that no way from the root leads to, or ``None``."""
        lost: str | None = self._db.value(
            f"SELECT id FROM objects WHERE status IN {LIVE_SQL} AND id NOT IN (SELECT id FROM placed) "
            f"ORDER BY {_MINUTE}, id LIMIT 1"
        )
        return lost

    def put_at_root(self, object_id: str) -> None:
        """It lies in nobody's folder."""
        self._db.execute("UPDATE objects SET folder_id=NULL WHERE id=?", (object_id,))

    def free_lost(self) -> None:
        """What no way from the root leads to lies at the root: its folder is not there, or lies in it."""
        self._db.execute(
            f"UPDATE objects SET folder_id = NULL WHERE status IN {LIVE_SQL} AND folder_id IS NOT NULL "
            f"AND folder_id NOT IN (SELECT id FROM objects WHERE status IN {LIVE_SQL})"
        )
        reached = (
            f"WITH RECURSIVE reached(id) AS (SELECT id FROM objects WHERE folder_id IS NULL AND status IN {LIVE_SQL} "
            f"UNION SELECT o.id FROM objects o JOIN reached r ON o.folder_id = r.id WHERE o.status IN {LIVE_SQL}) "
            f"SELECT id FROM objects WHERE status IN {LIVE_SQL} AND id NOT IN (SELECT id FROM reached) "
            f"ORDER BY {_MINUTE}, id LIMIT 1"
        )
        while (lost := self._db.value(reached)) is not None:
            self.put_at_root(lost)

    def empty_folder(self, folder_id: str) -> None:
        """What lies in a folder moves to the root."""
        self._db.execute("UPDATE objects SET folder_id=NULL WHERE folder_id=?", (folder_id,))

    def only_data_source(self, folder_id: str) -> str | None:
        """The one data source in a folder; ``None`` if there is none or more."""
        rows = self._db.rows(
            f"SELECT id FROM objects WHERE folder_id=? AND kind='data_source' AND status IN {LIVE_SQL} LIMIT 2",
            (folder_id,),
        )
        return str(rows[0]["id"]) if len(rows) == 1 else None

    def folder(self, folder_id: str | None, *, exact: bool = False) -> Iterator[Placed]:
        """What lies in a folder, by (created minute, id).

        :param exact: it has children only if they are in the export; else they may be in the trash.
        """
        live = f" AND c.status IN {LIVE_SQL}" if exact else ""
        return self._placed(
            f"SELECT id, title, kind, path, EXISTS (SELECT 1 FROM objects c WHERE c.folder_id = o.id{live}) "
            f"AS has_children FROM objects o WHERE folder_id IS ? AND status IN {LIVE_SQL} ORDER BY {_MINUTE}, id",
            (folder_id,),
        )

    def everything(self) -> Iterator[Placed]:
        """What the export holds, by (created minute, id), wherever it lies."""
        return self._placed(
            "SELECT id, title, kind, path, 0 AS has_children FROM objects "
            f"WHERE status IN {LIVE_SQL} ORDER BY {_MINUTE}, id"
        )

    def _placed(self, sql: str, parameters: tuple[str | None, ...] = ()) -> Iterator[Placed]:
        rows = self._db.stream(sql, parameters)
        return (Placed(row["id"], row["title"], row["kind"], row["path"], bool(row["has_children"])) for row in rows)

    def paths(self) -> Iterator[str]:
        """The path of each document that has one."""
        sql = f"SELECT path FROM objects WHERE path IS NOT NULL AND status IN {LIVE_SQL} AND kind IN {DOCUMENTS_SQL}"
        return (row["path"] for row in self._db.stream(sql))

    # -- neighbours

    def neighbours(self) -> Iterator[Neighbour]:
        """All placed objects, folder by folder, as the source shows them there."""
        rows = self._db.stream(
            "SELECT o.id, o.folder_id, o.kind, o.title, o.path, o.folder_rank, o.neighbours_digest, "
            "o.copy_edited_time IS NOT NULL AS has_file, o.icon FROM objects o "
            "LEFT JOIN children e ON e.document_id = o.folder_id AND e.child_id = o.id AND e.kind != 'located' "
            f"WHERE o.status IN {LIVE_SQL} AND o.path IS NOT NULL "
            # As on the page; what no page shows by its time, but at the top by its title.
            "ORDER BY o.folder_id, e.position IS NULL, e.position, "
            "CASE WHEN o.folder_id IS NULL THEN o.title END COLLATE NOCASE, substr(o.created_time, 1, 16), o.id"
        )
        return (
            Neighbour(
                row["id"],
                row["folder_id"],
                row["kind"],
                row["title"],
                row["path"],
                row["folder_rank"],
                row["neighbours_digest"],
                bool(row["has_file"]),
                row["icon"],
            )
            for row in rows
        )

    def rank(self, changes: Iterable[tuple[int, str, bool, str]]) -> None:
        """Ranks, digests of surroundings, and whether to render, of objects: (rank, digest, render, id)."""
        self._db.execute_many(
            "UPDATE objects SET folder_rank=?, neighbours_digest=?, to_render=max(to_render, ?) WHERE id=?",
            [(rank, digest, int(render), object_id) for rank, digest, render, object_id in changes],
        )

    def render_inside(self, ids: Iterable[str]) -> None:
        """What stands inside these, at any depth, shows what stands around them."""
        self._db.execute_many(
            "WITH RECURSIVE below(id) AS (SELECT id FROM objects WHERE folder_id=? UNION "
            "SELECT o.id FROM objects o JOIN below ON o.folder_id = below.id) "
            "UPDATE objects SET to_render=1 WHERE id IN below",
            [(each,) for each in ids],
        )

    def note_contents(self, folder_id: str, digest: str) -> None:
        """What stands first in a folder: if it changed, who shows it has to be rendered."""
        if self._db.value("SELECT contents_digest FROM objects WHERE id=?", (folder_id,)) == digest:
            return
        self._db.execute("UPDATE objects SET contents_digest=? WHERE id=?", (digest, folder_id))
        # The rows of a data source are shown by its database.
        self._db.execute(
            "UPDATE objects SET to_render=1 WHERE id=:id "
            "OR id=(SELECT folder_id FROM objects WHERE id=:id AND kind='data_source')",
            {"id": folder_id},
        )

    def emptied_folders(self) -> list[str]:
        """Folders that had something in them, and have not any more."""
        rows = self._db.rows(
            "SELECT id FROM objects o WHERE contents_digest != '' AND NOT EXISTS (SELECT 1 FROM objects c "
            f"WHERE c.folder_id = o.id AND c.status IN {LIVE_SQL} AND c.path IS NOT NULL)"
        )
        return [row["id"] for row in rows]
