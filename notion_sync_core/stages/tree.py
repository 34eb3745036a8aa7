"""Applies the layout to the state: who lies in whose folder, and under which path."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from attrs import field, frozen

from notion_sync_core.model import Ref
from notion_sync_core.stages.layout import Child, Naming, fits, name_children
from notion_sync_core.stages.plan import Plan
from notion_sync_core.state import State
from notion_sync_core.state.records import Placed

_BATCH = 500


@frozen
class Style:
    """What names are made of, and what follows them in the names of files."""

    naming: Naming = "title"
    suffixes: tuple[str, ...] = ()
    """Of the files that every document has, of all renderers."""
    database_suffixes: Callable[[list[Ref]], tuple[str, ...]] = field(default=lambda _: ())
    """Of the further files of a database with these data sources."""
    unfit: str = ""
    """Characters that the links of some renderer's readers cannot hold: ``-`` stands for each in a name."""

    def fitting(self, title: str) -> str:
        """A title as names are made of it."""
        return title.translate(dict.fromkeys(map(ord, self.unfit), "-")) if self.unfit else title


def lay_out(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    """Give every live object its path; what moved, and what links to it, is marked for rendering."""
    layout = plan.state.layout
    for gone in layout.release_gone():
        plan.state.queue.render_showing(gone)
        plan.site_changed()
    layout.begin()
    _lay_out_from_root(plan, warn, style)
    while (lost := layout.first_lost()) is not None:
        warn(f"the parents of object {lost} form a circle: it is put at the top of the export")
        layout.put_at_root(lost)
        layout.begin()
        _lay_out_from_root(plan, warn, style)


def _lay_out_from_root(plan: Plan, warn: Callable[[str], None], style: Style) -> None:
    layout = plan.state.layout
    folders: list[tuple[str | None, str]] = [(None, "")]
    while folders:
        folder_id, folder = folders.pop()
        if folder_id is not None and not fits(folder):
            warn(f"{folder[:80]}…: the path is too long, what lies below it is put at the top of the export")
            layout.empty_folder(folder_id)
            folders = [(None, "")]
            layout.begin()
            continue
        folders.extend(_lay_out_folder(plan, folder_id, folder, style))


def _lay_out_folder(plan: Plan, folder_id: str | None, folder: str, style: Style) -> Iterator[tuple[str, str]]:
    """Name what lies in one folder; gives the folders below it."""
    changed: list[tuple[Placed, str]] = []
    placed: list[str] = []
    for each, name in _named(plan.state, folder_id, style):
        path = "/".join(part for part in (folder, name) if part)
        placed.append(each.id)
        if path != each.path:
            changed.append((each, path))
        if each.has_children:
            yield each.id, path
        if len(placed) >= _BATCH:
            _store(plan, placed, changed)
            placed, changed = [], []
    _store(plan, placed, changed)


def _named(state: State, folder_id: str | None, style: Style) -> Iterator[tuple[Placed, str]]:
    """What lies in one folder, each with its name there: a folder may hold more than memory should."""
    # The rows of a database with one data source lie directly in the database's folder.
    only_source = None if folder_id is None else state.layout.only_data_source(folder_id)
    inside, titles = itertools.tee(each for each in state.layout.folder(folder_id) if each.id != only_source)
    children = (Child(each.id, style.fitting(each.title), _further_suffixes(state, each, style)) for each in titles)
    names = name_children(children, root=folder_id is None, naming=style.naming, suffixes=style.suffixes)
    yield from ((each, name) for each, (_, name) in zip(inside, names, strict=True))
    if only_source is not None:
        yield from ((each, "") for each in state.layout.folder(folder_id) if each.id == only_source)


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
