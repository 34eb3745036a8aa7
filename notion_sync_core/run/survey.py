"""Look at what the sinks hold before anything is written: what is gone is made again, what is not ours is told."""

from __future__ import annotations

import sqlite3

from notion_sync_core.clock import Clock
from notion_sync_core.model import Stat
from notion_sync_core.run.manifest import MANIFEST, MANIFEST_WRITER
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.press import Sink
from notion_sync_core.run.settle import Settler

_CURRENT = "SELECT * FROM files WHERE sink=? AND current=1 AND (sha256!='' OR edited=1) {after} ORDER BY path"
"""Files of ours, and places of such files that something else holds."""


class Surveyor:
    """One run's looking."""

    def __init__(self, plan: Plan, settler: Settler, clock: Clock) -> None:
        self._plan = plan
        self._state = plan.state
        self._settler = settler
        self._clock = clock

    def survey(self) -> None:
        """Look at every file of ours, and at what stands in the way of one."""
        for sink in self._settler.sinks.values():
            for row in self._state.pages(_CURRENT, "path", (sink.name,)):
                self._clock.check()
                found = sink.hooks.call("sink_stat", path=row["path"])
                if not found:
                    self._forget(row)
                    self._redo(row)
                else:
                    self._look(sink, row, found[0])

    def _look(self, sink: Sink, row: sqlite3.Row, stat: Stat) -> None:
        moved = (stat.size, stat.stamp) != (row["size"], row["stamp"])
        if stat.obstacle:
            self._keep(row, stat.obstacle)
        elif row["sha256"]:
            if moved or row["edited"]:
                self._look_closer(sink, row, stat)
        elif moved or self._settler.overwrites:
            self._forget(row)
            self._redo(row)
        else:
            self._keep(row)

    def _look_closer(self, sink: Sink, row: sqlite3.Row, stat: Stat) -> None:
        actual = self._settler.hash(sink, row["path"])
        if actual in (row["sha256"], row["intent"]):
            self._state.execute(
                "UPDATE files SET sha256=?, size=?, stamp=?, edited=0 WHERE sink=? AND path=?",
                (actual, stat.size, stat.stamp, sink.name, row["path"]),
            )
            if actual != row["intent"] and row["intent"]:
                self._redo(row, ours=True)
        elif self._settler.overwrites or row["path"] == MANIFEST:
            self._redo(row)
        else:
            self._keep(row)

    def _keep(self, row: sqlite3.Row, obstacle: str = "") -> None:
        if row["doc"] and not row["sha256"]:
            doc = self._state.row("SELECT dirty, stem FROM objects WHERE id=?", (row["doc"],))
            if doc is None or doc["dirty"] or doc["stem"] is None:
                # It is judged when it is made, perhaps for another place, or when it goes.
                return
        self._settler.keep(row["sink"], row["path"], row["doc"], obstacle)

    def _forget(self, row: sqlite3.Row) -> None:
        self._state.execute(
            "UPDATE files SET sha256='', intent='', edited=0 WHERE sink=? AND path=?", (row["sink"], row["path"])
        )

    def _redo(self, row: sqlite3.Row, *, ours: bool = False) -> None:
        if row["doc"]:
            self._state.execute("UPDATE objects SET dirty=1 WHERE id=? AND stem IS NOT NULL", (row["doc"],))
        else:
            if not ours:
                self._state.execute("UPDATE files SET sha256='' WHERE sink=? AND path=?", (row["sink"], row["path"]))
            if row["renderer"] not in ("", MANIFEST_WRITER):
                self._plan.site_changed()
