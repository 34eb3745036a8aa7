"""Objects of the source: seen, taken, read, failed, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from notion_sync_core.model import Ref
from notion_sync_core.state.database import Database, text_list
from notion_sync_core.state.records import OBJECT_COLUMNS, Counts, ObjectRecord
from notion_sync_core.status import LIVE, TAKES_ALONG, Status

LIVE_SQL = text_list(LIVE)
_TAKES_ALONG_SQL = text_list(TAKES_ALONG)
DOCUMENTS_SQL = "('page', 'database')"
"""Kinds of objects that have a file of their own."""
OBJECTS_SQL = f"SELECT {OBJECT_COLUMNS} FROM objects"
HAS_FILE_SQL = f"status IN {LIVE_SQL} AND kind IN {DOCUMENTS_SQL} AND path IS NOT NULL AND copy_edited_time IS NOT NULL"
"""Of objects that stand in the export with a file of their own."""

_WITH_ANCESTOR = "an ancestor is in the trash"
_OUT_OF_SCOPE = "it is no longer below a root"
LET_GO_SQL = "(status = 'unreadable' AND copy_edited_time IS NOT NULL)"
"""Of objects that were readable and are not any more, and whose files are to go: the mirror still has their copies."""
BELOW_UNSELECTED = "it lies below a row that export.only leaves out"


class Objects:
    """What is known of each object. Verbs that write count for the run that the state is in."""

    def __init__(self, db: Database, redact: Callable[[str], str] = str) -> None:
        self._db = db
        self._redact = redact

    # -- asking

    def find(self, object_id: str) -> ObjectRecord | None:
        """The object with that id, or ``None``."""
        row = self._db.row(f"{OBJECTS_SQL} WHERE id = ?", (object_id,))
        return None if row is None else ObjectRecord.of(row)

    def title(self, object_id: str) -> str:
        """An object's title; ``""`` if nobody knows it."""
        return str(self._db.value("SELECT title FROM objects WHERE id = ?", (object_id,)) or "")

    def any(self) -> bool:
        """Whether the state knows anything at all."""
        return self._db.value("SELECT 1 FROM objects LIMIT 1") is not None

    def all(self) -> Iterator[ObjectRecord]:
        """Pages and databases, by id."""
        return self._listed("")

    def count(self) -> int:
        """How many objects are known, of all kinds."""
        return self._db.count("SELECT count(*) FROM objects")

    def with_copy(self) -> int:
        """How many documents the mirror has a copy of."""
        return self._db.count(
            f"SELECT count(*) FROM objects WHERE kind IN {DOCUMENTS_SQL} AND copy_edited_time IS NOT NULL"
        )

    def seen_now(self) -> int:
        """How many documents this run has seen."""
        return self._db.count(
            f"SELECT count(*) FROM objects WHERE kind IN {DOCUMENTS_SQL} AND seen_in_run = ?", (self._db.run,)
        )

    def see_as_before(self, run: int) -> None:
        """What an earlier run has seen counts as seen by this one."""
        self._db.execute("UPDATE objects SET seen_in_run=? WHERE seen_in_run=?", (self._db.run, run))

    def newest_edit(self) -> str:
        """The latest edit of what was read for certain; ``""`` if there is none.

        A time beyond the reading itself, such as a wrong one in the future, would hide all edits before it.
        """
        return str(self._db.value("SELECT max(last_edited_time) FROM objects WHERE copy_is_settled=1") or "")

    def failed(self) -> Iterator[ObjectRecord]:
        """Documents that could not be read or rendered, by id."""
        return self._listed("AND status = 'failed'")

    def unreadable(self) -> Iterator[ObjectRecord]:
        """Documents that this token may not see, or not any more, by id."""
        return self._listed("AND status IN ('unreadable', 'missing')")

    def in_manifest(self) -> Iterator[ObjectRecord]:
        """Documents that a manifest tells of, by id."""
        return self._listed(f"AND status IN {LIVE_SQL} AND copy_edited_time IS NOT NULL")

    def unread(self) -> Iterator[ObjectRecord]:
        """Documents that a listing showed and nobody has read yet, by id."""
        return self._listed("AND status = 'new' AND to_read = 1")

    def settled_copies(self) -> Iterator[ObjectRecord]:
        """Documents whose copy in the mirror is said to be whole, by id."""
        return self._listed(
            f"AND status IN {LIVE_SQL} AND status != 'missing' AND copy_edited_time > '' AND copy_is_settled = 1"
        )

    def with_files(self, renderer: str, suffix: str) -> Iterator[tuple[ObjectRecord, str]]:
        """Documents by path, each with the path of its file of a renderer, suffix included; ``""``: none is there."""
        rows = self._db.stream(
            f"SELECT {OBJECT_COLUMNS}, (SELECT path FROM files f WHERE f.document_id = o.id AND f.renderer = :renderer "
            "AND f.is_current = 1 AND f.sha256 != '' AND substr(f.path, -length(:suffix)) = :suffix ORDER BY path "
            f"LIMIT 1) AS file FROM objects o WHERE kind IN {DOCUMENTS_SQL} ORDER BY coalesce(path, title), id",
            {"renderer": renderer, "suffix": suffix},
        )
        return ((ObjectRecord.of(row), row["file"] or "") for row in rows)

    def _listed(self, condition: str) -> Iterator[ObjectRecord]:
        rows = self._db.pages(f"{OBJECTS_SQL} WHERE kind IN {DOCUMENTS_SQL} {condition} {{after}} ORDER BY id", "id")
        return map(ObjectRecord.of, rows)

    def counts(self) -> Counts:
        """How documents stand, as of this run."""
        row = self._db.row(
            "SELECT sum(status = 'read' AND read_in_run = :run) AS read, "
            "sum(status = 'read' AND read_in_run != :run AND copy_edited_time IS NOT NULL) AS unchanged, "
            "sum(status = 'failed') AS failed, sum(status IN ('unreadable', 'missing')) AS unreadable, "
            "sum(moved_in_run = :run AND status = 'read') AS moved "
            f"FROM objects WHERE kind IN {DOCUMENTS_SQL}".replace(":run", str(self._db.run))
        )
        return Counts(*(int(value or 0) for value in tuple(row or (0,) * 5)))

    def by_status(self) -> dict[str, int]:
        """How many documents have which status."""
        rows = self._db.rows(
            f"SELECT status, count(*) AS n FROM objects WHERE kind IN {DOCUMENTS_SQL} GROUP BY status ORDER BY 1"
        )
        return {row["status"]: row["n"] for row in rows}

    # -- seeing

    def add(self, ref: Ref, digest: str) -> None:
        """The source shows an object that nobody knew; a document has to be read."""
        document = ref.kind != "data_source"
        self._db.execute(
            "INSERT INTO objects (id, kind, title, parent_type, parent_id, created_time, last_edited_time, url, "
            "listing_digest, status, seen_in_run, to_read, to_render) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(ref.id, ref.kind, ref.title, ref.parent.type, ref.parent.id, ref.created_time),
                *(ref.last_edited_time, ref.url, digest, "new" if document else "read", self._db.run),
                *(int(document), int(document)),
            ),
        )

    def see(self, ref: Ref, digest: str, status: Status, *, to_read: bool, to_render: bool) -> None:
        """The source shows an object again; what had to be read or rendered still has to be."""
        self._db.execute(
            "UPDATE objects SET kind=?, title=?, parent_type=?, parent_id=?, created_time=?, last_edited_time=?, "
            "url=?, listing_digest=?, seen_in_run=?, status=?, to_read=max(to_read, ?), to_render=max(to_render, ?) "
            "WHERE id=?",
            (
                *(ref.kind, ref.title, ref.parent.type, ref.parent.id, ref.created_time, ref.last_edited_time, ref.url),
                *(digest, self._db.run, status.value, int(to_read), int(to_render), ref.id),
            ),
        )

    def note_icon(self, object_id: str, icon: str) -> None:
        """Its icon, as JSON."""
        self._db.execute("UPDATE objects SET icon=? WHERE id=?", (icon, object_id))

    def see_aside(self, object_id: str) -> None:
        """The source shows something that is no part of the export for good."""
        run = self._db.run
        self._db.execute("UPDATE objects SET seen_in_run=?, asked_in_run=? WHERE id=?", (run, run, object_id))

    def leave(self, object_id: str, status: Status, reason: str) -> None:
        """It left the source: to the trash, or aside."""
        self._db.execute(
            "UPDATE objects SET status=?, reason=?, to_read=0, to_render=0, asked_in_run=? WHERE id=?",
            (status.value, reason, self._db.run, object_id),
        )

    def mark_asked(self, object_id: str) -> None:
        """The source answered for this id."""
        self._db.execute("UPDATE objects SET asked_in_run=? WHERE id=?", (self._db.run, object_id))

    def see_rows_of(self, data_source_id: str) -> None:
        """Rows that a broken listing does not show are not missing."""
        self._db.execute("UPDATE objects SET seen_in_run=? WHERE parent_id=?", (self._db.run, data_source_id))

    # -- what goes and comes with something else

    def raise_below(self, object_id: str) -> None:
        """What went with an object that is back may be back too, though its own time never moved: it is looked up.

        What went with a row that was left out was seen meanwhile, and never read.
        """
        self._db.execute(
            "WITH RECURSIVE below(id) AS (SELECT :id UNION SELECT o.id FROM objects o JOIN below "
            "ON o.folder_id = below.id "
            f"WHERE o.status IN {_TAKES_ALONG_SQL} "
            f"AND o.reason IN ('{_WITH_ANCESTOR}', '{_OUT_OF_SCOPE}', '{BELOW_UNSELECTED}')) "
            "UPDATE objects SET to_render=1, reason='', "
            "to_read=CASE WHEN status='unselected' AND kind != 'data_source' AND "
            "(copy_edited_time IS NOT last_edited_time OR NOT copy_is_settled) THEN 1 ELSE to_read END, "
            "status=CASE WHEN copy_edited_time IS NULL AND kind != 'data_source' THEN 'new' ELSE 'read' END "
            "WHERE id IN below AND id != :id",
            {"id": object_id},
        )

    def sink_below_trashed(self) -> None:
        """What lies below something in the trash is in the trash too, whatever its own flag says."""
        self._sink_below(Status.TRASHED, _WITH_ANCESTOR)

    def sink_below_unselected(self) -> None:
        """What lies below a row that is left out is left out too."""
        self._sink_below(Status.UNSELECTED, BELOW_UNSELECTED)

    def _sink_below(self, status: Status, reason: str) -> None:
        self._db.execute(
            "WITH RECURSIVE gone(id) AS (SELECT id FROM objects WHERE status=:status UNION "
            f"SELECT o.id FROM objects o JOIN gone ON o.folder_id = gone.id WHERE o.status IN {LIVE_SQL}) "
            "UPDATE objects SET status=:status, to_read=0, to_render=0, reason=:reason "
            "WHERE id IN gone AND status != :status",
            {"status": status.value, "reason": reason},
        )

    def keep_below(self, roots: Iterable[str]) -> None:
        """With roots given: what is no longer below one of them has left the job. Folders are assigned before."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS roots (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("DELETE FROM roots")
        self._db.execute_many("INSERT OR IGNORE INTO roots VALUES (?)", [(root,) for root in roots])
        self._db.execute(
            "WITH RECURSIVE below(id) AS (SELECT id FROM roots UNION "
            "SELECT o.id FROM objects o JOIN below ON o.folder_id = below.id) "
            f"UPDATE objects SET status='trashed', reason='{_OUT_OF_SCOPE}', to_read=0, to_render=0 "
            f"WHERE status IN {LIVE_SQL} AND id NOT IN below"
        )

    def let_missing_go(self) -> list[ObjectRecord]:
        """What is not readable any more leaves the export.

        :returns: what it leaves now.
        """
        return self._judge_missing("status='missing'", Status.UNREADABLE)

    def keep_missing(self) -> list[ObjectRecord]:
        """What was let go comes back as long as any of its files is there.

        :returns: what is back.
        """
        there = "EXISTS (SELECT 1 FROM files f WHERE f.document_id=objects.id)"
        return self._judge_missing(f"{LET_GO_SQL} AND {there}", Status.MISSING)

    def _judge_missing(self, which: str, status: Status) -> list[ObjectRecord]:
        found = list(map(ObjectRecord.of, self._db.rows(f"{OBJECTS_SQL} WHERE {which} ORDER BY id")))
        self._db.execute_many("UPDATE objects SET status=? WHERE id=?", [(status.value, each.id) for each in found])
        return found

    # -- choosing

    def rows(self) -> Iterator[ObjectRecord]:
        """Rows that have a place in the export, or would have if they were chosen, by id; they may change meanwhile."""
        rows = self._db.pages(
            f"{OBJECTS_SQL} WHERE parent_type='data_source_id' AND kind='page' "
            f"AND (status IN {LIVE_SQL} OR status='unselected') {{after}} ORDER BY id",
            "id",
        )
        return map(ObjectRecord.of, rows)

    def is_unselected(self, object_id: str) -> bool:
        """Whether it is left out by choice: nothing of it may show."""
        sql = "SELECT 1 FROM objects WHERE id=? AND status='unselected'"
        return self._db.value(sql, (object_id,)) is not None

    def is_hidden(self, object_id: str) -> bool | None:
        """The same; ``None`` of what nobody knows."""
        found = self._db.value("SELECT status='unselected' FROM objects WHERE id=?", (object_id,))
        return None if found is None else bool(found)

    def is_back(self, object_id: str) -> None:
        """A row is chosen again; it is read if there is no whole copy of it."""
        self._db.execute(
            "UPDATE objects SET status=CASE WHEN copy_edited_time IS NULL THEN 'new' ELSE 'read' END, reason='', "
            "to_render=1, to_read=(copy_edited_time IS NOT last_edited_time OR NOT copy_is_settled) WHERE id=?",
            (object_id,),
        )

    # -- failing

    def fail(self, object_id: str, reason: str, remedy: str) -> None:
        """It could not be read; it is tried first next time."""
        self._db.execute(
            "UPDATE objects SET status='failed', reason=?, remedy=?, to_read=0, seen_in_run=? WHERE id=?",
            (self._redact(reason), self._redact(remedy), self._db.run, object_id),
        )

    def fail_rendering(self, object_id: str, reason: str, remedy: str) -> None:
        """It was read, and could not be rendered."""
        self._db.execute(
            "UPDATE objects SET status='failed', reason=?, remedy=? WHERE id=?",
            (self._redact(reason), self._redact(remedy), object_id),
        )

    # -- adopting

    def adopt(self, ref: Ref) -> None:
        """A manifest names it: it is known, and has to be read before it counts as unchanged."""
        self._db.execute(
            "INSERT OR IGNORE INTO objects (id, kind, title, parent_type, parent_id, created_time, last_edited_time, "
            "url, status, copy_edited_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'read', '')",
            (
                *(ref.id, ref.kind, ref.title, ref.parent.type, ref.parent.id),
                *(ref.created_time, ref.last_edited_time, ref.url),
            ),
        )

    # -- recalling

    def recall(self, ref: Ref, status: Status, folder_id: str | None, icon: str, *, has_copy: bool) -> None:
        """An object as it once was; its files have to be made."""
        self._db.execute(
            "INSERT INTO objects (id, kind, title, parent_type, parent_id, created_time, last_edited_time, url, "
            "status, seen_in_run, read_in_run, copy_edited_time, copy_is_settled, to_render, folder_id, icon) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
            (
                *(ref.id, ref.kind, ref.title, ref.parent.type, ref.parent.id, ref.created_time, ref.last_edited_time),
                *(ref.url, status.value, self._db.run, self._db.run, ref.last_edited_time if has_copy else None),
                *(int(ref.kind != "data_source"), folder_id, icon),
            ),
        )
