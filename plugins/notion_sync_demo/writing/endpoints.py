"""The endpoints that write. Who calls them holds the emulator's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, Request, as_id, not_found
from notion_sync_demo.shapes import minute, precise
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.blocks import Blocks, check_cells
from notion_sync_demo.writing.files import Files
from notion_sync_demo.writing.quota import Quota
from notion_sync_demo.writing.refusals import a_boolean, an_id, an_object, invalid, only, words
from notion_sync_demo.writing.schemas import Schemas, empty_value
from notion_sync_demo.writing.text import Texts
from notion_sync_demo.writing.uploads import Uploads
from notion_sync_demo.writing.values import Values, mirror_relations

LARGEST_BODY = 500_000
Handler = Callable[..., Json]


class Written:
    """What a write made: for the errors that say that it was saved."""

    def __init__(self) -> None:
        self.resource = ""
        self.children: list[str] = []


class Writes:
    """Creates and changes what one workspace holds.

    :param clock: seconds since the epoch.
    :param readable: makes an id of a path hyphenated, and refuses what is not shared.
    """

    def __init__(
        self,
        space: Workspace,
        uploads: Uploads,
        quota: Quota,
        clock: Callable[[], float],
        readable: Callable[[str, str], str],
    ) -> None:
        self._space = space
        self._quota = quota
        self._clock = clock
        self._readable = readable
        self._texts = Texts(space)
        self._files = Files(uploads)
        self._blocks = Blocks(space, self._texts, self._files)
        self._values = Values(space, self._texts, self._files)
        self._schemas = Schemas(space)
        self.last = Written()
        """What the last write made."""
        one = r"/([^/]+)"
        self.routes: list[tuple[str, str, str, Handler]] = [
            ("POST", r"/v1/pages", "pages", self._create_page),
            ("PATCH", rf"/v1/pages{one}", "pages/{id}", self._update_page),
            ("POST", rf"/v1/pages{one}/move", "pages/{id}/move", self._move_page),
            ("PATCH", rf"/v1/blocks{one}/children", "blocks/{id}/children", self._append),
            ("PATCH", rf"/v1/blocks{one}", "blocks/{id}", self._update_block),
            ("DELETE", rf"/v1/blocks{one}", "blocks/{id}", self._delete_block),
            ("POST", r"/v1/databases/?", "databases", self._create_database),
            ("PATCH", rf"/v1/databases{one}", "databases/{id}", self._update_database),
            ("POST", r"/v1/data_sources", "data_sources", self._create_source),
            ("PATCH", rf"/v1/data_sources{one}", "data_sources/{id}", self._update_source),
            ("POST", r"/v1/file_uploads", "file_uploads", uploads.create),
            ("GET", rf"/v1/file_uploads{one}", "file_uploads/{id}", uploads.retrieve),
            ("POST", rf"/v1/file_uploads{one}/send", "file_uploads/{id}/send", uploads.send),
            ("POST", rf"/v1/file_uploads{one}/complete", "file_uploads/{id}/complete", uploads.complete),
        ]

    def handle(self, handler: Handler, request: Request, *names: str) -> Json:
        """Let an endpoint answer, with everything made now.

        :raises ApiError: it refuses; then nothing was changed.
        """
        if request.size > LARGEST_BODY and not request.path.endswith("/send"):
            raise invalid(f"The body is larger than {LARGEST_BODY} bytes: {request.size}.")
        self.last = Written()
        with self._space.live():
            return handler(request, *names)

    # -- pages

    def _create_page(self, request: Request) -> Json:
        body = request.body
        only(body, ("parent", "properties", "children", "content", "icon", "cover", "position"), "body")
        kind, parent = self._parent(body, ("page_id", "data_source_id", "database_id", "workspace"))
        raw = body.get("children", body.get("content")) or []
        icon = self._files.icon(body.get("icon"), "body.icon")
        cover = self._files.cover(body.get("cover"), "body.cover")
        given = body.get("properties") or {}
        children = self._blocks.take(raw, "body.children")
        place = self._page_place(parent, body.get("position")) if kind == "page_id" else None
        if kind == "data_source_id":
            values = self._values.take(given, "body.properties", self._space.data_sources[parent]["properties"])
        else:
            values = self._values.title(given, "body.properties")
        self._quota.spend(1 + _count(children))
        if kind == "data_source_id":
            made = self._space.add_row(parent, {}, (), icon=icon)
            self._fill_row(made, values)
        else:
            made = self._space.add_page(parent or None, "", (), icon=icon, show=kind == "page_id")
            self._space.pages[made]["properties"] = values
            if kind == "page_id":
                self._space.blocks[made]["child_page"]["title"] = self._space.title(made)
                self._space.reposition(parent, made, place)
                self._space.touch(parent)
        page = self._space.pages[made]
        page["cover"] = cover
        self._space.append(made, children)
        self.last.resource = made
        return page

    def _page_place(self, parent: str, raw: Any) -> int | None:
        if raw is None:
            return None
        position = an_object(raw, "body.position")
        kind = refusals.one_of(position.get("type"), ("page_start", "page_end", "after_block"), "body.position.type")
        if kind == "after_block":
            return self._after(parent, position)
        return 0 if kind == "page_start" else None

    def _after(self, parent: str, position: Json) -> int:
        where = "body.position.after_block"
        inner = an_object(refusals.required(position, "after_block", "body.position"), where)
        before = an_id(inner.get("id"), f"{where}.id")
        place = self._space.place_of(parent, before)
        if place is None or self._space.blocks[before]["in_trash"]:
            raise invalid(f"Block {before} is not a child of {parent}.")
        return place + 1

    def _fill_row(self, row: str, values: Json) -> None:
        """Give a new row its values, and those that are computed."""
        page = self._space.pages[row]
        source = self._space.data_sources[page["parent"]["data_source_id"]]
        for name, prop in source["properties"].items():
            page["properties"][name] = values.get(name) or empty_value(prop)
            if prop["type"] in _STAMPS:
                page["properties"][name][prop["type"]] = page[prop["type"]]
            elif prop["type"] == "unique_id":
                number = sum(1 for _ in self._space.all_rows(source["id"]))
                page["properties"][name]["unique_id"] = {"prefix": prop["unique_id"]["prefix"], "number": number}
        mirror_relations(self._space, page, {}, values)

    def _update_page(self, request: Request, page_id: str) -> Json:
        body = request.body
        known = ("properties", "icon", "cover", "is_locked", "in_trash", "is_archived", "erase_content")
        only(body, known, "body")
        page = self._space.pages.get(self._readable(page_id, "page"))
        if page is None:
            raise not_found("page", page_id)
        self._check_trash(page, body)
        changes = self._looks(body)
        for flag in ("is_locked", "is_archived"):
            if flag in body:
                changes[flag] = a_boolean(body[flag], f"body.{flag}")
        self._set_properties(page, body.get("properties") or {})
        page.update(changes)
        if body.get("erase_content"):
            for block in self._space.children(page["id"]):
                self._space.delete_block(block["id"])
        self._trash(page, body)
        self._space.touch(page["id"])
        return page

    def _set_properties(self, page: Json, given: Json) -> None:
        if page["parent"]["type"] == "data_source_id":
            schema = self._space.data_sources[page["parent"]["data_source_id"]]["properties"]
            values, old = self._values.take(given, "body.properties", schema), dict(page["properties"])
            page["properties"].update(values)
            mirror_relations(self._space, page, old, values)
        elif given:
            page["properties"] = self._values.title(given, "body.properties")
            self._space.retitle(page["id"])

    def _looks(self, body: Json) -> Json:
        changes: Json = {}
        if "icon" in body:
            changes["icon"] = self._files.icon(body["icon"], "body.icon")
        if "cover" in body:
            changes["cover"] = self._files.cover(body["cover"], "body.cover")
        return changes

    def _move_page(self, request: Request, page_id: str) -> Json:
        page = self._space.pages.get(self._readable(page_id, "page"))
        if page is None:
            raise not_found("page", page_id)
        _, parent = self._parent(request.body, ("page_id",))
        self._space.move(page["id"], parent)
        return page

    # -- blocks

    def _append(self, request: Request, parent: str) -> Json:
        body = request.body
        only(body, ("children", "position"), "body")
        holder = self._container(parent)
        raw = refusals.required(body, "children", "body")
        inside = self._space.blocks.get(holder)
        kind = inside["type"] if inside is not None and holder not in self._space.pages else ""
        children = self._blocks.take(raw, "body.children", kind)
        if kind == "table" and inside is not None:
            for number, row in enumerate(children):
                check_cells(row, inside["table"]["table_width"], f"body.children[{number}]")
        place = self._block_place(holder, body.get("position"))
        self._quota.spend(_count(children))
        made = self._space.append(holder, children, place)
        self._space.touch(holder)
        self.last.resource, self.last.children = holder, made
        return self._appended(holder, made, place)

    def _appended(self, holder: str, made: list[str], place: int | None) -> Json:
        """The new blocks; where a place was named, with all siblings that follow them."""
        results = [self._space.blocks[block_id] for block_id in made]
        if place is not None:
            siblings = self._space.children(holder)
            first = next((number for number, block in enumerate(siblings) if block["id"] in made), len(siblings))
            results = siblings[first:]
        return {
            "object": "list", "results": results, "next_cursor": None, "has_more": False, "type": "block", "block": {},
        }  # fmt: skip

    def _container(self, block_id: str) -> str:
        """A page or block that blocks can be added to."""
        found = self._readable(block_id, "block")
        if found in self._space.pages:
            if self._space.pages[found]["in_trash"]:
                raise invalid(_TRASHED)
            return found
        block = self._space.blocks.get(found)
        if block is None:
            raise not_found("block", found)
        if block["in_trash"]:
            raise invalid(_TRASHED)
        payload, kind = block[block["type"]], block["type"]
        is_copy = kind == "synced_block" and payload["synced_from"]
        if kind not in _HOLDERS or is_copy or (kind.startswith("heading") and not payload.get("is_toggleable")):
            raise invalid("Block does not support children.")
        return found

    def _block_place(self, holder: str, raw: Any) -> int | None:
        if raw is None:
            return None
        position = an_object(raw, "body.position")
        kind = refusals.one_of(position.get("type"), ("end", "start", "after_block"), "body.position.type")
        if kind == "after_block":
            return self._after(holder, position)
        return 0 if kind == "start" else None

    def _update_block(self, request: Request, block_id: str) -> Json:
        body, found = request.body, self._readable(block_id, "block")
        block = self._space.blocks.get(found)
        if block is None:
            raise not_found("block", found)
        only(body, ("type", "in_trash", block["type"]), "body")
        self._check_trash(block, body)
        if block["type"] in body:
            block[block["type"]] = self._blocks.changed(block, body, "body")
        self._trash(block, body)
        self._space.touch(found)
        return block

    def _delete_block(self, _: Request, block_id: str) -> Json:
        found = self._readable(block_id, "block")
        block = self._space.block(found)
        if block is None:
            raise not_found("block", found)
        if block["in_trash"]:
            raise invalid(_TRASHED)
        self._trash(block, {"in_trash": True})
        if found in self._space.blocks:
            self._space.touch(found)
        return {**block, "in_trash": True}

    @staticmethod
    def _check_trash(thing: Json, body: Json) -> None:
        if "in_trash" in body:
            a_boolean(body["in_trash"], "body.in_trash")
        if thing["in_trash"] and body.get("in_trash") is not False:
            raise invalid(_TRASHED)

    def _trash(self, thing: Json, body: Json) -> None:
        if "in_trash" in body:
            self._space.set_trash(thing["id"], in_trash=body["in_trash"])

    # -- databases

    def _create_database(self, request: Request) -> Json:
        body = request.body
        only(body, ("parent", "title", "description", "is_inline", "icon", "cover", "initial_data_source"), "body")
        kind, parent = self._parent(body, ("page_id", "workspace"))
        title = self._texts.take(body.get("title") or [], "body.title")
        description = self._texts.take(body.get("description") or [], "body.description")
        initial = an_object(body.get("initial_data_source") or {}, "body.initial_data_source")
        only(initial, ("properties",), "body.initial_data_source")
        inline = a_boolean(body.get("is_inline", False), "body.is_inline")
        looks = self._looks(body)
        props = self._schemas.create(initial.get("properties"), "body.initial_data_source.properties")
        self._quota.spend(1)
        plain = "".join(item["plain_text"] for item in title)
        where = parent if kind == "page_id" else None
        made, (source,) = self._space.add_database(where, plain, {plain: list(props.values())}, inline=inline)
        database = self._space.databases[made]
        database.update({"title": title, "description": description, **looks})
        self._space.data_sources[source].update({"title": title, "description": description})
        self._schemas.connect(props, source)
        self._space.data_sources[source]["properties"] = props
        self._space.add_view(made, "Default view")
        if where is not None:
            self._space.touch(where)
        self.last.resource = made
        return database

    def _update_database(self, request: Request, database_id: str) -> Json:
        body = request.body
        only(body, ("title", "description", "is_inline", "icon", "cover", "is_locked", "in_trash"), "body")
        database = self._space.databases.get(self._readable(database_id, "database"))
        if database is None:
            raise not_found("database", database_id)
        self._check_trash(database, body)
        changes = self._looks(body)
        for name in ("title", "description"):
            if name in body:
                changes[name] = self._texts.take(body[name], f"body.{name}")
        for flag in ("is_inline", "is_locked"):
            if flag in body:
                changes[flag] = a_boolean(body[flag], f"body.{flag}")
        database.update(changes)
        for item in database["data_sources"]:
            source = self._space.data_sources[item["id"]]
            source.update({name: changes[name] for name in ("description", "is_inline") if name in changes})
        if "title" in changes and len(database["data_sources"]) == 1:
            self._space.rename_source(database["data_sources"][0]["id"], changes["title"])
        self._space.retitle(database["id"])
        self._trash(database, body)
        database["last_edited_time"] = precise(self._clock())
        return database

    def _create_source(self, request: Request) -> Json:
        body = request.body
        only(body, ("parent", "properties", "title", "icon"), "body")
        _, database = self._parent(body, ("database_id",))
        title = self._texts.take(body.get("title") or [], "body.title")
        looks = self._looks(body)
        props = self._schemas.create(body.get("properties"), "body.properties")
        source = self._space.add_source(database, title)
        self._schemas.connect(props, source)
        made = self._space.data_sources[source]
        made.update({"properties": props, **looks})
        self._space.add_view(database, "Default view", source)
        self.last.resource = source
        return made

    def _update_source(self, request: Request, source_id: str) -> Json:
        body = request.body
        only(body, ("title", "icon", "properties", "in_trash"), "body")
        source = self._space.data_sources.get(self._readable(source_id, "data_source"))
        if source is None:
            raise not_found("data_source", source_id)
        self._check_trash(source, body)
        changes = self._looks(body)
        title = self._texts.take(body["title"], "body.title") if "title" in body else None
        self._schemas.change(body.get("properties") or {}, "body.properties", source)
        source.update(changes)
        if title is not None:
            self._space.rename_source(source["id"], title)
        if "in_trash" in body:
            source["in_trash"] = body["in_trash"]
        source["last_edited_time"] = minute(self._clock())
        return source

    # -- for all

    def _parent(self, body: Json, kinds: tuple[str, ...]) -> tuple[str, str]:
        """Where something is to be: a kind of parent, and its id.

        :raises ApiError: it is absent, in the trash, or none of these.
        """
        parent = an_object(refusals.required(body, "parent", "body"), "body.parent")
        only(parent, ("type", *kinds), "body.parent")
        kind = refusals.exactly_one(parent, kinds, "body.parent")
        if kind == "workspace":
            return kind, ""
        given = as_id(parent[kind])
        if given is None:
            raise refusals.wrong(f"body.parent.{kind}", "a valid uuid", parent[kind])
        found, noun = self._readable(given, kind.removesuffix("_id")), kind.removesuffix("_id")
        known = {"page": self._space.pages, "data_source": self._space.data_sources, "database": self._space.databases}
        there = known[noun].get(found)
        if there is None:
            raise not_found(noun, found)
        if there["in_trash"]:
            raise invalid(_TRASHED)
        if kind == "database_id" and "data_source_id" in kinds:
            return self._only_source(there)
        return kind, found

    @staticmethod
    def _only_source(database: Json) -> tuple[str, str]:
        sources = database["data_sources"]
        if len(sources) != 1:
            raise ApiError(
                400,
                "validation_error",
                "Databases with multiple data sources are not supported in this API version.",
                error_type="multiple_data_sources_for_database",
                child_data_source_ids=[source["id"] for source in sources],
            )
        return "data_source_id", str(sources[0]["id"])


_STAMPS = ("created_time", "created_by", "last_edited_time", "last_edited_by")
_TRASHED = "Can't edit block that is archived. You must unarchive the block before editing."
_HOLDERS = words(
    "paragraph heading_1 heading_2 heading_3 heading_4 bulleted_list_item numbered_list_item to_do toggle "
    "quote callout template synced_block column_list column table tab"
)
"""Types of blocks that hold others."""


def _count(blocks: list[Json]) -> int:
    return sum(1 + _count(block["children"]) for block in blocks)
