"""The manifest: what a sink holds and of which object, one line of JSON each.

Deterministic: it changes only when what it describes changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from notion_sync_core.errors import SinkError, StateError
from notion_sync_core.identity import MANIFEST
from notion_sync_core.mirror.suffix import PICTURE, is_inert
from notion_sync_core.model import KINDS, Parent, Ref, Stat
from notion_sync_core.stages.harmless import upload_name
from notion_sync_core.stages.view import asset_path
from notion_sync_core.state import State
from notion_sync_core.wellformed import json_line

__all__ = ["MANIFEST", "adopt", "check_owner", "check_place", "entries", "manifest_lines"]

SCHEMA = 1
_KEYS = {"id", "kind", "title", "parent", "last_edited_time", "url", "paths", "sha256", "assets"}


def manifest_lines(state: State, sink: str, job: str) -> Iterator[bytes]:
    """The manifest of one sink, as chunks of UTF-8."""
    scope = {"scope": state.facts.scope} if state.facts.scope else {}
    yield json_line({"schema": SCHEMA, "job": job, **scope, "files": _site_files(state, sink)})
    for known in state.objects.in_manifest():
        files = [file for file in state.files.of(known.id, sink) if file.sha256]
        paths: dict[str, Any] = {}
        for file in files:
            if file.path.endswith(".csv"):
                paths.setdefault("csv", []).append(file.path)
            else:
                paths[file.renderer] = file.path
        assets, names = _assets(state, known.id)
        yield json_line(
            {
                "id": known.id,
                "kind": known.kind,
                "title": known.title,
                "parent": known.parent.id,
                "last_edited_time": known.last_edited_time,
                "url": known.url,
                "paths": paths,
                "sha256": {file.path: file.sha256 for file in files},
                "assets": assets,
                **({"names": names} if names else {}),
            }
        )


def _assets(state: State, doc: str) -> tuple[list[str], dict[str, str]]:
    """The paths of a document's files, and the names of those that lost their extension so that they cannot run."""
    assets = state.assets.of(doc)
    paths = {asset_path(asset.sha256, asset.suffix): asset.key for asset in assets}
    pictures = {asset_path(asset.picture, PICTURE) for asset in assets if asset.picture}
    names = {path: upload_name(key) for path, key in paths.items() if is_inert(path)}
    return [*paths, *sorted(pictures)], names


def _site_files(state: State, sink: str) -> dict[str, dict[str, str]]:
    """Files that are about all documents: renderer, path, sha256."""
    found: dict[str, dict[str, str]] = {}
    for file in state.files.of_site(sink):
        found.setdefault(file.renderer, {})[file.path] = file.sha256
    return found


def adopt(state: State, sink: str, job: str, lines: Iterable[bytes]) -> int:
    """Take over what a sink holds after the state was lost.

    :returns: how many objects the manifest names.
    :raises StateError: the sink belongs to another job, or its manifest cannot be understood.
    """
    count = 0
    for entry in entries(lines, sink, job):
        if "schema" in entry:
            _adopt_site(state, sink, entry.get("files") or {})
            continue
        _adopt_entry(state, sink, entry)
        count += 1
    return count


def entries(lines: Iterable[bytes], sink: str, job: str) -> Iterator[dict[str, Any]]:
    """A manifest line by line: the header, then the objects.

    :param lines: its bytes in pieces of any size.
    :raises StateError: the sink belongs to another job, or its manifest cannot be understood.
    """
    for number, line in enumerate(_split(lines)):
        try:
            entry = orjson.loads(line)
            if number == 0:
                _check_header(entry, sink, job)
                for hashes in (entry.get("files") or {}).values():
                    _check_hashes(hashes)
            else:
                _check_entry(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StateError(
                f"line {number + 1} of {MANIFEST} in sink {sink} cannot be understood: {error}",
                "Move that file away: files already in the sink are then compared one by one.",
            ) from error
        yield entry


def _check_entry(entry: dict[str, Any]) -> None:
    if missing := _KEYS - entry.keys():
        raise KeyError(*sorted(missing))
    texts = [entry[key] for key in ("id", "kind", "title", "last_edited_time", "url")]
    if entry["kind"] not in KINDS or not all(isinstance(each, str) for each in texts):
        raise ValueError("it is about no object")
    if not isinstance(entry["parent"], str | None) or not isinstance(entry["paths"], dict):
        raise TypeError("its parent or its paths are of a wrong type")
    _check_hashes(entry["sha256"])
    for path in entry["assets"]:
        _check_path(path)


def _check_hashes(hashes: dict[str, str]) -> None:
    for path, sha256 in hashes.items():
        _check_path(path)
        if not isinstance(sha256, str):
            raise TypeError(f"the hash of {path!r} is none")


def _check_path(path: object) -> None:
    """A path that leads out of the sink was written by somebody else."""
    if not isinstance(path, str) or "\0" in path or not set(path.split("/")).isdisjoint(("", ".", "..")):
        raise ValueError(f"{path!r} is no path below the sink's root")


def check_place(found: Stat | None, location: str) -> None:
    """Make sure that the manifest can be read and written.

    :param found: what the sink says is there, if anything.
    :raises SinkError: something else stands in its place.
    """
    if found is not None and found.obstacle:
        raise SinkError(
            f"{location}/{found.obstacle} is no regular file or folder of this program: it is not followed",
            "Move it away: files already in the sink are then compared one by one.",
        )


def check_owner(lines: Iterable[bytes], sink: str, job: str) -> None:
    """Make sure that a sink's manifest is of this job; one that cannot be understood is made again.

    :raises StateError: the sink belongs to another job.
    """
    first = next(_split(lines), b"")
    with contextlib.suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        _check_header(orjson.loads(first), sink, job)


def _check_header(entry: dict[str, object], sink: str, job: str) -> None:
    if int(str(entry["schema"])) > SCHEMA:
        raise StateError(f"the manifest in sink {sink} was written by a newer version", "Install a newer version.")
    if entry["job"] != job:
        raise StateError(
            f"the sink {sink} belongs to another job ({entry['job']}, this is {job})",
            "Choose another folder with --to; two jobs in one sink would delete each other's files.",
        )


def _adopt_site(state: State, sink: str, files: dict[str, dict[str, str]]) -> None:
    state.files.adopt(
        sink,
        [(path, "", renderer, sha256) for renderer, hashes in files.items() for path, sha256 in hashes.items()],
    )


def _adopt_entry(state: State, sink: str, entry: dict[str, Any]) -> None:
    hashes = entry["sha256"]
    paths = entry["paths"]
    assert isinstance(hashes, dict)
    assert isinstance(paths, dict)
    owners = {path: name for name, path in paths.items() if isinstance(path, str)}
    state.objects.adopt(
        Ref(
            id=entry["id"],
            kind=entry["kind"],
            title=entry["title"],
            parent=Parent("unknown", entry["parent"]),
            created_time="",
            last_edited_time=entry["last_edited_time"],
            url=entry["url"],
        )
    )
    assets = entry["assets"]
    assert isinstance(assets, list)
    state.files.adopt(
        sink,
        [
            *((path, entry["id"], owners.get(path, "csv"), sha256) for path, sha256 in hashes.items()),
            *((path, "", "", path.rpartition("/")[2].partition(".")[0]) for path in assets),
        ],
    )


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest.strip():
        yield rest
