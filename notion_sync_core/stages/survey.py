"""Look at what the sinks hold before anything is written: what is gone is made again, what is not ours is told."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.clock import Clock
from notion_sync_core.model import Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Done
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.manifest import MANIFEST
from notion_sync_core.stages.plan import Plan
from notion_sync_core.state import FileRecord
from notion_sync_core.state.files import MANIFEST_WRITER


class Surveyor:
    """One run's looking."""

    def __init__(self, plan: Plan, committer: Committer, clock: Clock) -> None:
        self._plan = plan
        self._state = plan.state
        self._files = plan.state.files
        self._committer = committer
        self._clock = clock

    def survey(self) -> Iterator[Done]:
        """Look at every file of ours, and at what stands in the way of one."""
        for sink in self._committer.sinks.values():
            for file in self._files.current(sink.name):
                self._clock.check()
                found = sink.stat(file.path)
                if found is None:
                    self._files.lost(sink.name, file.path)
                    self._redo(file)
                elif kept := self._look(sink, file, found):
                    yield Done(kept=tuple(kept))

    def _look(self, sink: Sink, file: FileRecord, stat: Stat) -> list[str]:
        moved = (stat.size, stat.stamp) != (file.size, file.stamp)
        if stat.obstacle:
            if file.document_id and self._committer.is_ours(sink.name, stat.obstacle):
                self._redo(file)  # it was held up, and the run was cut short
                return []
            return self._keep(file, stat.obstacle)
        if file.sha256:
            return self._look_closer(sink, file, stat) if moved or file.is_kept else []
        if moved or self._committer.overwrites:
            self._files.lost(sink.name, file.path)
            self._redo(file)
            return []
        return self._keep(file)

    def _look_closer(self, sink: Sink, file: FileRecord, stat: Stat) -> list[str]:
        actual = sink.hash(file.path, file.known_hashes)
        if actual in file.known_hashes:
            self._files.verified(sink.name, file.path, actual, stat)
            if file.intended_sha256 not in ("", actual):
                self._redo(file, ours=True)
        elif self._committer.overwrites or file.path == MANIFEST:
            self._redo(file)
        else:
            return self._keep(file)
        return []

    def _keep(self, file: FileRecord, obstacle: str = "") -> list[str]:
        if file.document_id and not file.sha256:
            known = self._state.objects.find(file.document_id)
            if known is None or known.to_render or known.path is None:
                # It is judged when it is made, perhaps for another place, or when it goes.
                return []
        return self._committer.keep(file.sink, file.path, file.document_id, obstacle)

    def _redo(self, file: FileRecord, *, ours: bool = False) -> None:
        if file.document_id:
            self._state.queue.render_if_placed(file.document_id)
            return
        if not ours:
            self._files.doubt(file.sink, file.path)
        if file.renderer not in ("", MANIFEST_WRITER):
            self._plan.site_changed()
