"""The endpoints: a request in, an answer in the API's shape out. No sockets here.

https://developers.notion.com/reference, version 2026-03-11.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, Request, as_id, not_found
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing.endpoints import Handler, Writes
from notion_sync_demo.writing.quota import Quota
from notion_sync_demo.writing.remarks import Remarks
from notion_sync_demo.writing.uploads import Uploads
from notion_sync_demo.writing.views import Views, routes

PAGE_SIZE = 100
START = "start"
"""A cursor that leads back to where a list begins, for lists that turn in circles."""
SHOWN = 25
"""Items of a relation or of people that a page shows."""
_INCOMPLETE = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda found, wanted: found == wanted,
    "before": lambda found, wanted: found < wanted,
    "after": lambda found, wanted: found > wanted,
    "on_or_before": lambda found, wanted: found <= wanted,
    "on_or_after": lambda found, wanted: found >= wanted,
}


class Api:
    """Answers requests about one workspace.

    :param query_cap: rows after which a query ends as ``incomplete``.
    :param search_cap: results after which search forgets its cursor; ``None``: never.
    :param page_size: most results in one answer, whatever the client asks for.
    :param block_limit: blocks that clients may make; ``None``: no limit.
    :param largest_file: bytes of the largest file that the workspace takes.
    :param url: where the server is, for addresses that files are sent to.
    """

    caps: dict[str, int]
    """Results after which a list ends as ``incomplete``, by its name: ``search-descending``, ``children-{id}``…"""

    def __init__(
        self,
        workspace: Workspace,
        *,
        query_cap: int = 10_000,
        search_cap: int | None = None,
        page_size: int = PAGE_SIZE,
        block_limit: int | None = None,
        largest_file: int = 5 << 20,
        clock: Callable[[], float] = time.time,
        url: Callable[[], str] = str,
    ) -> None:
        self.caps = {}
        self.page_size = page_size
        self.workspace = workspace
        self.query_cap = query_cap
        self.search_cap = search_cap
        self.quota = Quota(block_limit, clock)
        self.uploads = Uploads(workspace, clock, url, largest_file)
        self.writes = Writes(workspace, self.uploads, self.quota, clock, self._readable)
        writers = self.writes, Remarks(workspace, self.uploads, clock), Views(workspace, clock)
        writing: list[tuple[str, str, str, Callable[..., Json]]] = [
            (method, pattern, name, self._writer(do)) for method, pattern, name, do in routes(*writers)
        ]
        self._routes: list[tuple[str, re.Pattern[str], str, Callable[..., Json]]] = [
            (method, re.compile(pattern), template, handler)
            for method, pattern, template, handler in (
                ("POST", r"/v1/search", "search", self._search),
                ("GET", r"/v1/users", "users", self._users),
                ("GET", r"/v1/users/me", "users/me", self._me),
                ("GET", r"/v1/users/([^/]+)", "users/{id}", self._user),
                ("GET", r"/v1/pages/([^/]+)", "pages/{id}", self._page),
                ("GET", r"/v1/pages/([^/]+)/properties/(.+)", "pages/{id}/properties/{id}", self._property),
                ("GET", r"/v1/blocks/([^/]+)/children", "blocks/{id}/children", self._children),
                ("GET", r"/v1/blocks/([^/]+)", "blocks/{id}", self._block),
                ("GET", r"/v1/databases/([^/]+)", "databases/{id}", self._database),
                ("GET", r"/v1/data_sources/([^/]+)", "data_sources/{id}", self._data_source),
                ("GET", r"/v1/views", "views", self._views),
                ("GET", r"/v1/views/([^/]+)", "views/{id}", self._view),
                ("POST", r"/v1/data_sources/([^/]+)/query", "data_sources/{id}/query", self._query),
                ("GET", r"/v1/comments", "comments", self._comments),
                ("GET", r"/v1/comments/([^/]+)", "comments/{id}", self._comment),
                ("GET", r"/v1/data_sources/([^/]+)/templates", "data_sources/{id}/templates", self._templates),
            )
        ]
        self._routes += [(method, re.compile(pattern), name, do) for method, pattern, name, do in writing]

    def template(self, method: str, path: str) -> str:
        """The endpoint's name, for counting."""
        for verb, pattern, template, _ in self._routes:
            if verb == method and pattern.fullmatch(path):
                return template
        return "unknown"

    def answer(self, request: Request) -> Json:
        """The body of a good answer.

        :raises ApiError: the answer is an error.
        """
        for method, pattern, _, handler in self._routes:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                return handler(request, *map(unquote, found.groups()))
        raise ApiError(400, "invalid_request_url", "Invalid request URL.")

    def _writer(self, handler: Handler) -> Callable[..., Json]:
        return partial(self._write, handler)

    def _write(self, handler: Handler, request: Request, *names: str) -> Json:
        return self._shown(self.writes.handle(handler, request, *names))

    # -- lists

    def _search(self, request: Request) -> Json:
        kind = (request.body.get("filter") or {}).get("value")
        if kind not in (None, "page", "data_source"):
            raise ApiError(400, "validation_error", 'body.filter.value should be "page" or "data_source".')
        direction = _direction(request.body.get("sort") or {}, "sort")
        wanted = str(request.body.get("query") or "").casefold()
        space = self.workspace
        objects: list[Json] = []
        if kind in (None, "page"):
            objects += space.pages.values()
        if kind in (None, "data_source"):
            objects += space.data_sources.values()
        hidden = space.unshared | space.unlisted
        shown = [
            item
            for item in objects
            if item["id"] not in hidden and not item["in_trash"] and (not wanted or wanted in _title(item).casefold())
        ]
        shown.sort(key=lambda item: (item["last_edited_time"], item["id"]), reverse=direction != "ascending")
        answer = self._list(request, shown, "page_or_data_source", f"search-{direction}", cap=self.search_cap)
        answer["results"] = [self._listed(item) for item in answer["results"]]
        return answer

    def _users(self, request: Request) -> Json:
        return self._list(request, list(self.workspace.users.values()), "user", "users")

    def _children(self, request: Request, block_id: str) -> Json:
        block_id = self._readable(block_id, "block")
        if self.workspace.block(block_id) is None:
            raise not_found("block", block_id)
        block = self.workspace.blocks.get(block_id)
        if block is not None and block["type"] == "unsupported":
            raise ApiError(400, "validation_error", "Block type unsupported is not supported via the API.")
        answer = self._list(request, self.workspace.children(block_id), "block", f"children-{block_id}")
        answer["results"] = [self._listed(item) for item in answer["results"]]
        return answer

    def _query(self, request: Request, source_id: str) -> Json:
        source_id = self._readable(source_id, "data_source")
        if source_id not in self.workspace.data_sources:
            raise not_found("data_source", source_id)
        archived = bool(request.body.get("is_archived"))
        rows = [
            row
            for row in self.workspace.rows(source_id)
            if row["id"] not in self.workspace.unshared | self.workspace.templates and row["is_archived"] is archived
        ]
        rows += [self.workspace.data_sources[each] for each in self.workspace.wikis.get(source_id, ())]
        rows = [row for row in rows if _matches(row, request.body.get("filter"))]
        for sort in reversed(request.body.get("sorts") or []):
            backwards = _direction(sort, "sorts") == "descending"
            if sort.get("property") == "title":
                rows.sort(key=lambda row: (_title(row).casefold(), row["id"]), reverse=backwards)
                continue
            stamp = sort.get("timestamp")
            if stamp not in ("created_time", "last_edited_time"):
                raise ApiError(400, "validation_error", "Only sorts by timestamp or title are emulated.")
            rows.sort(key=itemgetter(stamp), reverse=backwards)
        answer = self._list(request, rows[: self.query_cap], "page_or_data_source", f"query-{source_id}")
        if len(rows) > self.query_cap:
            answer["request_status"] = _INCOMPLETE
        answer["results"] = [self._listed(row) for row in answer["results"]]
        return answer

    def _comments(self, request: Request) -> Json:
        if not request.get("block_id"):
            raise ApiError(400, "validation_error", "block_id should be defined.")
        block_id = self._readable(str(request.get("block_id")), "block")
        answer = self._list(request, self.workspace.comments.get(block_id, []), "comment", f"comments-{block_id}")
        answer["results"] = [self._listed(item) for item in answer["results"]]
        return answer

    def _comment(self, request: Request, comment_id: str) -> Json:
        known = {each["id"]: each for comments in self.workspace.comments.values() for each in comments}
        return self._find("comment", known, comment_id)

    def _templates(self, request: Request, source_id: str) -> Json:
        source_id = self._readable(source_id, "data_source")
        found = [page for page in self.workspace.rows(source_id) if page["id"] in self.workspace.templates]
        items = [{"id": page["id"], "name": _title(page), "is_default": False} for page in found]
        answer = self._list(request, items, "template", f"templates-{source_id}")
        return {"templates": answer["results"], "has_more": answer["has_more"], "next_cursor": answer["next_cursor"]}

    def _property(self, request: Request, page_id: str, property_id: str) -> Json:
        page = self.workspace.pages.get(self._readable(page_id, "page"))
        if page is None:
            raise not_found("page", page_id)
        prop = next((prop for prop in page["properties"].values() if prop["id"] == property_id), None)
        if prop is None:
            raise ApiError(404, "object_not_found", f"Could not find property with name or id: {property_id}")
        kind = prop["type"]
        if kind not in ("title", "rich_text", "people", "relation"):
            return {"object": "property_item", **prop}
        items = [{"object": "property_item", "type": kind, "id": prop["id"], kind: item} for item in prop[kind]]
        answer = self._list(request, items, "property_item", f"property-{page_id}-{property_id}")
        answer["property_item"] = {"id": prop["id"], "next_url": None, "type": kind, kind: {}}
        return answer

    def _list(self, request: Request, items: list[Json], kind: str, name: str, cap: int | None = None) -> Json:
        size = min(self.page_size, _size(request.get("page_size")))
        start = _position(request.get("start_cursor"), name)
        if cap is not None and start >= cap:
            raise ApiError(400, "validation_error", "The start_cursor provided is invalid: it has expired.")
        most = self.caps.get(name, len(items))
        status = {"request_status": _INCOMPLETE} if most < len(items) else {}
        items = items[:most]
        more = start + size < len(items)
        return {
            **status,
            "object": "list",
            "results": items[start : start + size],
            "next_cursor": _cursor(start + size, name) if more else None,
            "has_more": more,
            "type": kind,
            kind: {},
        }

    # -- single objects

    def _page(self, request: Request, page_id: str) -> Json:
        return self._shown(self._find("page", self.workspace.pages, page_id))

    def _database(self, request: Request, database_id: str) -> Json:
        return self._find("database", self.workspace.databases, database_id)

    def _data_source(self, request: Request, source_id: str) -> Json:
        return self._find("data_source", self.workspace.data_sources, source_id)

    def _views(self, request: Request) -> Json:
        views = self.workspace.saved_views.values()
        if source := request.get("data_source_id"):
            found = [view for view in views if view["data_source_id"] == self._readable(source, "data_source")]
        else:
            source = self._readable(request.get("database_id") or "", "database")
            found = [view for view in views if view["parent"]["database_id"] == source]
        shown = [{"object": "view", "id": view["id"]} for view in found]
        return self._list(request, shown, "view", f"views/{source}")

    def _view(self, request: Request, view_id: str) -> Json:
        return self._find("view", self.workspace.saved_views, view_id)

    def _block(self, request: Request, block_id: str) -> Json:
        found = self.workspace.block(self._readable(block_id, "block"))
        if found is None:
            raise not_found("block", block_id)
        return self._partial(found)

    def _user(self, request: Request, user_id: str) -> Json:
        return self._find("user", self.workspace.users, user_id)

    def _me(self, request: Request) -> Json:
        bot = dict(self.workspace.users[self.workspace.bot_id])
        bot["bot"] = {
            "owner": {"type": "workspace", "workspace": True},
            "workspace_id": self.workspace.id,
            "workspace_name": self.workspace.name,
            "workspace_limits": {"max_file_upload_size_in_bytes": self.uploads.most},
        }
        return bot

    def _find(self, kind: str, objects: dict[str, Json], object_id: str) -> Json:
        found = objects.get(self._readable(object_id, kind))
        if found is None:
            raise not_found(kind, object_id)
        return self._partial(found)

    def _partial(self, found: Json, *, listed: bool = False) -> Json:
        """An object, or the little that is shown of it."""
        everywhere = self.workspace.partial.get(found["id"])
        if everywhere is None or not (listed or everywhere):
            return found
        kept = ("object", "id", "properties") if found["object"] == "data_source" else ("object", "id")
        return {key: found[key] for key in kept}

    def _listed(self, found: Json) -> Json:
        """An object as lists show it."""
        return self._shown(self._partial(found, listed=True))

    def _readable(self, object_id: str, kind: str) -> str:
        """The id in its hyphenated form, if it is one and shared."""
        parsed = as_id(object_id)
        if parsed is None:
            raise ApiError(
                400, "validation_error", f"path failed validation: path.{kind}_id should be a valid uuid, "
                f"instead was `\"{object_id}\"`."
            )  # fmt: skip
        if parsed in self.workspace.unshared:
            raise not_found(kind, parsed)
        return parsed

    def _shown(self, page: Json) -> Json:
        """A page as lists and reads show it: long values are cut."""
        if page["object"] != "page":
            return page
        if page["id"] in self.workspace.loosely_parented and "parent" in page:
            page = {**page, "parent": {"type": "database_id", "database_id": page["parent"]["database_id"]}}
        cut = {}
        for name, prop in page.get("properties", {}).items():
            shown = _shown_items(prop)
            if shown is not None:
                more = {"has_more": True} if prop["type"] == "relation" else {}
                cut[name] = {**prop, prop["type"]: shown, **more}
        return {**page, "properties": {**page["properties"], **cut}} if cut else page


def _shown_items(prop: Json) -> list[Json] | None:
    """What a page shows of a property that refers to too much; ``None``: all of it."""
    kind = prop["type"]
    items = prop.get(kind) or ()
    if kind in ("relation", "people"):
        return list(items[:SHOWN]) if len(items) > SHOWN else None
    if kind not in ("title", "rich_text"):
        return None
    mentions = [number for number, item in enumerate(items) if item["type"] == "mention"]
    return list(items[: mentions[SHOWN]]) if len(mentions) > SHOWN else None


def _size(raw: Any) -> int:
    try:
        size = PAGE_SIZE if raw is None else int(raw)
    except (TypeError, ValueError):
        size = 0
    if not 1 <= size <= PAGE_SIZE:
        raise ApiError(400, "validation_error", "page_size should be between 1 and 100.")
    return size


def _cursor(position: int, name: str) -> str:
    return f"{position:x}.{uuid.uuid5(uuid.NAMESPACE_OID, name).hex}"


def _position(cursor: Any, name: str) -> int:
    if cursor in (None, "", START):
        return 0
    place, _, check = str(cursor).partition(".")
    if check != uuid.uuid5(uuid.NAMESPACE_OID, name).hex or not re.fullmatch(r"[0-9a-f]+", place):
        raise ApiError(400, "validation_error", f"The start_cursor provided is invalid: {cursor}")
    return int(place, 16)


def _title(item: Json) -> str:
    title = item.get("title")
    if not isinstance(title, list):
        title = next((prop["title"] for prop in item["properties"].values() if prop["type"] == "title"), [])
    return "".join(part["plain_text"] for part in title)


def _direction(sort: Json, name: str) -> str:
    found = sort.get("direction", "descending")
    if found not in ("ascending", "descending"):
        raise ApiError(400, "validation_error", f'body.{name}.direction should be "ascending" or "descending".')
    return str(found)


def _matches(row: Json, condition: Any) -> bool:
    """Timestamp filters and their combinations; others are refused, not ignored."""
    if not condition:
        return True
    for key, combine in (("and", all), ("or", any)):
        if key in condition:
            parts: Iterable[bool] = (_matches(row, part) for part in condition[key])
            return combine(parts)
    stamp = condition.get("timestamp")
    if stamp not in ("created_time", "last_edited_time"):
        raise ApiError(400, "validation_error", "Only timestamp filters are emulated.")
    for name, wanted in (condition.get(stamp) or {}).items():
        test = _CONDITIONS.get(name)
        if test is None:
            raise ApiError(400, "validation_error", f"The condition {name} is not emulated.")
        if not test(row[stamp], wanted):
            return False
    return True
