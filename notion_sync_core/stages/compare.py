"""What writing would do to the sinks, document by document, without writing: rendered, weighed and thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.prune import Pruner
from notion_sync_core.stages.render import Made, RenderStage
from notion_sync_core.state import ObjectRecord, State
from notion_sync_core.status import LIVE, Status

Action = Literal["create", "update", "move", "delete"]


@frozen
class Change:
    """One document that a sync would touch."""

    action: Action
    id: str
    title: str
    path: str
    """Where its file is, or will be."""
    was: str = ""
    """Where it was, for a move."""
    why: str = ""
    """Of what is deleted by choice: ``export.only``."""


class Scale:
    """Stands where a sink stands: takes an artifact's bytes, and keeps their number and hash alone."""

    name = "scale"

    def stage(self, artifact: Artifact) -> Staged:
        """Weigh an artifact."""
        digest, size = hashlib.sha256(), 0
        for chunk in artifact.chunks:
            digest.update(chunk)
            size += len(chunk)
        return Staged(str(artifact.path), digest.hexdigest(), size, "")

    def discard(self, staged: Staged) -> None:
        """Nothing was kept."""


class Comparison:
    """Compares what a run would write with what lies there.

    :param render: with a :class:`Scale` for a sink.
    """

    def __init__(
        self, state: State, render: RenderStage, committer: Committer, pruner: Pruner, clock: Clock, renderer: Renderer
    ) -> None:
        self._state = state
        self._files = state.files
        self._render = render
        self._committer = committer
        self._pruner = pruner
        self._clock = clock
        self._renderer = renderer

    def changes(self) -> Iterator[Change | None]:
        """What becomes of each document, by path; ``None``: nothing."""
        for known, was in self._state.objects.with_files(self._renderer.name, self._renderer.suffix):
            self._clock.check()
            gone = list(self._deleted(known))
            yield from gone
            if known.status in LIVE and known.path is not None and not (gone and known.status is Status.MISSING):
                yield self._change(known, was)

    def _deleted(self, known: ObjectRecord) -> Iterator[Change]:
        for file in self._files.retired_of(known.id, self._renderer.name):
            sink = self._committer.sinks.get(file.sink)
            ours = sink is not None and file.path.endswith(self._renderer.suffix)
            if sink is not None and ours and self._pruner.verdict(sink, file) == "delete":
                why = known.reason if known.status is Status.UNSELECTED else ""
                yield Change("delete", known.id, known.title, file.path, why=why)

    def _change(self, known: ObjectRecord, was: str) -> Change | None:
        path = f"{self._renderer.folder}/{known.path}{self._renderer.suffix}".lstrip("/")
        if not self._is_written(known, path):
            return None
        if not was:
            return Change("create", known.id, known.title, path)
        if was != path:
            return Change("move", known.id, known.title, path, was=was)
        return Change("update", known.id, known.title, path)

    def _is_written(self, known: ObjectRecord, path: str) -> bool:
        """Whether any of its files would be written."""
        edited = known.copy_edited_time != known.last_edited_time
        if known.to_read and (edited or self._state.queue.shows_other_children(known.id)):
            # Nobody knows its bytes yet.
            return self._has_way(Staged(path, "", 0, ""))
        # What is read again though nothing tells of a change is taken for what it was.
        if not known.to_render or not known.has_copy:
            return False
        made = self._render.make(known.id)
        return made.miss or self._loses_a_file(made) or any(self._has_way(staged) for _, _, staged in made.staged)

    def _loses_a_file(self, made: Made) -> bool:
        """Whether a file of this document stands for it no more; of a renderer that failed, the last good one stays."""
        paths = {staged.path for _, _, staged in made.staged}
        return any(file.path not in paths and file.renderer not in made.broken for file in self._files.of(made.doc))

    def _has_way(self, staged: Staged) -> bool:
        """Whether a file is not there yet in some sink, and nothing of somebody else's is in its place."""
        for sink in self._committer.sinks.values():
            verdict = self._committer.verdict(sink, staged, self._files.find(sink.name, staged.path))
            way = verdict.stat.obstacle if verdict.stat else ""
            if verdict.action == "write" or (way and self._committer.is_ours(sink.name, way)):
                return True
        return False
