"""What writing would do to the sinks, document by document, without writing: rendered, weighed and thrown away."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages.aliases import aliases
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.names import fold
from notion_sync_core.stages.prune import Pruner
from notion_sync_core.stages.render import Made, RenderStage
from notion_sync_core.state import FileRecord, ObjectRecord, State
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
        self._ways = Ways(state, render, pruner)

    def changes(self) -> Iterator[Change | None]:
        """What becomes of each document, by path; ``None``: nothing."""
        heirs = self._inherited()
        for known, was in self._state.objects.with_files(self._renderer.name, self._renderer.suffix):
            self._clock.check()
            yield from (change for change in self._deleted(known) if change.path not in heirs)
            if known.status in LIVE and known.path is not None:
                yield self._change(known, was)

    def _deleted(self, known: ObjectRecord) -> Iterator[Change]:
        for file in self._files.retired_of(known.id, self._renderer.name):
            sink = self._committer.sinks.get(file.sink)
            ours = sink is not None and file.path.endswith(self._renderer.suffix)
            if sink is not None and ours and self._pruner.verdict(sink, file) == "delete":
                why = known.reason if known.status is Status.UNSELECTED else ""
                yield Change("delete", known.id, known.title, file.path, why=why)

    def _path(self, path: str) -> str:
        """Of a document's file."""
        return f"{self._renderer.folder}/{self._renderer.stem(path)}{self._renderer.suffix}".lstrip("/")

    def _inherited(self) -> set[str]:
        """Paths of files that stand for nothing any more, and that another document is about to be written to."""
        files = (file for sink in self._committer.sinks for file in self._files.retired(sink))
        left = {file.path for file in files if file.renderer == self._renderer.name}
        return left.intersection(map(self._path, self._state.layout.paths())) if left else set()

    def _change(self, known: ObjectRecord, was: str) -> Change | None:
        path = self._path(known.path or "")
        if not self._is_written(known, path):
            return None
        if not (was and self._is_there(was)):
            return Change("create", known.id, known.title, path)
        if was != path:
            return Change("move", known.id, known.title, path, was=was)
        return Change("update", known.id, known.title, path)

    def _is_there(self, path: str) -> bool:
        """Whether some sink has a file there, and not what somebody put in its place."""
        found = (sink.stat(path) for sink in self._committer.sinks.values())
        return any(stat and not stat.obstacle for stat in found)

    def _is_written(self, known: ObjectRecord, path: str) -> bool:
        """Whether any of its files would be written."""
        edited = known.copy_edited_time != known.last_edited_time
        unread = bool(known.to_read) and (edited or self._state.queue.shows_other_children(known.id))
        if unread and self._has_way(Staged(path, "", 0, "")):  # nobody knows its bytes yet
            return True
        # What is read again though nothing tells of a change is taken for what it was.
        if not (unread or known.to_render) or not known.has_copy:
            return False
        made = self._render.make(known.id)
        staged = (staged for _, _, staged in made.staged if not unread or staged.path != path)
        return made.miss or self._loses_a_file(made) or any(map(self._has_way, staged))

    def _loses_a_file(self, made: Made) -> bool:
        """Whether a file of this document stands for it no more; of a renderer that failed, the last good one stays."""
        paths = {staged.path for _, _, staged in made.staged}
        left = [
            file for file in self._files.of(made.doc) if file.path not in paths and file.renderer not in made.broken
        ]
        sinks = self._committer.sinks
        return any(file.sink in sinks and self._pruner.verdict(sinks[file.sink], file) == "delete" for file in left)

    def _has_way(self, staged: Staged) -> bool:
        """Whether a file is not there yet in some sink, and nothing of somebody else's is in its place."""
        for sink in self._committer.sinks.values():
            verdict = self._committer.verdict(sink, staged, self._files.find(sink.name, staged.path))
            way = verdict.stat.obstacle if verdict.stat else ""
            if verdict.action == "write" or (way and self._ways.will_be_free(sink, way)):
                return True
        return False


class Ways:
    """Tells what stands in the way of a file now and goes in this run, because it is ours."""

    def __init__(self, state: State, render: RenderStage, pruner: Pruner) -> None:
        self._state = state
        self._render = render
        self._pruner = pruner
        self._held: dict[str, list[tuple[str, str]]] = {}
        """What sinks hold, each path after its folded form."""

    def will_be_free(self, sink: Sink, way: str) -> bool:
        """Whether nothing will stand there: neither a file nor a folder with anything in it that stays."""
        stat = sink.stat(way)
        if stat is None or not stat.obstacle:
            return stat is None or self._goes(sink, way)
        # A pipe, a link and the like are listed as themselves; an empty folder is nobody's, and stays.
        inside = self._inside(sink, way)
        return bool(inside) and all(path != way and self._goes(sink, path) for path in inside)

    def _inside(self, sink: Sink, way: str) -> list[str]:
        """What is listed at a path or below it."""
        if sink.name not in self._held:
            self._held[sink.name] = sorted((fold(path), path) for path in sink.list()) if sink.lists else []
        held, start = self._held[sink.name], fold(way)
        found = []
        for folded, path in held[bisect_left(held, (start, "")) :]:
            if not folded.startswith(start):
                break
            if folded == start or folded[len(start)] == "/":
                found.append(path)
        return found

    def _goes(self, sink: Sink, path: str) -> bool:
        """Whether a file is ours, as we left it, and no document has it after this run."""
        known = self._state.files.find(sink.name, path)
        files = [known] if known else aliases(self._state, sink, path)
        return bool(files) and all(
            self._is_left(file) and self._pruner.verdict(sink, file) == "delete" for file in files
        )

    def _is_left(self, file: FileRecord) -> bool:
        if not file.is_current:
            return True
        known = self._state.objects.find(file.document_id)
        if known is None or not known.has_copy:
            return False
        made = self._render.make(known.id)
        return file.renderer not in made.broken and all(file.path != staged.path for _, _, staged in made.staged)
