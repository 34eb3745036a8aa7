"""Render and write: from the mirror to the sinks."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait

from attrs import evolve

from notion_sync_core.clock import Clock
from notion_sync_core.errors import PluginError
from notion_sync_core.events import Event, ObjectFailed, ObjectWritten, Warned
from notion_sync_core.model import Artifact, Staged
from notion_sync_core.run import harmless
from notion_sync_core.run.dead_links import dead_links
from notion_sync_core.run.harmless import PICTURE, PICTURE_OF, PICTURE_TYPE
from notion_sync_core.run.lookups import DOCUMENTS, LIVE
from notion_sync_core.run.manifest import MANIFEST, MANIFEST_WRITER, manifest_lines
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.press import Made, Press
from notion_sync_core.run.press_process import PressHand, PressProcess
from notion_sync_core.run.settle import Settler
from notion_sync_core.run.view import HAS_FILE, asset_path
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.suffix import is_inert

BATCH = 100
"""Documents between two checkpoints."""
MOST_WAITING = 4
"""Batches that wait to be finished, for each process that helps."""


_CLAIMED = (
    "SELECT 1 FROM files f LEFT JOIN objects o ON o.id = f.doc WHERE f.sink=? AND f.path=? AND f.current=1 "
    f"AND f.sha256 != '' AND f.doc != ? AND ((f.doc = '' AND f.renderer IN ('', '{MANIFEST_WRITER}')) "
    f"OR (o.dirty = 0 AND o.stem IS NOT NULL AND o.status IN {LIVE}))"
)
"""Whether a path is the file of an asset, or of a document that was already made."""


class Publisher:
    """One run's rendering and writing.

    :param job: the job's identity, for the manifest.
    """

    def __init__(
        self,
        plan: Plan,
        mirror: Mirror,
        press: Press,
        settler: Settler,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        job: str,
    ) -> None:
        self._plan = plan
        self._state = plan.state
        self._mirror = mirror
        self._press = press
        self._settler = settler
        self._clock = clock
        self._publish = publish
        self._job = job
        self.failures: list[dict[str, str]] = []
        """What failed beside whole documents: the files about all of them."""

    # -- assets

    def write_assets(self) -> None:
        """Bring each asset of a live document to each sink that does not have it."""
        harmless.arrange(self._state, self._mirror)
        for sink in self._settler.sinks.values():
            batch: list[tuple[str, Staged]] = []
            for sha256, suffix, media_type in self._asset_rows():
                self._clock.check()
                path = asset_path(sha256, suffix)
                known = self._state.row(
                    "SELECT sha256, current, edited FROM files WHERE sink=? AND path=?", (sink.name, path)
                )
                if known and known["sha256"] == sha256:
                    if not known["current"]:
                        self._state.execute("UPDATE files SET current=1 WHERE sink=? AND path=?", (sink.name, path))
                    continue
                if known and known["edited"] and known["current"] and not known["sha256"]:
                    # Something is in its way still, and that was told.
                    continue
                blob = self._mirror.blob(sha256)
                if not blob.exists():
                    self._state.execute("DELETE FROM assets WHERE sha256=?", (sha256,))
                    self._publish(Warned(f"the mirror lost the file {path}: it is downloaded on the next run"))
                    self._state.execute(
                        "UPDATE objects SET settled=0 WHERE id IN (SELECT doc FROM document_assets WHERE key NOT IN "
                        "(SELECT key FROM assets))"
                    )
                    continue
                batch.append((sink.name, self._press.stage_blob(sink, path, blob, media_type)))
                if len(batch) >= BATCH:
                    self._settler.settle([("", "", *item) for item in batch])
                    batch = []
            self._settler.settle([("", "", *item) for item in batch])

    def _asset_rows(self) -> Iterator[tuple[str, str, str]]:
        last = ""
        while True:
            rows = self._state.rows(
                f"SELECT key, sha256, suffix, media_type, {PICTURE_OF} AS picture FROM assets a WHERE key > ? AND "
                "EXISTS (SELECT 1 FROM "
                f"document_assets d JOIN objects o ON o.id = d.doc WHERE d.key = a.key AND o.status IN {LIVE}) "
                "ORDER BY key LIMIT 500",
                (last,),
            )
            for row in rows:
                inert = is_inert(row["suffix"])
                yield row["sha256"], row["suffix"], "application/octet-stream" if inert else row["media_type"]
                if row["picture"]:
                    yield row["picture"], PICTURE, PICTURE_TYPE
            if len(rows) < 500:
                return
            last = rows[-1]["key"]

    # -- documents

    def dirty(self) -> int:
        """How many documents have to be rendered."""
        return self._plan.count("dirty=1 AND stem IS NOT NULL AND read_edited IS NOT NULL")

    def write_documents(self, helpers: list[PressProcess]) -> None:
        """Render what changed, and what shows something that changed, here and in other processes."""
        with contextlib.ExitStack() as stack:
            hands = [stack.enter_context(PressHand(helper)) for helper in helpers]
            waiting: deque[Future[list[Made]]] = deque()
            for batch in self._batches():
                self._clock.check()
                hand = next((hand for hand in hands if hand.free), None)
                waiting.append(hand.make(batch) if hand else self._made_here(batch))
                # In order, whoever was faster: of two documents with one path always the same comes first.
                while waiting and (waiting[0].done() or len(waiting) > MOST_WAITING * len(hands)):
                    self._finish(self._result(waiting.popleft()))
            while waiting:
                self._finish(self._result(waiting.popleft()))

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
            done.append(self._press.make(doc))
        made.set_result(done)
        return made

    def _batches(self) -> Iterator[list[str]]:
        batch: list[str] = []
        rows = self._state.pages(
            f"SELECT id FROM objects WHERE dirty=1 AND kind IN {DOCUMENTS} AND stem IS NOT NULL "
            "AND read_edited IS NOT NULL {after} ORDER BY id",
            "id",
        )
        for row in rows:
            batch.append(row["id"])
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _finish(self, batch: list[Made]) -> None:
        claimed: dict[tuple[str, str], tuple[str, str]] = {}
        batch = [self._without_claims_of_others(made, claimed) for made in batch]
        self._settler.settle(
            [
                (made.doc, renderer, sink, staged)
                for made in batch
                if not made.miss
                for sink, renderer, staged in made.staged
            ]
        )
        for made in batch:
            paths = {(sink, staged.path) for sink, _, staged in made.staged}
            if not made.miss:
                self._retire_others(made, paths)
            if made.error:
                self._failed(made)
                continue
            self._state.execute("UPDATE objects SET dirty=0 WHERE id=?", (made.doc,))
            self._keep_findings(made)
            title = str(self._state.value("SELECT title FROM objects WHERE id=?", (made.doc,)))
            for warning in made.warnings:
                self._publish(Warned(warning, made.doc, title))
            size = sum(staged.size for _, _, staged in made.staged)
            self._publish(ObjectWritten(made.doc, title, tuple(sorted(path for _, path in paths)), size))

    def _without_claims_of_others(self, made: Made, claimed: dict[tuple[str, str], tuple[str, str]]) -> Made:
        """A renderer that gives two documents one file must not let the second overwrite the first."""
        wrong: dict[str, str] = {}
        for sink, renderer, staged in made.staged:
            owner = claimed.setdefault((sink, staged.path), (made.doc, renderer))
            if owner != (made.doc, renderer) or self._state.value(_CLAIMED, (sink, staged.path, made.doc)):
                wrong.setdefault(renderer, staged.path)
        if not wrong or made.miss:
            return made
        for sink, renderer, staged in made.staged:
            if renderer in wrong:
                self._settler.sinks[sink].hooks.call("sink_discard", staged=staged)
                if claimed.get((sink, staged.path)) == (made.doc, renderer):
                    del claimed[sink, staged.path]
        texts = [f"plugin {name} gives {path!r}, which is the file of something else" for name, path in wrong.items()]
        return evolve(
            made,
            staged=tuple(item for item in made.staged if item[1] not in wrong),
            error="; ".join([made.error, *texts] if made.error else texts),
            broken=(*made.broken, *wrong),
        )

    def _retire_others(self, made: Made, paths: set[tuple[str, str]]) -> None:
        """What was this document's file and is no longer; of a renderer that failed, the last good one stays."""
        rows = self._state.rows("SELECT sink, path, renderer FROM files WHERE doc=? AND current=1", (made.doc,))
        for row in rows:
            gone = row["sink"] in self._settler.sinks and (row["sink"], row["path"]) not in paths
            if gone and row["renderer"] not in made.broken:
                self._state.execute("UPDATE files SET current=0 WHERE sink=? AND path=?", (row["sink"], row["path"]))

    def _keep_findings(self, made: Made) -> None:
        for table, rows in (("notes", made.notes), ("dead_anchors", [(block,) for block in made.lost_anchors])):
            self._state.execute(f"DELETE FROM {table} WHERE doc=?", (made.doc,))
            marks = "?, ?, ?" if table == "notes" else "?, ?"
            self._state.execute_many(f"INSERT INTO {table} VALUES ({marks})", [(made.doc, *row) for row in rows])
        self._plan.site_changed()

    def write_site(self) -> None:
        """Make the files that are about all documents, if anything they show may have changed."""
        if self._state.meta("site_stale") != "1":
            return
        complete = True
        for renderer in self._press.renderers:
            kept: set[tuple[str, str]] = set()
            if renderer.hooks.implements("render_site"):
                try:
                    for sink, staged in self._press.make_site(renderer):
                        self._clock.check()
                        kept.add((sink, staged.path))
                        self._settler.settle([("", renderer.name, sink, staged)])
                except PluginError as error:
                    # The files of other renderers do not suffer; the old ones of this one stay.
                    self.failures.append({"id": "", "title": "", "error": error.message, "remedy": error.remedy})
                    complete = False
                    continue
            for row in self._state.rows("SELECT sink, path FROM files WHERE doc='' AND renderer=?", (renderer.name,)):
                if (row["sink"], row["path"]) not in kept:
                    self._state.execute("UPDATE files SET current=0 WHERE sink=? AND path=?", tuple(row))
        self._state.set_meta("site_stale", "" if complete else "1")
        self._state.checkpoint()

    def warn_of_dead_links(self) -> None:
        """Tell of each link in the export that leads nowhere."""
        for dead in dead_links(self._state):
            self._publish(Warned(dead.reason, dead.source, dead.title))

    def fail_misses(self) -> None:
        """Without a source nobody can read what the mirror lacks."""
        for doc in self._settler.counts.misses:
            row = self._state.row("SELECT kind, title FROM objects WHERE id=?", (doc,))
            reason, remedy = "the mirror has no copy of it", "Run `notion-sync export`: it reads this again."
            self._plan.fail(doc, reason, remedy)
            self._state.execute("UPDATE objects SET pending=1 WHERE id=?", (doc,))
            if row is not None:
                self._publish(ObjectFailed(doc, row["kind"], row["title"], reason, remedy))

    def redo_what_has_no_file(self) -> None:
        """Make documents again of which some sink has no file on record."""
        for sink in self._settler.sinks:
            self._state.execute(
                f"UPDATE objects SET dirty=1 WHERE {HAS_FILE} AND NOT EXISTS "
                "(SELECT 1 FROM files f WHERE f.doc=objects.id AND f.sink=? AND f.current=1)",
                (sink,),
            )

    def _failed(self, made: Made) -> None:
        for sink, _, staged in made.staged if made.miss else ():
            self._settler.sinks[sink].hooks.call("sink_discard", staged=staged)
        row = self._state.row("SELECT kind, title, status FROM objects WHERE id=?", (made.doc,))
        if row is None or row["status"] == "missing":
            return
        if made.miss:
            self._settler.counts.misses.append(made.doc)
            self._state.execute("UPDATE objects SET read_edited=NULL, digest='', pending=1 WHERE id=?", (made.doc,))
            return
        remedy = made.remedy or "The last good file is kept. Report this to the renderer's authors."
        self._state.execute(
            "UPDATE objects SET status='failed', reason=?, remedy=? WHERE id=?", (made.error, remedy, made.doc)
        )
        self._publish(ObjectFailed(made.doc, row["kind"], row["title"], made.error, remedy))

    # -- after rendering

    def write_manifest(self) -> None:
        """A copy of what the state knows of each sink, written into it."""
        for sink in self._settler.sinks.values():
            lines = manifest_lines(self._state, sink.name, self._job)
            staged = sink.hooks.call("sink_stage", artifact=Artifact(MANIFEST, lines, "application/jsonl"))[0]
            # The manifest tells of artifacts, it is none.
            before = evolve(self._settler.counts)
            self._settler.settle([("", MANIFEST_WRITER, sink.name, staged)])
            self._settler.counts.written, self._settler.counts.unchanged = before.written, before.unchanged
            self._settler.counts.bytes = before.bytes
