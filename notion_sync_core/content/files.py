"""Which files an object shows by itself: as its icon, as its cover, in its properties."""

from __future__ import annotations

from typing import Any

from notion_sync_core.model import Json


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
