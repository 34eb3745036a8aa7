"""A Notion workspace in memory, holding raw API objects of version 2026-03-11."""

from __future__ import annotations

import copy
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from notion_sync_demo.build import Json, rich, value

FILE_URL = "notion-file:"
"""Stands for a hosted file; the emulator puts a signed, expiring URL in its place."""
_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()


class Workspace:
    """Pages, databases, blocks, users and files, and the edits people make to them.

    :param seed: the same seed gives the same ids.
    :param clock: the time of edits, in seconds since the epoch.
    """

    def __init__(self, name: str = "Workspace", seed: int = 0, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.pages: dict[str, Json] = {}
        self.databases: dict[str, Json] = {}
        self.data_sources: dict[str, Json] = {}
        self.blocks: dict[str, Json] = {}
        self.users: dict[str, Json] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.unshared: set[str] = set()
        """Ids that answer 404, whatever they hold."""
        self.unlisted: set[str] = set()
        """Ids that search does not show, though they can be read."""
        self.saved_views: dict[str, Json] = {}
        """Views that databases have, of their own rows or, linked ones, of another's."""
        self.views: set[str] = set()
        """Ids of linked database views."""
        self.templates: set[str] = set()
        """Ids of pages that are templates for new rows: search shows them, queries do not."""
        self.comments: dict[str, list[Json]] = {}
        """Open comments by the page or block they are about."""
        self.partial: dict[str, bool] = {}
        """Ids of objects, blocks and comments of which lists show little but the id; ``True``: nothing shows more."""
        self.loosely_parented: set[str] = set()
        """Ids of rows that say which database they are in, but not which data source."""
        self.wikis: dict[str, list[str]] = {}
        """Data sources that the query of a wiki's data source shows beside its pages."""
        self._children: dict[str, list[str]] = {}
        self._random = random.Random(seed)
        self._clock = clock
        self._made = 0
        self._is_live = False
        # Of its own: the ids of what is in it stay what they are.
        self.id = str(uuid.UUID(int=random.Random(f"{name} {seed}").getrandbits(128), version=4))
        self.bot_id = self.add_user("Notion Sync", kind="bot")

    # -- making things

    def new_id(self) -> str:
        """A fresh id; what was made with an id of its own may have that of this row of random numbers."""
        while True:
            made = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            if made not in self.pages and made not in self.blocks:
                return made

    def add_user(self, name: str, email: str | None = None, kind: str = "person") -> str:
        """A person or a bot."""
        user_id = self.new_id()
        user: Json = {"object": "user", "id": user_id, "name": name, "avatar_url": None, "type": kind}
        user[kind] = {"email": email} if kind == "person" and email else {}
        self.users[user_id] = user
        return user_id

    def add_page(
        self,
        parent: str | None,
        title: str | list[Json],
        blocks: Iterable[Json] = (),
        *,
        icon: Json | None = None,
        cover: Json | None = None,
        show: bool = True,
        page_id: str | None = None,
    ) -> str:
        """A page at the top (``parent=None``), in a page, or in a block of one.

        :param show: put a ``child_page`` block at the end of the parent.
        """
        page_id = page_id or self.new_id()
        properties = {"title": value("title", "title", rich(title))}
        self.pages[page_id] = self._page(page_id, self._parent(parent), properties, icon, cover)
        if parent is not None and show:
            self._show(parent, page_id, "child_page", self.title(page_id))
        self.append(page_id, blocks)
        return page_id

    def add_database(
        self,
        parent: str | None,
        title: str,
        schemas: Mapping[str, list[Json]],
        *,
        description: str = "",
        inline: bool = False,
        icon: Json | None = None,
    ) -> tuple[str, list[str]]:
        """A database with one or more data sources.

        :param schemas: the properties of each data source, by its name.
        :returns: the id of the database and those of its data sources.
        """
        database_id, now = self.new_id(), self._tick()
        sources = {self.new_id(): name for name in schemas}
        where = self._parent(parent)
        self.databases[database_id] = {
            **_database(database_id, where, now),
            "title": rich(title),
            "description": rich(description),
            "is_inline": inline,
            "data_sources": [{"id": source, "name": name} for source, name in sources.items()],
            "icon": icon,
        }
        for source, name in sources.items():
            self._put_source(source, database_id, rich(name), now)
            self.data_sources[source]["properties"] = {prop["name"]: prop for prop in schemas[name]}
            self.data_sources[source]["icon"] = icon
        if parent is not None:
            self._show(parent, database_id, "child_database", title)
        return database_id, list(sources)

    def add_source(self, database_id: str, title: list[Json]) -> str:
        """One more data source of a database, without properties."""
        source = self.new_id()
        self._put_source(source, database_id, title, self._tick())
        self.databases[database_id]["data_sources"].append({"id": source, "name": plain(title)})
        return source

    def add_view(
        self, database: str, name: str = "By status", data_source: str | None = None, kind: str = "table", **more: Any
    ) -> str:
        """A view that a database has of its own rows, or that a linked one has of another's.

        :param more: ``filter``, ``sorts``, ``configuration``.
        """
        view_id, now = self.new_id(), self._tick()
        self.saved_views[view_id] = {
            "object": "view",
            "id": view_id,
            "parent": {"type": "database_id", "database_id": database},
            "data_source_id": data_source or self.databases[database]["data_sources"][0]["id"],
            "name": name,
            "type": kind,
            "filter": None,
            "sorts": None,
            "quick_filters": None,
            "configuration": {"type": kind},
            **more,
            **self._stamps(now),
            "url": f"{_url(database)}?v={view_id.replace('-', '')}",
        }
        return view_id

    def add_linked_view(self, parent: str) -> str:
        """A view of a database that lives elsewhere; it looks like a database without data sources."""
        view_id, now = self.new_id(), self._tick()
        self.views.add(view_id)
        self.databases[view_id] = {**_database(view_id, self._parent(parent), now), "is_inline": True}
        self._show(parent, view_id, "child_database", "")
        return view_id

    def add_row(
        self,
        data_source: str,
        values: Mapping[str, Any],
        blocks: Iterable[Json] = (),
        *,
        icon: Json | None = None,
        page_id: str | None = None,
    ) -> str:
        """A row; ``values`` holds the payload of each property, the rest is empty."""
        source = self.data_sources[data_source]
        properties = {
            name: value(prop["type"], name, values.get(name, empty(prop["type"])))
            for name, prop in source["properties"].items()
        }
        for name, prop in source["properties"].items():
            properties[name]["id"] = prop["id"]
        page_id = page_id or self.new_id()
        parent = {
            "type": "data_source_id",
            "data_source_id": data_source,
            "database_id": source["parent"]["database_id"],
        }
        self.pages[page_id] = self._page(page_id, parent, properties, icon, None)
        self.append(page_id, blocks)
        return page_id

    def add_template(self, data_source: str, title: str, blocks: Iterable[Json] = ()) -> str:
        """A template for new rows of a data source."""
        name = next(
            name for name, prop in self.data_sources[data_source]["properties"].items() if prop["type"] == "title"
        )
        page_id = self.add_row(data_source, {name: rich(title)}, blocks)
        self.templates.add(page_id)
        return page_id

    def add_comment(
        self,
        target: str,
        content: str | list[Json],
        *,
        author: str | None = None,
        discussion: str | None = None,
        attachments: Iterable[Json] = (),
    ) -> str:
        """A comment on a page or block.

        :param discussion: the discussion it answers in; ``None`` opens one.
        :returns: the id of its discussion.
        """
        now = minute(self._tick())
        discussion = discussion or self.new_id()
        kind = "page_id" if target in self.pages else "block_id"
        author = author or self.bot_id
        comment = {
            "object": "comment",
            "id": self.new_id(),
            "parent": {"type": kind, kind: target},
            "discussion_id": discussion,
            "created_time": now,
            "last_edited_time": now,
            "created_by": {"object": "user", "id": author},
            "rich_text": rich(content),
            "display_name": {"type": "user", "resolved_name": self.users[author]["name"]},
        }
        if attachments:
            comment["attachments"] = [{"category": "productivity", "file": item["file"]} for item in attachments]
        self.comments.setdefault(target, []).append(comment)
        return discussion

    def add_file(self, name: str, content: bytes, media_type: str = "application/octet-stream") -> Json:
        """A hosted file, as the payload that blocks, icons and covers hold."""
        key = f"{self.new_id()}/{name}"
        self.files[key] = (content, media_type)
        return {"type": "file", "file": {"url": f"{FILE_URL}{key}", "expiry_time": None}}

    def append(self, parent: str, blocks: Iterable[Json], at: int | None = None) -> list[str]:
        """Add blocks, with their children, to a page or block.

        :param at: how many blocks, with trashed ones, stand before them; ``None``: they come last.
        :returns: the ids of the blocks, without those of their children.
        """
        made: list[str] = []
        todo: list[tuple[str, Json, list[str]]] = [(parent, block, made) for block in blocks]
        while todo:
            where, spec, ids = todo.pop(0)
            block_id = self.new_id()
            ids.append(block_id)
            kind = spec["type"]
            self._place(where, self._block(block_id, where, kind, copy.deepcopy(spec[kind])))
            todo = [(block_id, child, []) for child in spec.get("children") or ()] + todo
        if at is not None and made:
            order = self._children[parent]
            order[:] = [*order[:at], *made, *order[at : len(order) - len(made)]]
        return made

    @contextmanager
    def live(self) -> Iterator[None]:
        """What is made inside is made now; else objects are a minute apart, long ago."""
        self._is_live = True
        try:
            yield
        finally:
            self._is_live = False

    def pick(self, chars: str, count: int) -> str:
        """A random word of some characters."""
        return "".join(self._random.choice(chars) for _ in range(count))

    # -- reading

    def title(self, object_id: str) -> str:
        """The title of a page."""
        for prop in self.pages[object_id]["properties"].values():
            if prop["type"] == "title":
                return plain(prop["title"])
        return ""

    def children(self, parent: str) -> list[Json]:
        """The blocks directly below a page or block, without trashed ones; a synced copy has those of its original."""
        block = self.blocks.get(parent)
        if block is not None and block["type"] == "synced_block" and block["synced_block"]["synced_from"]:
            parent = block["synced_block"]["synced_from"]["block_id"]
        blocks = (self.blocks[child] for child in self._children.get(parent, ()))
        return [block for block in blocks if not block["in_trash"]]

    def block(self, block_id: str) -> Json | None:
        """A block, or the ``child_page`` block of a page."""
        found = self.blocks.get(block_id)
        if found is None and block_id in self.pages:
            return self._block(block_id, "", "child_page", {"title": self.title(block_id)})
        return found

    def rows(self, data_source: str) -> Iterator[Json]:
        """The rows of a data source that are not in the trash."""
        return (page for page in self.all_rows(data_source) if not page["in_trash"])

    def all_rows(self, data_source: str) -> Iterator[Json]:
        """The rows of a data source, with those in the trash."""
        return (page for page in self.pages.values() if page["parent"].get("data_source_id") == data_source)

    def place_of(self, parent: str, block_id: str) -> int | None:
        """How many blocks, with trashed ones, stand before one in a page or block; ``None``: it is not there."""
        order = self._children.get(parent, [])
        return order.index(block_id) if block_id in order else None

    def texts(self, page_id: str) -> Iterator[str]:
        """Every text of a page's blocks, captions and cells, in order."""
        stack = list(reversed(self.children(page_id)))
        while stack:
            block = stack.pop()
            payload = block[block["type"]]
            for items in (payload.get("rich_text"), *(payload.get("cells") or ()), payload.get("caption")):
                yield "".join(item["plain_text"] for item in items or ())
            if block["type"] not in ("child_page", "child_database", "unsupported"):
                stack.extend(reversed(self.children(block["id"])))

    # -- editing

    def edit_text(self, block_id: str, content: str | list[Json]) -> None:
        """Write something else into a block."""
        block = self.blocks[block_id]
        block[block["type"]]["rich_text"] = rich(content)
        self.touch(block_id)

    def append_block(self, parent: str, block: Json) -> str:
        """Add a block at the end of a page or block."""
        made = self.append(parent, [block])[0]
        self.touch(parent)
        return made

    def delete_block(self, block_id: str) -> None:
        """Remove a block with everything in it."""
        self.blocks[block_id]["in_trash"] = True
        self.touch(block_id)

    def rename(self, object_id: str, title: str) -> None:
        """Give a page or database another title."""
        if object_id in self.databases:
            database = self.databases[object_id]
            database["title"] = rich(title)
            database["last_edited_time"] = precise(self._clock())
            if len(database["data_sources"]) == 1:
                self.rename_source(database["data_sources"][0]["id"], rich(title))
        else:
            for prop in self.pages[object_id]["properties"].values():
                if prop["type"] == "title":
                    prop["title"] = rich(title)
            self.touch(object_id)
        self.retitle(object_id)

    def rename_source(self, source_id: str, title: list[Json]) -> None:
        """Give a data source another title."""
        source = self.data_sources[source_id]
        source["title"] = title
        source["last_edited_time"] = minute(self._clock())
        for item in self.databases[source["parent"]["database_id"]]["data_sources"]:
            if item["id"] == source_id:
                item["name"] = plain(title)

    def retitle(self, object_id: str) -> None:
        """Let the block that shows a page or database where it stands say its title."""
        block = self.blocks.get(object_id)
        if block is not None:
            title = plain(self.databases[object_id]["title"]) if object_id in self.databases else self.title(object_id)
            block[block["type"]]["title"] = title

    def reposition(self, parent: str, block_id: str, at: int | None) -> None:
        """Let a block that was just put last stand after so many others; ``None``: it stays last."""
        if at is not None:
            order = self._children[parent]
            order.remove(block_id)
            order.insert(at, block_id)

    def set_value(self, row: str, name: str, payload: Any) -> None:
        """Change one property of a row."""
        prop = self.pages[row]["properties"][name]
        prop[prop["type"]] = payload
        self.touch(row)

    def move(self, page_id: str, parent: str | None) -> None:
        """Put a page into another page, or at the top."""
        for children in self._children.values():
            if page_id in children:
                children.remove(page_id)
        self.blocks.pop(page_id, None)
        self.pages[page_id]["parent"] = self._parent(parent)
        self.touch(page_id)
        if parent is not None:
            self._show(parent, page_id, "child_page", self.title(page_id))
            self.touch(parent)

    def trash(self, object_id: str) -> None:
        """Move a page or database to the trash."""
        self.set_trash(object_id, in_trash=True)

    def restore(self, object_id: str) -> None:
        """Take a page or database out of the trash."""
        self.set_trash(object_id, in_trash=False)

    def archive(self, page_id: str) -> None:
        """Archive a row: queries leave it out."""
        self.pages[page_id]["is_archived"] = True
        self.touch(page_id)

    def unshare(self, object_id: str) -> None:
        """Hide an object from the connection: it answers 404."""
        self.unshared.add(object_id)

    def share(self, object_id: str) -> None:
        """Show it again."""
        self.unshared.discard(object_id)

    # -- inside

    def set_trash(self, object_id: str, *, in_trash: bool) -> None:
        """Move a page, database or block to the trash, or out of it."""
        holders = [self.pages.get(object_id), self.databases.get(object_id), self.blocks.get(object_id)]
        for source in self.databases.get(object_id, {}).get("data_sources", ()):
            holders.append(self.data_sources[source["id"]])
        for holder in holders:
            if holder is not None:
                holder["in_trash"] = in_trash
        if object_id in self.pages:
            self.touch(object_id)

    def touch(self, object_id: str) -> None:
        """An edit moves the time of the block and of the page that holds it."""
        now = minute(self._clock())
        while object_id not in self.pages:
            block = self.blocks[object_id]
            block["last_edited_time"] = now
            object_id = block["parent"][block["parent"]["type"]]
        self.pages[object_id]["last_edited_time"] = now

    def _tick(self) -> float:
        """Objects are made a minute after one another, long ago; or now."""
        if self._is_live:
            return self._clock()
        self._made += 1
        return _START + 60 * self._made

    def _put_source(self, source_id: str, database_id: str, title: list[Json], now: float) -> None:
        database = self.databases[database_id]
        self.data_sources[source_id] = {
            "object": "data_source",
            "id": source_id,
            "title": title,
            "description": [],
            "parent": {"type": "database_id", "database_id": database_id},
            "database_parent": database["parent"],
            "is_inline": database["is_inline"],
            "in_trash": False,
            **self._stamps(now),
            "properties": {},
            "icon": None,
            "cover": None,
            "url": _url(database_id),
            "public_url": None,
        }

    def _stamps(self, now: float) -> Json:
        author = {"object": "user", "id": self.bot_id}
        return {
            "created_time": minute(now),
            "last_edited_time": minute(now),
            "created_by": author,
            "last_edited_by": author,
        }

    def _parent(self, parent: str | None) -> Json:
        if parent is None:
            return {"type": "workspace", "workspace": True}
        kind = "page_id" if parent in self.pages else "block_id"
        return {"type": kind, kind: parent}

    def _page(self, page_id: str, parent: Json, properties: Json, icon: Json | None, cover: Json | None) -> Json:
        return {
            "object": "page",
            "id": page_id,
            **self._stamps(self._tick()),
            "cover": cover,
            "icon": icon,
            "parent": parent,
            "in_trash": False,
            "is_archived": False,
            "is_locked": False,
            "properties": properties,
            "url": _url(page_id),
            "public_url": None,
        }

    def _block(self, block_id: str, parent: str, kind: str, payload: Json) -> Json:
        holder = self.pages.get(parent) or self.blocks.get(parent) or {}
        when = minute(self._clock()) if self._is_live else holder.get("created_time") or minute(_START)
        author = {"object": "user", "id": self.bot_id}
        return {
            "object": "block",
            "id": block_id,
            "parent": self._parent(parent) if parent else {"type": "workspace", "workspace": True},
            "created_time": when,
            "last_edited_time": when,
            "created_by": author,
            "last_edited_by": author,
            "has_children": False,
            "in_trash": False,
            "type": kind,
            kind: payload,
        }

    def _show(self, parent: str, child: str, kind: str, title: str) -> None:
        self._place(parent, self._block(child, parent, kind, {"title": title}))

    def _place(self, parent: str, block: Json) -> None:
        self.blocks[block["id"]] = block
        self._children.setdefault(parent, []).append(block["id"])
        if parent in self.blocks:
            self.blocks[parent]["has_children"] = True


def plain(items: Iterable[Json]) -> str:
    """Rich text without its looks."""
    return "".join(item["plain_text"] for item in items)


def minute(seconds: float) -> str:
    """A time as pages and blocks show it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")


def precise(seconds: float) -> str:
    """A time as databases and views show it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _database(database_id: str, parent: Json, now: float) -> Json:
    """A database as the API shows it, without title and data sources."""
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
        "url": _url(database_id),
        "public_url": None,
    }


def _url(object_id: str) -> str:
    return f"https://app.notion.com/p/{object_id.replace('-', '')}"


def empty(kind: str) -> Any:
    """The payload of a property without a value."""
    if kind in ("title", "rich_text", "multi_select", "people", "files", "relation"):
        return []
    return False if kind == "checkbox" else {} if kind == "button" else None
