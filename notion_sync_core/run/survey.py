"""Look at what the sinks hold before anything is written: what is gone is made again, what is not ours is told."""

from __future__ import annotations

from notion_sync_core.clock import Clock
from notion_sync_core.model import Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.run.manifest import MANIFEST
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.settle import Settler
from notion_sync_core.state import FileRecord
from notion_sync_core.state.files import MANIFEST_WRITER


class Surveyor:
    """One run's looking."""

    def __init__(self, plan: Plan, settler: Settler, clock: Clock) -> None:
        self._plan = plan
        self._state = plan.state
        self._files = plan.state.files
        self._settler = settler
        self._clock = clock

    def survey(self) -> None:
        """Look at every file of ours, and at what stands in the way of one."""
        for sink in self._settler.sinks.values():
            for file in self._files.current(sink.name):
                self._clock.check()
                found = sink.stat(file.path)
                if found is None:
                    self._files.lost(sink.name, file.path)
                    self._redo(file)
                else:
                    self._look(sink, file, found)

    def _look(self, sink: Sink, file: FileRecord, stat: Stat) -> None:
        moved = (stat.size, stat.stamp) != (file.size, file.stamp)
        if stat.obstacle:
            self._keep(file, stat.obstacle)
        elif file.sha256:
            if moved or file.is_kept:
                self._look_closer(sink, file, stat)
        elif moved or self._settler.overwrites:
            self._files.lost(sink.name, file.path)
            self._redo(file)
        else:
            self._keep(file)

    def _look_closer(self, sink: Sink, file: FileRecord, stat: Stat) -> None:
        actual = sink.hash(file.path)
        if actual in file.known_hashes:
            self._files.verified(sink.name, file.path, actual, stat)
            if file.intended_sha256 not in ("", actual):
                self._redo(file, ours=True)
        elif self._settler.overwrites or file.path == MANIFEST:
            self._redo(file)
        else:
            self._keep(file)

    def _keep(self, file: FileRecord, obstacle: str = "") -> None:
        if file.document_id and not file.sha256:
            known = self._state.objects.find(file.document_id)
            if known is None or known.to_render or known.path is None:
                # It is judged when it is made, perhaps for another place, or when it goes.
                return
        self._settler.keep(file.sink, file.path, file.document_id, obstacle)

    def _redo(self, file: FileRecord, *, ours: bool = False) -> None:
        if file.document_id:
            self._state.queue.render_if_placed(file.document_id)
            return
        if not ours:
            self._files.doubt(file.sink, file.path)
        if file.renderer not in ("", MANIFEST_WRITER):
            self._plan.site_changed()
