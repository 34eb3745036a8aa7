"""Reads property values to their end: a page shows at most 25 items of each.

https://developers.notion.com/reference/retrieve-a-page-property
"""

from __future__ import annotations

import re
from typing import Any

from notion_sync_core.plugin import Gate, Json, SkippableError, objects, properties_of
from notion_sync_notion.client import Client
from notion_sync_notion.decode import normalise
from notion_sync_notion.listing import ends_early, get_pages

SHOWN = 25
"""Items of a relation, people or mentions that a page shows."""

_ID = re.compile(r"[A-Za-z0-9%_.~-]+")
"""Ids of properties come URL-encoded."""


_LISTS = ("relation", "people", "title", "rich_text")


def is_cut(value: object) -> bool:
    """Whether a property value may go on where the page stops."""
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    items = value.get(kind) if kind in _LISTS else None
    if not isinstance(items, list):
        return False
    if kind == "relation":
        return bool(value["has_more"]) if "has_more" in value else len(items) >= SHOWN
    if kind == "people":
        return len(items) >= SHOWN
    if kind in ("title", "rich_text"):
        return len(items) >= SHOWN and sum(item.get("type") == "mention" for item in objects(items)) >= SHOWN
    return False


def completed(raw: Json, client: Client, gate: Gate, warnings: list[str]) -> Json:
    """A page object whose cut property values are read to their end; the same object if none is.

    :param warnings: told of values that end early.
    """
    cut = {name: value for name, value in properties_of(raw).items() if is_cut(value)}
    if not cut:
        return raw
    whole = {name: _read(raw["id"], name, value, client, gate, warnings) for name, value in cut.items()}
    return {**raw, "properties": {**raw["properties"], **whole}}


def _read(page_id: str, name: str, value: Json, client: Client, gate: Gate, warnings: list[str]) -> Json:
    kind = value["type"]
    property_id = value.get("id")
    if not isinstance(property_id, str) or not _ID.fullmatch(property_id):
        raise SkippableError(f"the property {name!r} shows a part of its value, and no usable id to read the rest by")
    items: list[Any] = []
    # The id is already URL-encoded; encoding it again is a 404.
    for answer in get_pages(client, gate, f"pages/{page_id}/properties/{property_id}"):
        if answer.signed:
            normalise(answer.raw)
        items += [item[kind] for item in objects(answer.raw.get("results")) if kind in item]
        if ends_early(answer.raw) and not answer.raw.get("has_more"):
            warnings.append(f"the property {name!r} ends early: the API gives no more of its value")
    result = {**value, kind: items}
    if "has_more" in result:
        result["has_more"] = False
    return result
