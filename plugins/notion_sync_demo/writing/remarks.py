"""The endpoints that write comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, Request, not_found
from notion_sync_demo.workspace import Workspace, minute
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.endpoints import Handler
from notion_sync_demo.writing.files import Files
from notion_sync_demo.writing.refusals import an_array, an_id, an_object, exactly_one, invalid, only
from notion_sync_demo.writing.text import Texts
from notion_sync_demo.writing.uploads import Uploads

MOST_ATTACHMENTS = 3


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
