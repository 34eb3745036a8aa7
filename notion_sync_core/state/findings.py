"""What reading a document turned up: children, links, files, synced blocks, people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from notion_sync_core.model import Asset, Found, Kind
from notion_sync_core.state.database import Database
from notion_sync_core.state.objects import HAS_FILE_SQL, LIVE_SQL
from notion_sync_core.state.records import DeadLink

_FOR_A_COPY = "copy:"
"""Before the id of a document for whose sake a synced block was read that it does not hold."""


class Findings:
    """What the documents of a job refer to."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def replace(self, document_id: str, found: Found, *, own: frozenset[str], known: bool) -> None:
        """What a reading found takes the place of what an earlier one did.

        :param own: keys of files that the object shows by itself, not in its content.
        :param known: there was an earlier one.
        """
        if known:
            self._forget(document_id)
        many = self._db.execute_many
        many(
            "INSERT OR REPLACE INTO children VALUES (?, ?, ?, ?, ?)",
            [
                (document_id, child, kind, title, position)
                for position, (child, kind, title) in enumerate(found.children)
                if child != document_id
            ],
        )
        many("INSERT OR REPLACE INTO originals VALUES (?, ?)", [(block, document_id) for block in found.originals])
        many("INSERT OR IGNORE INTO copies VALUES (?, ?, ?)", [(document_id, *pair) for pair in found.synced_from])
        self.add(document_id, found, own)

    def add(self, document_id: str, found: Found, own: frozenset[str] = frozenset()) -> None:
        """Links and files that a document shows, perhaps through a synced block."""
        self._db.execute_many(
            "INSERT OR IGNORE INTO links VALUES (?, ?)", [(document_id, target) for target in found.links]
        )
        self._db.execute_many(
            "INSERT OR IGNORE INTO document_assets (document_id, asset_key, in_object) VALUES (?, ?, ?)",
            [(document_id, asset.key, int(asset.key in own)) for asset in found.assets],
        )

    def of(self, document_id: str) -> Found:
        """What reading a document turned up, as far as it is remembered: of files their keys."""

        def asked(what: str, where: str) -> list[tuple[str, ...]]:
            rows = self._db.rows(f"SELECT {what} FROM {where}", (document_id,))
            return [tuple(row) for row in rows]

        children = asked(
            "child_id, kind, title", "children WHERE document_id=? AND kind != 'located' ORDER BY position"
        )
        files = asked("asset_key", "document_assets WHERE document_id=?")
        return Found(
            children=cast("tuple[tuple[str, Kind, str], ...]", tuple(children)),
            links=frozenset(each for (each,) in asked("target_id", "links WHERE document_id=?")),
            anchors=frozenset((a, b) for a, b in asked("target_id, block_id", "block_links WHERE document_id=?")),
            assets=tuple(Asset(key, "") for (key,) in files),
            synced_from=tuple((a, b) for a, b in asked("original_id, copy_id", "copies WHERE document_id=?")),
            originals=tuple(each for (each,) in asked("block_id", "originals WHERE holder=?")),
        )

    def own_files(self, document_id: str) -> set[str]:
        """Keys of the files that an object showed by itself when it was read."""
        sql = "SELECT asset_key FROM document_assets WHERE document_id=? AND in_object=1"
        return {row["asset_key"] for row in self._db.rows(sql, (document_id,))}

    def _forget(self, document_id: str) -> None:
        self._db.execute("DELETE FROM children WHERE document_id=? AND kind != 'located'", (document_id,))
        for table in ("links", "copies", "document_assets"):
            self._db.execute(f"DELETE FROM {table} WHERE document_id=?", (document_id,))
        self._db.execute("DELETE FROM originals WHERE holder IN (?, ?)", (document_id, _FOR_A_COPY + document_id))

    # -- links to blocks

    def link_blocks(self, document_id: str, links: frozenset[tuple[str, str]]) -> set[str]:
        """Note which blocks a document links to.

        :param links: (document, bare block id).
        :returns: the documents whose anchors this changes: they have to show or drop them.
        """
        rows = self._db.rows("SELECT target_id, block_id FROM block_links WHERE document_id=?", (document_id,))
        old = {(row["target_id"], row["block_id"]) for row in rows}
        self._db.execute_many(
            "DELETE FROM block_links WHERE document_id=? AND target_id=? AND block_id=?",
            [(document_id, *each) for each in old - links],
        )
        self._db.execute_many(
            "INSERT OR IGNORE INTO block_links VALUES (?, ?, ?)", [(document_id, *each) for each in links - old]
        )
        return {target for target, _ in old ^ links}

    def linked_blocks(self, document_id: str) -> set[str]:
        """Blocks of a document that links lead to, by their bare ids."""
        rows = self._db.rows("SELECT block_id FROM block_links WHERE target_id=?", (document_id,))
        return {row["block_id"] for row in rows}

    def linking_to_blocks_of(self, document_id: str) -> set[str]:
        """Documents whose text leads to single blocks of another one."""
        rows = self._db.rows("SELECT DISTINCT document_id FROM block_links WHERE target_id=?", (document_id,))
        return {row["document_id"] for row in rows}

    def dead_block_links(self) -> Iterator[DeadLink]:
        """Links to blocks that their page does not have."""
        rows = self._db.stream(
            "SELECT s.id, s.title, t.title AS there FROM lost_blocks d "
            "JOIN block_links a ON a.target_id = d.document_id AND a.block_id = d.block_id "
            f"JOIN objects s ON s.id = a.document_id AND s.status IN {LIVE_SQL} "
            f"JOIN objects t ON t.id = d.document_id AND t.status IN {LIVE_SQL} "
            "ORDER BY s.id, t.id, d.block_id"
        )
        return (DeadLink(row["id"], row["title"], row["there"]) for row in rows)

    def dead_file_links(self) -> Iterator[DeadLink]:
        """Links to documents that should have a file and have none."""
        rows = self._db.stream(
            "SELECT s.id, s.title, t.title AS there FROM links l "
            f"JOIN objects s ON s.id = l.document_id AND s.status IN {LIVE_SQL} "
            f"JOIN (SELECT * FROM objects WHERE {HAS_FILE_SQL}) t ON t.id = l.target_id "
            "WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.document_id = t.id AND f.is_current = 1) "
            "ORDER BY s.id, t.id"
        )
        return (DeadLink(row["id"], row["title"], row["there"]) for row in rows)

    # -- what rendering found

    def keep_rendering(self, document_id: str, notes: Iterable[tuple[str, str]], lost_blocks: Iterable[str]) -> None:
        """What rendering a document left.

        :param notes: (renderer, text) for the files about all documents.
        :param lost_blocks: bare ids of blocks that links lead to and that are not there.
        """
        self._db.execute("DELETE FROM notes WHERE document_id=?", (document_id,))
        self._db.execute_many("INSERT INTO notes VALUES (?, ?, ?)", [(document_id, *note) for note in notes])
        self._db.execute("DELETE FROM lost_blocks WHERE document_id=?", (document_id,))
        self._db.execute_many(
            "INSERT INTO lost_blocks VALUES (?, ?)", [(document_id, block_id) for block_id in lost_blocks]
        )

    def tell_dead_ends(self) -> list[str]:
        """Let documents that link to blocks know which of them are gone, as rendering found.

        :returns: those for which that changed something: they have to be rendered, and are marked so.
        """
        changed = (
            "SELECT * FROM (SELECT * FROM lost_blocks EXCEPT SELECT * FROM dead_ends) "
            "UNION SELECT * FROM (SELECT * FROM dead_ends EXCEPT SELECT * FROM lost_blocks)"
        )
        rows = self._db.rows(
            f"SELECT DISTINCT l.document_id FROM ({changed}) c JOIN block_links l "
            "ON l.target_id = c.document_id AND l.block_id = c.block_id "
            f"JOIN objects o ON o.id = l.document_id AND {HAS_FILE_SQL} ORDER BY 1"
        )
        found = [row["document_id"] for row in rows]
        self._db.execute_many("UPDATE objects SET to_render=1 WHERE id=?", [(each,) for each in found])
        self._db.execute("DELETE FROM dead_ends WHERE (document_id, block_id) NOT IN (SELECT * FROM lost_blocks)")
        self._db.execute("INSERT OR IGNORE INTO dead_ends SELECT * FROM lost_blocks")
        return found

    def is_dead_end(self, document_id: str, block_id: str) -> bool:
        """Whether a document is known not to have that block any more.

        :param block_id: bare.
        """
        sql = "SELECT 1 FROM dead_ends WHERE document_id=? AND block_id=?"
        return self._db.value(sql, (document_id, block_id)) is not None

    def note(self, document_id: str, renderer: str) -> str:
        """What rendering a document left for the files about all documents."""
        found = self._db.value("SELECT note FROM notes WHERE document_id=? AND renderer=?", (document_id, renderer))
        return str(found or "")

    # -- synced blocks

    def orphan_originals(self, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        """(original, document) of copies whose original no document of the export holds, and nobody has read.

        :param after: only originals beyond this one.
        """
        rows = self._db.rows(
            "SELECT c.original_id, min(c.document_id) AS document_id "
            "FROM copies c JOIN objects d ON d.id = c.document_id "
            f"WHERE d.seen_in_run = ? AND d.status IN {LIVE_SQL} AND c.original_id > ? "
            "AND c.original_id NOT IN (SELECT block_id FROM originals) "
            "GROUP BY c.original_id ORDER BY c.original_id LIMIT ?",
            (self._db.run, after, limit),
        )
        return [(row["original_id"], row["document_id"]) for row in rows]

    def holder_of(self, original_id: str) -> str:
        """The document that holds the original of a synced block; ``""``: none of the export does."""
        holder = str(self._db.value("SELECT holder FROM originals WHERE block_id=?", (original_id,)) or "")
        return "" if holder.startswith(_FOR_A_COPY) else holder

    def copies_of(self, original_id: str) -> list[str]:
        """The copies of a synced block on documents of the export."""
        rows = self._db.rows(
            "SELECT DISTINCT c.copy_id FROM copies c JOIN objects d ON d.id = c.document_id "
            f"WHERE c.original_id = ? AND d.status IN {LIVE_SQL} ORDER BY c.copy_id",
            (original_id,),
        )
        return [row["copy_id"] for row in rows]

    def settle_orphan(self, block_id: str, document_id: str) -> None:
        """That original was read for a document, or will never be shown; until it changes nobody asks again."""
        self._db.execute("INSERT OR REPLACE INTO originals VALUES (?, ?)", (block_id, _FOR_A_COPY + document_id))
        self._db.execute(
            "UPDATE objects SET to_render=1 WHERE id IN (SELECT document_id FROM copies WHERE original_id=?)",
            (block_id,),
        )

    # -- people

    def add_users(self, ids: Iterable[str]) -> None:
        """Names of these people are in the mirror."""
        self._db.execute_many("INSERT OR IGNORE INTO users VALUES (?)", [(each,) for each in ids])

    def users(self) -> Iterator[str]:
        """The ids of people whose name is in the mirror."""
        return (row["id"] for row in self._db.stream("SELECT id FROM users ORDER BY id"))

    def has_user(self, user_id: str) -> bool:
        """Whether a person's name is in the mirror."""
        return self._db.value("SELECT 1 FROM users WHERE id=?", (user_id,)) is not None

    def has_users(self) -> bool:
        """Whether people were ever listed."""
        return self._db.value("SELECT 1 FROM users LIMIT 1") is not None
