"""The endpoints that write views.

https://developers.notion.com/reference/create-view
"""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import Request, not_found
from notion_sync_demo.workspace import Workspace, precise
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.endpoints import Handler, Writes
from notion_sync_demo.writing.looks import Looks
from notion_sync_demo.writing.refusals import an_id, an_object, exactly_one, invalid, only
from notion_sync_demo.writing.remarks import Remarks

VIEW_KINDS = ("table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map", "dashboard")
_CHANGES = ("filter", "sorts", "quick_filters", "configuration")


class Views:
    """Saved views of databases, and linked ones of others."""

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
        only(body, ("data_source_id", "name", "type", "database_id", "create_database", "position", *_CHANGES), "body")
        source = an_id(refusals.required(body, "data_source_id", "body"), "body.data_source_id")
        if source not in self._space.data_sources or source in self._space.unshared:
            raise not_found("data_source", source)
        kind = refusals.one_of(body.get("type"), VIEW_KINDS, "body.type")
        place = exactly_one(body, ("database_id", "create_database"), "body")
        looks = Looks(self._space.data_sources[source]["properties"], kind)
        more = looks.taken(body)
        if not more.get("configuration"):
            looks.can_be_bare("body")
        name = refusals.a_string(refusals.required(body, "name", "body"), "body.name")
        if place == "database_id":
            database = an_id(body["database_id"], "body.database_id")
            if database not in self._space.databases:
                raise not_found("database", database)
        else:
            database = self._linked(an_object(body["create_database"], "body.create_database"))
        at = self._place(body.get("position"), database)
        view = self._space.add_view(database, name, source, kind, **more)
        self._move(view, at)
        return self._space.saved_views[view]

    def _place(self, raw: object, database: str) -> str | None:
        """The view that a new one stands before; ``None``: it stands last."""
        if raw is None:
            return None
        position = an_object(raw, "body.position")
        only(position, ("type", "view_id"), "body.position")
        kind = refusals.one_of(position.get("type"), ("start", "end", "after_view"), "body.position.type")
        shown = [key for key, view in self._space.saved_views.items() if view["parent"]["database_id"] == database]
        if kind == "end" or not shown:
            return None
        if kind == "start":
            return shown[0]
        wanted = an_id(position.get("view_id"), "body.position.view_id")
        if wanted not in shown:
            raise not_found("view", wanted)
        return next(iter(shown[shown.index(wanted) + 1 :]), None)

    def _move(self, view: str, before: str | None) -> None:
        if before is None:
            return
        views = self._space.saved_views
        made = views.pop(view)
        behind = {key: views.pop(key) for key in list(views)[list(views).index(before) :]}
        views.update({view: made, **behind})

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

    def _update(self, request: Request, view_id: str) -> Json:
        view = self._find(view_id)
        only(request.body, ("name", *_CHANGES), "body")
        props = self._space.data_sources[view["data_source_id"]]["properties"]
        changes = Looks(props, view["type"]).taken(request.body, stamps=False)
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


def routes(writes: Writes, remarks: Remarks, views: Views) -> list[tuple[str, str, str, Handler]]:
    """All endpoints that write."""
    return [*writes.routes, *remarks.routes, *views.routes]
