"""What each sink holds of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notion_sync_core.model import Stat
from notion_sync_core.state.assets import PICTURE_SQL
from notion_sync_core.state.database import Database, text_list
from notion_sync_core.state.objects import HAS_FILE_SQL, LIVE_SQL
from notion_sync_core.state.records import FILE_COLUMNS, FileRecord, Intent
from notion_sync_core.state.spellings import Spellings
from notion_sync_core.status import GONE

MANIFEST_WRITER = "manifest"
"""What stands in place of a renderer for the manifest's own file."""

_FILES = f"SELECT {FILE_COLUMNS} FROM files"


class Files:
    """Files in sinks: intended, there, retired."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.spellings = Spellings(db, lambda sink: (each.path for each in self.all(sink)))
        """Their paths, folded."""

    # -- asking

    def find(self, sink: str, path: str) -> FileRecord | None:
        """What is known of a file, or ``None``."""
        row = self._db.row(f"{_FILES} WHERE sink=? AND path=?", (sink, path))
        return FileRecord.of(row) if row else None

    def any(self, sink: str) -> bool:
        """Whether anything of ours is on record in a sink."""
        return self._db.value("SELECT 1 FROM files WHERE sink=? LIMIT 1", (sink,)) is not None

    def any_at(self, sink: str, path: str, *, current: bool = False) -> bool:
        """Whether a file of ours is on record there, or in a folder of that name.

        :param current: one that stands for something.
        """
        sql = "SELECT 1 FROM files WHERE sink=? AND sha256!='' AND is_current>=? AND "
        at = (path, f"{path}/", f"{path}0")  # "0" follows "/"
        found = self._db.value(f"{sql}(path=? OR (path > ? AND path < ?)) LIMIT 1", (sink, int(current), *at))
        return found is not None

    def all(self, sink: str) -> Iterator[FileRecord]:
        """Everything on record in a sink, by path; it may change meanwhile."""
        rows = self._db.pages(f"{_FILES} WHERE sink=? {{after}} ORDER BY path", "path", (sink,))
        return map(FileRecord.of, rows)

    def written(self, sink: str, limit: int) -> list[str]:
        """Some paths of files that should be there."""
        rows = self._db.rows(
            "SELECT path FROM files WHERE sink=? AND sha256!='' AND is_current=1 LIMIT ?", (sink, limit)
        )
        return [row["path"] for row in rows]

    def current(self, sink: str) -> Iterator[FileRecord]:
        """Files that stand for something and are known to be there, and places of such that something else holds."""
        rows = self._db.pages(
            f"{_FILES} WHERE sink=? AND (sha256!='' OR is_kept=1) AND is_current=1 {{after}} ORDER BY path",
            "path",
            (sink,),
        )
        return map(FileRecord.of, rows)

    def retired(self, sink: str) -> Iterator[FileRecord]:
        """Files that stand for nothing any more, by path; they may be forgotten meanwhile."""
        rows = self._db.pages(f"{_FILES} WHERE sink=? AND is_current=0 {{after}} ORDER BY path", "path", (sink,))
        return map(FileRecord.of, rows)

    def retired_of(self, document_id: str, renderer: str) -> list[FileRecord]:
        """A document's files that stand for it no more, by path."""
        asked = f"{_FILES} WHERE document_id=? AND renderer=? AND is_current=0 ORDER BY sink, path"
        return list(map(FileRecord.of, self._db.rows(asked, (document_id, renderer))))

    def has_any(self, document_id: str) -> bool:
        """Whether a document has files in any sink, be it until they are deleted."""
        return self._db.value("SELECT 1 FROM files WHERE document_id=? LIMIT 1", (document_id,)) is not None

    def of(self, document_id: str, sink: str = "") -> list[FileRecord]:
        """A document's files that stand for it, by path.

        :param sink: in this sink only.
        """
        rows = self._db.rows(
            f"{_FILES} WHERE document_id=? AND is_current=1 AND (sink=? OR ?='') ORDER BY sink, path",
            (document_id, sink, sink),
        )
        return list(map(FileRecord.of, rows))

    def of_site(self, sink: str) -> list[FileRecord]:
        """Files about all documents, by renderer and path."""
        rows = self._db.rows(
            f"{_FILES} WHERE sink=? AND document_id='' AND renderer NOT IN ('', ?) AND is_current=1 "
            "ORDER BY renderer, path",
            (sink, MANIFEST_WRITER),
        )
        return list(map(FileRecord.of, rows))

    def of_renderer(self, renderer: str) -> list[FileRecord]:
        """A renderer's files about all documents, retired ones too."""
        rows = self._db.rows(f"{_FILES} WHERE document_id='' AND renderer=?", (renderer,))
        return list(map(FileRecord.of, rows))

    def count_current(self) -> int:
        """How many files stand for something, in all sinks."""
        return self._db.count("SELECT count(*) FROM files WHERE is_current = 1")

    def count_kept(self) -> int:
        """How many files are not made because what lies in their places is not ours."""
        return self._db.count("SELECT count(*) FROM files WHERE is_kept = 1 AND is_current = 1")

    def count_retired(self) -> int:
        """How many files stand for nothing any more."""
        return self._db.count("SELECT count(*) FROM files WHERE is_current = 0")

    def count_documents(self) -> int:
        """How many documents have files, or had until they are deleted."""
        return self._db.count("SELECT count(DISTINCT document_id) FROM files WHERE document_id != ''")

    def count_doomed(self, status: str = "") -> int:
        """How many documents, of all or of one status, have only files that stand for nothing any more."""
        return self._db.count(
            "SELECT count(DISTINCT document_id) FROM files f WHERE document_id != '' AND NOT EXISTS "
            "(SELECT 1 FROM files g WHERE g.document_id = f.document_id AND g.is_current = 1) "
            "AND (? = '' OR document_id IN (SELECT id FROM objects WHERE status = ?))",
            (status, status),
        )

    # -- writing

    def intend(
        self,
        sink: str,
        path: str,
        document_id: str,
        renderer: str,
        *,
        there: str,
        intended: str,
        provisional: bool = False,
    ) -> None:
        """Note what is about to be written, and what of ours it takes the place of: an older intent, perhaps.

        :param there: sha256 of the bytes of ours that lie there; ``""``: none.
        :param provisional: a file that was not there before may move before the reading is done.
        """
        self._db.execute(
            "INSERT INTO files (sink, path, document_id, renderer, sha256, intended_sha256, is_provisional) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (sink, path) DO UPDATE SET document_id=excluded.document_id, renderer=excluded.renderer, "
            "sha256=excluded.sha256, intended_sha256=excluded.intended_sha256, is_current=1, is_kept=0",
            (sink, path, document_id, renderer, there, intended, int(provisional)),
        )
        self.spellings.note(sink, path)

    def recall(self, intent: Intent) -> None:
        """What another state was about to write; nobody knows whether it did."""
        if intent.spelt:
            self.forget(intent.sink, intent.spelt)
        self.intend(
            intent.sink, intent.path, intent.document_id, intent.renderer,
            there=intent.there, intended=intent.intended, provisional=intent.is_provisional,
        )  # fmt: skip
        # Whatever lies there has to be looked at.
        self._db.execute("UPDATE files SET size=0, stamp='' WHERE sink=? AND path=?", (intent.sink, intent.path))

    def record(self, sink: str, path: str, document_id: str, renderer: str, sha256: str, stat: Stat) -> None:
        """These bytes are there."""
        self._db.execute(
            "INSERT INTO files (sink, path, document_id, renderer, sha256, size, stamp) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (sink, path) DO UPDATE SET document_id=excluded.document_id, renderer=excluded.renderer, "
            "sha256=excluded.sha256, intended_sha256='', size=excluded.size, stamp=excluded.stamp, is_current=1, "
            "is_kept=0",
            (sink, path, document_id, renderer, sha256, stat.size, stat.stamp),
        )

    def stand_back(self, sink: str, path: str, document_id: str, renderer: str, *, intended: str, stat: Stat) -> None:
        """Something that is not ours is where a file belongs: remembered, so that each run tells of it.

        :param intended: sha256 of what would be written.
        :param stat: of what lies there.
        """
        self._db.execute(
            "INSERT INTO files (sink, path, document_id, renderer, intended_sha256, size, stamp, is_kept) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 1) "
            "ON CONFLICT (sink, path) DO UPDATE SET document_id=excluded.document_id, renderer=excluded.renderer, "
            "is_current=1, is_kept=1, "
            # Should what we last wrote come back, it is not what belongs there now.
            "intended_sha256=excluded.intended_sha256, size=CASE sha256 WHEN '' THEN excluded.size ELSE size END, "
            "stamp=CASE sha256 WHEN '' THEN excluded.stamp ELSE stamp END",
            (sink, path, document_id, renderer, intended, stat.size, stat.stamp),
        )
        self.spellings.note(sink, path)

    def keep(self, sink: str, path: str) -> None:
        """What lies there is somebody else's."""
        self._db.execute("UPDATE files SET is_kept=1 WHERE sink=? AND path=?", (sink, path))

    def verified(self, sink: str, path: str, sha256: str, stat: Stat) -> None:
        """The file was looked at: these bytes are there."""
        self._db.execute(
            "UPDATE files SET sha256=?, size=?, stamp=?, is_kept=0 WHERE sink=? AND path=?",
            (sha256, stat.size, stat.stamp, sink, path),
        )

    def lost(self, sink: str, path: str) -> None:
        """There is no such file any more."""
        self._db.execute(
            "UPDATE files SET sha256='', intended_sha256='', is_kept=0 WHERE sink=? AND path=?", (sink, path)
        )

    def doubt(self, sink: str, path: str) -> None:
        """What lies there is not what it should be."""
        self._db.execute("UPDATE files SET sha256='' WHERE sink=? AND path=?", (sink, path))

    def forget(self, sink: str, path: str) -> None:
        """It is deleted."""
        self._db.execute("DELETE FROM files WHERE sink=? AND path=?", (sink, path))

    def finish_places(self) -> None:
        """What was provisional has its place for good."""
        self._db.execute("UPDATE files SET is_provisional=0 WHERE is_provisional=1")

    # -- retiring

    def retire(self, sink: str, path: str) -> None:
        """It stands for nothing any more."""
        self._db.execute("UPDATE files SET is_current=0 WHERE sink=? AND path=?", (sink, path))

    def revive(self, sink: str, path: str) -> None:
        """It stands for something again."""
        self._db.execute("UPDATE files SET is_current=1 WHERE sink=? AND path=?", (sink, path))

    def retire_gone(self) -> None:
        """Files of objects that left the source."""
        gone = text_list(GONE)
        self._db.execute(
            f"UPDATE files SET is_current=0 WHERE document_id IN (SELECT id FROM objects WHERE status IN {gone})"
        )

    def retire_site_of_others(self, renderers: list[str]) -> None:
        """Files about all documents by renderers that are not among these."""
        kept = ("", MANIFEST_WRITER, *renderers)
        among = f"renderer IN ({', '.join('?' * len(kept))})"
        self._db.execute(f"UPDATE files SET is_current=0 WHERE document_id='' AND NOT {among}", kept)

    def part_with(self, sinks: list[str]) -> dict[str, int]:
        """Forget the files in all sinks but these; they stay where they are.

        :returns: how many there are, by sink.
        """
        others = f"sink NOT IN ({', '.join('?' * len(sinks))})"
        found = self._db.rows(
            f"SELECT sink, sum(sha256 != '' AND renderer != '{MANIFEST_WRITER}') AS files FROM files WHERE {others} "
            "GROUP BY sink ORDER BY sink",
            tuple(sinks),
        )
        self._db.execute(f"DELETE FROM files WHERE {others}", tuple(sinks))
        return {row["sink"]: row["files"] for row in found}

    def retire_unused_assets(self, but: str, folder: str, picture: str) -> None:
        """Assets that no live document refers to, pictures of none, and those in another folder.

        :param but: a path that is none.
        :param folder: the one that assets lie in.
        :param picture: the suffix of pictures that are shown in place of SVGs.
        """
        start = len(f"{folder}/ab/") + 1
        self._db.execute(
            "UPDATE files SET is_current=0 WHERE document_id='' AND renderer='' AND path != ? "
            "AND (substr(path, 1, ?) != ? OR substr(path, ?) NOT IN (SELECT a.sha256 || a.suffix FROM assets a "
            "JOIN document_assets d ON d.asset_key=a.key "
            f"JOIN objects o ON o.id=d.document_id WHERE o.status IN {LIVE_SQL}) AND substr(path, ?) NOT IN "
            f"(SELECT {PICTURE_SQL} || ? FROM assets a JOIN document_assets d ON d.asset_key=a.key "
            f"JOIN objects o ON o.id=d.document_id WHERE o.status IN {LIVE_SQL} AND {PICTURE_SQL} IS NOT NULL))",
            (but, len(folder) + 1, f"{folder}/", start, start, picture),
        )

    # -- comparing

    def is_claimed(self, sink: str, path: str, but: str) -> bool:
        """Whether a path is the file of an asset, or of another document that was already made.

        :param but: this document.
        """
        found = self._db.value(
            "SELECT 1 FROM files f LEFT JOIN objects o ON o.id = f.document_id WHERE f.sink=? AND f.path=? "
            "AND f.is_current=1 AND f.sha256 != '' AND f.document_id != ? AND "
            f"((f.document_id = '' AND f.renderer IN ('', '{MANIFEST_WRITER}')) "
            f"OR (o.to_render = 0 AND o.path IS NOT NULL AND o.status IN {LIVE_SQL}))",
            (sink, path, but),
        )
        return found is not None

    def documents_without(self, sink: str) -> Iterator[tuple[str, str]]:
        """(id, title) of rendered documents that have no file in a sink."""
        rows = self._db.stream(
            f"SELECT id, title FROM objects o WHERE {HAS_FILE_SQL} AND to_render=0 AND NOT EXISTS "
            "(SELECT 1 FROM files f WHERE f.document_id=o.id AND f.sink=? AND f.is_current=1) ORDER BY id",
            (sink,),
        )
        return ((row["id"], row["title"]) for row in rows)

    # -- adopting

    def believe(self, sink: str, path: str, document_id: str, renderer: str, sha256: str) -> bool:
        """A manifest that others wrote says that these bytes are there, and ours; so are those that we knew of.

        :returns: whether that is news.
        """
        known = self.find(sink, path)
        if known and (known.document_id, known.sha256) == (document_id, sha256) and known.is_current:
            return False
        self._db.execute(
            "INSERT INTO files (sink, path, document_id, renderer, sha256) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (sink, path) DO UPDATE SET document_id=excluded.document_id, renderer=excluded.renderer, "
            "intended_sha256=CASE sha256 WHEN excluded.sha256 THEN intended_sha256 ELSE sha256 END, "
            "sha256=excluded.sha256, size=0, stamp='', is_current=1, is_kept=0",
            (sink, path, document_id, renderer, sha256),
        )
        self.spellings.note(sink, path)
        return True

    def adopt(self, sink: str, files: Iterable[tuple[str, str, str, str]]) -> None:
        """What a manifest names: (path, document, renderer, sha256); what is on record already stays."""
        self._db.execute_many(
            "INSERT OR IGNORE INTO files (sink, path, document_id, renderer, sha256) VALUES (?, ?, ?, ?, ?)",
            [(sink, *each) for each in files],
        )
