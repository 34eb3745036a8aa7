"""Two lists of blocks side by side: which of them stand for each other, and what else has happened.

Blocks are not matched by id: nobody is told those of blocks deep in a request. A few of each list are held at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

from attrs import define

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.model import Block, Json
from notion_sync_core.restore.comparison.canonical import Side, payload
from notion_sync_core.restore.comparison.wording import how, says

REACH = 30
"""How many blocks ahead one is looked for that does not stand where it should."""

Seen = deque[tuple[Block, Any]]
"""Blocks, each with what it says."""


class Ahead:
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
class Lists:
    """The children of one parent, as they were and as they are."""

    was: Ahead
    is_: Ahead
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
            return self._named(block), f"it is missing{says(block)}", None
        block = self.is_.take()
        at = f"{self.where}after block {self.number}"
        return at, f"a {block.type.replace('_', ' ')} stands there that did not{says(block)}", None


def _alike(was: Seen, start: int, is_: Seen, begin: int) -> int:
    """How many are the same in a row."""
    pairs = zip(islice(was, start, None), islice(is_, begin, None), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0][1] == pair[1][1], pairs))


def _place(wanted: Any, among: Seen) -> int:
    return next((at for at, (_, each) in enumerate(among) if each == wanted), -1)
