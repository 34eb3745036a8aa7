"""What stands around each document: its place among its siblings, and digests that tell when that changes.

Renderers that show neighbours must render a document again when they change, and only then.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial

from notion_sync_core.document import NEAR_ANCESTORS, NEIGHBOURS
from notion_sync_core.model import fields
from notion_sync_core.state import Known, State
from notion_sync_core.state.records import Neighbour

_BATCH = 500


def arrange(state: State, *, watched: bool) -> None:
    """Rank the objects of each folder.

    :param watched: some renderer shows neighbours: mark what has others than before for rendering.
    """
    ranked = partial(_surrounded, state) if watched else _bare
    changes: list[tuple[int, str, bool, str]] = []
    moved: list[str] = []
    for folder_id, inside in itertools.groupby(state.layout.neighbours(), key=lambda each: each.folder_id):
        for rank, each, digest in ranked(folder_id, inside):
            if (rank, digest) != (each.folder_rank, each.neighbours_digest):
                changes.append((rank, digest, watched, each.id))
                if watched and _near(digest) != _near(each.neighbours_digest):
                    moved.append(each.id)
            if len(changes) >= _BATCH:
                # A folder is read to its end before its first row comes, and the ranks that are written here are of
                # that folder or of one before: they do not disturb what is still to be read.
                state.layout.rank(changes)
                changes.clear()
    state.layout.rank(changes)
    if watched:
        for folder in state.layout.emptied_folders():
            state.layout.note_contents(folder, "")
        state.layout.render_inside(moved)
        state.queue.render_holders()


def _bare(_: str | None, inside: Iterable[Neighbour]) -> Iterator[tuple[int, Neighbour, str]]:
    """Each object of a folder with its rank; nobody asks for more."""
    return ((rank, each, "") for rank, each in enumerate(inside))


def _surrounded(
    state: State, folder_id: str | None, inside: Iterable[Neighbour]
) -> Iterator[tuple[int, Neighbour, str]]:
    """Each object of a folder with its rank and the digests of its surroundings.

    The digests are of what it shows beside itself, of what leads to it, and last of what those inside it show beside
    it; :func:`_near` gives the last.
    """
    there = f"{folder_id}\0{state.tree.count_beside(folder_id)}".encode()
    window: deque[tuple[int, bytes]] = deque(maxlen=2 * NEIGHBOURS + 1)
    first: list[bytes] = []
    waiting: deque[tuple[int, Neighbour]] = deque()

    def leave() -> tuple[int, Neighbour, str]:
        rank, each = waiting.popleft()
        beside = _digest([there, *_within(window, rank, NEIGHBOURS)])
        near = _digest([there, *_within(window, rank, NEAR_ANCESTORS)])
        return rank, each, f"{beside}.{_leading_to(state, each)}.{near}"

    for rank, each in enumerate(inside):
        mark = _mark(state, each)
        if len(first) < 2 * NEIGHBOURS:
            first.append(mark)
        window.append((rank, mark))
        waiting.append((rank, each))
        if len(waiting) > NEIGHBOURS:
            yield leave()
    while waiting:
        yield leave()
    if folder_id is not None:
        state.layout.note_contents(folder_id, _digest([there, *first]))


def _within(window: Iterable[tuple[int, bytes]], rank: int, reach: int) -> Iterator[bytes]:
    return (mark for number, mark in window if abs(number - rank) <= reach)


def _near(digest: str) -> str:
    """Of a digest of surroundings what those inside the object show as well."""
    return digest.rpartition(".")[2]


def _leading_to(state: State, each: Neighbour) -> str:
    """A digest of what leads to an object; empty for most."""
    found = state.tree.leading_to(each.id) if each.has_file else []
    return _digest([str(len(found)).encode(), *(_mark(state, it) for it in found[: 2 * NEIGHBOURS])]) if found else ""


def _mark(state: State, each: Neighbour | Known) -> bytes:
    icon = each.icon if "http" not in each.icon else f"{each.icon}{_pictures(state, each.icon)}"
    return f"{each.title}\0{each.path}\0{each.kind}\0{each.has_file:d}\0{icon}".encode("utf-8", "replace")


def _pictures(state: State, icon: str) -> list[str]:
    """What is shown for an icon that is a file, which may come later than the icon."""
    holder = json.loads(icon)
    payload = fields(holder.get(str(holder.get("type"))))
    found = state.assets.find(str(payload.get("url") or ""))
    return [found.sha256, found.picture, found.suffix] if found else []


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.blake2b(b"\1".join(parts), digest_size=12).hexdigest()
