"""Which files an object shows by itself, as its icon, as its cover, in its properties; and what a file is called."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from notion_sync_core.model import Json, fields


def hosted_files(raw: Json) -> frozenset[str]:
    """Addresses of the files in an API object that Notion hosts, without signatures, wherever they stand in it.

    Attachments of comments have no type; whatever has one must be of type ``file``. What lies elsewhere is none of
    them: its address leads there whether it is fetched or not.

    Source: https://developers.notion.com/reference/file-object
    """
    found: set[str] = set()
    todo: list[Any] = [raw]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            file = value.get("file")
            if isinstance(file, dict) and value.get("type", "file") == "file":
                url = file.get("url")
                if isinstance(url, str) and url:
                    found.add(url)
            value = value.values()
        todo += [each for each in value if isinstance(each, dict | list)]
    return frozenset(found)


def name_of(holder: Json) -> str:
    """What people call a file, or what its address ends in; never a path, and empty if nothing tells.

    :param holder: an object with ``type`` and ``file`` or ``external``, and perhaps a ``name`` beside them.
    """
    given = holder.get("name")
    name = given if isinstance(given, str) else ""
    if not name.strip():
        address = fields(holder.get(str(holder.get("type") or "file"))).get("url")
        name = _last_part(address) if isinstance(address, str) else ""
    return " ".join(name.replace("\\", "/").rpartition("/")[2].replace("\0", " ").split())


def _last_part(address: str) -> str:
    try:
        return unquote(urlsplit(address).path.rpartition("/")[2])
    except ValueError:
        return ""
