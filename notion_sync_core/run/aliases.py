"""Files of ours whose paths are one to some file systems: equal when case and Unicode form are folded."""

from __future__ import annotations

import sqlite3

from notion_sync_core.run.names import fold
from notion_sync_core.run.press import Sink
from notion_sync_core.store.state import State


class Aliases:
    """One run's knowledge of such files. Nothing is paid for until somebody asks."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._ready: set[str] = set()

    def of(self, sink: Sink, path: str) -> list[sqlite3.Row]:
        """The rows of files whose path differs from this one in case or Unicode form only.

        Something has to be at ``path``: only those are given that lead to it too.
        """
        if sink.name not in self._ready:
            self._prepare(sink.name)
        rows = self._state.rows(
            "SELECT f.* FROM folded a JOIN files f ON f.sink = a.sink AND f.path = a.path "
            "WHERE a.sink=? AND a.folded=? AND a.path != ? ORDER BY f.path",
            (sink.name, fold(path), path),
        )
        return [row for row in rows if _is_one(sink, row["path"], path)]

    def note(self, sink: str, path: str) -> None:
        """A file got a row."""
        if sink in self._ready:
            self._state.execute("INSERT OR IGNORE INTO folded VALUES (?, ?, ?)", (sink, fold(path), path))

    def _prepare(self, sink: str) -> None:
        self._state.execute(
            "CREATE TEMP TABLE IF NOT EXISTS folded (sink TEXT, folded TEXT, path TEXT, "
            "PRIMARY KEY (sink, folded, path)) WITHOUT ROWID"
        )
        batch = []
        for row in self._state.pages("SELECT path FROM files WHERE sink=? {after} ORDER BY path", "path", (sink,)):
            batch.append((sink, fold(row["path"]), row["path"]))
            if len(batch) >= 500:
                self._state.execute_many("INSERT OR IGNORE INTO folded VALUES (?, ?, ?)", batch)
                batch = []
        self._state.execute_many("INSERT OR IGNORE INTO folded VALUES (?, ?, ?)", batch)
        self._ready.add(sink)


def _is_one(sink: Sink, path: str, other: str) -> bool:
    one = sink.hooks.call("sink_stat", path=path)
    if not one:
        return False
    if sink.hooks.implements("sink_same"):
        return bool(sink.hooks.call("sink_same", path=path, other=other)[0])
    return bool(one == sink.hooks.call("sink_stat", path=other))
