"""Applies the layout to the state: who lies in whose folder, and under which path."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from notion_sync_core.model import Json
from notion_sync_core.stages.layout import (
    CLEANERS,
    INDEX,
    Child,
    Names,
    child_name,
    fits,
    name_children,
    name_for,
    reserved,
)
from notion_sync_core.stages.names import fold
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.style import Style
from notion_sync_core.state import State
from notion_sync_core.state.records import Placed

_BATCH = 500


def lay_out(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    """Give every live object its path; what moved, and what links to it, is marked for rendering."""
    layout = plan.state.layout
    for gone in layout.release_gone():
        plan.state.queue.render_showing(gone)
        plan.site_changed()
    layout.begin()
    if style.flat:
        _lay_out_flat(plan, style)
        return
    _lay_out_from_root(plan, warn, style)
    while (lost := layout.first_lost()) is not None:
        warn(f"the parents of object {lost} form a circle: it is put at the top of the export")
        layout.put_at_root(lost)
        layout.begin()
        _lay_out_from_root(plan, warn, style)


def _lay_out_from_root(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    layout = plan.state.layout
    folders: list[tuple[str | None, str]] = [(None, "")]
    places = Places(style, plan.object) if style.is_free else None
    while folders:
        folder_id, folder = folders.pop()
        if folder_id is not None and not fits(folder):
            warn(f"{folder[:80]}…: the path is too long, what lies below it is put at the top of the export")
            layout.empty_folder(folder_id)
            folders = [(None, "")]
            places = Places(style, plan.object) if style.is_free else None
            layout.begin()
            continue
        folders.extend(_lay_out_folder(plan, folder_id, folder, style, places))


def _lay_out_flat(plan: Plan, style: Style) -> None:
    """Everything at the top, or in folders of its own properties' making."""
    places = Places(style, plan.object)
    batch: list[tuple[Placed, str]] = []
    for each in plan.state.layout.everything():
        batch.append((each, places.of(each, "", _further_suffixes(plan.state, each, style))[0]))
        if len(batch) >= _BATCH:
            _store_changed(plan, batch)
            batch = []
    _store_changed(plan, batch)


def _store_changed(plan: Plan, batch: list[tuple[Placed, str]]) -> None:
    _store(plan, [each.id for each, _ in batch], [pair for pair in batch if pair[1] != pair[0].path])


def _lay_out_folder(
    plan: Plan, folder_id: str | None, folder: str, style: Style, places: Places | None
) -> Iterator[tuple[str, str]]:
    """Name what lies in one folder; gives the folders below it."""
    changed: list[tuple[Placed, str]] = []
    placed: list[str] = []
    found = _named(plan.state, folder_id, folder, style, places)
    for each, path, inside in found:
        placed.append(each.id)
        if path != each.path:
            changed.append((each, path))
        if each.has_children:
            yield each.id, inside
        if len(placed) >= _BATCH:
            _store(plan, placed, changed)
            placed, changed = [], []
    _store(plan, placed, changed)


def _named(
    state: State, folder_id: str | None, folder: str, style: Style, places: Places | None
) -> Iterator[tuple[Placed, str, str]]:
    """What lies in one folder, each with its path and that of its own folder; it may hold more than memory should."""
    # The rows of a database with one data source lie directly in the database's folder.
    only_source = None if folder_id is None else state.layout.only_data_source(folder_id)
    if places is not None:
        for each in state.layout.folder(folder_id, exact=True):
            further = _further_suffixes(state, each, style)
            path, inside = (folder, folder) if each.id == only_source else places.of(each, folder, further)
            yield each, path, inside
        return
    inside_it, titles = itertools.tee(each for each in state.layout.folder(folder_id) if each.id != only_source)
    children = (Child(each.id, style.fitting(each.title), _further_suffixes(state, each, style)) for each in titles)
    taken = Names(style.suffixes, root=folder_id is None, ours=reserved(style.assets))
    for each, (_, name) in zip(inside_it, name_children(children, naming=style.naming, taken=taken), strict=True):
        path = f"{folder}/{name}" if folder else name
        yield each, path, path
    if only_source is not None:
        yield from ((each, folder, folder) for each in state.layout.folder(folder_id) if each.id == only_source)


class Places:
    """Where documents lie whose paths do not follow from titles and parents alone: one name in one directory.

    :param raw: gives the object with an id.
    """

    def __init__(self, style: Style, raw: Callable[[str], Json | None]) -> None:
        self._style = style
        self._raw = raw
        self._ours = reserved(style.assets)
        self._names: dict[str, Names] = {}
        self._spelling: dict[str, str] = {}
        """How a directory is spelled, by what some file system takes for the same."""

    def of(self, each: Placed, folder: str, suffixes: tuple[str, ...]) -> tuple[str, str]:
        """The path of an object, and that of the folder of what stands inside it.

        :param folder: the one it lies in by its parent.
        """
        style = self._style
        child = Child(each.id, style.fitting(each.title), suffixes)
        found = self._by_properties(each)
        where, base = (self._within(folder, found[0]), found[1]) if found else (folder, child_name(child, style.naming))
        if style.flat and each.kind == "data_source":
            return base, base
        path = f"{where}/{name_for(child, base, self._taken(where))}".lstrip("/")
        inside = self._spelling.setdefault(fold(path), path)
        is_section = style.sections and each.has_children and each.kind != "data_source"
        return (f"{inside}/{style.sections}" if is_section else path), inside

    def _by_properties(self, each: Placed) -> tuple[tuple[str, ...], str] | None:
        pattern = self._style.pattern
        raw = self._raw(each.id) if pattern and each.kind == "page" else None
        return pattern.place(raw, each.title, self._clean) if pattern and raw else None

    def _clean(self, text: str) -> str:
        return CLEANERS[self._style.naming](self._style.fitting(text))

    def _within(self, where: str, folders: tuple[str, ...]) -> str:
        for folder in folders:
            name = f"{folder}-" if not where and fold(folder) in self._ours else folder
            deeper = f"{where}/{name}".lstrip("/")
            if not fits(deeper):
                return where
            where = self._spelling.setdefault(fold(deeper), deeper)
        return where

    def _taken(self, where: str) -> Names:
        style = self._style
        made = Names(style.suffixes, root=not where, index=fold(style.sections or INDEX), ours=self._ours)
        return self._names.setdefault(fold(where), made)


def _further_suffixes(state: State, each: Placed, style: Style) -> tuple[str, ...]:
    if each.kind != "database":
        return ()
    return style.database_suffixes([source.ref for source in state.tree.data_sources(each.id)])


def _store(plan: Plan, placed: list[str], changed: list[tuple[Placed, str]]) -> None:
    plan.state.layout.place(placed)
    for each, path in changed:
        plan.state.layout.move(each.id, path, moved=each.path is not None)
        plan.state.queue.render_showing(each.id)
    if changed:
        plan.site_changed()
