"""Which job this is: an id of its own, found again by what its runs left behind.

The id is random, made at the first run, or ``export.id``. It stands in the state, in each sink's manifest, and in an
index beside the states that remembers where each job wrote. It says nothing about paths or addresses: a folder that
was moved is still of the same job, and a copy that is written beside its original gets an id of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path

import orjson
from attrs import frozen

from notion_sync_core.errors import NotionSyncError, StateError
from notion_sync_core.mirror.disk import explained
from notion_sync_core.mirror.durable import write
from notion_sync_core.plugins.sink import Sink

MANIFEST = ".notion-sync/manifest.jsonl"
"""Where a sink's manifest lies."""
_INDEX = "places"
_LONGEST = 1 << 20
"""Bytes of a manifest's first line."""


@frozen
class Identity:
    """Which job it is."""

    id: str
    copied_from: str = ""
    """The job whose manifest lies in its sinks: they are a copy beside the original, which is still in use."""


def resolve(chosen: str, sinks: Iterable[Sink], home: Path, legacy: str) -> Identity:
    """Find out which job this is.

    :param chosen: ``export.id``.
    :param home: the folder that holds the states of all jobs.
    :param legacy: the id that this configuration had when ids were hashes of it.
    :raises StateError: its sinks belong to different jobs.
    """
    if chosen:
        return Identity(chosen)
    sinks = list(sinks)
    found = {job: sink for sink in sinks if (job := _said_by(sink))}
    if len(found) > 1:
        said = ", ".join(f"{sink.location}: {job}" for job, sink in found.items())
        raise StateError(
            f"the sinks of this job belong to different jobs ({said})",
            "Give each job its own sinks, or say which job this is: --set export.id=…",
        )
    remembered = [job for sink in sinks if (job := _remembered(home, sink.location))]
    for job in found:
        if job not in remembered and _is_in_use(home, job, sinks):
            return Identity(next(iter(remembered), "") or _new(), job)
    for job in (*found, *remembered):
        return Identity(job)
    return Identity(legacy if (home / legacy / "state.sqlite").exists() else _new())


def _new() -> str:
    return uuid.uuid4().hex[:16]


def _is_in_use(home: Path, job: str, sinks: Iterable[Sink]) -> bool:
    """Whether a job has a folder, as its manifest says, that is none of these sinks by another way."""
    for note in sorted((home / _INDEX).glob("*.json")):
        place = Path(_noted(note).get("location", ""))
        with contextlib.suppress(OSError, ValueError, AttributeError):
            with (place / MANIFEST).open("rb") as file:
                said = orjson.loads(file.readline(_LONGEST)).get("job")
            if said == job and not any(_is_same(place, sink.location) for sink in sinks):
                return True
    return False


def _is_same(place: Path, location: str) -> bool:
    try:
        return place.samefile(location)
    except (OSError, ValueError):
        return False


def remember(home: Path, sinks: Iterable[Sink], job: str) -> None:
    """Note where a job writes, before it does: what a power cut leaves of its first run is still found."""
    folder = home / _INDEX
    with explained(f"the index of jobs in {folder}"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for sink in sinks:
            if _remembered(home, sink.location) != job:
                write(_place(home, sink.location), json.dumps({"location": sink.location, "job": job}).encode())


def _place(home: Path, location: str) -> Path:
    return home / _INDEX / f"{hashlib.sha256(location.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"


def _remembered(home: Path, location: str) -> str:
    noted = _noted(_place(home, location))
    return noted.get("job", "") if noted.get("location") == location else ""


def _noted(note: Path) -> dict[str, str]:
    try:
        found = json.loads(note.read_text())
        return {name: str(found[name]) for name in ("location", "job")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def header(sink: Sink) -> bytes:
    """The first line of a sink's manifest; ``b""`` if there is none. No more than that is read.

    The sink is open, or looked at.
    """
    line = b""
    with contextlib.suppress(FileNotFoundError), contextlib.closing(sink.read(MANIFEST)) as chunks:
        for chunk in chunks:
            line += chunk
            if b"\n" in line or len(line) > _LONGEST:
                break
    return line.partition(b"\n")[0]


def _said_by(sink: Sink) -> str:
    """The job that a sink's manifest names; ``""`` if none does. What cannot be looked at says nothing here."""
    try:
        sink.look()
        try:
            job = orjson.loads(header(sink)).get("job")
        finally:
            sink.close()
    except (NotionSyncError, OSError, ValueError, AttributeError):
        return ""
    return job if isinstance(job, str) else ""
