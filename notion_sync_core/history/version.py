"""What stands in a version besides what the mirror has: what reading a document turned up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from notion_sync_core.mirror.mirror import packed
from notion_sync_core.model import Asset, Found, Json
from notion_sync_core.state import AssetRecord

FOUND = "found"
"""The key of that line."""


@frozen
class Turned:
    """What reading a document turned up, as a version keeps it."""

    found: Found = field(factory=Found)
    """Without users, warnings and the object; of assets the keys alone."""
    files: tuple[AssetRecord, ...] = field(default=())
    """Those of its files that could be had."""


def found_line(found: Found, files: Iterable[AssetRecord]) -> tuple[str, bytes]:
    """The line of what was found; the same for the same content, whenever it was read."""
    had = {file.key: file for file in files}
    value = {
        "children": found.children,
        "links": sorted(found.links),
        "anchors": sorted(found.anchors),
        "originals": sorted(found.originals),
        "synced_from": sorted(found.synced_from),
        "files": [_file(key, had.get(key)) for key in sorted({asset.key for asset in found.assets})],
    }
    return FOUND, packed({key: each for key, each in value.items() if each})


def _file(key: str, had: AssetRecord | None) -> list[Any]:
    return [key] if had is None else [key, had.sha256, had.size, had.suffix, had.media_type]


def turned_of(value: Json) -> Turned:
    """What a line of what was found says."""
    files = value.get("files", ())
    return Turned(
        Found(
            children=tuple((child, kind, title) for child, kind, title in value.get("children", ())),
            links=frozenset(value.get("links", ())),
            anchors=frozenset((target, block) for target, block in value.get("anchors", ())),
            assets=tuple(Asset(file[0], "") for file in files),
            synced_from=tuple((original, copy) for original, copy in value.get("synced_from", ())),
            originals=tuple(value.get("originals", ())),
        ),
        tuple(AssetRecord(*file) for file in files if len(file) > 1),
    )
