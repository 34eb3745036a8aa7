"""A Notion workspace in memory, holding raw API objects of version 2026-03-11."""

from __future__ import annotations

from typing import Any

from notion_sync_demo.build import Json, rich
from notion_sync_demo.making import Making
from notion_sync_demo.shapes import minute, plain, precise


class Workspace(Making):
    """Pages, databases, blocks, users and files, and the edits people make to them.

    :param seed: the same seed gives the same ids.
    :param clock: the time of edits, in seconds since the epoch.
    """

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
