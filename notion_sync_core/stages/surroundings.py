"""What stands around each document: its place among its siblings, and digests that tell when that changes.

Renderers that show neighbours must render a document again when they change, and only then.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial

from notion_sync_core.document import NEIGHBOURS
from notion_sync_core.state import Known, State
from notion_sync_core.state.records import Neighbour

_BATCH = 500


def arrange(state: State, *, watched: bool) -> None:
    """Rank the objects of each folder.

    :param watched: some renderer shows neighbours: mark what has others than before for rendering.
    """
    ranked = partial(_surrounded, state) if watched else _bare
    changes: list[tuple[int, str, bool, str]] = []
    for folder_id, inside in itertools.groupby(state.layout.neighbours(), key=lambda each: each.folder_id):
        for rank, each, digest in ranked(folder_id, inside):
            if (rank, digest) != (each.folder_rank, each.neighbours_digest):
                changes.append((rank, digest, watched, each.id))
            if len(changes) >= _BATCH:
                # A folder is read to its end before its first row comes, and the ranks that are written here are of
                # that folder or of one before: they do not disturb what is still to be read.
                state.layout.rank(changes)
                changes.clear()
    state.layout.rank(changes)
    if watched:
        for folder in state.layout.emptied_folders():
            state.layout.note_contents(folder, "")


def _bare(_: str | None, inside: Iterable[Neighbour]) -> Iterator[tuple[int, Neighbour, str]]:
    """Each object of a folder with its rank; nobody asks for more."""
    return ((rank, each, "") for rank, each in enumerate(inside))


def _surrounded(
    state: State, folder_id: str | None, inside: Iterable[Neighbour]
) -> Iterator[tuple[int, Neighbour, str]]:
    """Each object of a folder with its rank and the digest of its surroundings."""
    trail = _digest(map(_mark, state.tree.trail(folder_id))).encode()
    window: deque[tuple[int, bytes]] = deque(maxlen=2 * NEIGHBOURS + 1)
    first: list[bytes] = []
    waiting: deque[tuple[int, Neighbour]] = deque()

    def leave() -> tuple[int, Neighbour, str]:
        rank, each = waiting.popleft()
        near = (mark for number, mark in window if abs(number - rank) <= NEIGHBOURS)
        return rank, each, _digest([trail, *near])

    for rank, each in enumerate(inside):
        mark = _mark(each)
        if len(first) < 2 * NEIGHBOURS:
            first.append(mark)
        window.append((rank, mark))
        waiting.append((rank, each))
        if len(waiting) > NEIGHBOURS:
            yield leave()
    while waiting:
        yield leave()
    if folder_id is not None:
        state.layout.note_contents(folder_id, _digest(first))


def _mark(each: Neighbour | Known) -> bytes:
    return f"{each.title}\0{each.path}\0{each.kind}\0{each.has_file:d}".encode("utf-8", "replace")


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.blake2b(b"\1".join(parts), digest_size=12).hexdigest()
