"""The manifest: what a sink holds and of which object, one line of JSON each.

Deterministic: it changes only when what it describes changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import orjson
from attrs import frozen

from notion_sync_core.errors import SinkError, StateError
from notion_sync_core.identity import MANIFEST
from notion_sync_core.mirror.suffix import PICTURE, is_inert
from notion_sync_core.model import KINDS, Stat, fields
from notion_sync_core.stages.harmless import upload_name
from notion_sync_core.stages.layout import ASSETS
from notion_sync_core.stages.view import asset_path
from notion_sync_core.state import FileRecord, State
from notion_sync_core.wellformed import json_line

__all__ = ["MANIFEST", "Edition", "check_owner", "check_place", "contents_of", "digested", "entries", "manifest_lines"]

SCHEMA = 1


class ManifestError(StateError):
    """A manifest cannot be understood."""


class Digest(Protocol):
    """A hash that is being made."""

    def update(self, data: bytes, /) -> object:
        """More of it."""


_FORM = 2
"""Of the lines; another one whenever the same facts make other lines, so that they are made again."""
_MOST_RUNS = 1 << 53
"""A generation beyond any that runs could reach was not written by one."""
_KEYS = {"id", "kind", "title", "parent", "last_edited_time", "url", "paths", "sha256", "assets"}


@frozen
class Edition:
    """A manifest that a state knows to be in a sink."""

    generation: int = 0
    """The run that wrote it; 0: none did."""
    digest: str = ""
    """Of all it says but that."""
    contents: str = ""
    """What it was made of, by the state's own number of that and the form of its lines; empty: nobody knows."""

    @classmethod
    def known(cls, state: State, sink: str) -> Edition:
        """The last one that was written there, or taken over."""
        generation, digest, contents = [*state.facts.get(f"manifest:{sink}").split(" "), "", ""][:3]
        return cls(int(generation or 0), digest, contents)

    def note(self, state: State, sink: str) -> None:
        """From now on it is known."""
        state.facts.put(f"manifest:{sink}", " ".join((str(self.generation), self.digest, self.contents)).rstrip())


def contents_of(state: State) -> str:
    """What a manifest made now would be of: the same text, the same manifest."""
    return f"{_FORM}:{state.facts.contents_number}"


def manifest_lines(state: State, sink: str, job: str, generation: int | None = None) -> Iterator[bytes]:
    """The manifest of one sink, as chunks of UTF-8.

    :param generation: of the run that writes it; ``None``: as if it did not matter.
    """
    facts = {"scope": state.facts.scope, "workspace": state.facts.workspace}
    said = {name: value for name, value in facts.items() if value}
    head = {"schema": SCHEMA, "job": job, **said, "files": _site_files(state, sink)}
    # Without these a run that has no state would take them for files of somebody else's, for good.
    if stale := state.leftovers.of(sink):
        head["stale"] = stale
    yield json_line(head if generation is None else with_generation(head, generation))
    for known in state.objects.in_manifest():
        placed = state.files.of(known.id, sink)
        files = [*(file for file in placed if file.sha256), *_left(state, sink, placed)]
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


def with_generation(head: dict[str, Any], generation: int) -> dict[str, Any]:
    """The first line of a manifest, as a run writes it."""
    return {"schema": head["schema"], "generation": generation, **{k: v for k, v in head.items() if k != "schema"}}


def digested(chunks: Iterable[bytes], digest: Digest) -> Iterator[bytes]:
    """A manifest's lines as they are, while all but its generation goes into a digest."""
    for number, line in enumerate(_split(chunks)):
        said = line
        if number == 0:
            with contextlib.suppress(ValueError):
                head = fields(orjson.loads(line))
                head.pop("generation", None)
                said = json_line(head).rstrip(b"\n")
        digest.update(said + b"\n")
        yield line + b"\n"


def generation_of(line: bytes) -> int:
    """The generation that the first line of a manifest names; 0 if it names none."""
    with contextlib.suppress(ValueError):
        found = fields(orjson.loads(line)).get("generation")
        return found if type(found) is int and 0 <= found < _MOST_RUNS else 0  # True is no number
    return 0


def _left(state: State, sink: str, placed: list[FileRecord]) -> Iterator[FileRecord]:
    """What stays where it was because something of others is where it belongs: without this line a run that has no
    state would take it for a file of somebody else's, for good."""
    for file in placed:
        if file.is_kept and not file.sha256:
            retired = state.files.retired_of(file.document_id, file.renderer)
            yield from (each for each in retired if each.sink == sink and each.sha256)


def _assets(state: State, doc: str) -> tuple[list[str], dict[str, str]]:
    """The paths of a document's files, and the names of those that lost their extension so that they cannot run."""
    assets = state.assets.of(doc)
    if not assets:  # almost always
        return [], {}
    folder = state.facts.assets_folder or ASSETS
    paths = {asset_path(folder, asset.sha256, asset.suffix): asset.key for asset in assets}
    pictures = {asset_path(folder, asset.picture, PICTURE) for asset in assets if asset.picture}
    names = {path: upload_name(key) for path, key in paths.items() if is_inert(path)}
    return [*paths, *sorted(pictures)], names


def _site_files(state: State, sink: str) -> dict[str, dict[str, str]]:
    """Files that are about all documents: renderer, path, sha256."""
    found: dict[str, dict[str, str]] = {}
    for file in state.files.of_site(sink):
        found.setdefault(file.renderer, {})[file.path] = file.sha256
    return found


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
                for hashes in (*(entry.get("files") or {}).values(), entry.get("stale") or {}):
                    _check_hashes(hashes)
            else:
                _check_entry(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ManifestError(
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


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")  # of a copy whose line ends git has changed
    if rest.strip():
        yield rest
