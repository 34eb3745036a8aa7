"""The endpoints that write comments and views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, Request, not_found
from notion_sync_demo.shapes import minute, precise
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.endpoints import Handler, Writes
from notion_sync_demo.writing.files import Files
from notion_sync_demo.writing.refusals import an_array, an_id, an_object, exactly_one, invalid, only
from notion_sync_demo.writing.schemas import found
from notion_sync_demo.writing.text import Texts
from notion_sync_demo.writing.uploads import Uploads

MOST_ATTACHMENTS = 3
MOST_COLUMNS = 500
VIEW_KINDS = ("table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map", "dashboard")


class Remarks:
    """Comments: of this connection they can be changed and taken back, of others not."""

    def __init__(self, space: Workspace, uploads: Uploads, clock: Callable[[], float]) -> None:
        self._space = space
        self._clock = clock
        self._texts = Texts(space)
        self._files = Files(uploads)
        self.routes: list[tuple[str, str, str, Handler]] = [
            ("POST", r"/v1/comments", "comments", self._create),
            ("PATCH", r"/v1/comments/([^/]+)", "comments/{id}", self._update),
            ("DELETE", r"/v1/comments/([^/]+)", "comments/{id}", self._delete),
        ]

    def _create(self, request: Request) -> Json:
        body = request.body
        only(body, ("parent", "discussion_id", "rich_text", "attachments", "display_name"), "body")
        kind = exactly_one(body, ("parent", "discussion_id"), "body")
        text = self._texts.take(refusals.required(body, "rich_text", "body"), "body.rich_text")
        attached = [
            self._attachment(item, f"body.attachments[{number}]")
            for number, item in enumerate(an_array(body.get("attachments", []), "body.attachments", MOST_ATTACHMENTS))
        ]
        shown = self._display_name(body.get("display_name"))
        if kind == "parent":
            target, discussion = self._target(an_object(body["parent"], "body.parent")), None
        else:
            discussion = an_id(body["discussion_id"], "body.discussion_id")
            target = self._discussed(discussion)
        self._space.add_comment(target, text, discussion=discussion, attachments=attached)
        made = self._space.comments[target][-1]
        made["display_name"] = shown
        return made

    def _attachment(self, raw: Any, where: str) -> Json:
        body = an_object(raw, where)
        only(body, ("type", "file_upload_id"), where)
        return self._files.file({"file_upload": {"id": body.get("file_upload_id")}}, where)

    def _display_name(self, raw: Any) -> Json:
        own = {"type": "integration", "resolved_name": self._space.users[self._space.bot_id]["name"]}
        if raw is None:
            return own
        body = an_object(raw, "body.display_name")
        kind = refusals.one_of(body.get("type"), ("integration", "user", "custom"), "body.display_name.type")
        if kind == "user":
            raise invalid("display_name of type user is not available to internal integrations.")
        if kind == "integration":
            return own
        custom = an_object(body.get("custom"), "body.display_name.custom")
        return {
            "type": "custom",
            "resolved_name": refusals.a_string(custom.get("name"), "body.display_name.custom.name"),
        }

    def _target(self, parent: Json) -> str:
        kind = exactly_one(parent, ("page_id", "block_id"), "body.parent")
        target = an_id(parent[kind], f"body.parent.{kind}")
        known = self._space.pages if kind == "page_id" else self._space.blocks
        if target not in known or target in self._space.unshared:
            raise not_found(kind.removesuffix("_id"), target)
        return target

    def _discussed(self, discussion: str) -> str:
        for target, comments in self._space.comments.items():
            if any(comment["discussion_id"] == discussion for comment in comments):
                return target
        raise not_found("discussion", discussion)

    def _own(self, comment_id: str) -> tuple[list[Json], Json]:
        wanted = an_id(comment_id, "path.comment_id")
        for comments in self._space.comments.values():
            for comment in comments:
                if comment["id"] == wanted:
                    if comment["created_by"]["id"] != self._space.bot_id:
                        raise ApiError(403, "restricted_resource", "Comments of others cannot be changed.")
                    return comments, comment
        raise not_found("comment", wanted)

    def _update(self, request: Request, comment_id: str) -> Json:
        only(request.body, ("rich_text",), "body")
        _, comment = self._own(comment_id)
        comment["rich_text"] = self._texts.take(refusals.required(request.body, "rich_text", "body"), "body.rich_text")
        comment["last_edited_time"] = minute(self._clock())
        return comment

    def _delete(self, _: Request, comment_id: str) -> Json:
        comments, comment = self._own(comment_id)
        comments.remove(comment)
        return comment


class Views:
    """Views of databases, and linked ones of others' rows."""

    def __init__(self, space: Workspace, clock: Callable[[], float]) -> None:
        self._space = space
        self._clock = clock
        self.routes: list[tuple[str, str, str, Handler]] = [
            ("POST", r"/v1/views", "views", self._create),
            ("PATCH", r"/v1/views/([^/]+)", "views/{id}", self._update),
            ("DELETE", r"/v1/views/([^/]+)", "views/{id}", self._delete),
        ]

    def _create(self, request: Request) -> Json:
        body = request.body
        known = ("data_source_id", "name", "type", "database_id", "create_database", *_CHANGES)
        only(body, known, "body")
        source = an_id(refusals.required(body, "data_source_id", "body"), "body.data_source_id")
        if source not in self._space.data_sources or source in self._space.unshared:
            raise not_found("data_source", source)
        kind = refusals.one_of(body.get("type"), VIEW_KINDS, "body.type")
        place = exactly_one(body, ("database_id", "create_database"), "body")
        more = self._changes(body, kind, source)
        name = refusals.a_string(refusals.required(body, "name", "body"), "body.name")
        if place == "database_id":
            database = an_id(body["database_id"], "body.database_id")
            if database not in self._space.databases:
                raise not_found("database", database)
        else:
            database = self._linked(an_object(body["create_database"], "body.create_database"))
        return self._space.saved_views[self._space.add_view(database, name, source, kind, **more)]

    def _linked(self, body: Json) -> str:
        """The place of a linked view: a database without rows of its own, right on a page."""
        only(body, ("parent", "position"), "body.create_database")
        parent = an_object(body.get("parent"), "body.create_database.parent")
        page = an_id(parent.get("page_id"), "body.create_database.parent.page_id")
        if page not in self._space.pages:
            raise not_found("page", page)
        place = None
        if body.get("position") is not None:
            position = an_object(body["position"], "body.create_database.position")
            before = an_id(position.get("block_id"), "body.create_database.position.block_id")
            found_at = self._space.place_of(page, before)
            if found_at is None:
                raise invalid(f"Block {before} is not a child of {page}.")
            place = found_at + 1
        made = self._space.add_linked_view(page)
        self._space.reposition(page, made, place)
        return made

    def _changes(self, body: Json, kind: str, source: str) -> Json:
        changes: Json = {key: body[key] for key in ("filter", "sorts", "quick_filters") if key in body}
        if "configuration" in body:
            given = an_object(body["configuration"] or {}, "body.configuration")
            refusals.one_of(given.get("type", kind), (kind,), "body.configuration.type")
            props = self._space.data_sources[source]["properties"]
            listed = an_array(given.get("properties") or [], "body.configuration.properties", MOST_COLUMNS)
            for number, raw in enumerate(listed):
                where = f"body.configuration.properties[{number}]"
                wanted = an_object(raw, where).get("property_id")
                if found(props, str(wanted)) is None:
                    raise refusals.wrong(f"{where}.property_id", "a property of the data source", wanted)
            changes["configuration"] = {"type": kind, **given}
        return changes

    def _update(self, request: Request, view_id: str) -> Json:
        view = self._find(view_id)
        only(request.body, ("name", *_CHANGES), "body")
        changes = self._changes(request.body, view["type"], view["data_source_id"])
        if "name" in request.body:
            changes["name"] = refusals.a_string(request.body["name"], "body.name")
        view.update({**changes, "last_edited_time": precise(self._clock())})
        return view

    def _delete(self, _: Request, view_id: str) -> Json:
        view = self._find(view_id)
        siblings = [each for each in self._space.saved_views.values() if each["parent"] == view["parent"]]
        if len(siblings) == 1:
            raise invalid("The last view of a database cannot be deleted.")
        del self._space.saved_views[view["id"]]
        return {key: view[key] for key in ("object", "id", "parent", "type")}

    def _find(self, view_id: str) -> Json:
        view = self._space.saved_views.get(an_id(view_id, "path.view_id"))
        if view is None:
            raise not_found("view", view_id)
        return view


_CHANGES = ("filter", "sorts", "quick_filters", "configuration")


def routes(writes: Writes, remarks: Remarks, views: Views) -> list[tuple[str, str, str, Handler]]:
    """All endpoints that write."""
    return [*writes.routes, *remarks.routes, *views.routes]
