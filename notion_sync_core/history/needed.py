"""Which versions it takes to show one document as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.looking import Kept
from notion_sync_core.history.records import SYNCED, Run, Version
from notion_sync_core.history.version import FOUND, Turned, turned_of
from notion_sync_core.job import Job
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.stages.layout import Naming
from notion_sync_core.stages.style import style_of


def everything(_: Version) -> bool:
    """Every version."""
    return True


def shows_others(job: Job, renderers: list[Renderer]) -> bool:
    """Whether a file, or its path, is made of more of other documents than their titles and places."""
    export = job.config.export
    style = style_of(renderers, cast("Naming", export.naming), export.assets_folder)
    return style.is_free or any(each.shows_neighbours for each in renderers)


def needed(kept: Kept, run: Run, object_id: str) -> Callable[[Version], bool]:
    """Tells the versions whose content shows in a document: its own and that of what it stands in; of a database its
    sources and rows; what holds synced blocks that it copies; and what links to its blocks, as far as that still does.
    """
    own = next((each for each in reversed(kept.store.of(object_id)) if each.run <= run.number), None)
    if own is None:
        return lambda _: False
    holders = {object_id}
    if own.kind == "database":
        sources = (each for each in kept.store.as_of(run.number) if each.kind == "data_source")
        holders |= {each.object_id for each in sources if each.parent_id == object_id}
    wanted = {*holders, *filter(None, (own.parent_id, own.folder_id))}
    wanted |= kept.state.findings.linking_to_blocks_of(object_id)
    wanted |= _holders_of_copied(kept, run, own)

    def needs(version: Version) -> bool:
        is_within = version.parent_id in holders and (own.kind != "page" or version.kind == SYNCED)
        return version.object_id in wanted or is_within

    return needs


def needed_below(kept: Kept, run: Run, chosen: Iterable[str]) -> Callable[[Version], bool]:
    """Tells the versions whose content is needed to write documents back with all that stands in them.

    These are their own, what holds synced blocks that they copy, and all data sources: columns name those of others.
    """
    wanted = _with_all_below(kept, run, chosen)
    todo = set(wanted)
    while todo:
        copied, held = _synced_in(kept, run, todo)
        todo = set(_holders(kept, run, copied - held)) - wanted if copied - held else set()
        wanted |= todo

    def needs(version: Version) -> bool:
        is_copied = version.kind == SYNCED and version.parent_id in wanted
        return version.object_id in wanted or version.kind == "data_source" or is_copied

    return needs


def _with_all_below(kept: Kept, run: Run, chosen: Iterable[str]) -> set[str]:
    """Documents and what stands in them at any depth; of a data source its database, which is what it stands for."""
    inside: dict[str, list[str]] = {}
    todo = list(chosen)
    for version in kept.store.as_of(run.number):
        if version.kind == "data_source" and version.object_id in todo:
            todo.append(version.parent_id or "")
        for holder in {version.parent_id, version.folder_id} - {None}:
            inside.setdefault(str(holder), []).append(version.object_id)
    wanted: set[str] = set()
    while todo:
        here = todo.pop()
        if here not in wanted:
            wanted.add(here)
            todo += inside.get(here, ())
    return wanted


def _synced_in(kept: Kept, run: Run, ids: set[str]) -> tuple[set[str], set[str]]:
    """The synced blocks that documents show copies of, and those that they hold."""
    copied: set[str] = set()
    held: set[str] = set()
    for version in kept.store.as_of(run.number):
        if version.object_id in ids and version.kind == "page":
            found = _found(kept.blobs, version).found
            copied |= {original for original, _ in found.synced_from}
            held |= {*found.originals}
    return copied, held


def _holders_of_copied(kept: Kept, run: Run, own: Version) -> set[str]:
    """The documents that hold what one shows copies of. Only they say so: all are asked, if there are copies."""
    found = _found(kept.blobs, own)
    missing = {original for original, _ in found.found.synced_from} - {*found.found.originals}
    return set(_holders(kept, run, missing)) if missing else set()


def _holders(kept: Kept, run: Run, originals: Iterable[str]) -> Iterator[str]:
    wanted = set(originals)
    for version in kept.store.as_of(run.number):
        if version.kind == SYNCED:
            wanted.discard(version.object_id)  # it was read for its copies
        elif version.kind == "page" and version.is_there and wanted & {*_found(kept.blobs, version).found.originals}:
            yield version.object_id


def _found(blobs: Blobs, version: Version) -> Turned:
    lines = blobs.lines(version.sha256) if version.sha256 else iter(())
    return next((turned_of(value) for key, value in lines if key == FOUND), Turned())
