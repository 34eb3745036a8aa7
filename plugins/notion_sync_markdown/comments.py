"""Comments, grouped by discussion, below what they are about. https://developers.notion.com/reference/comment-object"""

from __future__ import annotations

from typing import Any

from notion_sync_core.plugin import Json, Link, objects, to_file, user_text
from notion_sync_markdown.layout import stacked
from notion_sync_markdown.pen import Pen, single_line


def discussions(comments: list[Json], pen: Pen) -> str:
    """All discussions about one block or document, the oldest first."""
    groups: dict[str, list[Json]] = {}
    for comment in comments:
        groups.setdefault(str(comment.get("discussion_id") or comment.get("id")), []).append(comment)
    split = f"\n\n{pen.dialect.list_split}" if pen.dialect.joins_quotes else "\n\n"
    return split.join(
        pen.dialect.comments(stacked(*(_comment(each, pen) for each in group))) for group in groups.values()
    )


def _comment(comment: Json, pen: Pen) -> str:
    shown: Any = comment.get("display_name")
    name = shown.get("resolved_name") if isinstance(shown, dict) else None
    author = pen.bold(single_line(name or user_text(comment.get("created_by"), pen.site) or "Somebody"))
    when = str(comment.get("created_time") or "")[:16].replace("T", " ")
    head = f"{author} ({when})" if when else author
    files = [_attachment(file, pen) for file in objects(comment.get("attachments"))]
    return stacked(f"{head}: {pen.inline(comment.get('rich_text'))}".rstrip(), *files)


def _attachment(holder: Json, pen: Pen) -> str:
    url, to = to_file({"type": "file", **holder}, pen.site)
    return pen.link(Link(single_line(holder.get("name") or holder.get("category") or url), to))
