"""Which job this is: an id of its own, found again by what its runs left behind.

The id is random, made at the first run, or ``export.id``. It stands in the state, in each sink's manifest, and in an
index beside the states that remembers where each job wrote. It says nothing about paths or addresses: a folder that
was moved is still of the same job.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path

import orjson

from notion_sync_core.errors import NotionSyncError, StateError
from notion_sync_core.mirror.disk import explained
from notion_sync_core.mirror.durable import write
from notion_sync_core.plugins.sink import Sink

MANIFEST = ".notion-sync/manifest.jsonl"
"""Where a sink's manifest lies."""
_INDEX = "places"
_LONGEST = 1 << 20
"""Bytes of a manifest's first line."""


def resolve(chosen: str, sinks: Iterable[Sink], home: Path, legacy: str) -> str:
    """The id of a job.

    :param chosen: ``export.id``.
    :param home: the folder that holds the states of all jobs.
    :param legacy: the id that this configuration had when ids were hashes of it.
    :raises StateError: its sinks belong to different jobs.
    """
    if chosen:
        return chosen
    sinks = list(sinks)
    found = {job: sink for sink in sinks if (job := _said_by(sink))}
    if len(found) > 1:
        said = ", ".join(f"{sink.location}: {job}" for job, sink in found.items())
        raise StateError(
            f"the sinks of this job belong to different jobs ({said})",
            "Give each job its own sinks, or say which job this is: --set export.id=…",
        )
    remembered = [_remembered(home, sink.location) for sink in sinks]
    for job in (*found, *filter(None, remembered)):
        return job
    return legacy if (home / legacy / "state.sqlite").exists() else uuid.uuid4().hex[:16]


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
    try:
        noted = json.loads(_place(home, location).read_text())
        return str(noted["job"]) if noted["location"] == location else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


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
