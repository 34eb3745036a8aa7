"""Give staged files their names, without harming what is not ours.

A file is staged, its hash noted as an intent, the state made durable, and only then does the file
take its name. After a crash, "ours" is whatever matches the recorded or the intended hash.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from notion_sync_core.errors import SinkError
from notion_sync_core.events import Event, Warned
from notion_sync_core.model import Staged, Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.run.manifest import MANIFEST
from notion_sync_core.state import FileRecord, State


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
        self._files = state.files
        self._publish = publish

    def settle(self, items: list[tuple[str, str, str, Staged]]) -> None:
        """Give staged files their names: intent, checkpoint, rename, flush, done."""
        done: list[tuple[str, str, Sink, Staged, Stat | None]] = []
        writing = []
        self._flush({sink for _, _, sink, _ in items})
        for doc, renderer, sink_name, staged in items:
            sink = self.sinks[sink_name]
            known = self._files.find(sink_name, staged.path)
            verdict, stat, actual = self._verdict(sink, staged, known)
            if verdict == "write":
                writing.append((doc, renderer, sink, staged))
                self._files.intend(sink_name, staged.path, doc, renderer, there=actual, intended=staged.sha256)
                continue
            sink.discard(staged)
            if verdict == "same" and stat:
                self.counts.unchanged += 1
                done.append((doc, renderer, sink, staged, stat))
            else:
                self.keep(sink_name, staged.path)
                self._files.claim(sink_name, staged.path, doc, renderer)
        if writing:
            self._state.checkpoint()
        for doc, renderer, sink, staged in writing:
            done.append((doc, renderer, sink, staged, sink.commit(staged)))
            self.counts.written += 1
            self.counts.bytes += staged.size
        # What was there already may come from a run that was killed before it flushed.
        self._flush({sink.name for _, _, sink, _, _ in done})
        for each in done:
            self._record(*each)

    def _flush(self, sinks: set[str]) -> None:
        for sink in sinks:
            self.sinks[sink].flush()

    def _verdict(self, sink: Sink, staged: Staged, known: FileRecord | None) -> tuple[str, Stat | None, str]:
        """``write``, ``same`` or ``keep``, what lies there now, and its hash if it is ours."""
        stat = sink.stat(staged.path)
        if stat is None:
            return "write", None, ""
        if known and known.sha256 and (stat.size, stat.stamp) == (known.size, known.stamp):
            actual = known.sha256
        else:
            actual = self.hash(sink, staged.path)
        if actual == staged.sha256:
            return "same", stat, actual
        if known and actual in known.known_hashes:
            return "write", stat, actual
        return ("write" if self.overwrites or staged.path == MANIFEST else "keep"), stat, ""

    def _record(self, doc: str, renderer: str, sink: Sink, staged: Staged, known: Stat | None) -> None:
        # A sink that was still at work could not tell when it was asked to commit.
        stat = known or sink.stat(staged.path)
        if stat is None:
            raise SinkError(f"{sink.location} does not show {staged.path}, which was just written")
        self._files.record(sink.name, staged.path, doc, renderer, staged.sha256, stat)

    def keep(self, sink: str, path: str) -> None:
        """Leave a file as it is: it is not what this job wrote."""
        where = f"{sink}: {path}"
        if where not in self.counts.kept:
            self.counts.kept.append(where)
            self._publish(Warned(f"{path} was not written by this job, or was edited since: it is kept as it is"))

    def hash(self, sink: Sink, path: str) -> str:
        """The sha256 of what lies there."""
        return sink.hash(path)
