"""The manifest: what a sink holds and of which object, one line of JSON each.

Deterministic: it changes only when what it describes changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from notion_sync_core.errors import SinkError, StateError
from notion_sync_core.model import Stat
from notion_sync_core.run.harmless import PICTURE, PICTURE_OF, upload_name
from notion_sync_core.run.lookups import DOCUMENTS, LIVE
from notion_sync_core.run.view import asset_path
from notion_sync_core.store.state import State
from notion_sync_core.store.suffix import is_inert

MANIFEST = ".notion-sync/manifest.jsonl"
SCHEMA = 1
_KINDS = ("page", "database", "data_source")
_KEYS = {"id", "kind", "title", "parent", "last_edited_time", "url", "paths", "sha256", "assets"}
MANIFEST_WRITER = "manifest"
"""What stands in place of a renderer for the manifest's own file."""


def manifest_lines(state: State, sink: str, job: str) -> Iterator[bytes]:
    """The manifest of one sink, as chunks of UTF-8."""
    yield orjson.dumps({"schema": SCHEMA, "job": job, "files": _site_files(state, sink)}) + b"\n"
    documents = state.pages(
        f"SELECT * FROM objects WHERE kind IN {DOCUMENTS} AND status IN {LIVE} AND read_edited IS NOT NULL {{after}} "
        "ORDER BY id",
        "id",
    )
    for row in documents:
        files = state.rows(
            "SELECT * FROM files WHERE doc=? AND sink=? AND current=1 AND sha256!='' ORDER BY path", (row["id"], sink)
        )
        paths: dict[str, object] = {}
        for file in files:
            if file["path"].endswith(".csv"):
                paths.setdefault("csv", []).append(file["path"])  # type: ignore[attr-defined]
            else:
                paths[file["renderer"]] = file["path"]
        assets, names = _assets(state, row["id"])
        yield (
            orjson.dumps(
                {
                    "id": row["id"],
                    "kind": row["kind"],
                    "title": row["title"],
                    "parent": row["parent_id"],
                    "last_edited_time": row["edited"],
                    "url": row["url"],
                    "paths": paths,
                    "sha256": {file["path"]: file["sha256"] for file in files},
                    "assets": assets,
                    **({"names": names} if names else {}),
                }
            )
            + b"\n"
        )


def _assets(state: State, doc: str) -> tuple[list[str], dict[str, str]]:
    """The paths of a document's files, and the names of those that lost their extension so that they cannot run."""
    rows = state.rows(
        f"SELECT a.sha256, a.suffix, min(a.key) AS key, {PICTURE_OF} AS picture FROM document_assets d "
        "JOIN assets a ON a.key=d.key WHERE d.doc=? GROUP BY a.sha256, a.suffix ORDER BY a.sha256, a.suffix",
        (doc,),
    )
    paths = {asset_path(row["sha256"], row["suffix"]): row["key"] for row in rows}
    pictures = {asset_path(row["picture"], PICTURE) for row in rows if row["picture"]}
    names = {path: upload_name(key) for path, key in paths.items() if is_inert(path)}
    return [*paths, *sorted(pictures)], names


def _site_files(state: State, sink: str) -> dict[str, dict[str, str]]:
    """Files that are about all documents: renderer, path, sha256."""
    found: dict[str, dict[str, str]] = {}
    rows = state.rows(
        "SELECT renderer, path, sha256 FROM files WHERE sink=? AND doc='' AND renderer NOT IN ('', ?) AND current=1 "
        "ORDER BY renderer, path",
        (sink, MANIFEST_WRITER),
    )
    for row in rows:
        found.setdefault(row["renderer"], {})[row["path"]] = row["sha256"]
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
    if entry["kind"] not in _KINDS or not all(isinstance(each, str) for each in texts):
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


def check_place(found: list[Stat], location: str) -> None:
    """Make sure that the manifest can be read and written.

    :param found: what the sink says is there, if anything.
    :raises SinkError: something else stands in its place.
    """
    for stat in found:
        if stat.obstacle:
            raise SinkError(
                f"{location}/{stat.obstacle} is no regular file or folder of this program: it is not followed",
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
        raise StateError(f"the manifest in sink {sink} was written by a newer version", "Install a newer notion-sync.")
    if entry["job"] != job:
        raise StateError(
            f"the sink {sink} belongs to another job ({entry['job']}, this is {job})",
            "Choose another folder with --to; two jobs in one sink would delete each other's files.",
        )


def _adopt_site(state: State, sink: str, files: dict[str, dict[str, str]]) -> None:
    state.execute_many(
        "INSERT OR IGNORE INTO files (sink, path, doc, renderer, sha256) VALUES (?, ?, '', ?, ?)",
        [(sink, path, renderer, sha256) for renderer, hashes in files.items() for path, sha256 in hashes.items()],
    )


def _adopt_entry(state: State, sink: str, entry: dict[str, object]) -> None:
    hashes = entry["sha256"]
    paths = entry["paths"]
    assert isinstance(hashes, dict)
    assert isinstance(paths, dict)
    owners = {path: name for name, path in paths.items() if isinstance(path, str)}
    state.execute(
        "INSERT OR IGNORE INTO objects (id, kind, title, parent_type, parent_id, created, edited, url, status, "
        "read_edited) VALUES (?, ?, ?, 'unknown', ?, '', ?, ?, 'read', '')",
        (entry["id"], entry["kind"], entry["title"], entry["parent"], entry["last_edited_time"], entry["url"]),
    )
    for path, sha256 in hashes.items():
        state.execute(
            "INSERT OR IGNORE INTO files (sink, path, doc, renderer, sha256) VALUES (?, ?, ?, ?, ?)",
            (sink, path, entry["id"], owners.get(path, "csv"), sha256),
        )
    assets = entry["assets"]
    assert isinstance(assets, list)
    for path in assets:
        sha256 = path.rpartition("/")[2].partition(".")[0]
        state.execute(
            "INSERT OR IGNORE INTO files (sink, path, doc, renderer, sha256) VALUES (?, ?, '', '', ?)",
            (sink, path, sha256),
        )


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest.strip():
        yield rest
