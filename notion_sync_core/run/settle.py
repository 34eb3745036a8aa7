"""Give staged files their names, without harming what is not ours.

A file is staged, its hash noted as an intent, the state made durable, and only then does the file
take its name. After a crash, "ours" is whatever matches the recorded or the intended hash.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Literal

from attrs import define, field, frozen

from notion_sync_core.events import Event, Warned
from notion_sync_core.model import Staged, Stat
from notion_sync_core.run.aliases import Aliases
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


@frozen
class _Verdict:
    """What becomes of a staged file."""

    action: Literal["write", "same", "keep"]
    stat: Stat | None = None
    """What lies there now."""
    actual: str = ""
    """Its hash, if it is ours."""
    spelt: str = ""
    """The path it has in the state, where that is the same file under another spelling."""


_WAY_OUT = "Move it away, and the next run writes what belongs there"


def _reason(path: str, obstacle: str) -> str:
    if not obstacle:
        return f"{path} was not written by this job, or was edited since: it is kept as it is"
    if obstacle == path:
        return f"{path} is no regular file: it is neither followed nor replaced, and nothing is written there"
    return f"{obstacle} stands where a folder belongs: it is neither followed nor replaced, and {path} is not written"


class Settler:
    """What one run knows of its sinks, and how files get there.

    :param on_edit: ``keep`` or ``overwrite`` files that somebody edited.
    """

    def __init__(self, state: State, sinks: list[Sink], publish: Callable[[Event], None], on_edit: str) -> None:
        self.sinks = {sink.name: sink for sink in sinks}
        self.overwrites = on_edit == "overwrite"
        """Edited files are written over."""
        self.counts = Written()
        self.aliases = Aliases(state)
        """Files that may be one with others."""
        self._state = state
        self._publish = publish

    def settle(self, items: list[tuple[str, str, str, Staged]]) -> None:
        """Give staged files their names: intent, checkpoint, rename, flush, done."""
        done: list[tuple[str, str, Sink, Staged, Stat | None]] = []
        writing: list[tuple[str, str, Sink, Staged, str]] = []
        self._flush({sink for _, _, sink, _ in items})
        for doc, renderer, sink_name, staged in items:
            sink = self.sinks[sink_name]
            row = self._state.row("SELECT * FROM files WHERE sink=? AND path=?", (sink_name, staged.path))
            verdict = self._verdict(sink, staged, row)
            if verdict.action == "write":
                writing.append((doc, renderer, sink, staged, verdict.spelt))
                self._intend(doc, renderer, sink_name, staged, verdict)
                continue
            sink.hooks.call("sink_discard", staged=staged)
            if verdict.action == "same" and verdict.stat:
                self.counts.unchanged += 1
                done.append((doc, renderer, sink, staged, verdict.stat))
            else:
                self._stand_back(doc, renderer, sink_name, staged, verdict)
        if writing:
            self._state.checkpoint()
        for doc, renderer, sink, staged, spelt in writing:
            if spelt and sink.hooks.implements("sink_respell"):
                sink.hooks.call("sink_respell", path=spelt, other=staged.path)
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

    def _verdict(self, sink: Sink, staged: Staged, row: sqlite3.Row | None) -> _Verdict:
        found = sink.hooks.call("sink_stat", path=staged.path)
        if not found:
            return _Verdict("write")
        stat: Stat = found[0]
        if stat.obstacle:
            return _Verdict("keep", stat)
        if row and row["sha256"] and (stat.size, stat.stamp) == (row["size"], row["stamp"]):
            actual = row["sha256"]
        else:
            actual = self.hash(sink, staged.path)
        if not (row and row["sha256"]):
            for alias in self.aliases.of(sink, staged.path):
                if alias["sha256"] and actual in (alias["sha256"], alias["intent"]):
                    # Written even if it is the same: its spelling is not.
                    return _Verdict("write", stat, actual, spelt=alias["path"])
        if actual == staged.sha256:
            return _Verdict("same", stat, actual)
        if row and actual in (row["sha256"], row["intent"]):
            return _Verdict("write", stat, actual)
        return _Verdict("write" if self.overwrites or staged.path == MANIFEST else "keep", stat)

    def _intend(self, doc: str, renderer: str, sink: str, staged: Staged, verdict: _Verdict) -> None:
        """Note what is about to be written, and what of ours it takes the place of: an older intent, perhaps."""
        if verdict.spelt:
            self._state.execute("DELETE FROM files WHERE sink=? AND path=?", (sink, verdict.spelt))
        self._state.execute(
            "INSERT INTO files (sink, path, doc, renderer, sha256, intent) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (sink, path) DO UPDATE SET doc=excluded.doc, renderer=excluded.renderer, "
            "sha256=excluded.sha256, intent=excluded.intent, current=1, edited=0",
            (sink, staged.path, doc, renderer, verdict.actual, staged.sha256),
        )
        self.aliases.note(sink, staged.path)

    def _stand_back(self, doc: str, renderer: str, sink: str, staged: Staged, verdict: _Verdict) -> None:
        """Leave what is not ours where a file belongs; remember it, so that each run tells of it until it is gone."""
        stat = verdict.stat or Stat(0, "")
        self._state.execute(
            "INSERT INTO files (sink, path, doc, renderer, intent, size, stamp, edited) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 1) "
            "ON CONFLICT (sink, path) DO UPDATE SET doc=excluded.doc, renderer=excluded.renderer, current=1, edited=1, "
            # Should what we last wrote come back, it is not what belongs there now.
            "intent=excluded.intent, size=CASE sha256 WHEN '' THEN excluded.size ELSE size END, "
            "stamp=CASE sha256 WHEN '' THEN excluded.stamp ELSE stamp END",
            (sink, staged.path, doc, renderer, staged.sha256, stat.size, stat.stamp),
        )
        self.aliases.note(sink, staged.path)
        self.keep(sink, staged.path, doc, stat.obstacle)

    def _record(self, doc: str, renderer: str, sink: Sink, staged: Staged, known: Stat | None) -> None:
        # A sink that was still at work could not tell when it was asked to commit.
        stat: Stat = known or sink.hooks.call("sink_stat", path=staged.path)[0]
        self._state.execute(
            "INSERT OR REPLACE INTO files (sink, path, doc, renderer, sha256, size, stamp) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sink.name, staged.path, doc, renderer, staged.sha256, stat.size, stat.stamp),
        )

    def keep(self, sink: str, path: str, doc: str = "", obstacle: str = "") -> None:
        """Leave a file as it is: it is not what this job wrote.

        :param doc: whose file belongs there.
        :param obstacle: what stands there and is no file, or no folder above it.
        """
        self._state.execute("UPDATE files SET edited=1 WHERE sink=? AND path=?", (sink, path))
        # Of all the assets that a file in the place of their folder is in the way of, it is told once.
        shown = path if doc or not obstacle else obstacle
        where = f"{sink}: {shown}"
        if where in self.counts.kept:
            return
        self.counts.kept.append(where)
        title = str(self._state.value("SELECT title FROM objects WHERE id=?", (doc,)) or "") if doc else ""
        self._publish(Warned(f"{_reason(path, obstacle)}. {_WAY_OUT}", doc, title))

    def hash(self, sink: Sink, path: str) -> str:
        """The sha256 of what lies there."""
        digest = hashlib.sha256()
        for chunk in sink.hooks.call("sink_read", path=path)[0]:
            digest.update(chunk)
        return digest.hexdigest()
