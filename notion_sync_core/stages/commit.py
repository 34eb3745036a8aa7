"""Give staged files their names, without harming what is not ours.

A file is staged, its hash noted as an intent, the state made durable, and only then does the file
take its name. After a crash, "ours" is whatever matches the recorded or the intended hash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from attrs import frozen

from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.errors import NotionSyncError, SinkError
from notion_sync_core.events import Event, SinkWrote, Warned
from notion_sync_core.model import Staged, Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Done
from notion_sync_core.stages.aliases import aliases, is_folder_of_ours
from notion_sync_core.stages.manifest import MANIFEST
from notion_sync_core.state import FileRecord, Intent, State


@frozen
class Verdict:
    """What becomes of a staged file."""

    action: Literal["write", "same", "keep"]
    stat: Stat | None = None
    """What lies there now."""
    actual: str = ""
    """Its hash, if it is ours."""
    spelt: str = ""
    """The path it has in the state, where that is the same file under another spelling."""


_Writing = tuple[str, str, Sink, Staged, str]
"""Document, renderer, sink, what was staged, and the path it has in the state if that is spelt otherwise."""


def _load(writing: list[_Writing]) -> dict[str, tuple[int, int]]:
    """Files and bytes for each sink."""
    found: dict[str, tuple[int, int]] = {}
    for _, _, sink, staged, _ in writing:
        files, size = found.get(sink.name, (0, 0))
        found[sink.name] = (files + 1, size + staged.size)
    return found


def _reason(path: str, obstacle: str, *, ours: bool) -> str:
    way_out = "Move it away, and the next run writes what belongs there"
    if ours:
        return f"{obstacle} is to be deleted first, which this run may not do: {path} is written by the run that may"
    if not obstacle:
        return f"{path} was not written by this job, or was edited since: it is kept as it is. {way_out}"
    if obstacle == path:
        return (
            f"{path} is no regular file: it is neither followed nor replaced, and nothing is written there. {way_out}"
        )
    kept = f"{obstacle} stands where a folder belongs: it is neither followed nor replaced, and {path} is not written"
    return f"{kept}. {way_out}"


class Committer:
    """What one run knows of its sinks, and how files get there.

    :param on_edit: ``keep`` or ``overwrite`` files that somebody edited.
    :param before_commit: told what is about to be written, when the state knows it for good; nothing is before it
        returns, and what it raises keeps all of it from being written.
    """

    def __init__(
        self,
        state: State,
        sinks: list[Sink],
        publish: Callable[[Event], None],
        on_edit: str,
        clock: Clock | None = None,
        before_commit: Callable[[Sequence[Intent]], object] | None = None,
    ) -> None:
        self.sinks = {sink.name: sink for sink in sinks}
        self.overwrites = on_edit == "overwrite"
        """Edited files are written over."""
        self.is_provisional = False
        """What is placed now may have to move before the reading is done."""
        self.held_up: dict[str, set[tuple[str, str, str]]] = {}
        """Documents that wait until files of ours go that are in their way: (sink, way, path to write), by document."""
        self.waits = True
        """They may wait; else what is still in their way is told."""
        self.replaced: set[str] = set()
        """Documents of which files were there before; whoever commits empties it."""
        self._told: set[str] = set()
        self._clock = clock or SystemClock()
        self._state = state
        self._files = state.files
        self._publish = publish
        self._before_commit = before_commit
        self._intents: list[Intent] = []
        """Those of the batch in hand, if somebody wants to know them."""

    def commit(self, items: list[tuple[str, str, str, Staged]]) -> Done:
        """Give staged files their names: intent, checkpoint, rename, flush, done."""
        done: list[tuple[str, str, Sink, Staged, Stat | None]] = []
        writing: list[_Writing] = []
        kept: list[str] = []
        self._flush({sink for _, _, sink, _ in items})
        for doc, renderer, sink_name, staged in items:
            sink = self.sinks[sink_name]
            known = self._files.find(sink_name, staged.path)
            verdict = self.verdict(sink, staged, known)
            if known and known.sha256:
                self.replaced.add(doc)
            if verdict.action == "write":
                writing.append((doc, renderer, sink, staged, verdict.spelt))
                self._intend(doc, renderer, sink_name, staged, verdict)
                continue
            sink.discard(staged)
            if verdict.action == "same" and verdict.stat:
                done.append((doc, renderer, sink, staged, verdict.stat))
            else:
                kept += self._stand_back(doc, renderer, sink_name, staged, verdict)
        unchanged = len(done)
        if writing:
            self._make_intents_last()
        began, load = self._clock.monotonic(), _load(writing)
        try:
            for doc, renderer, sink, staged, spelt in writing:
                if spelt:
                    sink.respell(spelt, staged.path)
                done.append((doc, renderer, sink, staged, sink.commit(staged)))
            # What was there already may come from a run that was killed before it flushed.
            self._flush({sink.name for _, _, sink, _, _ in done})
        except NotionSyncError as error:
            self._tell({error.sink: load.get(error.sink, (0, 0))} if error.sink else {}, began, ok=False)
            raise
        self._tell(load, began, ok=True)
        for each in done:
            self._record(*each)
        size = sum(size for _, size in load.values())
        return Done(written=len(writing), unchanged=unchanged, bytes=size, kept=tuple(kept))

    def _make_intents_last(self) -> None:
        self._state.checkpoint()
        if self._before_commit is not None:
            intents, self._intents = self._intents, []
            self._before_commit(intents)

    def _tell(self, load: dict[str, tuple[int, int]], began: float, *, ok: bool) -> None:
        seconds = self._clock.monotonic() - began
        for sink, (files, size) in load.items():
            self._publish(SinkWrote(sink, size, seconds, ok, files))

    def _flush(self, sinks: set[str]) -> None:
        for sink in sinks:
            self.sinks[sink].flush()

    def verdict(self, sink: Sink, staged: Staged, known: FileRecord | None) -> Verdict:
        """What becomes of a staged file."""
        stat = sink.stat(staged.path)
        if stat is None:
            return Verdict("write")
        if stat.obstacle:
            return Verdict("keep", stat)
        if known and known.sha256 and (stat.size, stat.stamp) == (known.size, known.stamp):
            actual = known.sha256
        else:
            actual = sink.hash(staged.path, (staged.sha256, *(known.known_hashes if known else ())))
        if not (known and known.sha256):
            for alias in aliases(self._state, sink, staged.path):
                if alias.sha256 and actual in alias.known_hashes:
                    # Written even if it is the same: its spelling is not.
                    return Verdict("write", stat, actual, spelt=alias.path)
        if actual == staged.sha256:
            return Verdict("same", stat, actual)
        if known and actual in known.known_hashes:
            return Verdict("write", stat, actual)
        return Verdict("write" if self.overwrites or staged.path == MANIFEST else "keep", stat)

    def _intend(self, doc: str, renderer: str, sink: str, staged: Staged, verdict: Verdict) -> None:
        """Note what is about to be written, and what of ours it takes the place of: an older intent, perhaps."""
        if verdict.spelt:
            self._files.forget(sink, verdict.spelt)
        self._files.intend(
            sink, staged.path, doc, renderer,
            there=verdict.actual, intended=staged.sha256, provisional=self.is_provisional,
        )  # fmt: skip
        if self._before_commit is not None:
            known = self._state.objects.find(doc) if doc else None
            self._intents.append(
                Intent(
                    *(sink, staged.path, doc, renderer, verdict.actual, staged.sha256, self.is_provisional),
                    *(verdict.spelt, known and known.ref),
                )
            )

    def _stand_back(self, doc: str, renderer: str, sink: str, staged: Staged, verdict: Verdict) -> list[str]:
        """Leave what is not ours where a file belongs; remember it, so that each run tells of it until it is gone."""
        stat = verdict.stat or Stat(0, "")
        self._files.stand_back(sink, staged.path, doc, renderer, intended=staged.sha256, stat=stat)
        if self.waits and doc and stat.obstacle and self.is_ours(sink, stat.obstacle):
            self.held_up.setdefault(doc, set()).add((sink, stat.obstacle, staged.path))
            return []
        return self.keep(sink, staged.path, doc, stat.obstacle)

    def is_ours(self, sink: str, obstacle: str) -> bool:
        """Whether what stands in the way may be a file of ours, or a folder that holds some: they may go in this run.

        A page called ``Guide`` that is renamed ``Guide.md`` has its folder where its file was.
        """
        if self._files.any_at(sink, obstacle):
            return True
        where = self.sinks[sink]
        return bool(aliases(self._state, where, obstacle)) or is_folder_of_ours(self._state, where, obstacle)

    def _record(self, doc: str, renderer: str, sink: Sink, staged: Staged, known: Stat | None) -> None:
        # A sink that was still at work could not tell when it was asked to commit.
        stat = known or sink.stat(staged.path)
        if stat is None:
            raise SinkError(f"{sink.location} does not show {staged.path}, which was just written")
        self._files.record(sink.name, staged.path, doc, renderer, staged.sha256, stat)

    def give_up_waiting(self) -> Done:
        """What is held up by files of ours stays so in this run, for nothing may be deleted: tell of it."""
        kept: list[str] = []
        for doc, held in sorted(self.held_up.items()):
            for sink, way, path in sorted(held):
                kept += self.keep(sink, path, doc, way, ours=True)
        self.held_up.clear()
        return Done(kept=tuple(kept))

    def keep(self, sink: str, path: str, doc: str = "", obstacle: str = "", *, ours: bool = False) -> list[str]:
        """Leave a file as it is: it is not what this job wrote.

        :param doc: whose file belongs there.
        :param obstacle: what stands there and is no file, or no folder above it.
        :param ours: that is a file of this job, or a folder that holds some.
        :returns: what there is to tell for the first time in this run.
        """
        self._files.keep(sink, path)
        # Of all the assets that a file in the place of their folder is in the way of, it is told once.
        shown = path if doc or not obstacle else obstacle
        where = f"{sink}: {shown}"
        if where in self._told:
            return []
        self._told.add(where)
        title = self._state.objects.title(doc) if doc else ""
        self._publish(Warned(_reason(path, obstacle, ours=ours), doc, title, (path, obstacle)))
        return [where]
