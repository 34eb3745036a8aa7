"""Take out of the sinks what stands for nothing any more; deletes are last, and guarded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from notion_sync_core.clock import Clock
from notion_sync_core.errors import GuardError, SinkError
from notion_sync_core.events import Event, ObjectDeleted, Warned
from notion_sync_core.model import Stat
from notion_sync_core.run.harmless import PICTURE, PICTURE_OF
from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.manifest import MANIFEST
from notion_sync_core.run.press import Sink
from notion_sync_core.run.settle import Settler
from notion_sync_core.store.state import State

SMALLEST_DELETE = 10
"""Up to so many objects the delete guard lets pass."""


def too_many(doomed: int, total: int, max_delete: float) -> bool:
    """Whether a run may not delete so many of so many objects."""
    return doomed > max(SMALLEST_DELETE, max_delete * total)


class Retirer:
    """One run's removing.

    :param delete: remove what stands for nothing any more (``sync``), or list it (``export``).
    """

    def __init__(
        self,
        state: State,
        settler: Settler,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        delete: bool,
        on_missing: str = "keep",
        max_delete: float = 0.25,
    ) -> None:
        self._state = state
        self._settler = settler
        self._clock = clock
        self._publish = publish
        self._delete = delete
        self._on_missing = on_missing
        self._max_delete = max_delete

    def retire(self) -> None:
        """Mark the files of what left the source, and of assets nothing refers to any more."""
        gone = ["trashed", "aside", "unreadable", "view"] + (["missing"] if self._on_missing == "delete" else [])
        marks = ", ".join("?" for _ in gone)
        self._state.execute(
            f"UPDATE files SET current=0 WHERE doc IN (SELECT id FROM objects WHERE status IN ({marks}))", gone
        )
        self._state.execute(
            "UPDATE files SET current=0 WHERE doc='' AND renderer='' AND path != ? AND substr(path, 11) NOT IN ("
            "SELECT a.sha256 || a.suffix FROM assets a JOIN document_assets d ON d.key=a.key "
            f"JOIN objects o ON o.id=d.doc WHERE o.status IN {LIVE}) AND substr(path, 11) NOT IN ("
            f"SELECT {PICTURE_OF} || '{PICTURE}' FROM assets a JOIN document_assets d ON d.key=a.key "
            f"JOIN objects o ON o.id=d.doc WHERE o.status IN {LIVE} AND {PICTURE_OF} IS NOT NULL)",
            (MANIFEST,),
        )

    def check_guard(self) -> None:
        """Refuse to delete more than was agreed to.

        :raises GuardError: nothing was deleted.
        """
        if not self._delete:
            return
        total = int(self._state.value("SELECT count(DISTINCT doc) FROM files WHERE doc != ''"))
        doomed = int(
            self._state.value(
                "SELECT count(DISTINCT doc) FROM files f WHERE doc != '' AND NOT EXISTS (SELECT 1 FROM files g "
                "WHERE g.doc = f.doc AND g.current = 1)"
            )
        )
        if too_many(doomed, total, self._max_delete):
            raise GuardError(
                f"this run would delete {doomed} of {total} objects, more than "
                f"export.max_delete = {self._max_delete:g} allows",
                "Nothing was deleted. Look at what left Notion; if it is meant, run again with "
                "--set export.max_delete=1.",
            )

    def remove(self) -> None:
        """Delete, or list, the files that stand for nothing any more."""
        self._state.checkpoint()
        for sink in self._settler.sinks.values():
            for row in self._retired(sink.name):
                if not self._delete:
                    self._settler.counts.stale += 1
                    continue
                self._clock.check()
                self._remove(sink, row)
            sink.hooks.call("sink_flush")

    def _remove(self, sink: Sink, row: sqlite3.Row) -> None:
        path = row["path"]
        found = sink.hooks.call("sink_stat", path=path)
        if found and self._leads_to_ours(sink, row, found[0]):
            same = row["sha256"] and (found[0].size, found[0].stamp) == (row["size"], row["stamp"])
            if (
                not same
                and self._settler.hash(sink, path) not in (row["sha256"], row["intent"])
                and not self._settler.overwrites
            ):
                self._settler.keep(sink.name, path, row["doc"])
                return
            try:
                sink.hooks.call("sink_delete", path=path)
            except SinkError as error:
                self._publish(Warned(error.message))
                return
            self._settler.counts.deleted += 1
            self._publish(ObjectDeleted(sink.name, path))
        self._state.execute("DELETE FROM files WHERE sink=? AND path=?", (sink.name, path))

    def _leads_to_ours(self, sink: Sink, row: sqlite3.Row, stat: Stat) -> bool:
        """Whether a path leads to what we once wrote there, and to nothing that we keep under another spelling."""
        if stat.obstacle or (row["edited"] and not row["sha256"]):
            return False
        return not any(alias["current"] for alias in self._settler.aliases.of(sink, row["path"]))

    def _retired(self, sink: str) -> Iterator[sqlite3.Row]:
        return self._state.pages(
            "SELECT * FROM files WHERE sink=? AND current=0 {after} ORDER BY path", "path", (sink,)
        )
