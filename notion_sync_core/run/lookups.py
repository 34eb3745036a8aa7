"""What no listing shows is looked up by id, each object at most once a run: which ones, and what came of it."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.model import Kind
from notion_sync_core.store.state import State

LIVE = "('new', 'read', 'failed', 'missing')"
"""Statuses of objects that have a place in the export."""
DOCUMENTS = "('page', 'database')"
"""Kinds of objects that have a file of their own."""
MISSING_A_RUN = 20
"""How many missing objects a run asks for again."""


@frozen
class Child:
    """An object that only content shows, still to be looked up."""

    id: str
    kind: Kind
    title: str


class Lookups:
    """One run's looking up; it writes on the one thread that writes the state."""

    def __init__(self, state: State, run: int) -> None:
        self._state = state
        self._run = run

    def children_to_fetch(self, limit: int = 500, *, below_roots: bool = False) -> list[Child]:
        """Children met in content, and databases of data sources, that no listing of this run has shown.

        One that is not readable is asked for again only after the document that shows it changed.

        :param below_roots: what a root stands in is not asked for.
        """
        of_rows = (
            "UNION SELECT d.parent_id, 'data_source', d.title FROM objects d LEFT JOIN objects o ON o.id = d.parent_id "
            "WHERE d.kind = 'page' AND d.seen = :run AND d.parent_type = 'data_source_id' AND "
            "(o.id IS NULL OR (o.seen != :run AND o.asked != :run AND o.status = 'read')) "
        )
        rows = self._state.rows(
            "SELECT e.child AS id, e.kind, e.title FROM edges e JOIN objects p ON p.id = e.parent "
            "LEFT JOIN objects o ON o.id = e.child "
            f"WHERE e.kind != 'located' AND p.seen = :run AND p.status IN {LIVE} AND "
            "(o.id IS NULL OR (o.seen != :run AND o.asked != :run AND "
            "(o.status NOT IN ('unreadable', 'view', 'aside', 'trashed', 'missing') OR p.read_run = :run))) "
            "UNION SELECT d.parent_id, 'database', d.title FROM objects d LEFT JOIN objects o ON o.id = d.parent_id "
            "WHERE d.kind = 'data_source' AND d.seen = :run AND d.parent_type = 'database_id' AND "
            "(o.id IS NULL OR (o.seen != :run AND o.asked != :run)) "
            f"{'' if below_roots else of_rows}LIMIT {int(limit)}".replace(":run", str(self._run))
        )
        # Several rows and data sources may say where they stand: one of them is enough.
        found = {row["id"]: Child(row["id"], row["kind"], row["title"]) for row in rows if row["id"]}
        return list(found.values())

    def parents_to_fetch(self, limit: int = 500) -> list[Child]:
        """Parents that no listing shows: what lies in the trash takes its children along, whatever their flag says."""
        rows = self._state.rows(
            "SELECT c.parent_id AS id, CASE c.parent_type WHEN 'page_id' THEN 'page' ELSE 'database' END AS kind "
            "FROM objects c LEFT JOIN objects p ON p.id = c.parent_id WHERE c.seen = ? AND c.kind != 'data_source' AND "
            "c.parent_type IN ('page_id', 'database_id') AND c.parent_id IS NOT NULL AND p.id IS NULL "
            "UNION SELECT e.parent, 'page' FROM edges e LEFT JOIN objects p ON p.id = e.parent "
            "WHERE e.kind = 'located' AND e.parent != '' AND p.id IS NULL LIMIT ?",
            (self._run, limit),
        )
        return [Child(row["id"], row["kind"], "") for row in rows]

    def to_locate(self, limit: int = 500) -> list[tuple[str, str]]:
        """(object, block) of children that stand in a block of a page no reading has shown."""
        rows = self._state.rows(
            f"SELECT id, parent_id FROM objects WHERE seen = ? AND parent_type = 'block_id' AND kind IN {DOCUMENTS} "
            "AND parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM edges WHERE child = objects.id) LIMIT ?",
            (self._run, limit),
        )
        return [(row["id"], row["parent_id"]) for row in rows]

    def locate(self, object_id: str, page_id: str) -> None:
        """It stands in that page, whose content has to show it; ``""``: nobody can tell, and nobody is asked again."""
        self._state.execute("INSERT OR IGNORE INTO edges VALUES (?, ?, 'located', '', 0)", (page_id, object_id))
        self._state.execute(
            "UPDATE objects SET pending=1 WHERE id=? AND pending=0 AND kind='page' AND status='read' AND read_run!=?",
            (page_id, self._run),
        )

    def keep_databases(self) -> list[tuple[str, str]]:
        """Databases whose data sources are all listed and unchanged need not be looked up.

        :returns: (id, title) of each.
        """
        kept = self._state.rows(
            "SELECT id, title FROM objects WHERE kind='database' AND seen NOT IN (0, ?) AND settled=1 "
            "AND status='read' AND id IN (SELECT parent_id FROM objects WHERE kind='data_source' AND seen=?)",
            (self._run, self._run),
        )
        self._state.execute_many("UPDATE objects SET seen=? WHERE id=?", [(self._run, row["id"]) for row in kept])
        return [(row["id"], row["title"]) for row in kept]

    def to_confirm(self, limit: int = 500) -> list[Child]:
        """Objects of earlier runs that nothing has shown: asked for by id, once."""
        rows = self._state.rows(
            f"SELECT id, kind, title FROM objects WHERE seen != ? AND asked != ? AND kind IN {DOCUMENTS} "
            "AND status IN ('new', 'read', 'failed') LIMIT ?",
            (self._run, self._run, limit),
        )
        return [Child(row["id"], row["kind"], row["title"]) for row in rows]

    def missing_to_ask(self) -> list[Child]:
        """Some objects that were missing when they were last asked for, the longest ago first: they may be back."""
        rows = self._state.rows(
            f"SELECT id, kind, title FROM objects WHERE seen != ? AND asked != ? AND kind IN {DOCUMENTS} "
            f"AND status = 'missing' ORDER BY asked, id LIMIT {MISSING_A_RUN}",
            (self._run, self._run),
        )
        return [Child(row["id"], row["kind"], row["title"]) for row in rows]

    def forgive_missing(self) -> None:
        """A guard stopped the run: what it took for missing most likely is not."""
        self._state.execute(
            "UPDATE objects SET status='read', reason='', asked=0 WHERE status='missing' AND asked=?", (self._run,)
        )

    def mark_asked(self, child: Child) -> None:
        """This id is being looked up."""
        self._state.execute(
            "INSERT INTO objects (id, kind, title, parent_type, created, edited, url, asked) VALUES (?, ?, ?, "
            "'unknown', '', '', '', ?) ON CONFLICT (id) DO UPDATE SET asked = excluded.asked",
            (child.id, child.kind, child.title, self._run),
        )

    def not_found(self, child: Child, reason: str) -> None:
        """The source does not show it: a copy we have is kept, something new is unreadable."""
        known = self._state.value("SELECT read_edited FROM objects WHERE id=?", (child.id,))
        status = "unreadable" if known is None else "missing"
        self._state.execute(
            "UPDATE objects SET status=?, reason=?, pending=0 WHERE id=?",
            (
                status,
                reason if known is None else f"it was readable, now it is not ({reason}); the copy is kept",
                child.id,
            ),
        )

    def is_outside(self, child: Child, reason: str) -> None:
        """An ancestor that is not shared; it is no part of the export and is not asked for again."""
        self._state.execute("UPDATE objects SET status='outside', pending=0, reason=? WHERE id=?", (reason, child.id))
        self.name_unreadable(child.id)

    def name_unreadable(self, child: str) -> None:
        """An ancestor that is not shared, but that content shows as a child: people see that it is there."""
        self._state.execute(
            "UPDATE objects SET status='unreadable', "
            "title=(SELECT title FROM edges WHERE child=?1 AND kind != 'located'), "
            "kind=(SELECT kind FROM edges WHERE child=?1 AND kind != 'located') WHERE id=?1 AND status='outside' AND "
            "EXISTS (SELECT 1 FROM edges WHERE child=?1 AND kind != 'located')",
            (child,),
        )

    def holds_data_sources(self, child: Child) -> bool:
        """Whether a data source stands in it: then it is no view, whatever it shows."""
        sql = "SELECT 1 FROM objects WHERE kind='data_source' AND parent_type='database_id' AND parent_id=?"
        return self._state.value(sql, (child.id,)) is not None

    def is_view(self, child: Child) -> None:
        """It is a view of another database, not an object of its own."""
        self._state.execute("UPDATE objects SET status='view', pending=0, seen=? WHERE id=?", (self._run, child.id))
