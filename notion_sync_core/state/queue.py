"""What has to be read, and what has to be rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notion_sync_core.model import Ref
from notion_sync_core.state.database import Database
from notion_sync_core.state.objects import DOCUMENTS_SQL, HAS_FILE_SQL, LIVE_SQL, OBJECTS_SQL
from notion_sync_core.state.records import ObjectRecord
from notion_sync_core.status import ToRead

_THROUGH_COPIES = (
    "UNION SELECT copies.document_id FROM shown JOIN originals ON originals.holder = shown.id "
    "JOIN copies ON copies.original_id = originals.block_id)"
)
"""What shows synced copies of blocks that stand in what is shown already; copies may hold copies."""
_SHOWING = (
    "SELECT document_id FROM links WHERE target_id=:id UNION ALL SELECT document_id FROM children WHERE child_id=:id"
)
_RENDER = "UPDATE objects SET to_render=1 WHERE id=?"
_DATABASE_OF = (
    "SELECT source.parent_id FROM objects AS row "
    "JOIN objects AS source ON source.id = row.parent_id AND source.kind = 'data_source' WHERE row.id"
)
_COPYING = f"WITH RECURSIVE shown(id) AS (SELECT :id {_THROUGH_COPIES}"


class Queue:
    """The two marks of an object: to be read, to be rendered. Both outlive a crash."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- reading

    def put_back_all(self) -> None:
        """What an interrupted run was reading has to be read again."""
        self._db.execute("UPDATE objects SET to_read = 1 WHERE to_read = 2")

    def put_back(self, object_id: str) -> None:
        """It was being read when the run ended."""
        self._db.execute("UPDATE objects SET to_read=1 WHERE id=? AND to_read=2", (object_id,))

    def take(self, count: int) -> list[ObjectRecord]:
        """Some objects that have to be read, those that failed last time first; they count as taken.

        Only what this run has seen: what no listing shows is looked up first, or old titles and times would stay.
        """
        asked = f"{OBJECTS_SQL} WHERE to_read=1 AND seen_in_run=? {{failed}} LIMIT ?"
        found = self._db.rows(asked.format(failed="AND status='failed'"), (self._db.run, count)) or self._db.rows(
            asked.format(failed=""), (self._db.run, count)
        )
        self._db.execute_many("UPDATE objects SET to_read=2 WHERE id=?", [(row["id"],) for row in found])
        return [ObjectRecord.of(row) for row in found]

    def finish(self, ref: Ref, *, settled: bool, again: bool, content: str = "") -> None:
        """A whole copy is in the mirror; its files have to be made.

        :param settled: no edit can be missing.
        :param again: a listing has shown it in another form meanwhile.
        :param content: the digest of the copy's content.
        """
        self._db.execute(
            # What was found in the trash while it was being read stays there.
            "UPDATE objects SET "
            "status=CASE WHEN status IN ('trashed', 'aside', 'unselected') THEN status ELSE 'read' END, "
            "reason='', remedy='', to_read=?, to_render=1, read_in_run=?, copy_edited_time=?, copy_is_settled=?, "
            "seen_in_run=?, content_digest=? WHERE id=?",
            (int(again), self._db.run, ref.last_edited_time, int(settled), self._db.run, content, ref.id),
        )

    def count_to_read(self) -> int:
        """How many documents still have to be read."""
        return self._db.count("SELECT count(*) FROM objects WHERE to_read > 0")

    def read_again(self, object_id: str) -> None:
        """There is no whole copy of it after all."""
        self._db.execute(
            "UPDATE objects SET copy_edited_time=NULL, listing_digest='', to_read=1 WHERE id=?", (object_id,)
        )

    def mark_to_read(self, object_id: str) -> None:
        """It has to be read when a source is at hand."""
        self._db.execute("UPDATE objects SET to_read=1 WHERE id=?", (object_id,))

    def unsettle_all(self) -> None:
        """Every copy may lack something: each is read again as it is seen."""
        self._db.execute("UPDATE objects SET copy_is_settled=0")

    def unsettle_without_assets(self) -> None:
        """Documents that refer to a file the mirror lost are read again."""
        self._db.execute(
            "UPDATE objects SET copy_is_settled=0 WHERE id IN (SELECT document_id FROM document_assets "
            "WHERE asset_key NOT IN (SELECT key FROM assets))"
        )

    def forget_copies(self) -> None:
        """The mirror is gone: everything has to be read again."""
        self._db.execute("UPDATE objects SET copy_edited_time=NULL, listing_digest='', copy_is_settled=0")
        for table in ("assets", "originals", "users"):
            self._db.execute(f"DELETE FROM {table}")

    def reread_holders(self, ref: Ref) -> set[str]:
        """A child came or went: documents whose content shows it, or should, changed even if their time did not.

        What this run has read already is read again by the next.

        :returns: those that a worker has in hand: what it reads may be older than this.
        """
        parent = ref.parent.id if ref.parent.type == "page_id" else None
        rows = self._db.rows("SELECT document_id FROM children WHERE child_id=?", (ref.id,))
        holders = {row["document_id"] for row in rows}
        above = {parent} if parent is not None else set()
        # A parent that shows it, and has it, is as it was.
        for each in holders | above if ref.left_out else holders ^ above:
            # One that is hidden or in the trash just now is read when it comes back.
            self._db.execute(
                "UPDATE objects SET copy_is_settled=0, "
                "to_read=CASE WHEN to_read=0 AND read_in_run!=? THEN status='read' ELSE to_read END "
                "WHERE id=? AND kind='page' AND copy_edited_time IS NOT NULL",
                (self._db.run, each),
            )
        in_hand = f"SELECT 1 FROM objects WHERE id=? AND kind='page' AND to_read={ToRead.TAKEN.value}"
        return {each for each in holders | above if self._db.value(in_hand, (each,)) is not None}

    def shows_other_children(self, page_id: str) -> bool:
        """Whether a page's copy does not show a child that came, or still shows one that went."""
        came = (
            f"SELECT 1 FROM objects WHERE parent_type='page_id' AND parent_id=:id AND status IN {LIVE_SQL} "
            "AND id NOT IN (SELECT child_id FROM children WHERE document_id=:id)"
        )
        went = (
            "SELECT 1 FROM children c JOIN objects o ON o.id = c.child_id WHERE c.document_id=:id AND "
            f"c.kind != 'located' AND o.parent_type='page_id' AND (o.parent_id != :id OR o.status NOT IN {LIVE_SQL})"
        )
        return bool(self._db.value(f"SELECT EXISTS ({came}) OR EXISTS ({went})", {"id": page_id}))

    # -- rendering

    def render(self, ids: Iterable[str]) -> None:
        """The files of these objects have to be made again."""
        self._db.execute_many(_RENDER, [(each,) for each in ids])

    def render_if_placed(self, object_id: str) -> None:
        """Its files have to be made again, if it has any."""
        self._db.execute("UPDATE objects SET to_render=1 WHERE id=? AND path IS NOT NULL", (object_id,))

    def render_all(self) -> None:
        """Every file has to be made again."""
        self._db.execute(f"UPDATE objects SET to_render=1 WHERE status IN {LIVE_SQL} AND path IS NOT NULL")

    def render_without_files(self, sink: str) -> None:
        """Documents of which a sink has no file on record."""
        self._db.execute(
            f"UPDATE objects SET to_render=1 WHERE {HAS_FILE_SQL} AND NOT EXISTS "
            "(SELECT 1 FROM files f WHERE f.document_id=objects.id AND f.sink=? AND f.is_current=1)",
            (sink,),
        )

    def render_showing(self, object_id: str) -> None:
        """Files that show this object's title or path have to be made again.

        That is asked for each object. Where no copies are concerned no statement makes a table of its own, whose pages
        sqlite would zero: that was one in forty of an export's instructions.
        """
        given = {"id": object_id}
        self._db.execute("UPDATE objects SET to_render=1 WHERE id=(SELECT folder_id FROM objects WHERE id=:id)", given)
        holds = f"SELECT 1 FROM ({_SHOWING}) JOIN originals ON originals.holder = document_id LIMIT 1"
        if self._db.value(holds, given) is not None:
            self._db.execute(
                f"WITH RECURSIVE shown(id) AS ({_SHOWING} {_THROUGH_COPIES} UPDATE objects SET to_render=1 "
                f"WHERE id IN shown OR id IN ({_DATABASE_OF} IN shown)",
                given,
            )
            return
        for row in self._db.stream(_SHOWING, given):
            self._db.execute(_RENDER, tuple(row))
            # A database shows the values of its rows: relations, mentions.
            self._db.execute(f"UPDATE objects SET to_render=1 WHERE id=({_DATABASE_OF} = ?)", tuple(row))

    def render_holders(self) -> None:
        """Documents whose content shows a database that is made again may show its rows."""
        self._db.execute(
            "WITH RECURSIVE shown(id) AS (SELECT c.document_id FROM children c JOIN objects d ON d.id = c.child_id "
            f"WHERE d.kind = 'database' AND d.to_render = 1 {_THROUGH_COPIES} "
            "UPDATE objects SET to_render=1 WHERE id IN shown AND to_render=0 AND path IS NOT NULL"
        )

    def render_copying(self, document_id: str) -> None:
        """Documents that show synced copies of this one's blocks."""
        self._db.execute(
            f"{_COPYING} UPDATE objects SET to_render=1 WHERE id IN shown AND id != :id", {"id": document_id}
        )

    def render_container(self, ref: Ref) -> None:
        """A row changed its database's index page, a data source its database."""
        if ref.parent.type not in ("data_source_id", "database_id"):
            return
        self._db.execute(
            "UPDATE objects SET to_render=1 WHERE id=? OR id=(SELECT parent_id FROM objects WHERE id=?)",
            (ref.parent.id, ref.parent.id),
        )
        if ref.kind == "data_source":
            self._db.execute(
                "UPDATE objects SET asked_in_run=0, seen_in_run=0, copy_is_settled=0 WHERE id=? AND asked_in_run!=?",
                (ref.parent.id, self._db.run),
            )

    def rendered(self, object_id: str) -> None:
        """Its files are as they should be."""
        self._db.execute("UPDATE objects SET to_render=0 WHERE id=?", (object_id,))

    def count_to_render(self) -> int:
        """How many documents have to be rendered."""
        return self._db.count(
            f"SELECT count(*) FROM objects WHERE kind IN {DOCUMENTS_SQL} AND to_render=1 AND path IS NOT NULL "
            "AND copy_edited_time IS NOT NULL"
        )

    def has_new_copies(self) -> bool:
        """Whether this run read anything that is not rendered yet."""
        sql = "SELECT 1 FROM objects WHERE to_render=1 AND read_in_run=? LIMIT 1"
        return self._db.value(sql, (self._db.run,)) is not None

    def to_render(self) -> Iterator[str]:
        """Ids of documents that have to be rendered, in order; they may be marked as rendered meanwhile."""
        rows = self._db.pages(
            f"SELECT id FROM objects WHERE to_render=1 AND kind IN {DOCUMENTS_SQL} AND path IS NOT NULL "
            "AND copy_edited_time IS NOT NULL {after} ORDER BY id",
            "id",
        )
        return (row["id"] for row in rows)
