"""Give staged files their names, without harming what is not ours.

A file is staged, its hash noted as an intent, the state made durable, and only then does the file
take its name. After a crash, "ours" is whatever matches the recorded or the intended hash.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable

from attrs import define, field

from notion_sync_core.events import Event, Warned
from notion_sync_core.model import Staged, Stat
from notion_sync_core.run.manifest import MANIFEST
from notion_sync_core.run.press import Sink
from notion_sync_core.store.state import State


@define
class Written:
    """Counts for the report."""

    written: int = 0
    unchanged: int = 0
    deleted: int = 0
    stale: int = 0
    bytes: int = 0
    kept: list[str] = field(factory=list)
    """``sink: path`` of files that somebody edited."""
    misses: list[str] = field(factory=list)
    """Documents the mirror lacks."""


class Settler:
    """What one run knows of its sinks, and how files get there.

    :param on_edit: ``keep`` or ``overwrite`` files that somebody edited.
    """

    def __init__(self, state: State, sinks: list[Sink], publish: Callable[[Event], None], on_edit: str) -> None:
        self.sinks = {sink.name: sink for sink in sinks}
        self.overwrites = on_edit == "overwrite"
        """Edited files are written over."""
        self.counts = Written()
        self._state = state
        self._publish = publish

    def settle(self, items: list[tuple[str, str, str, Staged]]) -> None:
        """Give staged files their names: intent, checkpoint, rename, flush, done."""
        done: list[tuple[str, str, Sink, Staged, Stat | None]] = []
        writing = []
        self._flush({sink for _, _, sink, _ in items})
        for doc, renderer, sink_name, staged in items:
            sink = self.sinks[sink_name]
            row = self._state.row("SELECT * FROM files WHERE sink=? AND path=?", (sink_name, staged.path))
            verdict, stat, actual = self._verdict(sink, staged, row)
            if verdict == "write":
                writing.append((doc, renderer, sink, staged))
                self._intend(doc, renderer, sink_name, staged, actual)
                continue
            sink.hooks.call("sink_discard", staged=staged)
            if verdict == "same" and stat:
                self.counts.unchanged += 1
                done.append((doc, renderer, sink, staged, stat))
            else:
                self.keep(sink_name, staged.path)
                self._state.execute(
                    "UPDATE files SET doc=?, renderer=?, current=1 WHERE sink=? AND path=?",
                    (doc, renderer, sink_name, staged.path),
                )
        if writing:
            self._state.checkpoint()
        for doc, renderer, sink, staged in writing:
            done.append((doc, renderer, sink, staged, next(iter(sink.hooks.call("sink_commit", staged=staged)), None)))
            self.counts.written += 1
            self.counts.bytes += staged.size
        # What was there already may come from a run that was killed before it flushed.
        self._flush({sink.name for _, _, sink, _, _ in done})
        for each in done:
            self._record(*each)

    def _flush(self, sinks: set[str]) -> None:
        for sink in sinks:
            self.sinks[sink].hooks.call("sink_flush")

    def _verdict(self, sink: Sink, staged: Staged, row: sqlite3.Row | None) -> tuple[str, Stat | None, str]:
        """``write``, ``same`` or ``keep``, what lies there now, and its hash if it is ours."""
        found = sink.hooks.call("sink_stat", path=staged.path)
        if not found:
            return "write", None, ""
        stat: Stat = found[0]
        if row and row["sha256"] and (stat.size, stat.stamp) == (row["size"], row["stamp"]):
            actual = row["sha256"]
        else:
            actual = self.hash(sink, staged.path)
        if actual == staged.sha256:
            return "same", stat, actual
        if row and actual in (row["sha256"], row["intent"]):
            return "write", stat, actual
        return ("write" if self.overwrites or staged.path == MANIFEST else "keep"), stat, ""

    def _intend(self, doc: str, renderer: str, sink: str, staged: Staged, actual: str) -> None:
        """Note what is about to be written, and what of ours it takes the place of: an older intent, perhaps."""
        self._state.execute(
            "INSERT INTO files (sink, path, doc, renderer, sha256, intent) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (sink, path) DO UPDATE SET doc=excluded.doc, renderer=excluded.renderer, "
            "sha256=excluded.sha256, intent=excluded.intent, current=1",
            (sink, staged.path, doc, renderer, actual, staged.sha256),
        )

    def _record(self, doc: str, renderer: str, sink: Sink, staged: Staged, known: Stat | None) -> None:
        # A sink that was still at work could not tell when it was asked to commit.
        stat: Stat = known or sink.hooks.call("sink_stat", path=staged.path)[0]
        self._state.execute(
            "INSERT OR REPLACE INTO files (sink, path, doc, renderer, sha256, size, stamp) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sink.name, staged.path, doc, renderer, staged.sha256, stat.size, stat.stamp),
        )

    def keep(self, sink: str, path: str) -> None:
        """Leave a file as it is: it is not what this job wrote."""
        self._state.execute("UPDATE files SET edited=1 WHERE sink=? AND path=?", (sink, path))
        where = f"{sink}: {path}"
        if where not in self.counts.kept:
            self.counts.kept.append(where)
            self._publish(Warned(f"{path} was not written by this job, or was edited since: it is kept as it is"))

    def hash(self, sink: Sink, path: str) -> str:
        """The sha256 of what lies there."""
        digest = hashlib.sha256()
        for chunk in sink.hooks.call("sink_read", path=path)[0]:
            digest.update(chunk)
        return digest.hexdigest()
