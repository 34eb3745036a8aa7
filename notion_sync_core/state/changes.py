"""What readers have seen of documents: changes are numbered, so that they can ask for those since a number.

A number counts up over all documents. What was written from some number on belongs to an era, which has a token that
nobody can guess: so a number of another state, or of one that was put back and went another way, is told from ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from notion_sync_core.state.database import Database
from notion_sync_core.state.objects import DOCUMENTS_SQL

_PRESENT = (
    f"kind IN {DOCUMENTS_SQL} AND status IN ('new', 'read', 'failed') AND path IS NOT NULL "
    "AND copy_edited_time IS NOT NULL"
)
"""Of objects that the source shows, with a place and a copy."""
_NEXT = "(SELECT coalesce(max(number), 0) + 1 FROM changes)"
_WAITS = "(to_render = 1 OR to_read != 0)"
"""Of objects whose files are not made since something changed, or whose copy a run may have been about to replace."""
_SEEN = "(SELECT document_id FROM changes WHERE is_gone = 0)"
_HOLDERS = (
    # Who holds what a document shows by synced copies; copies may hold copies.
    "WITH RECURSIVE all_shown(id) AS (SELECT :id UNION SELECT originals.holder FROM all_shown JOIN copies "
    "ON copies.document_id = all_shown.id JOIN originals ON originals.block_id = copies.original_id), "
    "shown(id) AS (SELECT id FROM all_shown WHERE id != :id) "
)
_LEADS = (
    "t.title, t.path, t.copy_edited_time IS NOT NULL, t.status IN ('new', 'read', 'failed', 'missing'), "
    "CASE WHEN t.copy_edited_time IS NULL THEN t.url END"
)
"""What a way to an object shows of it."""


class Gone(NamedTuple):
    """A document that is not there any more."""

    id: str
    title: str
    """The last that it had."""
    path: str
    """The last that it had, without suffix."""


class Standing(NamedTuple):
    """What is known of a document that its digest wants."""

    path: str | None
    is_to_read: bool
    content: str
    """The digest of its content as it was read."""
    has_copies: bool
    """Whether it shows synced blocks of others."""
    comments: str
    """``1`` if comments are shown."""
    selection: str
    """What of its rows the job chooses."""


class Changes:
    """The changes of one job's documents, as readers see them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- writing

    def begin(self) -> None:
        """What changes from now on is of a new era; one in which nothing changed is forgotten."""
        self._db.execute(f"INSERT OR REPLACE INTO eras VALUES ({_NEXT}, lower(hex(randomblob(6))))")

    def note(self, document_id: str, digest: str) -> None:
        """What readers see of a document now. If that is what they saw, nothing changed."""
        self._db.execute(
            f"INSERT INTO changes SELECT id, :digest, :next, :next, 0, title, path FROM objects "
            f"WHERE id = :id AND {_PRESENT} ON CONFLICT (document_id) DO UPDATE SET digest = excluded.digest, "
            "number = excluded.number, is_gone = 0, title = excluded.title, path = excluded.path "
            "WHERE digest IS NOT excluded.digest OR is_gone = 1",
            {"id": document_id, "digest": digest, "next": self.number + 1},
        )

    def leave(self) -> None:
        """Documents that are not there any more went."""
        self._db.execute(
            f"UPDATE changes SET is_gone = 1, number = {_NEXT} "
            f"WHERE is_gone = 0 AND document_id NOT IN (SELECT id FROM objects WHERE {_PRESENT})"
        )

    def settle(self) -> None:
        """All is noted that there is to note."""
        now = self._contents()
        if self._settled() != now:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES ('settled_contents', ?)", (now,))

    # -- asking

    def is_settled(self) -> bool:
        """Whether all is noted that there is to note."""
        waits = f"SELECT 1 FROM objects WHERE {_WAITS} AND {_PRESENT} LIMIT 1"
        return self._settled() == self._contents() and self._db.value(waits) is None

    def _contents(self) -> str:
        return str(self._db.value("SELECT value FROM facts WHERE name = 'contents_number'") or "")

    def _settled(self) -> str:
        return str(self._db.value("SELECT value FROM facts WHERE name = 'settled_contents'") or "")

    def waiting(self) -> list[str]:
        """Documents that may look other than they were seen: nobody has looked since they were marked for that."""
        rows = self._db.rows(f"SELECT id FROM objects WHERE {_PRESENT} AND ({_WAITS} OR id NOT IN {_SEEN}) ORDER BY id")
        return [row["id"] for row in rows]

    def is_present(self, document_id: str) -> bool:
        """Whether readers may see a document."""
        sql = f"SELECT 1 FROM objects WHERE id = ? AND {_PRESENT} AND id IN {_SEEN}"
        return self._db.value(sql, (document_id,)) is not None

    def count(self) -> int:
        """How many documents readers may see."""
        return self._db.count(f"SELECT count(*) FROM objects WHERE {_PRESENT} AND id IN {_SEEN}")

    @property
    def number(self) -> int:
        """Of the last change."""
        return self._db.count("SELECT max(number) FROM changes")

    def era(self, number: int) -> str:
        """The token of the era that a number is of."""
        sql = "SELECT token FROM eras WHERE first_number <= ? ORDER BY first_number DESC LIMIT 1"
        return str(self._db.value(sql, (number,)) or "")

    def gone_since(self, number: int) -> Iterator[Gone]:
        """Documents that readers saw at that number, and that went since, by id."""
        rows = self._db.stream(
            "SELECT document_id, title, path FROM changes WHERE is_gone = 1 AND number > ? AND first_number <= ? "
            "ORDER BY document_id",
            (number, number),
        )
        return (Gone(*row) for row in rows)

    # -- what a document shows beside its own object

    def standing(self, document_id: str) -> Standing | None:
        """All of it by one statement, as it is asked for each document that is rendered."""
        row = self._db.row(
            "SELECT path, to_read != 0, coalesce(content_digest, ''), "
            "EXISTS (SELECT 1 FROM copies WHERE document_id = objects.id), "
            "coalesce((SELECT value FROM facts WHERE name = 'comments'), ''), "
            "coalesce((SELECT value FROM facts WHERE name = 'selection'), '') FROM objects WHERE id = ?",
            (document_id,),
        )
        return None if row is None else Standing(*row)

    def shown(self, document_id: str, *, by_copies: bool = False) -> list[tuple[object, ...]]:
        """What a document shows of others: titles and places of what it leads to, files, blocks that are gone.

        :param by_copies: what the documents show that hold the synced blocks which it shows.
        """
        of = "IN shown" if by_copies else "= :id"
        rows = self._db.rows(
            f"{_HOLDERS if by_copies else ''}"
            f"SELECT 'link', target_id, {_LEADS} FROM links LEFT JOIN objects t ON t.id = coalesce((SELECT parent_id "
            "FROM objects s WHERE s.id = target_id AND s.kind = 'data_source'), target_id) "
            f"WHERE document_id {of} UNION ALL "
            f"SELECT 'child', child_id, {_LEADS} FROM children LEFT JOIN objects t ON t.id = child_id "
            f"WHERE document_id {of} AND children.kind != 'located' "
            "UNION ALL SELECT 'file', asset_key, sha256, suffix, (SELECT p.sha256 FROM pictures p "
            "WHERE p.asset_sha256 = a.sha256), NULL, NULL FROM document_assets LEFT JOIN assets a ON a.key = asset_key "
            f"WHERE document_id {of} "
            "UNION ALL SELECT 'gone', d.document_id, d.block_id, NULL, NULL, NULL, NULL FROM dead_ends d "
            "JOIN block_links l ON l.target_id = d.document_id AND l.block_id = d.block_id "
            f"WHERE l.document_id {of}",
            {"id": document_id},
        )
        return sorted({tuple(row) for row in rows}, key=repr)

    def copied(self, document_id: str) -> list[str]:
        """The synced blocks of others that a document shows."""
        sql = "SELECT original_id FROM copies WHERE document_id = ? ORDER BY original_id"
        return [row["original_id"] for row in self._db.rows(sql, (document_id,))]

    def rows(self, database_id: str) -> Iterator[tuple[object, ...]]:
        """The rows of a database: what listings say of each, and what its relations and mentions lead to."""
        rows = self._db.stream(
            f"SELECT r.id, r.listing_digest, r.path, l.target_id, {_LEADS} FROM objects s "
            "JOIN objects r ON r.parent_id = s.id LEFT JOIN links l ON l.document_id = r.id "
            "LEFT JOIN objects t ON t.id = l.target_id WHERE s.kind = 'data_source' AND s.parent_id = ? "
            "AND r.status IN ('new', 'read', 'failed', 'missing') ORDER BY r.id, l.target_id",
            (database_id,),
        )
        return map(tuple, rows)
