"""What a run has to do: queries over the state, nothing held in memory by the thousand."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from notion_sync_core.model import Found, Parent, Ref
from notion_sync_core.run.border import users
from notion_sync_core.run.lookups import DOCUMENTS, LIVE, Lookups
from notion_sync_core.store.mirror import Mirror, dumps
from notion_sync_core.store.state import State
from notion_sync_core.wellformed import CUT_BYTES

_WITH_ANCESTOR = "an ancestor is in the trash"
_OUT_OF_SCOPE = "it is no longer below a root"
_COPIES = (
    "UNION SELECT copies.doc FROM shown JOIN originals ON originals.doc = shown.id "
    "JOIN copies ON copies.block = originals.block)"
)
"""What shows synced copies of blocks that stand in what is shown already; copies may hold copies."""
_SHOWN_BY = (
    "WITH RECURSIVE shown(id) AS (SELECT src FROM links WHERE dst=?1 UNION SELECT parent FROM edges WHERE child=?1 "
    f"{_COPIES}"
)
_COPIED_BY = f"WITH RECURSIVE shown(id) AS (SELECT ?1 {_COPIES}"


@frozen
class Seen:
    """What seeing an object again led to."""

    first: bool
    """This run had not seen it yet."""
    pending: bool
    """It has to be read."""
    known: bool
    """An earlier run knew it."""
    cut: bool = False
    """Something in it is nested so deeply that it was cut."""


class Plan:
    """One run's view on the state; all writing of the collecting stage happens here, on one thread.

    :param run: the run's number, counting up.
    :param full: read everything again.
    """

    def __init__(self, state: State, mirror: Mirror, run: int, *, full: bool = False) -> None:
        self.state = state
        self.run = run
        self.lookups = Lookups(state, run)
        self._mirror = mirror
        self._full = full
        self._outdated: set[str] = set()
        """What a listing has shown in another form while it was being read."""

    def begin(self) -> None:
        """Put what an interrupted run was reading back into the queue, and forget a mirror that is gone."""
        self.state.execute("UPDATE objects SET pending = 1 WHERE pending = 2")
        # Looked up when a run was cut short: what never got an answer is as unknown as before.
        self.state.execute("DELETE FROM objects WHERE status = 'new' AND parent_type = 'unknown' AND seen = 0")
        if self._mirror.object("mirror") is None:
            self.state.execute("UPDATE objects SET read_edited = NULL, digest = '', settled = 0")
            self.state.execute("DELETE FROM assets")
            self.state.execute("DELETE FROM originals")
            self.state.execute("DELETE FROM users")
            self._mirror.put_object("mirror", {"schema": 1})

    # -- discovery

    def see(self, ref: Ref) -> Seen:
        """Note that the source shows this object, and decide whether it has to be read."""
        old = self.state.row("SELECT * FROM objects WHERE id = ?", (ref.id,))
        if old is not None and old["status"] == "aside":
            self.state.execute("UPDATE objects SET seen=?, asked=? WHERE id=?", (self.run, self.run, ref.id))
            return Seen(first=False, pending=False, known=True)
        if ref.left_out:
            return self._see_left_out(ref, old)
        packed = b"" if ref.raw is None else dumps(ref.raw)
        digest = hashlib.blake2b(packed, digest_size=16).hexdigest() if packed else ""
        cut = CUT_BYTES in packed
        if old is None:
            return self._see_new(ref, digest, cut=cut)
        first = old["seen"] != self.run
        changed = digest != old["digest"] and bool(digest)
        document = ref.kind != "data_source"
        if document and old["read_run"] == self.run and old["read_edited"] == ref.last_edited_time:
            pending = False
        else:
            pending = document and (self._full or self._must_read(old, ref))
        # What changed without a new time is made again from the listing's object, unless that shows only a part.
        pending = pending or (document and changed and ref.cut)
        if changed:
            self._mirror.put_object(ref.id, ref.raw or {})
            if old["pending"] == 2:
                self._outdated.add(ref.id)
        revived = old["status"] not in ("read", "failed", "new")
        self.state.execute(
            "UPDATE objects SET kind=?, title=?, parent_type=?, parent_id=?, created=?, edited=?, url=?, digest=?, "
            "seen=?, status=?, pending=max(pending, ?), dirty=max(dirty, ?) WHERE id=?",
            (
                *(ref.kind, ref.title, ref.parent.type, ref.parent.id, ref.created_time, ref.last_edited_time, ref.url),
                *(digest or old["digest"], self.run, self._alive(old), int(pending), int(changed or revived), ref.id),
            ),
        )
        if revived:
            self._raise_subtree(ref.id)
        if ref.title != old["title"]:
            self.touch_linkers(ref.id)
        if changed or revived:
            self._touch_container(ref)
        if revived or (ref.parent.type, ref.parent.id) != (old["parent_type"], old["parent_id"]):
            self.state.execute("DELETE FROM edges WHERE child=? AND kind='located'", (ref.id,))
            self._reread_holders(ref)
        return Seen(first=first, pending=pending, known=True, cut=cut)

    def _raise_subtree(self, object_id: str) -> None:
        """What went with an object that is back may be back too, though its own time never moved: it is looked up."""
        self.state.execute(
            "WITH RECURSIVE below(id) AS (SELECT ?1 UNION SELECT o.id FROM objects o JOIN below ON o.place = below.id "
            f"WHERE o.status='trashed' AND o.reason IN ('{_WITH_ANCESTOR}', '{_OUT_OF_SCOPE}')) "
            "UPDATE objects SET dirty=1, reason='', "
            "status=CASE WHEN read_edited IS NULL AND kind != 'data_source' THEN 'new' ELSE 'read' END "
            "WHERE id IN below AND id != ?1",
            (object_id,),
        )

    def _see_new(self, ref: Ref, digest: str, *, cut: bool) -> Seen:
        document = ref.kind != "data_source"
        if ref.raw is not None:
            self._mirror.put_object(ref.id, ref.raw)
        self.state.execute(
            "INSERT INTO objects (id, kind, title, parent_type, parent_id, created, edited, url, digest, status, seen,"
            " pending, dirty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(ref.id, ref.kind, ref.title, ref.parent.type, ref.parent.id, ref.created_time),
                *(ref.last_edited_time, ref.url, digest, "new" if document else "read", self.run),
                *(int(document), int(document)),
            ),
        )
        self._touch_container(ref)
        self._reread_holders(ref)
        return Seen(first=True, pending=document, known=False, cut=cut)

    def _see_left_out(self, ref: Ref, old: sqlite3.Row | None) -> Seen:
        if old is not None and old["status"] != "trashed":
            self._leave(ref.id, "aside" if ref.for_good else "trashed", ref.left_out)
            self._touch_container(ref)
            self._reread_holders(ref)
        if old is not None:
            self.state.execute("UPDATE objects SET asked=? WHERE id=?", (self.run, ref.id))
        return Seen(first=False, pending=False, known=old is not None)

    def _must_read(self, old: sqlite3.Row, ref: Ref) -> bool:
        return (
            old["read_edited"] is None
            or old["read_edited"] != ref.last_edited_time
            or not old["settled"]
            or old["status"] == "failed"
        )

    @staticmethod
    def _alive(old: sqlite3.Row) -> str:
        if old["kind"] == "data_source":
            return "read"
        if old["read_edited"] is not None:
            return "failed" if old["status"] == "failed" else "read"
        return "new"

    def _touch_container(self, ref: Ref) -> None:
        """A row changed its database's index page, a data source its database."""
        if ref.parent.type not in ("data_source_id", "database_id"):
            return
        self.state.execute(
            "UPDATE objects SET dirty=1 WHERE id=? OR id=(SELECT parent_id FROM objects WHERE id=?)",
            (ref.parent.id, ref.parent.id),
        )
        if ref.kind == "data_source":
            self.state.execute("UPDATE objects SET asked=0, seen=0 WHERE id=? AND asked!=?", (ref.parent.id, self.run))

    def _reread_holders(self, ref: Ref) -> None:
        """A child came or went: documents whose content shows it, or should, changed even if their time did not."""
        parent = ref.parent.id if ref.parent.type == "page_id" else None
        # One that is hidden or in the trash just now is read when it comes back.
        self.state.execute(
            "UPDATE objects SET settled=0, pending=(status='read') WHERE pending=0 AND kind='page' AND read_run!=? AND "
            "read_edited IS NOT NULL AND ((id=? AND NOT EXISTS (SELECT 1 FROM edges WHERE parent=? AND child=?)) OR "
            "(id IS NOT ? AND id IN (SELECT parent FROM edges WHERE child=?)))",
            (self.run, parent, parent, ref.id, None if ref.left_out else parent, ref.id),
        )

    def touch_linkers(self, object_id: str) -> None:
        """Files that show this object's title or path have to be made again."""
        self.state.execute(
            f"{_SHOWN_BY} UPDATE objects SET dirty=1 WHERE id IN shown OR id=(SELECT place FROM objects WHERE id=?1) "
            # A database shows the values of its rows: relations, mentions.
            "OR id IN (SELECT source.parent_id FROM shown JOIN objects AS row ON row.id = shown.id "
            "JOIN objects AS source ON source.id = row.parent_id AND source.kind = 'data_source')",
            (object_id,),
        )

    def site_changed(self) -> None:
        """The files that are about all documents have to be made again; the mark outlives a crash."""
        self.state.set_meta("site_stale", "1")

    def _leave(self, object_id: str, status: str, reason: str) -> None:
        self.state.execute(
            "UPDATE objects SET status=?, reason=?, pending=0, dirty=0, left_run=CASE WHEN read_edited IS NULL THEN 0 "
            "ELSE ? END WHERE id=?",
            (status, reason, self.run, object_id),
        )
        self.touch_linkers(object_id)

    # -- reading

    def take_pending(self, count: int) -> list[Ref]:
        """Some objects that have to be read, those that failed last time first; they count as taken.

        Only what this run has seen: what no listing shows is looked up first, or old titles and times would stay.
        """
        found = self.state.rows(
            "SELECT * FROM objects WHERE pending=1 AND seen=? AND status='failed' LIMIT ?", (self.run, count)
        ) or self.state.rows("SELECT * FROM objects WHERE pending=1 AND seen=? LIMIT ?", (self.run, count))
        self.state.execute_many("UPDATE objects SET pending=2 WHERE id=?", [(row["id"],) for row in found])
        return [evolve(ref_of(row), raw=self._mirror.object(row["id"])) for row in found]

    def finish_read(self, ref: Ref, found: Found, *, settled: bool) -> None:
        """Everything of this document is in the mirror."""
        execute, many = self.state.execute, self.state.execute_many
        before = self.state.row("SELECT read_edited, read_run FROM objects WHERE id=?", (ref.id,))
        # What links to it led to Notion as long as there was no file.
        first = before is None or before["read_edited"] is None
        outdated = ref.id in self._outdated
        self._outdated.discard(ref.id)
        if found.raw is not None and not outdated:
            self._mirror.put_object(ref.id, found.raw)
        if before is not None and before["read_run"]:
            self._forget_findings(ref.id)
        many(
            "INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?, ?)",
            [
                (ref.id, child, kind, title, at)
                for at, (child, kind, title) in enumerate(found.children)
                if child != ref.id
            ],
        )
        many("INSERT OR IGNORE INTO links VALUES (?, ?)", [(ref.id, target) for target in found.links])
        for child, _, _ in found.children:
            self.lookups.name_unreadable(child)
        self._link_blocks(ref.id, found)
        many("INSERT OR REPLACE INTO originals VALUES (?, ?)", [(block, ref.id) for block in found.originals])
        many("INSERT OR IGNORE INTO copies VALUES (?, ?, ?)", [(ref.id, *pair) for pair in found.synced_from])
        many("INSERT OR IGNORE INTO document_assets VALUES (?, ?)", [(ref.id, asset.key) for asset in found.assets])
        self.add_users(found)
        if found.originals:
            execute(f"{_COPIED_BY} UPDATE objects SET dirty=1 WHERE id IN shown AND id != ?1", (ref.id,))
        execute(
            # What was found in the trash while it was being read stays there.
            "UPDATE objects SET status=CASE WHEN status IN ('trashed', 'aside') THEN status ELSE 'read' END, "
            "reason='', remedy='', pending=?, dirty=1, read_run=?, read_edited=?, "
            "settled=?, seen=? WHERE id=?",
            (int(outdated), self.run, ref.last_edited_time, int(settled), self.run, ref.id),
        )
        if ref.parent.type in ("data_source_id", "database_id"):
            self._touch_container(ref)
        if first:
            self.touch_linkers(ref.id)

    def _forget_findings(self, doc: str) -> None:
        """What an earlier reading found in a document."""
        self.state.execute("DELETE FROM edges WHERE parent=? AND kind != 'located'", (doc,))
        for table, column in (("links", "src"), ("copies", "doc"), ("document_assets", "doc"), ("originals", "doc")):
            self.state.execute(f"DELETE FROM {table} WHERE {column}=?", (doc,))
        self.state.execute("DELETE FROM originals WHERE doc=?", (f"copy:{doc}",))

    def _link_blocks(self, src: str, found: Found) -> None:
        """Note which blocks this document links to; their documents are made again, to show or drop the anchor."""
        old = {(row["doc"], row["block"]) for row in self.state.rows("SELECT * FROM anchors WHERE src=?", (src,))}
        self.state.execute_many("DELETE FROM anchors WHERE src=? AND doc=? AND block=?", [(src, *each) for each in old])
        self.state.execute_many(
            "INSERT OR IGNORE INTO anchors VALUES (?, ?, ?)", [(src, *each) for each in found.anchors]
        )
        docs = {doc for doc, _ in old ^ found.anchors}
        self.state.execute_many("UPDATE objects SET dirty=1 WHERE id=?", [(doc,) for doc in docs])

    def add_users(self, found: Found) -> None:
        """Keep the names of users."""
        named = users(found.users)
        for user in named:
            self._mirror.put_user(user)
        self.state.execute_many("INSERT OR IGNORE INTO users VALUES (?)", [(user["id"],) for user in named])

    def add_document_assets(self, doc: str, found: Found) -> None:
        """Note files that a document shows through a synced block."""
        self.state.execute_many(
            "INSERT OR IGNORE INTO document_assets VALUES (?, ?)", [(doc, asset.key) for asset in found.assets]
        )
        self.state.execute_many("INSERT OR IGNORE INTO links VALUES (?, ?)", [(doc, target) for target in found.links])

    def fail(self, object_id: str, reason: str, remedy: str) -> None:
        """It could not be read; it is tried first next time."""
        self.state.execute(
            "UPDATE objects SET status='failed', reason=?, remedy=?, pending=0, seen=? WHERE id=?",
            (reason, remedy, self.run, object_id),
        )

    # -- what leaves with something else

    def out_of_scope(self, roots: Iterable[str]) -> None:
        """With roots given: what is no longer below one of them has left the job. Places are assigned before."""
        self.state.execute("CREATE TEMP TABLE IF NOT EXISTS roots (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self.state.execute("DELETE FROM roots")
        self.state.execute_many("INSERT OR IGNORE INTO roots VALUES (?)", [(root,) for root in roots])
        self.state.execute(
            "WITH RECURSIVE below(id) AS (SELECT id FROM roots UNION "
            "SELECT o.id FROM objects o JOIN below ON o.place = below.id) "
            f"UPDATE objects SET status='trashed', reason='{_OUT_OF_SCOPE}', pending=0, dirty=0, "
            f"left_run=? WHERE status IN {LIVE} AND id NOT IN below",
            (self.run,),
        )

    def sink_trashed_subtrees(self) -> None:
        """What lies below something in the trash is in the trash too, whatever its own flag says."""
        self.state.execute(
            "WITH RECURSIVE gone(id) AS (SELECT id FROM objects WHERE status='trashed' UNION "
            f"SELECT o.id FROM objects o JOIN gone ON o.place = gone.id WHERE o.status IN {LIVE}) "
            f"UPDATE objects SET status='trashed', pending=0, dirty=0, reason='{_WITH_ANCESTOR}', left_run=? "
            "WHERE id IN gone AND status != 'trashed'",
            (self.run,),
        )

    # -- synced blocks

    def orphan_originals(self, after: str = "", limit: int = 500) -> list[tuple[str, str, str]]:
        """(original, copy, document) of copies whose original no document of the export holds, and nobody has read.

        :param after: only originals beyond this one.
        """
        rows = self.state.rows(
            "SELECT c.block, min(c.copy) AS copy, min(c.doc) AS doc FROM copies c JOIN objects d ON d.id = c.doc "
            f"WHERE d.seen = ? AND d.status IN {LIVE} AND c.block > ? AND c.block NOT IN (SELECT block FROM originals) "
            "GROUP BY c.block ORDER BY c.block LIMIT ?",
            (self.run, after, limit),
        )
        return [(row["block"], row["copy"], row["doc"]) for row in rows]

    def settle_orphan(self, block: str, doc: str) -> None:
        """That original was read for this document, or will never be shown; until it changes nobody asks again."""
        self.state.execute("INSERT OR REPLACE INTO originals VALUES (?, ?)", (block, f"copy:{doc}"))
        self.state.execute("UPDATE objects SET dirty=1 WHERE id IN (SELECT doc FROM copies WHERE block=?)", (block,))

    # -- counting

    def count(self, where: str, parameters: tuple[object, ...] = ()) -> int:
        """How many pages and databases fulfil a condition."""
        return int(self.state.value(f"SELECT count(*) FROM objects WHERE kind IN {DOCUMENTS} AND {where}", parameters))

    def rows(self, where: str, parameters: tuple[object, ...] = ()) -> Iterator[sqlite3.Row]:
        """Pages and databases that fulfil a condition, by id."""
        return self.state.pages(
            f"SELECT * FROM objects WHERE kind IN {DOCUMENTS} AND ({where}) {{after}} ORDER BY id", "id", parameters
        )


def ref_of(row: sqlite3.Row) -> Ref:
    """The reference a state row holds, without its object."""
    return Ref(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        parent=Parent(row["parent_type"], row["parent_id"]),
        created_time=row["created"],
        last_edited_time=row["edited"],
        url=row["url"],
    )
