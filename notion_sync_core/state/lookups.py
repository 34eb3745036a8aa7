"""What no listing shows is looked up by id, each object at most once a run: which ones, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.state.database import Database, text_list
from notion_sync_core.state.objects import DOCUMENTS_SQL, LET_GO_SQL, LIVE_SQL
from notion_sync_core.state.records import Child
from notion_sync_core.status import GONE, WANTED, Status

MISSING_A_RUN = 20
"""How many missing objects a run asks for again."""
DATABASES_A_RUN = 2
"""How many databases a run looks up though nothing tells of a change: no listing shows their icons and covers."""
_WANTED_SQL = text_list(WANTED)
_JUDGED_SQL = text_list(GONE | {Status.MISSING})


class Lookups:
    """What a run looks up, and what it finds."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- what to ask for

    def data_sources_to_list(self) -> list[str]:
        """Ids of data sources that this run has seen."""
        rows = self._db.rows(
            "SELECT id FROM objects WHERE kind='data_source' AND seen_in_run=? AND status='read'", (self._db.run,)
        )
        return [row["id"] for row in rows]

    def children_to_fetch(self, limit: int = 500, *, below_roots: bool = False) -> list[Child]:
        """Children met in content, and databases of data sources, that no listing of this run has shown.

        One that is not readable is asked for again only after the document that shows it changed.

        :param below_roots: what a root stands in is not asked for.
        """
        of_rows = (
            "UNION SELECT d.parent_id, 'data_source', d.title FROM objects d LEFT JOIN objects o ON o.id = d.parent_id "
            "WHERE d.kind = 'page' AND d.seen_in_run = :run AND d.parent_type = 'data_source_id' AND "
            "(o.id IS NULL OR (o.seen_in_run != :run AND o.asked_in_run != :run AND o.status = 'read')) "
        )
        rows = self._db.rows(
            "SELECT e.child_id AS id, e.kind, e.title FROM children e JOIN objects p ON p.id = e.document_id "
            "LEFT JOIN objects o ON o.id = e.child_id "
            f"WHERE e.kind != 'located' AND p.seen_in_run = :run AND p.status IN {LIVE_SQL} AND "
            "(o.id IS NULL OR (o.seen_in_run != :run AND o.asked_in_run != :run AND "
            f"(o.status NOT IN {_JUDGED_SQL} OR p.read_in_run > o.asked_in_run))) "
            "UNION SELECT d.parent_id, 'database', d.title FROM objects d LEFT JOIN objects o ON o.id = d.parent_id "
            "WHERE d.kind = 'data_source' AND d.seen_in_run = :run AND d.parent_type = 'database_id' AND "
            "(o.id IS NULL OR (o.seen_in_run != :run AND o.asked_in_run != :run)) "
            f"{'' if below_roots else of_rows}LIMIT {int(limit)}".replace(":run", str(self._db.run))
        )
        # Several rows and data sources may say where they stand: one of them is enough.
        found = {row["id"]: Child(row["id"], row["kind"], row["title"]) for row in rows if row["id"]}
        return list(found.values())

    def new_children(self, limit: int = 500) -> list[Child]:
        """Children met in the content of what this run has seen, of which nobody knew."""
        rows = self._db.rows(
            "SELECT DISTINCT e.child_id AS id, e.kind, e.title FROM children e JOIN objects p ON p.id = e.document_id "
            f"WHERE e.kind != 'located' AND p.seen_in_run = ? AND p.status IN {LIVE_SQL} "
            "AND NOT EXISTS (SELECT 1 FROM objects WHERE id = e.child_id) LIMIT ?",
            (self._db.run, limit),
        )
        return list({row["id"]: Child(row["id"], row["kind"], row["title"]) for row in rows}.values())

    def parents_to_fetch(self, limit: int = 500) -> list[Child]:
        """Parents that no listing shows: what lies in the trash takes its children along, whatever their flag says."""
        rows = self._db.rows(
            "SELECT c.parent_id AS id, CASE c.parent_type WHEN 'page_id' THEN 'page' ELSE 'database' END AS kind "
            "FROM objects c LEFT JOIN objects p ON p.id = c.parent_id WHERE c.seen_in_run = ? "
            "AND c.kind != 'data_source' AND c.parent_type IN ('page_id', 'database_id') "
            "AND c.parent_id IS NOT NULL AND p.id IS NULL "
            "UNION SELECT e.document_id, 'page' FROM children e LEFT JOIN objects p ON p.id = e.document_id "
            "WHERE e.kind = 'located' AND e.document_id != '' AND p.id IS NULL LIMIT ?",
            (self._db.run, limit),
        )
        return [Child(row["id"], row["kind"], "") for row in rows]

    def to_locate(self, limit: int = 500) -> list[tuple[str, str]]:
        """(object, block) of children that stand in a block of a page no reading has shown."""
        rows = self._db.rows(
            f"SELECT id, parent_id FROM objects WHERE seen_in_run = ? AND parent_type = 'block_id' "
            f"AND parent_id IS NOT NULL AND kind IN {DOCUMENTS_SQL} "
            "AND NOT EXISTS (SELECT 1 FROM children WHERE child_id = objects.id) LIMIT ?",
            (self._db.run, limit),
        )
        return [(row["id"], row["parent_id"]) for row in rows]

    def to_confirm(self, limit: int = 500) -> list[Child]:
        """Objects of earlier runs that nothing has shown: asked for by id, once."""
        rows = self._db.rows(
            f"SELECT id, kind, title FROM objects WHERE seen_in_run != ? AND asked_in_run != ? "
            f"AND kind IN {DOCUMENTS_SQL} AND status IN {_WANTED_SQL} LIMIT ?",
            (self._db.run, self._db.run, limit),
        )
        return [Child(row["id"], row["kind"], row["title"]) for row in rows]

    def missing_to_ask(self) -> list[Child]:
        """Some objects that were missing when they were last asked for, the longest ago first: they may be back."""
        rows = self._db.rows(
            f"SELECT id, kind, title FROM objects WHERE seen_in_run != ? AND asked_in_run != ? "
            f"AND kind IN {DOCUMENTS_SQL} AND (status = 'missing' OR {LET_GO_SQL}) "
            f"ORDER BY asked_in_run, id LIMIT {MISSING_A_RUN}",
            (self._db.run, self._db.run),
        )
        return [Child(row["id"], row["kind"], row["title"]) for row in rows]

    def forget_unanswered(self) -> None:
        """Looked up when a run was cut short: what never got an answer is as unknown as before."""
        self._db.execute("DELETE FROM objects WHERE status = 'new' AND parent_type = 'unknown' AND seen_in_run = 0")

    # -- what came of it

    def ask(self, child: Child) -> None:
        """This id is being looked up."""
        self._db.execute(
            "INSERT INTO objects (id, kind, title, parent_type, created_time, last_edited_time, url, asked_in_run) "
            "VALUES (?, ?, ?, 'unknown', '', '', '', ?) "
            "ON CONFLICT (id) DO UPDATE SET asked_in_run = excluded.asked_in_run",
            (child.id, child.kind, child.title, self._db.run),
        )

    def keep_databases(self, last_stale_run: int) -> list[tuple[str, str]]:
        """Databases whose data sources are all listed and unchanged need not be looked up, but for some in turn.

        :param last_stale_run: what was looked up in a later run than this is fresh.
        :returns: (id, title) of each.
        """
        kept = self._db.rows(
            "WITH settled AS (SELECT id, title, max(asked_in_run, read_in_run) AS looked_at FROM objects "
            "WHERE kind='database' AND seen_in_run NOT IN (0, :run) AND copy_is_settled=1 AND status='read' "
            "AND id IN (SELECT parent_id FROM objects WHERE kind='data_source' AND seen_in_run=:run)) "
            "SELECT id, title FROM settled WHERE id NOT IN (SELECT id FROM settled WHERE looked_at <= :stale "
            f"ORDER BY looked_at, id LIMIT {DATABASES_A_RUN})",
            {"run": self._db.run, "stale": last_stale_run},
        )
        self._db.execute_many(
            "UPDATE objects SET seen_in_run=? WHERE id=?", [(self._db.run, row["id"]) for row in kept]
        )
        return [(row["id"], row["title"]) for row in kept]

    def locate(self, object_id: str, page_id: str) -> None:
        """It stands in that page, whose content has to show it; ``""``: nobody can tell, and nobody is asked again."""
        self._db.execute("INSERT OR IGNORE INTO children VALUES (?, ?, 'located', '', 0)", (page_id, object_id))
        self._db.execute(
            "UPDATE objects SET to_read=1 WHERE id=? AND to_read=0 AND kind='page' AND status='read' "
            "AND read_in_run!=?",
            (page_id, self._db.run),
        )

    def forget_location(self, object_id: str) -> None:
        """It moved: where it was found says nothing any more."""
        self._db.execute("DELETE FROM children WHERE child_id=? AND kind='located'", (object_id,))

    def not_found(self, child: Child, reason: str) -> None:
        """The source does not show it: what we have a copy of is missing, something new is unreadable."""
        self._db.execute(
            "UPDATE objects SET status=CASE WHEN copy_edited_time IS NULL THEN 'unreadable' ELSE 'missing' END, "
            "reason=CASE WHEN copy_edited_time IS NULL THEN :reason ELSE "
            "'it was readable, now it is not (' || :reason || ')' END, to_read=0 WHERE id=:id",
            {"reason": reason, "id": child.id},
        )

    def forgive_missing(self) -> None:
        """A guard stopped the run: what it took for missing most likely is not."""
        self._db.execute(
            "UPDATE objects SET status='read', reason='', asked_in_run=0 "
            f"WHERE (status='missing' OR {LET_GO_SQL}) AND asked_in_run=?",
            (self._db.run,),
        )

    def is_outside(self, child: Child, reason: str) -> None:
        """An ancestor that is not shared; it is no part of the export and is not asked for again."""
        self._db.execute("UPDATE objects SET status='outside', to_read=0, reason=? WHERE id=?", (reason, child.id))
        self.name_unreadable(child.id)

    def name_unreadable(self, child_id: str) -> None:
        """An ancestor that is not shared, but that content shows as a child: people see that it is there."""
        self._db.execute(
            "UPDATE objects SET status='unreadable', "
            "title=(SELECT title FROM children WHERE child_id=:id AND kind != 'located'), "
            "kind=(SELECT kind FROM children WHERE child_id=:id AND kind != 'located') "
            "WHERE id=:id AND status='outside' AND "
            "EXISTS (SELECT 1 FROM children WHERE child_id=:id AND kind != 'located')",
            {"id": child_id},
        )

    def holds_data_sources(self, child: Child) -> bool:
        """Whether a data source stands in it: then it is no view, whatever it shows."""
        sql = "SELECT 1 FROM objects WHERE kind='data_source' AND parent_type='database_id' AND parent_id=?"
        return self._db.value(sql, (child.id,)) is not None

    def data_sources_edited(self, database_id: str) -> str:
        """When a data source in a database was last edited; ``""``: there is none.

        That of a database itself is in no listing: it may have changed as late as these.
        """
        sql = "SELECT max(last_edited_time) FROM objects WHERE kind='data_source' AND parent_id=?"
        return str(self._db.value(sql, (database_id,)) or "")

    def is_view(self, child: Child) -> None:
        """It is a view of another database, not an object of its own."""
        self._db.execute(
            "UPDATE objects SET status='view', to_read=0, seen_in_run=? WHERE id=?", (self._db.run, child.id)
        )

    # -- what a source may ask

    def edited(self, object_id: str) -> str | None:
        """The edit time of our copy, or ``None``."""
        found: str | None = self._db.value("SELECT copy_edited_time FROM objects WHERE id=?", (object_id,))
        return found

    def is_known(self, object_id: str) -> bool:
        """Whether an object has a place in the export."""
        found = self._db.value(f"SELECT 1 FROM objects WHERE id=? AND status IN {LIVE_SQL}", (object_id,))
        return found is not None

    def is_shown(self, object_id: str) -> bool:
        """Whether the content of something that has a place shows it as a child."""
        sql = (
            "SELECT 1 FROM children e JOIN objects p ON p.id = e.document_id "
            f"WHERE e.child_id = ? AND e.kind != 'located' AND p.status IN {LIVE_SQL}"
        )
        return self._db.value(sql, (object_id,)) is not None

    def pages_awaited(self) -> int:
        """How many pages that are no rows this run has not seen yet."""
        return self._db.count(
            "SELECT count(*) FROM objects WHERE kind='page' AND parent_type != 'data_source_id' AND seen_in_run!=? "
            f"AND status IN {_WANTED_SQL}",
            (self._db.run,),
        )

    def rows_awaited(self, data_source_id: str) -> int:
        """How many rows of a data source this run has not seen yet."""
        return self._db.count(
            "SELECT count(*) FROM objects WHERE parent_id=? AND kind='page' AND seen_in_run!=? "
            f"AND status IN {_WANTED_SQL}",
            (data_source_id, self._db.run),
        )

    def rows_unread(self, data_source_id: str) -> Iterator[str]:
        """Rows of a data source that were never read before this run, or only by runs that did not list everything."""
        listed = int(self._db.value("SELECT value FROM facts WHERE name='listed_run'") or 0)
        rows = self._db.pages(
            "SELECT id FROM objects WHERE parent_id=? AND kind='page' AND seen_in_run=? AND "
            f"(copy_edited_time IS NULL OR read_in_run>?) AND status IN {_WANTED_SQL} {{after}} ORDER BY id",
            "id",
            (data_source_id, self._db.run, listed),
        )
        return (row["id"] for row in rows)
