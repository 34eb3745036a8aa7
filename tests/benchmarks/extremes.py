"""Workspaces that are large in one place, made answer by answer: one page of many blocks, one table of many rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

Json = dict[str, Any]

CAP = 10_000
"""Rows after which a query ends, complete or not."""
_BASE = datetime(2025, 1, 1, tzinfo=UTC)
_TARGET = re.compile(r"/v1/(?:blocks/(?P<block>[^/]+)/children|databases/(?P<database>[^/]+)|(?P<users>users))$")
_DATABASE, _SOURCE, _PAGE = (f"{number:08x}-0000-4000-8000-000000000000" for number in (1, 2, 3))
_TOP = {"type": "workspace", "workspace": True}
_WHOLE_LIST: Json = {"object": "list", "has_more": False, "next_cursor": None}


class Extreme:
    """Answers for one page with so many blocks, or for one data source with so many rows."""

    def __init__(self, blocks: int = 0, rows: int = 0) -> None:
        self.blocks = blocks
        self.rows = rows

    @property
    def facts(self) -> Json:
        """What the least number of requests is computed from."""
        listings = -(-self.blocks // 100) or self.rows
        sources = int(self.rows > 0)
        return {
            "pages": int(self.blocks > 0) + self.rows,
            # Search shows no rows here, queries do.
            "unlisted": self.rows,
            "queried": self.rows,
            "databases": sources,
            "data_sources": sources,
            "rows": [self.rows] * sources,
            "listings": listings,
            "users": 0,
        }

    def answer(self, method: str, target: str, body: bytes) -> Json:
        """The answer to one request."""
        where = urlsplit(target)
        if method == "POST":
            asked = orjson.loads(body)
            return self._query(asked) if where.path.endswith("/query") else self._search()
        found = _TARGET.match(where.path)
        if found and found["block"] == _PAGE:
            return self._children(int(parse_qs(where.query).get("start_cursor", ["0"])[0]))
        if found and found["database"]:
            sources = [{"id": _SOURCE, "name": "Log"}]
            return _object("database", _DATABASE, 0, parent=_TOP, title=_text("Log"), data_sources=sources)
        return {**_WHOLE_LIST, "results": []}

    def _search(self) -> Json:
        if self.rows:
            parent = {"type": "database_id", "database_id": _DATABASE}
            shown = _object("data_source", _SOURCE, 0, parent=parent, title=_text("Log"), properties=_schema())
        else:
            title = {"Name": {"id": "title", "type": "title", "title": _text("A long page")}}
            shown = _object("page", _PAGE, 0, parent=_TOP, properties=title)
        return {**_WHOLE_LIST, "results": [shown]}

    def _children(self, start: int) -> Json:
        end = min(start + 100, self.blocks)
        return _list([_paragraph(number) for number in range(start, end)], str(end) if end < self.blocks else None)

    def _query(self, asked: Json) -> Json:
        first = _first_row(asked.get("filter"))
        start = int(asked.get("start_cursor", first))
        end = min(start + 100, first + CAP, self.rows)
        more = end < min(first + CAP, self.rows)
        answer = _list([_row(number) for number in range(start, end)], str(end) if more else None)
        if self.rows - first > CAP:
            answer["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        return answer


def _first_row(given: Json | None) -> int:
    """The first row in a window that begins with a minute; a hundred are made a minute."""
    times = re.findall(r'"created_time": ?\{"on_or_after": ?"([^"]+)"', orjson.dumps(given).decode()) if given else []
    since = max(map(datetime.fromisoformat, times), default=_BASE)
    return int((since - _BASE) / timedelta(minutes=1)) * 100


def _list(results: list[Json], cursor: str | None) -> Json:
    return {"object": "list", "results": results, "has_more": cursor is not None, "next_cursor": cursor}


def _object(kind: str, object_id: str, minute: int, **rest: Any) -> Json:
    when = (_BASE + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:00.000Z")
    return {
        "object": kind,
        "id": object_id,
        "created_time": when,
        "last_edited_time": when,
        "in_trash": False,
        "icon": None,
        "cover": None,
        "url": f"https://www.notion.so/{object_id.replace('-', '')}",
        "public_url": None,
        **rest,
    }


def _text(content: str) -> list[Json]:
    plain = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False}
    return [
        {
            "type": "text",
            "text": {"content": content, "link": None},
            "annotations": {**plain, "color": "default"},
            "plain_text": content,
            "href": None,
        }
    ]


def _paragraph(number: int) -> Json:
    block_id = f"{0xB:08x}-0000-4000-8000-{number:012x}"
    payload = {"rich_text": _text(f"Entry {number} of a log that nobody ever cut."), "color": "default"}
    parent = {"type": "page_id", "page_id": _PAGE}
    return _object("block", block_id, 0, type="paragraph", paragraph=payload, has_children=False, parent=parent)


def _schema() -> Json:
    kinds = {"Name": "title", "Count": "number", "Done": "checkbox", "Link": "url", "Note": "rich_text"}
    return {name: {"id": kind[:5], "name": name, "type": kind, kind: {}} for name, kind in kinds.items()}


def _row(number: int) -> Json:
    properties = {
        "Name": {"id": "title", "type": "title", "title": _text(f"Reading {number}")},
        "Count": {"id": "numbe", "type": "number", "number": number},
        "Done": {"id": "check", "type": "checkbox", "checkbox": number % 2 == 0},
        "Link": {"id": "url", "type": "url", "url": f"https://example.com/{number}"},
        "Note": {"id": "rich_", "type": "rich_text", "rich_text": _text(f"Taken by sensor {number % 97}")},
    }
    parent = {"type": "data_source_id", "data_source_id": _SOURCE, "database_id": _DATABASE}
    row_id = f"{0xA:08x}-0000-4000-8000-{number:012x}"
    return _object("page", row_id, number // 100, parent=parent, properties=properties)
