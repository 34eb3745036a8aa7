"""Paths of files by what they are when case and Unicode form are folded: one file, to some file systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from notion_sync_core.state.database import Database
from notion_sync_core.state.records import FILE_COLUMNS, FileRecord

Fold = Callable[[str], str]
"""Gives the same for names that some file system takes for one."""


class Spellings:
    """Nothing is paid for until somebody asks.

    :param paths: every path on record in a sink.
    """

    def __init__(self, db: Database, paths: Callable[[str], Iterable[str]]) -> None:
        self._db = db
        self._paths = paths
        self._folded: dict[str, Fold] = {}
        """Sinks whose paths were folded, and how."""

    def of(self, sink: str, path: str, fold: Fold) -> list[FileRecord]:
        """Other files whose paths are the same when folded, by path."""
        self._fold(sink, fold)
        rows = self._db.rows(
            f"SELECT {FILE_COLUMNS} FROM folded JOIN files USING (sink, path) "
            "WHERE sink=? AND folded=? AND path != ? ORDER BY path",
            (sink, fold(path), path),
        )
        return list(map(FileRecord.of, rows))

    def inside(self, sink: str, folder: str, fold: Fold) -> str:
        """The first path of what should be there in a folder of any spelling; ``""``: nothing should."""
        self._fold(sink, fold)
        found = self._db.value(
            "SELECT path FROM folded JOIN files USING (sink, path) WHERE sink=? AND folded > ? AND folded < ? "
            "AND sha256!='' AND is_current=1 LIMIT 1",
            (sink, f"{fold(folder)}/", f"{fold(folder)}0"),  # "0" follows "/"
        )
        return str(found or "")

    def folders(self, sink: str, folder: str, fold: Fold) -> list[str]:
        """How a folder is spelt that holds files of ours, whether they should be there or not."""
        self._fold(sink, fold)
        rows = self._db.rows(
            "SELECT path FROM folded JOIN files USING (sink, path) WHERE sink=? AND folded > ? AND folded < ? "
            "AND sha256!=''",
            (sink, f"{fold(folder)}/", f"{fold(folder)}0"),
        )
        depth = folder.count("/") + 1
        return sorted({"/".join(row["path"].split("/")[:depth]) for row in rows})

    def note(self, sink: str, path: str) -> None:
        """A path came."""
        if fold := self._folded.get(sink):
            self._db.execute("INSERT OR IGNORE INTO folded VALUES (?, ?, ?)", (sink, fold(path), path))

    def _fold(self, sink: str, fold: Fold) -> None:
        if sink in self._folded:
            return
        self._folded[sink] = fold
        self._db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS folded (sink TEXT, folded TEXT, path TEXT, "
            "PRIMARY KEY (sink, folded, path)) WITHOUT ROWID"
        )
        for path in self._paths(sink):
            self.note(sink, path)
