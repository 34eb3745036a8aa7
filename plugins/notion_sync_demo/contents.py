"""What is in a workspace, and how it is looked up."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from notion_sync_demo import shapes
from notion_sync_demo.build import Json
from notion_sync_demo.shapes import minute, plain

_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()


class Contents:
    """Pages, databases, blocks, users and files, as raw API objects by their ids."""

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
        self.bot_id = self.new_id()
        self.users[self.bot_id] = shapes.user(self.bot_id, "Notion Sync", "bot", {})

    def new_id(self) -> str:
        """A fresh id; what was made with an id of its own may have that of this row of random numbers."""
        while True:
            made = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            if made not in self.pages and made not in self.blocks:
                return made

    def pick(self, chars: str, count: int) -> str:
        """A random word of some characters."""
        return "".join(self._random.choice(chars) for _ in range(count))

    @contextmanager
    def live(self) -> Iterator[None]:
        """What is made inside is made now; else objects are a minute apart, long ago."""
        self._is_live = True
        try:
            yield
        finally:
            self._is_live = False

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

    # -- for those who make and edit

    def _tick(self) -> float:
        """Objects are made a minute after one another, long ago; or now."""
        if self._is_live:
            return self._clock()
        self._made += 1
        return _START + 60 * self._made

    def _stamps(self, now: float) -> Json:
        return shapes.stamps(minute(now), self.bot_id)

    def _parent(self, parent: str | None) -> Json:
        if parent is None:
            return {"type": "workspace", "workspace": True}
        kind = "page_id" if parent in self.pages else "block_id"
        return {"type": kind, kind: parent}

    def _block(self, block_id: str, parent: str, kind: str, payload: Json) -> Json:
        holder = self.pages.get(parent) or self.blocks.get(parent) or {}
        when = minute(self._clock()) if self._is_live else holder.get("created_time") or minute(_START)
        return shapes.block(block_id, self._parent(parent or None), kind, payload, shapes.stamps(when, self.bot_id))

    def _show(self, parent: str, child: str, kind: str, title: str) -> None:
        self._place(parent, self._block(child, parent, kind, {"title": title}))

    def _place(self, parent: str, block: Json) -> None:
        self.blocks[block["id"]] = block
        self._children.setdefault(parent, []).append(block["id"])
        if parent in self.blocks:
            self.blocks[parent]["has_children"] = True
