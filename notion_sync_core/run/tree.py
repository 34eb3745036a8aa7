"""Applies the layout to the state: who lies in whose folder, and under which path."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator

from attrs import field, frozen

from notion_sync_core.model import Ref
from notion_sync_core.run.layout import Child, Naming, fits, name_children
from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.plan import Plan, ref_of
from notion_sync_core.store.state import State

_MINUTE = "substr(created, 1, 16)"
_BATCH = 500


@frozen
class Style:
    """What names are made of, and what follows them in the names of files."""

    naming: Naming = "title"
    suffixes: tuple[str, ...] = ()
    """Of the files that every document has, of all renderers."""
    database_suffixes: Callable[[list[Ref]], tuple[str, ...]] = field(default=lambda _: ())
    """Of the further files of a database with these data sources."""


def assign_places(state: State) -> None:
    """Find the folder of each object: its parent, or the document whose content shows it.

    A parent in the trash counts: what lies in it goes with it.
    """
    there = f"(p.status IN {LIVE} OR p.status = 'trashed')"
    state.execute(
        "UPDATE objects SET place = CASE WHEN parent_type IN ('page_id', 'database_id', 'data_source_id') AND "
        f"EXISTS (SELECT 1 FROM objects p WHERE p.id = objects.parent_id AND {there}) THEN parent_id "
        f"ELSE (SELECT e.parent FROM edges e JOIN objects p ON p.id = e.parent WHERE e.child = objects.id AND {there} "
        "ORDER BY p.status = 'trashed', e.parent LIMIT 1) END "
        f"WHERE status IN {LIVE} OR status = 'trashed'"
    )


def lay_out(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    """Give every live object its path; what moved, and what links to it, is marked for rendering."""
    state = plan.state
    for row in state.rows(f"SELECT id FROM objects WHERE stem IS NOT NULL AND status NOT IN {LIVE}"):
        state.execute("UPDATE objects SET stem=NULL WHERE id=?", (row["id"],))
        plan.touch_linkers(row["id"])
        plan.site_changed()
    state.execute("CREATE TEMP TABLE IF NOT EXISTS placed (id TEXT PRIMARY KEY) WITHOUT ROWID")
    state.execute("DELETE FROM placed")
    _lay_out_from_root(plan, warn, style)
    while (lost := _first_lost(state)) is not None:
        warn(f"the parents of object {lost} form a circle: it is put at the top of the export")
        state.execute("UPDATE objects SET place=NULL WHERE id=?", (lost,))
        state.execute("DELETE FROM placed")
        _lay_out_from_root(plan, warn, style)


def _first_lost(state: State) -> str | None:
    lost: str | None = state.value(
        f"SELECT id FROM objects WHERE status IN {LIVE} AND id NOT IN (SELECT id FROM placed) "
        f"ORDER BY {_MINUTE}, id LIMIT 1"
    )
    return lost


def _lay_out_from_root(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    folders: list[tuple[str | None, str]] = [(None, "")]
    while folders:
        place, folder = folders.pop()
        if place is not None and not fits(folder):
            warn(f"{folder[:80]}…: the path is too long, what lies below it is put at the top of the export")
            plan.state.execute("UPDATE objects SET place=NULL WHERE place=?", (place,))
            folders = [(None, "")]
            plan.state.execute("DELETE FROM placed")
            continue
        folders.extend(_lay_out_folder(plan, place, folder, style))


def _lay_out_folder(plan: Plan, place: str | None, folder: str, style: Style) -> Iterator[tuple[str, str]]:
    """Name what lies in one folder; gives the folders below it."""
    changed: list[tuple[str, str | None, str]] = []
    placed: list[tuple[str]] = []
    for row, name in _named(plan.state, place, style):
        stem = "/".join(part for part in (folder, name) if part)
        placed.append((row["id"],))
        if stem != row["stem"]:
            changed.append((row["id"], row["stem"], stem))
        if row["has_children"]:
            yield row["id"], stem
        if len(placed) >= _BATCH:
            _store(plan, placed, changed)
            placed, changed = [], []
    _store(plan, placed, changed)


def _named(state: State, place: str | None, style: Style) -> Iterator[tuple[sqlite3.Row, str]]:
    """What lies in one folder, each with its name there: a folder may hold more than memory should."""
    only_source = _only_data_source(state, place)
    rows, titles = itertools.tee(row for row in _folder_rows(state, place) if row["id"] != only_source)
    children = (Child(row["id"], row["title"], _further_suffixes(state, row, style)) for row in titles)
    names = name_children(children, root=place is None, naming=style.naming, suffixes=style.suffixes)
    yield from ((row, name) for row, (_, name) in zip(rows, names, strict=True))
    if only_source is not None:
        yield from ((row, "") for row in _folder_rows(state, place) if row["id"] == only_source)


def _further_suffixes(state: State, row: sqlite3.Row, style: Style) -> tuple[str, ...]:
    if row["kind"] != "database":
        return ()
    sources = state.rows(
        f"SELECT * FROM objects WHERE kind='data_source' AND parent_id=? AND status IN {LIVE} ORDER BY id",
        (row["id"],),
    )
    return style.database_suffixes([ref_of(source) for source in sources])


def _store(plan: Plan, placed: list[tuple[str]], changed: list[tuple[str, str | None, str]]) -> None:
    plan.state.execute_many("INSERT INTO placed VALUES (?)", placed)
    for child_id, old, stem in changed:
        plan.state.execute(
            "UPDATE objects SET stem=?, dirty=1, moved_run=CASE WHEN ? THEN ? ELSE moved_run END WHERE id=?",
            (stem, old is not None, plan.run, child_id),
        )
        plan.touch_linkers(child_id)
    if changed:
        plan.site_changed()


def _only_data_source(state: State, place: str | None) -> str | None:
    """The rows of a database with one data source lie directly in the database's folder."""
    if place is None:
        return None
    sources = state.rows(
        f"SELECT id FROM objects WHERE place=? AND kind='data_source' AND status IN {LIVE} LIMIT 2", (place,)
    )
    return str(sources[0]["id"]) if len(sources) == 1 else None


def _folder_rows(state: State, place: str | None) -> Iterator[sqlite3.Row]:
    return state.stream(
        f"SELECT id, title, kind, stem, EXISTS (SELECT 1 FROM objects c WHERE c.place = o.id) AS has_children "
        f"FROM objects o WHERE place IS ? AND status IN {LIVE} ORDER BY {_MINUTE}, id",
        (place,),
    )
