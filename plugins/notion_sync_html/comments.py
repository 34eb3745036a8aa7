"""Open comments, grouped by discussion, beside what they are about."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from notion_sync_core.plugin import Json, objects, to_file
from notion_sync_html.context import Context
from notion_sync_html.dates import moment
from notion_sync_html.inline import inline
from notion_sync_html.markup import EMPTY, address, is_active, line
from notion_sync_html.media import file_name
from notion_sync_html.values import person


def about(block_id: str, context: Context) -> Markup:
    """The discussions about a block or the document; nothing if there are none."""
    found = context.document.comments(block_id) if block_id else []
    if not found:
        return EMPTY
    discussions: dict[str, list[dict[str, Any]]] = {}
    for comment in found:
        key = str(comment.get("discussion_id") or comment.get("id") or "")
        discussions.setdefault(key, []).append(_comment(comment, context))
    return context.look.part("comments", {"discussions": list(discussions.values())})


def _comment(comment: Json, context: Context) -> dict[str, Any]:
    shown = comment.get("display_name")
    name = shown.get("resolved_name") if isinstance(shown, dict) else None
    return {
        "author": line(str(name)) if name else person(comment.get("created_by"), context.site),
        "time": moment(comment.get("created_time")),
        "text": inline(comment.get("rich_text"), context),
        "files": [_attachment(each, context) for each in objects(comment.get("attachments"))],
    }


def _attachment(holder: Json, context: Context) -> dict[str, Any]:
    url, to = to_file({"type": "file", "file": holder.get("file")}, context.site)
    return {
        "name": file_name(url) or line(str(holder.get("category") or "file")),
        "href": address(to),
        "download": to.is_local and is_active(to.href),
    }
