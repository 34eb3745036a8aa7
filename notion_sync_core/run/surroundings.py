"""What stands around each document: its place among its siblings, and digests that tell when that changes.

Renderers that show neighbours must render a document again when they change, and only then.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

from notion_sync_core.model import NEIGHBOURS
from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.plan import Plan
from notion_sync_core.store.state import State

_ROWS = (
    "SELECT o.id, o.place, o.kind, o.title, o.stem, o.rank, o.nav, o.read_edited IS NOT NULL AS has_file "
    "FROM objects o "
    "LEFT JOIN edges e ON e.parent = o.place AND e.child = o.id AND e.kind != 'located' "
    f"WHERE o.status IN {LIVE} AND o.stem IS NOT NULL "
    # As on the page; what no page shows by its time, but at the top by its title.
    "ORDER BY o.place, e.position IS NULL, e.position, CASE WHEN o.place IS NULL THEN o.title END COLLATE NOCASE, "
    "substr(o.created, 1, 16), o.id"
)
_RANKED = "UPDATE objects SET rank=?, nav=?, dirty=max(dirty, ?) WHERE id=?"
_BATCH = 500


def arrange(plan: Plan, *, watched: bool) -> None:
    """Rank the objects of each folder.

    :param watched: some renderer shows neighbours: mark what has others than before for rendering.
    """
    state = plan.state
    trails = lru_cache(10_000)(lambda place: _trail(state, place))
    changes: list[tuple[int, str, int, str]] = []
    for place, rows in itertools.groupby(state.stream(_ROWS), key=lambda row: row["place"]):
        for rank, row, nav in _navs(rows, trails(place) if watched else None, state, place):
            if (rank, nav) != (row["rank"], row["nav"]):
                changes.append((rank, nav, int(watched), row["id"]))
            if len(changes) >= _BATCH:
                # The result is sorted before its first row comes: what is written here does not disturb it.
                state.execute_many(_RANKED, changes)
                changes.clear()
    state.execute_many(_RANKED, changes)
    if watched:
        _empty_folders(state)


def _navs(
    rows: Iterable[sqlite3.Row], trail: bytes | None, state: State, place: str | None
) -> Iterator[tuple[int, sqlite3.Row, str]]:
    """Each row of one folder with its rank and the digest of its surroundings; ``""`` if nobody asks for it."""
    if trail is None:
        yield from ((rank, row, "") for rank, row in enumerate(rows))
        return
    window: deque[tuple[int, sqlite3.Row, bytes]] = deque(maxlen=2 * NEIGHBOURS + 1)
    first: list[bytes] = []
    waiting: deque[tuple[int, sqlite3.Row, bytes]] = deque()

    def leave() -> tuple[int, sqlite3.Row, str]:
        rank, row, _ = waiting.popleft()
        near = (mark for number, _, mark in window if abs(number - rank) <= NEIGHBOURS)
        return rank, row, _digest([trail, *near])

    for rank, row in enumerate(rows):
        item = (rank, row, _mark(row))
        if len(first) < 2 * NEIGHBOURS:
            first.append(item[2])
        window.append(item)
        waiting.append(item)
        if len(waiting) > NEIGHBOURS:
            yield leave()
    while waiting:
        yield leave()
    _note_inside(state, place, _digest(first))


def _note_inside(state: State, place: str | None, digest: str) -> None:
    if place is None or state.value("SELECT inside FROM objects WHERE id=?", (place,)) == digest:
        return
    state.execute("UPDATE objects SET inside=? WHERE id=?", (digest, place))
    _touch_owner(state, place)


def _touch_owner(state: State, place: str) -> None:
    """The rows of a data source are shown by its database."""
    state.execute(
        "UPDATE objects SET dirty=1 WHERE id=? OR id=(SELECT place FROM objects WHERE id=? AND kind='data_source')",
        (place, place),
    )


def _empty_folders(state: State) -> None:
    rows = state.rows(
        f"SELECT id FROM objects o WHERE inside != '' AND NOT EXISTS (SELECT 1 FROM objects c WHERE c.place = o.id "
        f"AND c.status IN {LIVE} AND c.stem IS NOT NULL)"
    )
    for row in rows:
        state.execute("UPDATE objects SET inside='' WHERE id=?", (row["id"],))
        _touch_owner(state, row["id"])


def _trail(state: State, place: str | None) -> bytes:
    marks = []
    for _ in range(500):
        if place is None:
            break
        row = state.row(
            "SELECT place, kind, title, stem, read_edited IS NOT NULL AS has_file FROM objects WHERE id=?", (place,)
        )
        if row is None:
            break
        marks.append(_mark(row))
        place = row["place"]
    return _digest(marks).encode()


def _mark(row: sqlite3.Row) -> bytes:
    return f"{row['title']}\0{row['stem']}\0{row['kind']}\0{row['has_file']}".encode("utf-8", "replace")


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.blake2b(b"\1".join(parts), digest_size=12).hexdigest()
