"""Whether what was restored is what it was: two trees side by side, page by page, in words.

See :mod:`~notion_sync_core.restore.comparison.canonical` for what counts. Of a page a few blocks are held at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Protocol

from attrs import define, field, frozen

from notion_sync_core.content.views import KEY
from notion_sync_core.content.walk import OTHER_DOCUMENTS, listed_in
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Block, Json, Ref, properties_of
from notion_sync_core.restore.comparison.alignment import Ahead, Lists
from notion_sync_core.restore.comparison.canonical import Side, about, copied, is_nothing, said
from notion_sync_core.restore.comparison.views import ALL, views
from notion_sync_core.restore.comparison.wording import SHOWN, how
from notion_sync_core.restore.originals import Originals

_OF_ITSELF = ("icon", "cover", "title", "description", "inline")


class Became(Protocol):
    """What became of what was restored."""

    def new(self, old_id: str) -> str:
        """The id that an object or a block has now; ``""``: it was not restored, or nobody was told."""

    def old(self, new_id: str) -> str:
        """The id that an object, a block or a person had; ``""``: it is none of what was restored."""

    def notes(self, old_id: str) -> Collection[str]:
        """What the restore said it could not keep of a document."""


@frozen
class Difference:
    """What is not as it was."""

    id: str
    """Of the document, as it was; of one that was not there, its id now."""
    title: str
    where: str
    """``icon``, ``property Hours``, ``block 3 (paragraph)``; empty: the document itself."""
    what: str
    """In plain words."""
    told: bool = False
    """The restore said so: a note about that property, or about the content."""

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'}: {f'{self.where}: ' if self.where else ''}{self.what}"


def compare(
    originals: Originals,
    restored: Originals,
    became: Became,
    wanted: Iterable[Ref],
    *,
    comments: bool = False,
    views: bool = False,
    beside: Collection[str] = (),
) -> Iterator[Difference]:
    """Yield what differs.

    :param wanted: what was to be restored, each before what stands in it.
    :param comments: they were to be restored.
    :param views: likewise.
    :param beside: ids, in what was restored, of what stands for nothing.
    """
    for ref in wanted:
        yield from _Pair(originals, restored, became, ref, comments=comments, views=views).differences()
    for ref in restored.refs():
        if not became.old(ref.id) and ref.id not in beside:
            yield Difference(ref.id, ref.title, "", "it is there, and stands for nothing that was restored")


def _sides(originals: Originals, restored: Originals, became: Became, old_id: str, new_id: str) -> tuple[Side, Side]:
    def held(side: Originals, document: str) -> Callable[[Json], str | None]:
        def sha256(holder: Json) -> str | None:
            found = side.file(document, holder)
            return found.sha256 if found else None

        return sha256

    one = Side(
        str, lambda each: each if became.new(each) else "", lambda each: bool(became.new(each)), held(originals, old_id)
    )

    def was(new: str) -> str:
        """What leads to what was restored from, in place of what was restored, is not as it was."""
        return became.old(new) or (f"not restored, {new}" if became.new(new) else new)

    other = Side(was, became.old, lambda each: bool(became.old(each)), held(restored, new_id))
    return one, other


@define
class _Pair:
    """One document as it was, and what became of it."""

    originals: Originals
    restored: Originals
    became: Became
    ref: Ref
    comments: bool = field(kw_only=True)
    views: bool = field(kw_only=True)
    new_id: str = field(init=False, default="")

    def differences(self) -> Iterator[Difference]:
        self.new_id = self.became.new(self.ref.id)
        old = self.originals.object(self.ref.id)
        new = self.restored.object(self.new_id) if self.new_id else None
        if old is None:
            return  # nobody has its content
        if new is None:
            yield self._differs("", "it was not restored" if not self.new_id else "it cannot be read any more")
            return
        found = self.restored.ref(self.new_id)
        if found is None or found.kind != self.ref.kind:
            yield self._differs("", f"it was a {self.ref.kind} and is a {found.kind if found else 'nothing'}")
            return
        sides = _sides(self.originals, self.restored, self.became, self.ref.id, self.new_id)
        yield from self._about(old, new, *sides)
        if self.ref.kind == "page":
            try:
                yield from self._blocks(*sides)
            except SkippableError as error:
                yield self._differs("", f"it cannot be compared: {error.message}")
        yield from self._place()

    def _differs(self, where: str, what: str) -> Difference:
        return Difference(self.ref.id, self.ref.title, where, what, self._is_told(where))

    def _is_told(self, where: str) -> bool:
        """Whether a note is about that: one that names a property is about no other, and not about the content."""
        notes = self.became.notes(self.ref.id)
        kind, _, name = where.partition(" ")
        if where == ALL:
            return any("view" in note for note in notes)
        if kind in ("property", "column", "view"):
            return any(repr(name) in note for note in notes)
        if kind in _OF_ITSELF:
            return any(kind in note for note in notes)
        named = [repr(each) for each in properties_of(self.originals.object(self.ref.id) or {})]
        return any(not any(each in note for each in named) for note in notes)

    def _about(self, old: Json, new: Json, one: Side, other: Side) -> Iterator[Difference]:
        was, is_ = dict(about(old, one)), dict(about(new, other))
        if self.views and self.ref.kind == "data_source" and old.get(KEY):
            was, is_ = was | dict(views(old, one)), is_ | dict(views(new, other))
        for where in [*was, *(each for each in is_ if each not in was)]:
            one_, other_ = (None if is_nothing(each) else each for each in (was.get(where), is_.get(where)))
            if one_ != other_:
                yield self._differs(where, how(one_, other_))

    def _place(self) -> Iterator[Difference]:
        """What stands in it, whatever the order: on a page its blocks tell that."""
        was = {each.id: each for each in self.originals.inside(self.ref.id) if self.became.new(each.id)}
        there = {self.became.old(each.id) for each in self.restored.inside(self.new_id)}
        for object_id, each in was.items():
            if object_id not in there:
                yield self._differs("", f"{each.title!r:.{SHOWN}} stood in it, and stands elsewhere now")

    # -- blocks

    def _blocks(self, one: Side, other: Side) -> Iterator[Difference]:
        """Go through both, list by list: what stands in a block is looked at when all around it was."""
        top = Lists(Ahead(self.originals.blocks(self.ref.id), one), Ahead(self.restored.blocks(self.new_id), other))
        open_lists = [top]
        if self.comments:
            yield from self._comments(self.ref.id, self.new_id, "", one, other)
        while open_lists:
            here = open_lists[-1]
            step = here.step()
            if step is None:
                open_lists.pop()
                continue
            where, what, pair = step
            if what:
                yield self._differs(where, what)
            if pair is None:
                continue
            if self.comments:
                yield from self._comments(pair[0].id, pair[1].id, where, one, other)
            within = {each.block_id for each in open_lists}
            if pair[0].id not in within:
                open_lists.append(self._inside(pair, where, one, other))

    def _inside(self, pair: tuple[Block, Block], where: str, one: Side, other: Side) -> Lists:
        return Lists(
            Ahead(_children(self.originals, pair[0], one), one),
            Ahead(_children(self.restored, pair[1], other), other),
            pair[0].id,
            f"{where}, ",
        )

    def _comments(self, old_id: str, new_id: str, where: str, one: Side, other: Side) -> Iterator[Difference]:
        was = said(list(self.originals.comments(old_id)), one)
        is_ = said(list(self.restored.comments(new_id)), other)
        if was != is_:
            yield self._differs(where or "comments", f"its comments differ: {how(was, is_)}")


def _children(side: Originals, block: Block, told: Side) -> Iterator[Json]:
    """What stands in a block: of a copy nothing, for that stands in its original."""
    if block.type in OTHER_DOCUMENTS or (block.type == "synced_block" and copied(block, told)):
        return
    if block.type == "synced_block":
        yield from side.blocks(block.id)
        return
    for each in listed_in(block):
        yield from side.blocks(each)
