"""Whether the sinks hold what they should, and how to mend them from the mirror without a request."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from attrs import define, field, frozen

from notion_sync_core.errors import StateError
from notion_sync_core.events import Event
from notion_sync_core.job import Job
from notion_sync_core.model import Artifact
from notion_sync_core.report import Report
from notion_sync_core.run.lookups import DOCUMENTS, LIVE
from notion_sync_core.run.manifest import MANIFEST, entries, manifest_lines
from notion_sync_core.run.press import Sink
from notion_sync_core.run.view import HAS_FILE
from notion_sync_core.service import Options, run
from notion_sync_core.snapshot import snapshot
from notion_sync_core.store.state import State

Kind = Literal[
    "missing", "changed", "stray", "stale", "no manifest", "wrong manifest", "lost row", "no file", "lost copy"
]
REPLACED = ".notion-sync/replaced"
"""Where a sink keeps what a repair replaced."""
HARMLESS: tuple[Kind, ...] = ("stray", "stale")
"""Found, told, and left alone: they are not ours, or the next ``sync`` deletes them."""


@frozen
class Finding:
    """One thing that is not as it should be."""

    kind: Kind
    where: str
    """A sink and a path, or an object."""
    detail: str = ""

    @property
    def is_damage(self) -> bool:
        """Whether it should be mended."""
        return self.kind not in HARMLESS


@define
class Inspection:
    """What was found, and what a repair did about it."""

    findings: list[Finding] = field(factory=list)
    files: int = 0
    """Files that were looked at."""
    repaired: Report | None = None

    @property
    def damaged(self) -> bool:
        """Whether anything needs mending."""
        return any(finding.is_damage for finding in self.findings)


def inspect(job: Job, *, read_data: bool = False) -> Inspection:
    """Compare state, manifest and files of each sink, and the mirror. Changes nothing.

    :param read_data: read every byte, even of files whose size and time are as recorded.
    :raises LockedError: a run is under way.
    """
    result = Inspection()
    with tempfile.TemporaryDirectory(prefix="notion-sync-check-") as scratch, contextlib.ExitStack() as stack:
        state = snapshot(job, Path(scratch), stack)
        for sink in job.sinks():
            sink.hooks.call("sink_look" if sink.hooks.implements("sink_look") else "sink_open", run_id="check")
            stack.callback(sink.hooks.call, "sink_close")
            result.findings += _Look(job, state, sink, result, read_data).findings()
        if job.has_state():
            result.findings += _mirror_findings(job, state, read_data)
    return result


def repair(job: Job, *, read_data: bool = False, on_event: Callable[[Event], object] | None = None) -> Inspection:
    """Mend what :func:`inspect` finds, from the mirror alone, and look again.

    What is replaced is kept in the sink below ``.notion-sync/replaced``. Strange files stay.

    :returns: what is still wrong afterwards; ``repaired`` says what was done.
    """
    found = inspect(job, read_data=read_data)
    if not found.damaged:
        return found
    sinks = {sink.name: sink for sink in job.sinks()}
    for sink in sinks.values():
        sink.hooks.call("sink_open", run_id="repair")
    try:
        for finding in found.findings:
            if finding.kind == "changed":
                name, _, path = finding.where.partition(": ")
                _put_aside(sinks[name], path)
    finally:
        for sink in sinks.values():
            sink.hooks.call("sink_close")
    report = run(job, Options(mode="repair"), (on_event,) if on_event else ())
    if report.error is not None:
        raise report.error
    again = inspect(job, read_data=read_data)
    again.repaired = report
    return again


def _put_aside(sink: Sink, path: str) -> None:
    """Keep a file that is about to be replaced: it may be somebody's work."""
    with contextlib.suppress(FileNotFoundError):
        content = sink.hooks.call("sink_read", path=path)[0]
        copy = Artifact(f"{REPLACED}/{path}", content, "application/octet-stream")
        staged = sink.hooks.call("sink_stage", artifact=copy)[0]
        sink.hooks.call("sink_flush")
        sink.hooks.call("sink_commit", staged=staged)
        sink.hooks.call("sink_flush")
    sink.hooks.call("sink_delete", path=path)
    sink.hooks.call("sink_flush")


class _Look:
    """A look at one sink."""

    def __init__(self, job: Job, state: State, sink: Sink, result: Inspection, read_data: bool) -> None:
        self._job = job
        self._state = state
        self._sink = sink
        self._result = result
        self._read_data = read_data

    def findings(self) -> Iterator[Finding]:
        known = self._state.value("SELECT 1 FROM files WHERE sink=? LIMIT 1", (self._sink.name,)) is not None
        if known:
            yield from self._manifest()
            yield from self._recorded()
            yield from self._without_files()
        else:
            yield from self._by_manifest()
        yield from self._strays(known)

    def _finding(self, kind: Kind, path: str, detail: str = "") -> Finding:
        return Finding(kind, f"{self._sink.name}: {path}", detail)

    def _read(self, path: str) -> Iterator[bytes]:
        content: Iterator[bytes] = self._sink.hooks.call("sink_read", path=path)[0]
        yield from content

    def _hash(self, path: str) -> str:
        digest = hashlib.sha256()
        for chunk in self._read(path):
            digest.update(chunk)
        return digest.hexdigest()

    def _manifest(self) -> Iterator[Finding]:
        expected = b"".join(manifest_lines(self._state, self._sink.name, self._job.id))
        try:
            actual = b"".join(self._read(MANIFEST))
        except FileNotFoundError:
            yield self._finding("no manifest", MANIFEST)
            return
        if actual != expected:
            yield self._finding("wrong manifest", MANIFEST, "it does not say what the state says")
            yield from self._lost_rows(actual)

    def _lost_rows(self, manifest: bytes) -> Iterator[Finding]:
        with contextlib.suppress(StateError):
            for entry in entries([manifest], self._sink.name, self._job.id):
                if (
                    "schema" not in entry
                    and self._state.value("SELECT 1 FROM objects WHERE id=?", (entry["id"],)) is None
                ):
                    yield Finding(
                        "lost row", str(entry["id"]), f"the manifest has {entry['title']!r}, the state has not"
                    )

    def _recorded(self) -> Iterator[Finding]:
        rows = self._state.pages(
            "SELECT * FROM files WHERE sink=? AND path != ? {after} ORDER BY path",
            "path",
            (self._sink.name, MANIFEST),
        )
        for row in rows:
            self._result.files += 1
            stat = self._sink.hooks.call("sink_stat", path=row["path"])
            if not stat:
                if row["current"]:
                    yield self._finding("missing", row["path"])
                continue
            if row["edited"] and not row["sha256"]:
                # What is not ours is neither damage nor replaced by a repair: the page that has no file is told.
                yield Finding("no file", row["doc"] or row["path"], f"{row['path']} in {self._sink.name} is in its way")
                continue
            if not row["current"]:
                yield self._finding("stale", row["path"], "the next sync deletes it")
                continue
            same = (stat[0].size, stat[0].stamp) == (row["size"], row["stamp"])
            if (self._read_data or not same) and self._hash(row["path"]) != row["sha256"]:
                detail = f"{stat[0].size} bytes instead of {row['size']}" if stat[0].size != row["size"] else ""
                yield self._finding("changed", row["path"], detail)

    def _without_files(self) -> Iterator[Finding]:
        rows = self._state.stream(
            f"SELECT id, title FROM objects o WHERE {HAS_FILE} AND dirty=0 AND NOT EXISTS "
            "(SELECT 1 FROM files f WHERE f.doc=o.id AND f.sink=? AND f.current=1) ORDER BY id",
            (self._sink.name,),
        )
        for row in rows:
            yield Finding("no file", row["id"], f"{row['title']!r} has no file in {self._sink.name}")

    def _by_manifest(self) -> Iterator[Finding]:
        """Without a state the manifest is all there is to compare with."""
        try:
            lines = [b"".join(self._read(MANIFEST))]
        except FileNotFoundError:
            return
        yield Finding("lost row", self._sink.name, "the state does not know this sink: `notion-sync state restore`")
        for entry in entries(lines, self._sink.name, self._job.id):
            if "schema" in entry:
                continue
            hashes = {**entry["sha256"], **{path: path.rpartition("/")[2].split(".")[0] for path in entry["assets"]}}
            for path, sha256 in hashes.items():
                self._result.files += 1
                try:
                    if self._hash(path) != sha256:
                        yield self._finding("changed", path)
                except FileNotFoundError:
                    yield self._finding("missing", path)

    def _strays(self, known: bool) -> Iterator[Finding]:
        if not known or not self._sink.hooks.implements("sink_list"):
            return
        for path in self._sink.hooks.call("sink_list")[0]:
            if path.startswith(f"{REPLACED}/"):
                continue
            if self._state.value("SELECT 1 FROM files WHERE sink=? AND path=?", (self._sink.name, path)) is None:
                yield self._finding("stray", path, "it was not written by this job; it is left alone")


def _mirror_findings(job: Job, state: State, read_data: bool) -> Iterator[Finding]:
    mirror = job.open_mirror()
    try:
        rows = state.stream(
            f"SELECT id, kind, title FROM objects WHERE kind IN {DOCUMENTS} AND status IN {LIVE} AND "
            "status != 'missing' AND read_edited > '' AND settled = 1"
        )
        for row in rows:
            whole = mirror.object(row["id"]) is not None
            if not whole or (row["kind"] == "page" and not mirror.has_listing(row["id"])):
                yield Finding("lost copy", row["id"], f"the mirror lacks {row['title']!r}: the next run reads it again")
        for row in state.stream("SELECT DISTINCT sha256 FROM assets"):
            if not _is_whole(mirror.blob(row["sha256"]), row["sha256"], read_data):
                yield Finding("lost copy", row["sha256"], "the mirror lacks this file: the next run downloads it again")
    finally:
        mirror.close()


def _is_whole(blob: Path, sha256: str, read_data: bool) -> bool:
    try:
        with blob.open("rb") as file:
            return not read_data or hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
