"""Render and write: from the mirror to the sinks."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from itertools import islice
from pathlib import PurePosixPath

import orjson
from attrs import evolve

from notion_sync_core.clock import Clock
from notion_sync_core.errors import PluginError
from notion_sync_core.events import (
    Event,
    ObjectFailed,
    ObjectMoved,
    ObjectWritten,
    PluginFailed,
    QueueMeasured,
    Warned,
)
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.mirror.suffix import PICTURE, PICTURE_TYPE, is_inert
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Done
from notion_sync_core.stages import harmless
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.dead_links import dead_links
from notion_sync_core.stages.layout import ASSETS
from notion_sync_core.stages.manifest import MANIFEST, Edition, contents_of, digested, manifest_lines, with_generation
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.render import IN_MEMORY, Made, RenderStage, again, spooling
from notion_sync_core.stages.render_process import RenderHand, RenderProcess
from notion_sync_core.stages.view import asset_path
from notion_sync_core.state import FileRecord
from notion_sync_core.state.files import MANIFEST_WRITER
from notion_sync_core.status import Status
from notion_sync_core.wellformed import json_line

BATCH = 100
"""Documents between two checkpoints."""
KEPT = "the last good file is kept"
"""What becomes of a document that could not be rendered."""
MOST_WAITING = 4
"""Batches that wait to be finished, for each process that helps."""


class DocumentWriter:
    """One run's rendering and writing.

    :param job: the job's identity, for the manifest.
    """

    def __init__(
        self,
        plan: Plan,
        mirror: Mirror,
        render: RenderStage,
        committer: Committer,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        job: str,
    ) -> None:
        self._plan = plan
        self._state = plan.state
        self._queue = plan.state.queue
        self._files = plan.state.files
        self._mirror = mirror
        self._render = render
        self._committer = committer
        self._clock = clock
        self._publish = publish
        self._job = job
        self._waiting: deque[Future[list[Made]]] = deque()

    def measure(self) -> QueueMeasured:
        """How many batches wait to be finished."""
        return QueueMeasured("write", len(self._waiting))

    # -- assets

    def write_assets(self) -> Iterator[Done]:
        """Bring each asset of a live document to each sink that does not have it."""
        harmless.arrange(self._state, self._mirror)
        folder = self._state.facts.assets_folder or ASSETS
        for sink in self._committer.sinks.values():
            batch: list[tuple[str, Staged]] = []
            for sha256, suffix, media_type in self._blobs():
                self._clock.check()
                path = asset_path(folder, sha256, suffix)
                known = self._files.find(sink.name, path)
                if known and known.sha256 == sha256:
                    if not known.is_current:
                        self._files.revive(sink.name, path)
                    continue
                if known and known.is_in_the_way and known.is_current:
                    # It is in its way still, and that was told.
                    continue
                blob = self._mirror.blob(sha256)
                if not blob.exists():
                    self._state.assets.forget(sha256)
                    self._publish(Warned(f"the mirror lost the file {path}: it is downloaded on the next run"))
                    self._queue.unsettle_without_assets()
                    continue
                batch.append((sink.name, self._render.stage_blob(sink, path, blob, media_type)))
                if len(batch) >= BATCH:
                    yield self._committer.commit([("", "", *item) for item in batch])
                    batch = []
            yield self._committer.commit([("", "", *item) for item in batch])

    def _blobs(self) -> Iterator[tuple[str, str, str]]:
        """(sha256, suffix, media type) of each file that belongs into the sinks."""
        for asset in self._state.assets.in_use():
            inert = is_inert(asset.suffix)
            yield asset.sha256, asset.suffix, "application/octet-stream" if inert else asset.media_type
            if asset.picture:
                yield asset.picture, PICTURE, PICTURE_TYPE

    # -- documents

    def write_documents(self, helpers: list[RenderProcess], only: Sequence[str] = ()) -> Iterator[Done]:
        """Render what changed, and what shows something that changed, here and in other processes.

        :param only: these documents alone.
        """
        with contextlib.ExitStack() as stack:
            hands = [stack.enter_context(RenderHand(helper)) for helper in helpers]
            waiting = self._waiting = deque()
            for batch in _batches(only or self._queue.to_render()):
                self._clock.check()
                hand = next((hand for hand in hands if hand.free), None)
                waiting.append(hand.make(batch) if hand else self._made_here(batch))
                # In order, whoever was faster: of two documents with one path always the same comes first.
                while waiting and (waiting[0].done() or len(waiting) > MOST_WAITING * len(hands)):
                    yield from self._finish(self._result(waiting.popleft()))
            while waiting:
                yield from self._finish(self._result(waiting.popleft()))

    def _result(self, made: Future[list[Made]]) -> list[Made]:
        """What was made; a request to stop does not wait for it."""
        while not wait([made], timeout=0.2).done:
            self._clock.check()
        return made.result()

    def _made_here(self, batch: list[str]) -> Future[list[Made]]:
        made: Future[list[Made]] = Future()
        done = []
        for doc in batch:
            self._clock.check()
            done.append(self._render.make(doc))
        made.set_result(done)
        return made

    def _finish(self, batch: list[Made]) -> Iterator[Done]:
        claimed: dict[tuple[str, str], tuple[str, str]] = {}
        batch = [self._without_claims_of_others(made, claimed) for made in batch]
        self._committer.replaced.clear()
        yield self._committer.commit(
            [
                (made.doc, renderer, sink, staged)
                for made in batch
                if not made.miss
                for sink, renderer, staged in made.staged
            ]
        )
        for made in batch:
            paths = {(sink, staged.path) for sink, _, staged in made.staged}
            moved = not made.miss and self._retire_others(made, paths)
            if made.appearance:
                self._state.changes.note(made.doc, made.appearance)
            if made.error:
                yield self._failed(made)
                continue
            self._queue.rendered(made.doc)
            self._state.findings.keep_rendering(made.doc, made.notes, made.lost_anchors)
            self._plan.site_changed()
            title = self._state.objects.title(made.doc)
            for warning in made.warnings:
                self._publish(Warned(warning, made.doc, title))
            size = sum(staged.size for _, _, staged in made.staged)
            outcome = "updated" if moved or made.doc in self._committer.replaced else "created"
            self._publish(ObjectWritten(made.doc, title, tuple(sorted(path for _, path in paths)), size, outcome))

    def _without_claims_of_others(self, made: Made, claimed: dict[tuple[str, str], tuple[str, str]]) -> Made:
        """A renderer that gives two documents one file must not let the second overwrite the first."""
        wrong: dict[str, str] = {}
        for sink, renderer, staged in made.staged:
            owner = claimed.setdefault((sink, staged.path), (made.doc, renderer))
            if owner != (made.doc, renderer) or self._files.is_claimed(sink, staged.path, made.doc):
                wrong.setdefault(renderer, staged.path)
        if not wrong or made.miss:
            return made
        for sink, renderer, staged in made.staged:
            if renderer in wrong:
                self._committer.sinks[sink].discard(staged)
                if claimed.get((sink, staged.path)) == (made.doc, renderer):
                    del claimed[sink, staged.path]
        texts = [f"plugin {name} gives {path!r}, which is the file of something else" for name, path in wrong.items()]
        return evolve(
            made,
            staged=tuple(item for item in made.staged if item[1] not in wrong),
            error="; ".join([made.error, *texts] if made.error else texts),
            broken=(*made.broken, *wrong),
        )

    def _retire_others(self, made: Made, paths: set[tuple[str, str]]) -> bool:
        """What was this document's file and is no longer; of a renderer that failed, the last good one stays.

        :returns: whether there was any.
        """
        found = False
        for file in self._files.of(made.doc):
            gone = file.sink in self._committer.sinks and (file.sink, file.path) not in paths
            if gone and file.renderer not in made.broken:
                found = True
                self._files.retire(file.sink, file.path)
                if (new := _successor(made, file)) is not None:
                    self._publish(ObjectMoved(file.sink, file.path, new))
        return found

    def write_site(self) -> Iterator[Done]:
        """Make the files that are about all documents, if anything they show may have changed."""
        if self._state.facts.site_stale != "1":
            return
        complete = True
        self._files.retire_site_of_others([renderer.name for renderer in self._render.renderers])
        for renderer in self._render.renderers:
            kept: set[tuple[str, str]] = set()
            if renderer.makes_site:
                try:
                    for sink, staged in self._render.make_site(renderer):
                        self._clock.check()
                        kept.add((sink, staged.path))
                        yield self._committer.commit([("", renderer.name, sink, staged)])
                except PluginError as error:
                    if error.sink:
                        raise
                    # The files of other renderers do not suffer; the old ones of this one stay.
                    yield Done(failures=({"id": "", "title": "", "error": error.message, "remedy": error.remedy},))
                    complete = False
                    continue
            for file in self._files.of_renderer(renderer.name):
                if (file.sink, file.path) not in kept:
                    self._files.retire(file.sink, file.path)
        self._state.facts.site_stale = "" if complete else "1"
        self._state.checkpoint()

    def warn_of_dead_links(self) -> None:
        """Tell of each link in the export that leads nowhere."""
        for dead in dead_links(self._state):
            self._publish(Warned(dead.reason, dead.source, dead.title))

    def fail_misses(self, misses: Iterable[str]) -> None:
        """Without a source nobody can read what the mirror lacks."""
        for doc in misses:
            known = self._state.objects.find(doc)
            reason, remedy = "the mirror has no copy of it", "Run `notion-sync export`: it reads this again."
            self._state.objects.fail(doc, reason, remedy)
            self._queue.mark_to_read(doc)
            if known is not None:
                then = "the next export reads it"
                self._publish(ObjectFailed(doc, known.kind, known.title, reason, remedy, "MissingError", next=then))

    def redo_what_has_no_file(self) -> None:
        """Make documents again of which some sink has no file on record."""
        for sink in self._committer.sinks:
            self._queue.render_without_files(sink)

    def _failed(self, made: Made) -> Done:
        for sink, _, staged in made.staged if made.miss else ():
            self._committer.sinks[sink].discard(staged)
        known = self._state.objects.find(made.doc)
        if known is None or known.status is Status.MISSING:
            return Done()
        if made.miss:
            self._queue.read_again(made.doc)
            return Done(misses=(made.doc,))
        remedy = made.remedy or "The last good file is kept. Report this to the renderer's authors."
        self._state.objects.fail_rendering(made.doc, made.error, remedy)
        for renderer in made.broken:
            self._publish(PluginFailed(renderer, "render_document", made.error, KEPT))
        cause = "PluginError" if made.broken else "NotionSyncError"
        self._publish(ObjectFailed(made.doc, known.kind, known.title, made.error, remedy, cause, next=KEPT))
        return Done()

    # -- after rendering

    def write_manifest(self) -> None:
        """A copy of what the state knows of each sink, written into it; where nothing of that changed, none is made."""
        contents = contents_of(self._state)
        for sink in self._committer.sinks.values():
            if self._is_unharmed(sink.name) and Edition.known(self._state, sink.name).contents == contents:
                continue
            digest = hashlib.sha256()
            with spooling(), tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
                for line in digested(manifest_lines(self._state, sink.name, self._job), digest):
                    spool.write(line)
                edition = Edition(self._state.run, digest.hexdigest(), contents)
                known = Edition.known(self._state, sink.name)
                if not self._is_unharmed(sink.name) or known.digest != edition.digest:
                    self._replace_manifest(sink, edition, again(spool))
                else:
                    # It says the same, and its generation tells when that was new.
                    evolve(known, contents=contents).note(self._state, sink.name)

    def _is_unharmed(self, sink: str) -> bool:
        """Whether the manifest stands in the sink as this job left it."""
        file = self._files.find(sink, MANIFEST)
        return file is not None and bool(file.sha256) and not file.intended_sha256

    def _replace_manifest(self, sink: Sink, edition: Edition, chunks: Iterator[bytes]) -> None:
        staged = sink.stage(Artifact(MANIFEST, _of_generation(chunks, edition.generation), "application/jsonl"))
        # The manifest tells of artifacts, it is none, and not counted.
        self._committer.commit([("", MANIFEST_WRITER, sink.name, staged)])
        edition.note(self._state, sink.name)


def _successor(made: Made, file: FileRecord) -> str | None:
    """Where a document's file is now that was elsewhere: of the same renderer, of the same kind."""
    suffix = PurePosixPath(file.path).suffix
    there = (staged.path for sink, renderer, staged in made.staged if (sink, renderer) == (file.sink, file.renderer))
    return next((path for path in there if PurePosixPath(path).suffix == suffix), None) if file.sha256 else None


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _of_generation(chunks: Iterator[bytes], generation: int) -> Iterator[bytes]:
    """A manifest whose first line names the generation; it is short, and comes whole."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        head, found, rest = rest.partition(b"\n")
        if found:
            yield json_line(with_generation(orjson.loads(head), generation))
            break
        rest = head
    yield rest
    yield from chunks
