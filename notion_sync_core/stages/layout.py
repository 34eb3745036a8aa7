"""Which path each object gets: a pure function of the set of objects, whatever the order of arrival.

Of equal names in one folder the object created first keeps the bare name; the others get a suffix
from the tail of their id (heads are shared by ids made at the same time). An object's name is taken
for its folder and for each of its files, whichever of them exist by now: ``Guide.md`` is the file of
``Guide`` and the folder of ``Guide.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import frozen

from notion_sync_core.stages.names import MAX_STEM, clean, cut, fold, slug

Naming = Literal["title", "slug", "id"]
"""What a file is named after."""

MAX_PATH = 880
"""Bytes of a stem; with the last part and its suffix it stays below the 1,024 of an S3 key."""

ASSETS = "assets"
"""The folder of files that documents refer to, unless the job says another."""
RESERVED = (ASSETS, ".notion-sync")
"""Names of our own folders, which no object may have in the sink's root."""
INDEX = "index"
"""A name that no object may have in any folder, with any suffix."""


def reserved(assets: str) -> tuple[str, ...]:
    """The names of our own folders, where files lie in that one."""
    return (fold(assets.partition("/")[0]), *RESERVED[1:])


@frozen
class Child:
    """One object in a folder."""

    id: str
    title: str
    suffixes: tuple[str, ...] = ()
    """Of files that it has and others have not."""


class Names:
    """The names that are taken in one folder, case and Unicode form folded.

    :param suffixes: of the files that every object has, each with its dot.
    :param index: one more name that no object may have.
    :param ours: names of our own folders.
    """

    def __init__(
        self, suffixes: Iterable[str], *, root: bool = False, index: str = INDEX, ours: tuple[str, ...] = RESERVED
    ) -> None:
        every = {fold(suffix) for suffix in suffixes}
        # With .md and .html.md "a" has a file that "a.html" has as well.
        between = {one.removesuffix(two) for one in every for two in every if one != two and one.endswith(two)}
        self._every = tuple(every)
        self._ends = tuple(every | between)
        self._stems = {INDEX, index}
        self._files = set(ours if root else ())
        """Names of files that not every object has, and of folders that nothing else belongs to."""

    def take(self, name: str, suffixes: Iterable[str] = ()) -> bool:
        """Take a name, unless it, or that of a file that goes with it, is taken.

        :param suffixes: of files that this object has and others have not.
        """
        stem = fold(name)
        more = [stem + fold(suffix) for suffix in suffixes]
        if stem in self._stems or self._meets(stem) or (more and any(map(self._is_taken, more))):
            return False
        self._stems.add(stem)
        self._files.update(more)
        return True

    def _meets(self, stem: str) -> bool:
        """Whether a folder or a file that every object has would have a name that is taken."""
        for end in self._ends:  # a loop: every name goes through it
            if stem + end in self._stems or self._is_file(stem, end):
                return True
        return bool(self._files) and not self._files.isdisjoint([stem, *(stem + end for end in self._every)])

    def _is_taken(self, file: str) -> bool:
        return file in self._files or file in self._stems or any(self._is_file(file, end) for end in self._every)

    def _is_file(self, name: str, suffix: str) -> bool:
        return name.endswith(suffix) and name[: -len(suffix)] in self._stems


def name_children(
    children: Iterable[Child],
    *,
    root: bool = False,
    naming: Naming = "title",
    suffixes: Iterable[str] = (),
    taken: Names | None = None,
) -> Iterator[tuple[str, str]]:
    """Give each child of one folder a name no other has, with none of the suffixes in use.

    :param children: by (created minute, id).
    :param naming: what names are made of.
    :param suffixes: of the files that every object has, of all renderers.
    :param taken: the names of that folder, if they are known.
    :returns: (id, name) in the same order.
    """
    taken = taken or Names(suffixes, root=root)
    for child in children:
        yield child.id, name_for(child, child_name(child, naming), taken)


def child_name(child: Child, naming: Naming) -> str:
    """The name that an object has if no other has it."""
    return child.id.replace("-", "") if naming == "id" else CLEANERS[naming](child.title)


CLEANERS = {"title": clean, "slug": slug, "id": clean}
"""What makes a name of any text."""


def name_for(child: Child, base: str, taken: Names) -> str:
    """Take a name for an object: that one, or one made of it."""
    if taken.take(base, child.suffixes):
        return base
    return next(name for name in _candidates(child, base) if taken.take(name, child.suffixes))


def _candidates(child: Child, base: str) -> Iterator[str]:
    bare = child.id.replace("-", "")
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
