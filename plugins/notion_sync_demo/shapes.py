"""Objects as Notion's API of version 2026-03-11 shows them, new and empty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from notion_sync_demo.build import Json

FILE_URL = "notion-file:"
"""Stands for a hosted file; the emulator puts a signed, expiring URL in its place."""


def page(page_id: str, parent: Json, properties: Json, made: Json, *, icon: Json | None, cover: Json | None) -> Json:
    """A page or row.

    :param made: when and by whom, as :func:`stamps` says it.
    """
    return {
        "object": "page",
        "id": page_id,
        **made,
        "cover": cover,
        "icon": icon,
        "parent": parent,
        "in_trash": False,
        "is_archived": False,
        "is_locked": False,
        "properties": properties,
        "url": address(page_id),
        "public_url": None,
    }


def block(block_id: str, parent: Json, kind: str, payload: Json, made: Json) -> Json:
    """A block without children."""
    return {
        "object": "block",
        "id": block_id,
        "parent": parent,
        **made,
        "has_children": False,
        "in_trash": False,
        "type": kind,
        kind: payload,
    }


def database(database_id: str, parent: Json, now: float) -> Json:
    """A database without title and data sources."""
    return {
        "object": "database",
        "id": database_id,
        "title": [],
        "description": [],
        "parent": parent,
        "is_inline": False,
        "is_locked": False,
        "in_trash": False,
        "created_time": precise(now),
        "last_edited_time": precise(now),
        "data_sources": [],
        "icon": None,
        "cover": None,
        "url": address(database_id),
        "public_url": None,
    }


def data_source(source_id: str, holder: Json, title: list[Json], made: Json) -> Json:
    """A data source of a database, without properties."""
    return {
        "object": "data_source",
        "id": source_id,
        "title": title,
        "description": [],
        "parent": {"type": "database_id", "database_id": holder["id"]},
        "database_parent": holder["parent"],
        "is_inline": holder["is_inline"],
        "in_trash": False,
        **made,
        "properties": {},
        "icon": None,
        "cover": None,
        "url": address(holder["id"]),
        "public_url": None,
    }


def view(view_id: str, database_id: str, data_source_id: str, name: str, kind: str, made: Json) -> Json:
    """A view that shows all there is, unsorted."""
    return {
        "object": "view",
        "id": view_id,
        "parent": {"type": "database_id", "database_id": database_id},
        "data_source_id": data_source_id,
        "name": name,
        "type": kind,
        "filter": None,
        "sorts": None,
        "quick_filters": None,
        "configuration": {"type": kind},
        **made,
        "url": f"{address(database_id)}?v={view_id.replace('-', '')}",
    }


def user(user_id: str, name: str, kind: str, known: Json) -> Json:
    """A person or a bot.

    :param known: what the API tells of one of this kind.
    """
    return {"object": "user", "id": user_id, "name": name, "avatar_url": None, "type": kind, kind: known}


def stamps(when: str, author: str) -> Json:
    """When and by whom an object was made, and that nobody edited it since."""
    user = {"object": "user", "id": author}
    return {"created_time": when, "last_edited_time": when, "created_by": user, "last_edited_by": user}


def address(object_id: str) -> str:
    """Where people see an object."""
    return f"https://app.notion.com/p/{object_id.replace('-', '')}"


def plain(items: Iterable[Json]) -> str:
    """Rich text without its looks."""
    return "".join(item["plain_text"] for item in items)


def minute(seconds: float) -> str:
    """A time as pages and blocks show it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")


def precise(seconds: float) -> str:
    """A time as databases and views show it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def empty(kind: str) -> Any:
    """The payload of a property without a value."""
    if kind in ("title", "rich_text", "multi_select", "people", "files", "relation"):
        return []
    return False if kind == "checkbox" else {} if kind == "button" else None
