"""Paging through lists, past their ends that are not ends.

Three lists stop early without an error: a query at 10,000 rows, search near 11,000 results, and
long property values at 25 items. Here the first two are noticed and read past.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from notion_sync_core.plugin import Gate, Json, SkippableError, fields, objects, utc
from notion_sync_notion.client import Answer, Client, CursorError

PAGE_SIZE = 100
CAP = 10_000
"""Results after which a query ends, complete or not."""

Param = tuple[str, Any]
Fetch = Callable[[str | None], Answer]
Query = Callable[[list[Json], list[Json]], Iterator[Answer]]
"""Asks with filters and sorts."""
Within = Callable[[Query, list[Json]], Iterator[Answer]]


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
        if not isinstance(cursor, str) or not cursor or cursor in seen:
            raise CursorError("a list says that it goes on, but its cursor leads nowhere new")
        seen.add(cursor)


def ends_early(answer: Json) -> bool:
    """Whether the API says that a list stops before its end, as it may say of any list."""
    return fields(answer.get("request_status")).get("type") == "incomplete"


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
    :raises SkippableError: more rows of one minute than any order shows: the rest cannot be listed.
    """
    fetch = partial(_query_pages, client, gate, data_source_id, archived)
    edited = [_from("last_edited_time", since)] if since else []
    # More rows created in one minute than a query shows: windows of edits within it; and if these are too full, titles.
    by_edits = partial(_windows, stamp="last_edited_time", within=_both_ends)
    yield from _windows(fetch, edited, stamp="created_time", within=by_edits)


def _windows(fetch: Query, filters: list[Json], *, stamp: str, within: Within) -> Iterator[Answer]:
    """Rows by one of their times, in as many queries as the cap needs.

    :param within: how to list a minute that one query cannot show.
    """
    start: str | None = None
    while True:
        last = yield from _window(fetch, stamp, filters + ([_from(stamp, start)] if start else []))
        if last is None:
            return
        if last != start:
            start = last
            continue
        after = _next_minute(last)
        yield from within(fetch, [*filters, _from(stamp, last), _before(stamp, after)])
        start = after


def _both_ends(fetch: Query, filters: list[Json]) -> Iterator[Answer]:
    """Rows that no time tells apart: by title from both ends, which have to meet."""
    seen: set[str] = set()
    for direction in ("ascending", "descending"):
        known = len(seen)
        count = 0
        answer: Answer | None = None
        for answer in fetch(filters, [{"property": "title", "direction": direction}]):
            ids = {str(row.get("id")) for row in objects(answer.raw.get("results"))}
            count += len(ids)
            seen |= ids
            yield answer
        if answer is None or not is_capped(answer, count) or len(seen) < known + count:
            return
    raise SkippableError(
        f"more than {len(seen)} rows were created and edited in one minute: the API lists no more of them",
        "Edit some of them in Notion, so that their times differ.",
    )


def _window(fetch: Query, stamp: str, filters: list[Json]) -> Generator[Answer, None, str | None]:
    """One query, oldest first.

    :returns: the time of its last row if the cap may have cut it off there; ``None`` if it is complete.
    """
    count, last = 0, None
    answer: Answer | None = None
    for answer in fetch(filters, [{"timestamp": stamp, "direction": "ascending"}]):
        yield answer
        results = answer.raw.get("results")
        count += len(results) if isinstance(results, list) else 0
        last = _last(answer, stamp) or last
    return last if answer is not None and is_capped(answer, count) else None


def _from(stamp: str, when: str) -> Json:
    return {"timestamp": stamp, stamp: {"on_or_after": when}}


def _before(stamp: str, when: str) -> Json:
    return {"timestamp": stamp, stamp: {"before": when}}


def _next_minute(when: str) -> str:
    """Times of rows are cut to the minute."""
    return (datetime.fromisoformat(when) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:00.000Z")


def _query_pages(
    client: Client, gate: Gate, data_source_id: str, archived: bool, filters: list[Json], sorts: list[Json]
) -> Iterator[Answer]:
    body: Json = {"page_size": PAGE_SIZE, "sorts": sorts}
    if archived:
        body["is_archived"] = True
    if filters:
        body["filter"] = filters[0] if len(filters) == 1 else {"and": filters}

    def fetch(cursor: str | None) -> Answer:
        full = {**body, "start_cursor": cursor} if cursor else body
        return gate(client.post, f"data_sources/{data_source_id}/query", full)

    return pages(fetch)


def _last(answer: Answer, stamp: str) -> str | None:
    """The latest time in an order by it; a row whose time is none says nothing."""
    times = [utc(row.get(stamp)) for row in objects(answer.raw.get("results"))[-1:]]
    return times[0] or None if times else None


def get_pages(client: Client, gate: Gate, path: str, *params: Param) -> Iterator[Answer]:
    """All answers of a list that is asked for with GET."""
    return pages(lambda cursor: gate(client.get, path, paged(params, cursor)))


def paged(params: Iterable[Param], cursor: str | None) -> list[Param]:
    """The parameters that ask for one answer of a list."""
    asked = [*params, ("page_size", PAGE_SIZE)]
    return [*asked, ("start_cursor", cursor)] if cursor else asked
