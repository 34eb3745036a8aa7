"""People whom content names by their id alone, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from notion_sync_core.plugin import Catalog, Gate, Json, RetryableError, SkippableError, fields, objects, properties_of
from notion_sync_notion.client import Client
from notion_sync_notion.decode import usable_id

_OF_PEOPLE = frozenset(("people", "created_by", "last_edited_by"))
_UNKNOWN = (None, "", "@Anonymous")
"""What a mention says of somebody whose name the API does not know."""


def of_properties(raw: Json) -> Iterator[str]:
    """Ids of the people in a page's properties that have no name there."""
    todo: list[Any] = list(properties_of(raw).values())
    while todo:
        value = todo.pop()
        kind = value.get("type")
        payload = value.get(kind) if isinstance(kind, str) else None
        if kind in _OF_PEOPLE:
            yield from nameless(payload if isinstance(payload, list) else [payload])
        elif kind == "verification":
            yield from nameless([fields(payload).get("verified_by")])
        elif kind == "rollup":
            todo += objects(fields(payload).get("array"))


def of_text(items: Iterable[Any]) -> Iterator[str]:
    """Ids of the people whom a rich text mentions without a name."""
    for item in items:
        if isinstance(item, dict) and item.get("type") == "mention" and item.get("plain_text") in _UNKNOWN:
            yield from nameless([fields(item.get("mention")).get("user")])


def nameless(people: Iterable[Any]) -> Iterator[str]:
    """The ids of those who have no name here; groups cannot be asked for."""
    for user in people:
        if isinstance(user, dict) and user.get("object") == "user" and not user.get("name"):
            found = usable_id(user.get("id"))
            if found and ("name" not in user or user["name"] == ""):
                yield found


def named(wanted: Iterable[str], catalog: Catalog, client: Client, gate: Gate) -> Iterator[Json]:
    """The user objects of those that nobody has asked for yet."""
    for user_id in sorted(wanted):
        if catalog.has_user(user_id):
            continue
        try:
            shown = gate(client.get, f"users/{user_id}").raw
            shown.pop("request_id", None)
            yield {**shown, "id": user_id}
        except SkippableError:
            yield {"object": "user", "id": user_id, "name": None}
        except RetryableError:
            continue  # a name is no reason to lose a page; the next reading asks again
