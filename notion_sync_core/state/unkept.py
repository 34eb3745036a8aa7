"""What changed since history looked: ids, noted by the database itself, whoever makes the change."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.state.database import Database
from notion_sync_core.state.records import OBJECT_COLUMNS, ObjectRecord

PAGE = 500


_OF_A_DOCUMENT = ("links", "copies", "document_assets", "block_links", "notes", "lost_blocks", "dead_ends")


class Unkept:
    """Objects that history has not as they are; and the forgetting of one for good."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def pages(self) -> Iterator[list[tuple[ObjectRecord, str]]]:
        """Those objects with the digest of each one's content, some at a time, by id."""
        last = ""
        columns = ", ".join(f"o.{name.strip()}" for name in OBJECT_COLUMNS.split(","))
        while True:
            rows = self._db.rows(
                f"SELECT {columns}, o.content_digest FROM unkept u JOIN objects o ON o.id = u.object_id "
                f"WHERE u.object_id > ? ORDER BY u.object_id LIMIT {PAGE}",
                (last,),
            )
            if rows:
                yield [(ObjectRecord.of(row), row["content_digest"]) for row in rows]
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]

    def any(self) -> bool:
        """Whether there is one."""
        return self._db.value("SELECT 1 FROM unkept LIMIT 1") is not None

    def clear(self) -> None:
        """History has them all."""
        self._db.execute("DELETE FROM unkept")

    def mark(self, object_id: str) -> None:
        """History has to look at this one again."""
        self._db.execute("INSERT OR IGNORE INTO unkept VALUES (?)", (object_id,))

    def mark_all(self) -> None:
        """History has nothing."""
        self._db.execute("INSERT OR IGNORE INTO unkept SELECT id FROM objects")

    # -- forgetting for good

    def lose(self, object_id: str) -> None:
        """The mirror has no copy of an object any more."""
        self._db.execute("UPDATE objects SET copy_edited_time=NULL, copy_is_settled=0 WHERE id=?", (object_id,))

    def erase(self, object_id: str) -> None:
        """Nobody knows of an object any more; who showed it does not know what it was called.

        Readers who saw it are still told that it went.
        """
        who = "(SELECT document_id FROM links WHERE target_id=?)"
        self._db.execute(f"UPDATE objects SET to_render=1 WHERE id IN {who}", (object_id,))
        self._db.execute(f"DELETE FROM notes WHERE document_id IN {who}", (object_id,))
        for table in _OF_A_DOCUMENT:
            self._db.execute(f"DELETE FROM {table} WHERE document_id=?", (object_id,))
        self._db.execute("DELETE FROM originals WHERE holder IN (?, 'copy:' || ?)", (object_id, object_id))
        self._db.execute("DELETE FROM children WHERE document_id=?", (object_id,))
        self._db.execute("UPDATE children SET title='' WHERE child_id=?", (object_id,))
        self._db.execute("UPDATE changes SET title='', path='', digest='' WHERE document_id=?", (object_id,))
        self._db.execute("DELETE FROM objects WHERE id=?", (object_id,))
        self._db.execute("DELETE FROM unkept WHERE object_id=?", (object_id,))

    def erase_path(self, path: str, blank: str) -> None:
        """What readers are told of others that went does not name that place any more."""
        self._db.execute(
            "UPDATE changes SET path = :blank || substr(path, length(:path) + 1) "
            "WHERE is_gone = 1 AND substr(path, 1, length(:path) + 1) = :path || '/'",
            {"path": path, "blank": blank},
        )

    def shrink(self) -> None:
        """Write the file anew: what was taken out of it leaves no trace."""
        self._db.shrink()
