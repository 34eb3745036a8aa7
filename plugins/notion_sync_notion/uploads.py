"""Files on their way to Notion: in one part, or in several where they are large.

https://developers.notion.com/guides/data-apis/working-with-files-and-media
"""

from __future__ import annotations

import mimetypes
from math import ceil
from pathlib import Path

from notion_sync_core.plugin import DoubtError, Gate, Json, SkippableError, cut
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id
from notion_sync_notion.form import form

MOST_IN_ONE = 20 << 20
"""Bytes of a file that goes in one part."""
PART = 10 << 20
LONGEST_NAME = 900
"""Bytes."""
LONGEST_ENDING = 20
"""Bytes: what is longer is no ending."""
_OTHER_NAMES = {"audio/x-wav": "audio/wav", "audio/x-aiff": "audio/aiff", "image/vnd.microsoft.icon": "image/x-icon"}
"""Media types that the API knows by another name than this machine."""
_TRIES = 3


def upload(client: Client, gate: Gate, path: Path, name: str) -> str:
    """Bring a file to the workspace.

    What was begun and lost on the way is left to expire: nothing shows it.

    :returns: the id of its upload.
    :raises SkippableError: it is empty, or not taken.
    """
    size = path.stat().st_size
    if not size:
        raise SkippableError(f"{name!r} is empty: the API takes no such file")
    for _ in range(_TRIES - 1):
        try:
            return _attempt(client, gate, path, name, size)
        except DoubtError:
            continue
    return _attempt(client, gate, path, name, size)


def _attempt(client: Client, gate: Gate, path: Path, name: str, size: int) -> str:
    parts = 1 if size <= MOST_IN_ONE else ceil(size / PART)
    called, media_type = shortened(name), media_type_of(name)
    made = gate.once(client.post, "file_uploads", _order(called, media_type, parts)).raw
    upload_id = usable_id(made.get("id"))
    if upload_id is None:
        raise DoubtError("POST /v1/file_uploads: the answer has no usable id")
    with path.open("rb") as file:
        for number in range(1, parts + 1):
            part = form(called, media_type, file.read(PART if parts > 1 else size), number if parts > 1 else None)
            gate.once(client.send, f"file_uploads/{upload_id}/send", part)
    if parts > 1:
        gate.once(client.post, f"file_uploads/{upload_id}/complete", {})
    return upload_id


def _order(name: str, media_type: str, parts: int) -> Json:
    order: Json = {"mode": "single_part", "filename": name, "content_type": media_type}
    return order if parts == 1 else {**order, "mode": "multi_part", "number_of_parts": parts}


def shortened(name: str) -> str:
    """A name that the API takes; its ending stays, for the API takes files by their endings."""
    stem, dot, ending = name.rpartition(".")
    if len(ending.encode()) > LONGEST_ENDING or not stem:
        return cut(name, LONGEST_NAME)
    return cut(stem, LONGEST_NAME - len(f"{dot}{ending}".encode())) + dot + ending


def media_type_of(name: str) -> str:
    """What the API calls a file of this name."""
    found = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _OTHER_NAMES.get(found, found)
