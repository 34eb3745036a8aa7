"""Rich text as requests have it, made into what reads show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import not_found
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.refusals import a_string, an_array, an_id, an_object, exactly_one, only

MOST_ITEMS = 100
LONGEST_TEXT = 2000
LONGEST_EQUATION = 1000
_COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
COLORS = (*_COLORS, "default_background", *(f"{color}_background" for color in _COLORS[1:]))
_MARKS = ("bold", "italic", "strikethrough", "underline", "code")
_ITEM = {"type", "text", "mention", "equation", "annotations", "plain_text", "href"}


class Texts:
    """Takes the rich text of requests; whom and what it mentions has to be in the workspace."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._mentions: dict[str, Callable[[Any, str], tuple[Json, str, str | None]]] = {
            "user": self._user,
            "date": self._date,
            "page": self._page,
            "database": self._database,
            "template_mention": self._template,
            "custom_emoji": self._emoji,
        }

    def take(self, raw: Any, where: str) -> list[Json]:
        """An array of rich text.

        :param where: its place in the body, for messages.
        :raises ApiError: it is none, or over a limit.
        """
        items = an_array(raw, where, MOST_ITEMS)
        return [self._item(item, f"{where}[{number}]") for number, item in enumerate(items)]

    def _item(self, raw: Any, where: str) -> Json:
        item = an_object(raw, where)
        only(item, _ITEM, where)
        kind = exactly_one(item, ("text", "mention", "equation"), where)
        if "type" in item:
            refusals.one_of(item["type"], (kind,), f"{where}.type")
        body = an_object(item[kind], f"{where}.{kind}")
        payload, plain, href = getattr(self, f"_{kind}")(body, f"{where}.{kind}")
        annotations = self._annotations(item.get("annotations") or {}, f"{where}.annotations")
        return {"type": kind, kind: payload, "annotations": annotations, "plain_text": plain, "href": href}

    @staticmethod
    def _annotations(raw: Any, where: str) -> Json:
        given = an_object(raw, where)
        only(given, (*_MARKS, "color"), where)
        marks = {mark: refusals.a_boolean(given.get(mark, False), f"{where}.{mark}") for mark in _MARKS}
        return {**marks, "color": refusals.one_of(given.get("color", "default"), COLORS, f"{where}.color")}

    @staticmethod
    def _text(body: Json, where: str) -> tuple[Json, str, str | None]:
        only(body, ("content", "link"), where)
        content = a_string(refusals.required(body, "content", where), f"{where}.content", LONGEST_TEXT)
        link = body.get("link")
        if link is None:
            return {"content": content, "link": None}, content, None
        address = an_object(link, f"{where}.link").get("url")
        url = refusals.a_url(address, f"{where}.link.url")
        return {"content": content, "link": {"url": url}}, content, url

    @staticmethod
    def _equation(body: Json, where: str) -> tuple[Json, str, str | None]:
        found = a_string(refusals.required(body, "expression", where), f"{where}.expression", LONGEST_EQUATION)
        return {"expression": found}, found, None

    def _mention(self, body: Json, where: str) -> tuple[Json, str, str | None]:
        only(body, ("type", *self._mentions), where)
        kind = exactly_one(body, self._mentions, where)
        payload, plain, href = self._mentions[kind](an_object(body[kind], f"{where}.{kind}"), f"{where}.{kind}")
        return {"type": kind, kind: payload}, plain, href

    def _user(self, body: Json, where: str) -> tuple[Json, str, str | None]:
        found = self._space.users.get(an_id(body.get("id"), f"{where}.id"))
        if found is None:
            raise not_found("user", str(body["id"]))
        return found, f"@{found['name']}", None

    @staticmethod
    def _date(body: Json, where: str) -> tuple[Json, str, str | None]:
        start = a_string(refusals.required(body, "start", where), f"{where}.start")
        found = {"start": start, "end": body.get("end"), "time_zone": body.get("time_zone")}
        return found, " → ".join(filter(None, (start, found["end"]))), None

    def _page(self, body: Json, where: str) -> tuple[Json, str, str | None]:
        page_id = an_id(body.get("id"), f"{where}.id")
        if page_id not in self._space.pages or page_id in self._space.unshared:
            raise not_found("page", page_id)
        return {"id": page_id}, self._space.title(page_id) or "Untitled", self._space.pages[page_id]["url"]

    def _database(self, body: Json, where: str) -> tuple[Json, str, str | None]:
        database_id = an_id(body.get("id"), f"{where}.id")
        found = self._space.databases.get(database_id)
        if found is None or database_id in self._space.unshared:
            raise not_found("database", database_id)
        title = "".join(part["plain_text"] for part in found["title"])
        return {"id": database_id}, title or "Untitled", found["url"]

    @staticmethod
    def _template(body: Json, where: str) -> tuple[Json, str, str | None]:
        kind = exactly_one(body, ("template_mention_date", "template_mention_user"), where)
        words = ("today", "now") if kind.endswith("date") else ("me",)
        word = refusals.one_of(body[kind], words, f"{where}.{kind}")
        return {"type": kind, kind: word}, f"@{word}", None

    @staticmethod
    def _emoji(body: Json, where: str) -> tuple[Json, str, str | None]:
        found = {"id": an_id(body.get("id"), f"{where}.id"), "name": str(body.get("name", "emoji"))}
        return {**found, "url": None}, f":{found['name']}:", None
