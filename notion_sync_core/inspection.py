"""Whether the sinks hold what they should, and how to mend them from the mirror without a request."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from attrs import define, field, frozen

from notion_sync_core.clock import Clock, RunClock, SystemClock
from notion_sync_core.copied import copied
from notion_sync_core.errors import NotionSyncError, SinkError, StateError
from notion_sync_core.events import Event
from notion_sync_core.identity import header
from notion_sync_core.job import Job
from notion_sync_core.model import Artifact, Stat
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Report
from notion_sync_core.session import Session
from notion_sync_core.snapshot import nothing_written
from notion_sync_core.stages.manifest import MANIFEST, Edition, entries, generation_of, manifest_lines
from notion_sync_core.stages.takeover import written_by_others
from notion_sync_core.state import FileRecord, ObjectRecord

Trouble = Literal[
    "missing",
    "changed",
    "unreadable",
    "stray",
    "stale",
    "no manifest",
    "wrong manifest",
    "lost row",
    "no file",
    "lost copy",
    "later run",
]
REPLACED = ".notion-sync/replaced"
"""Where a sink keeps what a repair replaced."""
HARMLESS: tuple[Trouble, ...] = ("stray", "stale", "later run")
"""Found, told, and left alone: they are not ours, or the next ``sync`` sees to them."""


@frozen
class Finding:
    """One thing that is not as it should be."""

    kind: Trouble
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
    failed: list[ObjectRecord] = field(factory=list)
    """Objects that the last run could not read or render."""
    pending: int = 0
    """Documents that still have to be read: the last run did not get so far."""
    repaired: Report | None = None

    @property
    def damaged(self) -> bool:
        """Whether anything needs mending."""
        return any(finding.is_damage for finding in self.findings)


def inspect(job: Job, *, read_data: bool = False, clock: Clock | None = None) -> Inspection:
    """Compare state, manifest and files of each sink, and the mirror. Changes nothing.

    :param read_data: read every byte, even of files whose size and time are as recorded.
    :raises LockedError: a run is under way.
    :raises StateError: no run has written anything: there is nothing to be well.
    """
    result = Inspection()
    try:
        _inspect(job, read_data, clock, result)
    except NotionSyncError as error:
        error.report = result
        raise
    return result


def _inspect(job: Job, read_data: bool, clock: Clock | None, result: Inspection) -> None:
    with copied(job, RunClock(clock or SystemClock()), _nobody, reads=False) as session:
        if not any(_was_written(session, sink) for sink in session.sinks):
            raise nothing_written([sink.location for sink in session.sinks])
        result.failed = list(session.state.objects.failed())
        result.pending = session.state.queue.count_to_read()
        for stage in (look_at_sinks, look_at_mirror):
            for finding in stage(session, result, read_data):
                session.clock.check()
                result.findings.append(finding)


def _was_written(session: Session, sink: Sink) -> bool:
    return session.state.files.any(sink.name) or sink.stat(MANIFEST) is not None


def look_at_sinks(session: Session, result: Inspection, read_data: bool) -> Iterator[Finding]:
    """What is wrong with the files of each sink."""
    for sink in session.sinks:
        yield from _Look(session, sink, result, read_data).findings()


def look_at_mirror(session: Session, _: Inspection, read_data: bool) -> Iterator[Finding]:
    """What the mirror lacks of what the state says it has."""
    folder = session.job.home / session.job_id / "mirror"
    # On a read-only disk nobody can look into its database.
    if session.job.has_state() and (os.access(folder, os.W_OK) or not folder.exists()):
        yield from _mirror_findings(session, read_data)


def _nobody(_: Event) -> None:
    """Nothing that happens while looking is told."""


def repair(
    job: Job,
    *,
    read_data: bool = False,
    on_event: Callable[[Event], object] | None = None,
    clock: Clock | None = None,
) -> Inspection:
    """Mend what :func:`inspect` finds, from the mirror alone, and look again.

    What is replaced is kept in the sink below ``.notion-sync/replaced``. Strange files stay.

    :returns: what is still wrong afterwards; ``repaired`` says what was done.
    """
    found = inspect(job, read_data=read_data, clock=clock)
    if not found.damaged:
        return found
    sinks = {sink.name: sink for sink in job.sinks()}
    for sink in sinks.values():
        sink.open("repair")
    try:
        for finding in found.findings:
            if finding.kind == "changed":
                name, _, path = finding.where.partition(": ")
                _put_aside(sinks[name], path)
    finally:
        for sink in sinks.values():
            sink.close()
    report = run(job, Options(mode="repair"), (on_event,) if on_event else (), clock)
    if report.error is not None:
        raise report.error
    again = inspect(job, read_data=read_data, clock=clock)
    again.repaired = report
    return again


def _put_aside(sink: Sink, path: str) -> None:
    """Keep a file that is about to be replaced: it may be somebody's work."""
    if sink.stat(path) is not None:
        staged = sink.stage(Artifact(f"{REPLACED}/{path}", sink.read(path), "application/octet-stream"))
        sink.flush()
        sink.commit(staged)
        sink.flush()
    sink.delete(path)
    sink.flush()


class _Look:
    """A look at one sink."""

    def __init__(self, session: Session, sink: Sink, result: Inspection, read_data: bool) -> None:
        # Before its first run a copy of another job's folder has the manifest of that.
        self._job_id = session.job.identity.copied_from or session.job_id
        self._state = session.state
        self._clock = session.clock
        self._sink = sink
        self._result = result
        self._read_data = read_data
        self._tops: set[str] = set()
        """Folders in the root that hold something of ours."""
        self._unreadable: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        known = self._state.files.any(self._sink.name)
        place = self._sink.stat(MANIFEST)
        if not known:
            lost = Finding(
                "lost row", self._sink.name, "the state does not know this sink: `notion-sync state restore`"
            )
            yield from self._by_manifest(lost)
        elif place and not place.obstacle and self._is_of_a_later_run(place):
            known = False
            detail = "another run wrote there since: compared with its manifest; the next sync takes it over"
            yield from self._by_manifest(self._finding("later run", MANIFEST, detail))
        else:
            # Restored, and no run since: the state holds what the manifest says, and too little to make one.
            if self._state.runs.all():
                yield from self._manifest()
            yield from self._recorded()
            yield from self._without_files()
        yield from self._strays(known)

    def _finding(self, kind: Trouble, path: str, detail: str = "") -> Finding:
        return Finding(kind, f"{self._sink.name}: {path}", detail)

    def _read(self, path: str) -> Iterator[bytes]:
        content: Iterator[bytes] = self._sink.read(path)
        yield from content

    def _manifest(self) -> Iterator[Finding]:
        generation = Edition.known(self._state, self._sink.name).generation
        expected = b"".join(manifest_lines(self._state, self._sink.name, self._job_id, generation))
        try:
            actual = b"".join(self._read(MANIFEST)).replace(b"\r\n", b"\n")  # git may have changed its line ends
        except FileNotFoundError:
            yield self._finding("no manifest", MANIFEST)
            return
        if actual != expected:
            yield self._finding("wrong manifest", MANIFEST, "it does not say what the state says")
            yield from self._lost_rows(actual)

    def _lost_rows(self, manifest: bytes) -> Iterator[Finding]:
        with contextlib.suppress(StateError):
            for entry in entries([manifest], self._sink.name, self._job_id):
                if "schema" not in entry and self._state.objects.find(entry["id"]) is None:
                    yield Finding(
                        "lost row", str(entry["id"]), f"the manifest has {entry['title']!r}, the state has not"
                    )

    def _recorded(self) -> Iterator[Finding]:
        for file in self._state.files.all(self._sink.name):
            self._clock.check()
            self._tops.add(file.path.partition("/")[0])
            if file.path == MANIFEST:
                continue
            self._result.files += 1
            try:
                found = self._judged(file)
            except SinkError as error:
                if not isinstance(error.__cause__, OSError):
                    raise
                # One file or folder that the disk does not give says nothing about the others.
                self._unreadable.add(file.path)
                found = self._finding("unreadable", file.path, error.message)
            if found is not None:
                yield found

    def _judged(self, file: FileRecord) -> Finding | None:
        if file.is_in_the_way:
            # What is not ours is neither damage nor replaced by a repair: the page that has no file is told.
            return Finding("no file", file.document_id or file.path, f"{file.path} in {self._sink.name} is in its way")
        stat = self._sink.stat(file.path)
        if not stat:
            return self._finding("missing", file.path) if file.is_current else None
        if not file.is_current:
            return self._finding("stale", file.path, "the next sync deletes it")
        same = (stat.size, stat.stamp) == (file.size, file.stamp)
        if (self._read_data or not same) and self._sink.hash(file.path, (file.sha256,)) != file.sha256:
            detail = f"{stat.size} bytes instead of {file.size}" if stat.size != file.size else ""
            return self._finding("changed", file.path, detail)
        return None

    def _without_files(self) -> Iterator[Finding]:
        for object_id, title in self._state.files.documents_without(self._sink.name):
            yield Finding("no file", object_id, f"{title!r} has no file in {self._sink.name}")

    def _is_of_a_later_run(self, place: Stat) -> bool:
        known = Edition.known(self._state, self._sink.name)
        newer = generation_of(header(self._sink)) > known.generation
        return newer and written_by_others(self._state, self._sink, place)

    def _by_manifest(self, first: Finding) -> Iterator[Finding]:
        """Without a state that knows it all, the manifest is what there is to compare with."""
        try:
            lines = [b"".join(self._read(MANIFEST))]
        except FileNotFoundError:
            yield self._finding("no manifest", MANIFEST, f"nothing was written to {self._sink.location} yet")
            return
        yield first
        for entry in entries(lines, self._sink.name, self._job_id):
            if "schema" in entry:
                continue
            hashes = {**entry["sha256"], **{path: path.rpartition("/")[2].split(".")[0] for path in entry["assets"]}}
            for path, sha256 in hashes.items():
                self._result.files += 1
                if self._sink.stat(path) is None:
                    yield self._finding("missing", path)
                elif self._sink.hash(path, (sha256,)) != sha256:
                    yield self._finding("changed", path)

    def _strays(self, known: bool) -> Iterator[Finding]:
        if not known or not self._sink.lists:
            return
        folders: dict[str, int] = {}
        for path in self._sink.list():
            if path.startswith(f"{REPLACED}/"):
                continue
            top, inside, _ = path.partition("/")
            if inside and top not in self._tops:
                folders[top] = folders.get(top, 0) + 1
            elif any(ours.startswith(f"{path}/") for ours in self._unreadable):
                pass  # a folder of ours that may not be looked into
            elif (shown := _shown(path)) != path or self._state.files.find(self._sink.name, path) is None:
                yield self._finding("stray", shown, "it was not written by this job; it is left alone")
        for top, count in sorted(folders.items()):
            files = "one file that was" if count == 1 else f"{count} files that were"
            yield self._finding("stray", f"{_shown(top)}/", f"{files} not written by this job; left alone")


def _shown(path: str) -> str:
    """A path whose bytes may be no UTF-8, which JSON and people cannot have: what is none as escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _mirror_findings(session: Session, read_data: bool) -> Iterator[Finding]:
    mirror, state = session.mirror, session.state
    for known in state.objects.settled_copies():
        session.clock.check()
        whole = mirror.object(known.id) is not None
        if not whole or (known.kind == "page" and not mirror.has_listing(known.id)):
            yield Finding("lost copy", known.id, f"the mirror lacks {known.title!r}: the next run reads it again")
    for sha256 in state.assets.hashes():
        session.clock.check()
        if not _is_whole(mirror.blob(sha256), sha256, read_data):
            yield Finding("lost copy", sha256, "the mirror lacks this file: the next run downloads it again")


def _is_whole(blob: Path, sha256: str, read_data: bool) -> bool:
    try:
        with blob.open("rb") as file:
            return not read_data or hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
