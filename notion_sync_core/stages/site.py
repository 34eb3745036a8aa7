"""The export's tree as one renderer sees it, streamed from the state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from notion_sync_core.document import Entry
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.state import State
from notion_sync_core.state.records import TreeEntry


class SiteTree:
    """See :class:`~notion_sync_core.document.Tree`."""

    def __init__(self, state: State, renderer: Renderer) -> None:
        self._state = state
        self._renderer = renderer

    def path(self, name: str) -> PurePosixPath:
        """See :meth:`~notion_sync_core.document.Tree.path`."""
        return PurePosixPath(self._renderer.folder, name)

    def entries(self) -> Iterator[Entry]:
        """See :meth:`~notion_sync_core.document.Tree.entries`."""
        return (self._entry(entry, depth) for entry, depth in in_order(self._state) if entry.has_file)

    def _entry(self, entry: TreeEntry, depth: int) -> Entry:
        note = self._state.findings.note(entry.id, self._renderer.name)
        path = PurePosixPath(self._renderer.stem(entry.path) + self._renderer.suffix)
        return Entry(entry.id, entry.kind, entry.title, path, depth, entry.has_children, note)


def in_order(state: State, since: int = -1) -> Iterator[tuple[TreeEntry, int]]:
    """All objects that have a place, each before what stands inside it, and how deep it stands.

    :param since: what changed for readers after that number is told.
    """
    open_folders = [(state.tree.folder(None, since), 0)]
    while open_folders:
        entries, depth = open_folders[-1]
        entry = next(entries, None)
        if entry is None:
            open_folders.pop()
            continue
        yield entry, depth
        if entry.has_children:
            # What stands in something without a file moves up to its level.
            open_folders.append((state.tree.folder(entry.id, since), depth + int(entry.has_file)))
