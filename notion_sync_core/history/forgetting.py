"""Forgetting what is older than ``[history] keep`` says: rows first, then the versions that no row speaks of any more.

A crash between the two leaves versions that nobody needs; the next time takes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.retention import kept, parse
from notion_sync_core.history.store import Store
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.state import State


@frozen
class Forgotten:
    """What was forgotten, or would be."""

    runs: int = 0
    """Runs that cannot be looked at any more."""
    versions: int = 0
    files: int = 0
    """Files that documents showed, and that nothing needs any more."""
    bytes: int = 0
    """What that gives back."""


def forget_old(
    store: Store, blobs: Blobs, state: State, mirror: Mirror, keep: str, now: float, *, dry_run: bool = False
) -> Forgotten:
    """Forget versions and runs that are older than what is kept; of what still exists the last version stays.

    :param keep: spans in words.
    :param now: Unix.
    """
    marks = store.marks()
    numbers = kept(marks, parse(keep), now)
    old = [mark.number for mark in marks if mark.number not in numbers]
    if not old:
        return Forgotten()
    doomed = store.doomed(numbers)
    if dry_run:
        names = {each.sha256 for each in doomed if each.sha256}
        return Forgotten(len(old), sum(bool(each.sha256) for each in doomed), 0, sum(map(blobs.size, names)))
    names, files = store.take_out(doomed)
    store.forget_runs(old)
    store.commit()
    size = sum(map(blobs.remove, sorted(names)))
    count, more = let_go(files, state, mirror)
    blobs.flush()
    store.commit()
    return Forgotten(len(old), sum(bool(each.sha256) for each in doomed), count, size + more)


def let_go(files: Iterable[str], state: State, mirror: Mirror) -> tuple[int, int]:
    """Remove files that no version needs, unless a document of now shows them.

    :returns: how many, and their bytes.
    """
    free = [each for sha256 in sorted(files) for each in state.assets.release(sha256)]
    state.checkpoint()
    return len(free), sum(map(mirror.remove_blob, free))
