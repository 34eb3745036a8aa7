"""Which path each object gets: a pure function of the set of objects, whatever the order of arrival.

Of equal names in one folder the object created first keeps the bare name; the others get a suffix
from the tail of their id (heads are shared by ids made at the same time).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import frozen

from notion_sync_core.run.names import MAX_STEM, clean, cut, fold, slug

Naming = Literal["title", "slug", "id"]
"""What a file is named after."""

MAX_PATH = 880
"""Bytes of a stem; with the last part and its suffix it stays below the 1,024 of an S3 key."""

RESERVED = {"": ("assets", ".notion-sync", "index"), "*": ("index",)}
"""Names no object may have, in the sink's root and in every folder."""


@frozen
class Child:
    """One object in a folder."""

    id: str
    title: str


def name_children(
    children: Iterable[Child], *, root: bool = False, naming: Naming = "title"
) -> Iterator[tuple[str, str]]:
    """Give each child of one folder a name no other has, case and Unicode form folded.

    :param children: by (created minute, id).
    :param naming: what names are made of.
    :returns: (id, name) in the same order.
    """
    taken = set(RESERVED[""] if root else RESERVED["*"])
    for child in children:
        for name in _candidates(child, naming):
            folded = fold(name)
            if folded not in taken:
                taken.add(folded)
                yield child.id, name
                break


def _candidates(child: Child, naming: Naming) -> Iterator[str]:
    bare = child.id.replace("-", "")
    base = {"title": clean, "slug": slug}[naming](child.title) if naming != "id" else bare
    yield base
    for length in (6, 12, 32):
        suffix = bare[-length:]
        yield f"{cut(base, MAX_STEM - length - 1)}-{suffix}"
    number = 2
    while True:
        tail = f"-{bare}-{number}"
        yield f"{cut(base, MAX_STEM - len(tail))}{tail}"
        number += 1


def fits(folder: str) -> bool:
    """Whether a folder is shallow enough to hold more."""
    return len(folder.encode()) + 1 + MAX_STEM <= MAX_PATH
