"""What tests and samples put into a workspace."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from notion_sync_demo import shapes
from notion_sync_demo.build import Json, rich, value
from notion_sync_demo.contents import Contents
from notion_sync_demo.shapes import FILE_URL, empty, minute, plain


class Making(Contents):
    """Contents that grow: each verb adds one thing, where it belongs, with the block that shows it there."""

    def add_user(self, name: str, email: str | None = None, kind: str = "person") -> str:
        """A person or a bot."""
        user_id = self.new_id()
        known = {"email": email} if kind == "person" and email else {}
        self.users[user_id] = shapes.user(user_id, name, kind, known)
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
        self.pages[page_id] = self._page(page_id, self._parent(parent), properties, icon=icon, cover=cover)
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
            **shapes.database(database_id, where, now),
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
        of = data_source or self.databases[database]["data_sources"][0]["id"]
        made = shapes.view(view_id, database, of, name, kind, self._stamps(now))
        self.saved_views[view_id] = {**made, **more}
        return view_id

    def add_linked_view(self, parent: str) -> str:
        """A view of a database that lives elsewhere; it looks like a database without data sources."""
        view_id, now = self.new_id(), self._tick()
        self.views.add(view_id)
        self.databases[view_id] = {**shapes.database(view_id, self._parent(parent), now), "is_inline": True}
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
        self.pages[page_id] = self._page(page_id, parent, properties, icon=icon)
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

    def _page(
        self, page_id: str, parent: Json, properties: Json, *, icon: Json | None, cover: Json | None = None
    ) -> Json:
        return shapes.page(page_id, parent, properties, self._stamps(self._tick()), icon=icon, cover=cover)

    def _put_source(self, source_id: str, database_id: str, title: list[Json], now: float) -> None:
        holder = self.databases[database_id]
        self.data_sources[source_id] = shapes.data_source(source_id, holder, title, self._stamps(now))
