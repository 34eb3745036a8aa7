"""Files, icons and covers as requests have them."""

from __future__ import annotations

from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.refusals import a_url, an_object, exactly_one, failed, only, should
from notion_sync_demo.writing.uploads import Uploads

_ICONS = ("emoji", "external", "file_upload", "custom_emoji", "icon")


class Files:
    """Takes what shows a file: one that lies elsewhere, or one that was uploaded."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    def file(self, body: Json, where: str) -> Json:
        """The source of a media block, a cover or an item of a files property.

        :raises ApiError: it is neither external nor uploaded: files that Notion hosts cannot be named.
        """
        kind = body.get("type")
        if kind in ("external", "file_upload") and kind not in body:
            raise failed([should(f"{where}.{kind}", "defined")])
        found = exactly_one(body, ("external", "file_upload"), where)
        inner = an_object(body[found], f"{where}.{found}")
        if found == "file_upload":
            return self._uploads.attach(inner, f"{where}.file_upload")
        url = a_url(refusals.required(inner, "url", f"{where}.external"), f"{where}.external.url")
        return {"type": "external", "external": {"url": url}}

    def name(self, body: Json) -> str:
        """What the file that a media block shows is called, if the block does not say."""
        upload = body.get("file_upload")
        if isinstance(upload, dict):
            return self._uploads.name_of(str(upload.get("id")))
        return str(body["external"]["url"]).rpartition("/")[2]

    def cover(self, raw: Any, where: str) -> Json | None:
        """A cover, or none."""
        if raw is None:
            return None
        body = an_object(raw, where)
        only(body, ("type", "external", "file_upload"), where)
        return self.file(body, where)

    def icon(self, raw: Any, where: str) -> Json | None:
        """An icon, or none."""
        if raw is None:
            return None
        body = an_object(raw, where)
        only(body, ("type", *_ICONS), where)
        kind = exactly_one(body, _ICONS, where)
        if kind in ("external", "file_upload"):
            return self.file(body, where)
        if kind == "emoji":
            return {"type": "emoji", "emoji": refusals.a_string(body["emoji"], f"{where}.emoji")}
        return {"type": kind, kind: an_object(body[kind], f"{where}.{kind}")}
