"""Whether what was restored is what it was: two trees side by side, page by page, in words.

See :mod:`~notion_sync_core.restore.canonical` for what counts. Of a page a few blocks are held at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice, takewhile
from typing import Any, Protocol

from attrs import define, field, frozen

from notion_sync_core.content.walk import OTHER_DOCUMENTS, listed_in
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Block, Json, Ref
from notion_sync_core.restore.canonical import Side, about, copied, is_nothing, payload, said
from notion_sync_core.restore.originals import Originals

REACH = 30
"""How many blocks ahead one is looked for that does not stand where it should."""
_SHOWN = 80
"""Characters of a value in a message."""


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
    beside: Collection[str] = (),
) -> Iterator[Difference]:
    """Yield what differs.

    :param wanted: what was to be restored, each before what stands in it.
    :param comments: they were to be restored.
    :param beside: ids, in what was restored, of what stands for nothing.
    """
    for ref in wanted:
        yield from _Pair(originals, restored, became, ref, comments=comments).differences()
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
        notes = self.became.notes(self.ref.id)
        name = where.partition(" ")[2] if where.startswith(("property ", "column ")) else ""
        told = any(repr(name) in note for note in notes) if name else bool(notes)
        return Difference(self.ref.id, self.ref.title, where, what, told)

    def _about(self, old: Json, new: Json, one: Side, other: Side) -> Iterator[Difference]:
        was, is_ = dict(about(old, one)), dict(about(new, other))
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
                yield self._differs("", f"{each.title!r:.{_SHOWN}} stood in it, and stands elsewhere now")

    # -- blocks

    def _blocks(self, one: Side, other: Side) -> Iterator[Difference]:
        """Go through both, list by list: what stands in a block is looked at when all around it was."""
        top = _Lists(_Ahead(self.originals.blocks(self.ref.id), one), _Ahead(self.restored.blocks(self.new_id), other))
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

    def _inside(self, pair: tuple[Block, Block], where: str, one: Side, other: Side) -> _Lists:
        return _Lists(
            _Ahead(_children(self.originals, pair[0], one), one),
            _Ahead(_children(self.restored, pair[1], other), other),
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


Seen = deque[tuple[Block, Any]]
"""Blocks, each with what it says."""


class _Ahead:
    """Blocks of one list, of which some are known before it is their turn."""

    def __init__(self, blocks: Iterator[Json], side: Side) -> None:
        self._blocks = blocks
        self._side = side
        self._waiting: Seen = deque()

    def see(self, most: int) -> Seen:
        """At most so many of those that come next."""
        for raw in islice(self._blocks, max(most - len(self._waiting), 0)):
            block = Block(raw)
            self._waiting.append((block, (block.type, payload(block, self._side))))
        return self._waiting

    def take(self, at: int = 0) -> Block:
        """One of those that were seen."""
        block, _ = self._waiting[at]
        del self._waiting[at]
        return block


Step = tuple[str, str, tuple[Block, Block] | None]
"""Where, what differs, and the two blocks in which to go on."""


@define
class _Lists:
    """The children of one parent, as they were and as they are."""

    was: _Ahead
    is_: _Ahead
    block_id: str = ""
    where: str = ""
    number: int = 0

    def step(self) -> Step | None:
        """What comes next; ``None``: nothing does."""
        was, is_ = self.was.see(1), self.is_.see(1)
        if not was and not is_:
            return None
        if was and is_ and was[0][1] == is_[0][1]:
            return self._pair()
        return self._unlike(self.was.see(REACH), self.is_.see(REACH))

    def _pair(self, at: int = 0, what: str = "") -> Step:
        self.number += 1
        one, other = self.was.take(), self.is_.take(at)
        return self._named(one), what, (one, other)

    def _named(self, block: Block) -> str:
        return f"{self.where}block {self.number} ({block.type.replace('_', ' ')})"

    def _unlike(self, was: Seen, is_: Seen) -> Step:
        """Of what can have happened, that after which most goes on alike."""
        gone = _place(is_[0][1], was) if is_ else -1
        came = _place(was[0][1], is_) if was else -1
        if_gone = _alike(was, gone, is_, 0) if gone > 0 else int(not is_)
        if_came = _alike(was, 0, is_, came) if came > 0 else int(not was)
        is_same_kind = bool(was and is_) and was[0][0].type == is_[0][0].type not in OTHER_DOCUMENTS
        if is_same_kind and _alike(was, 1, is_, 1) >= max(if_gone, if_came):
            return self._pair(0, how(was[0][1][1], is_[0][1][1]))
        if if_gone == if_came > 0:
            return self._pair(came, "it stands elsewhere: the order differs")
        if was and (if_gone > if_came or (came < 0 and not if_came)):
            self.number += 1
            block = self.was.take()
            return self._named(block), f"it is missing{_says(block)}", None
        block = self.is_.take()
        at = f"{self.where}after block {self.number}"
        return at, f"a {block.type.replace('_', ' ')} stands there that did not{_says(block)}", None


def _alike(was: Seen, start: int, is_: Seen, begin: int) -> int:
    """How many are the same in a row."""
    pairs = zip(islice(was, start, None), islice(is_, begin, None), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0][1] == pair[1][1], pairs))


def _place(wanted: Any, among: Seen) -> int:
    return next((at for at, (_, each) in enumerate(among) if each == wanted), -1)


def _says(block: Block) -> str:
    title = block.payload.get("title") if block.type in OTHER_DOCUMENTS else ""
    text = "".join(str(item.get("plain_text") or "") for item in block.rich_text) or str(title or "")
    return f": {text[:_SHOWN]!r}" if text else ""


def how(was: Any, is_: Any, path: str = "") -> str:
    """How two values differ, at the first place where they do."""
    if isinstance(was, dict) and isinstance(is_, dict):
        for key in [*was, *(each for each in is_ if each not in was)]:
            if was.get(key) != is_.get(key):
                named = str(key).removeprefix("is_").replace("_", " ")
                return how(was.get(key), is_.get(key), f"{path} {named}" if path else named)
    if isinstance(was, list) and isinstance(is_, list):
        for one, other in zip(was, is_, strict=False):
            if one != other:
                return how(one, other, path)
        if len(was) != len(is_):
            return f"{path or 'it'} had {len(was)} parts and has {len(is_)}"
    subject = f"{path} was" if path else "it was"
    return f"{subject} {_short(was)} and is {_short(is_)}"


def _short(value: Any) -> str:
    text = "nothing" if is_nothing(value) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
