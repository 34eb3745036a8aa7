"""Paging through lists, past their ends that are not ends.

Three lists stop early without an error: a query at 10,000 rows, search near 11,000 results, and
long property values at 25 items. Here the first two are noticed and read past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from notion_sync_core.gate import Gate
from notion_sync_core.model import Json
from notion_sync_notion.client import Answer, Client, CursorError

PAGE_SIZE = 100
CAP = 10_000
"""Results after which a query ends, complete or not."""

Fetch = Callable[[str | None], Answer]


def pages(fetch: Fetch) -> Iterator[Answer]:
    """All answers of one paginated list.

    :param fetch: gets the answer for a cursor.
    :raises CursorError: the cursor expired twice, or turned in a circle.
    """
    cursor: str | None = None
    seen: set[str] = set()
    restarted = False
    while True:
        try:
            answer = fetch(cursor)
        except CursorError:
            if restarted or cursor is None:
                raise
            cursor, restarted = None, True
            seen.clear()
            continue
        yield answer
        cursor = answer.raw.get("next_cursor")
        if not answer.raw.get("has_more"):
            return
        if not cursor or cursor in seen:
            raise CursorError("a list says that it goes on, but its cursor leads nowhere new")
        seen.add(cursor)


def is_capped(answer: Answer, count: int) -> bool:
    """Whether a list that ended after ``count`` results may have ended too early."""
    status = answer.raw.get("request_status")
    if isinstance(status, dict) and status.get("type"):
        return bool(status["type"] == "incomplete")
    return count >= CAP and count % PAGE_SIZE == 0


def search(client: Client, gate: Gate, direction: str, limit: int | None = None) -> Iterator[Answer]:
    """Everything search shows, newest or oldest edits first.

    :param limit: at most so many answers.
    """
    body: Json = {"page_size": PAGE_SIZE, "sort": {"timestamp": "last_edited_time", "direction": direction}}

    def fetch(cursor: str | None) -> Answer:
        return gate(client.post, "search", {**body, "start_cursor": cursor} if cursor else body)

    for number, answer in enumerate(pages(fetch), 1):
        yield answer
        if limit is not None and number >= limit:
            return


def query(
    client: Client, gate: Gate, data_source_id: str, since: str | None = None, *, archived: bool = False
) -> Iterator[Answer]:
    """The rows of a data source by creation time, in as many windows as the cap needs.

    :param since: only rows edited at or after this time.
    :param archived: the archived rows instead of the others.
    """
    edited = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": since}} if since else None
    start: str | None = None
    while True:
        created = {"timestamp": "created_time", "created_time": {"on_or_after": start}} if start else None
        filters = [part for part in (created, edited) if part]
        body: Json = {"page_size": PAGE_SIZE, "sorts": [{"timestamp": "created_time", "direction": "ascending"}]}
        if archived:
            body["is_archived"] = True
        if filters:
            body["filter"] = filters[0] if len(filters) == 1 else {"and": filters}
        count, last = 0, None
        answer: Answer | None = None
        for answer in _query_pages(client, gate, data_source_id, body):
            yield answer
            count += len(answer.raw.get("results") or [])
            last = _last_created(answer) or last
        if answer is None or not is_capped(answer, count) or last is None:
            return
        if last == start:
            # More rows in one minute than a query can show: the other end of that minute shows the rest.
            yield from _query_pages(client, gate, data_source_id, _from_the_end(body, last))
            return
        start = last


def _from_the_end(body: Json, minute: str) -> Json:
    same = {"timestamp": "created_time", "created_time": {"equals": minute}}
    return {**body, "filter": same, "sorts": [{"timestamp": "last_edited_time", "direction": "descending"}]}


def _query_pages(client: Client, gate: Gate, data_source_id: str, body: Json) -> Iterator[Answer]:
    def fetch(cursor: str | None) -> Answer:
        full = {**body, "start_cursor": cursor} if cursor else body
        return gate(client.post, f"data_sources/{data_source_id}/query", full)

    return pages(fetch)


def _last_created(answer: Answer) -> str | None:
    results: list[Any] = answer.raw.get("results") or []
    found = results[-1].get("created_time") if results and isinstance(results[-1], dict) else None
    return str(found) if found else None


def get_pages(client: Client, gate: Gate, path: str, *params: tuple[str, Any]) -> Iterator[Answer]:
    """All answers of a list that is asked for with GET."""

    def fetch(cursor: str | None) -> Answer:
        asked: list[tuple[str, Any]] = [*params, ("page_size", PAGE_SIZE)]
        if cursor:
            asked.append(("start_cursor", cursor))
        return gate(client.get, path, asked)

    return pages(fetch)
