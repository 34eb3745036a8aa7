"""Blocks with what stands in them, cut into what one request takes: so many levels, so long lists, so many blocks.

Ids come back of the first level alone. So whatever has to be added to later, or be named by others, stands on the
first level of a request; deeper than that goes only what fits whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import orjson
from attrs import define, field, frozen

from notion_sync_core.model import Block, Json
from notion_sync_core.restore.planning import payloads
from notion_sync_core.restore.planning.around import Around, Awaited

_ROOM = 2000
"""Bytes of a request beside its blocks."""


@frozen
class Rest:
    """What is to be added to a block later."""

    key: str
    """The id that the block had."""
    kind: str
    lists: str
    width: int
    """Cells of a row, of a table; of a column its place among the columns, from 0."""
    taken: int
    """How many of the blocks in it are in the request."""
    children: int
    """How many blocks these became."""
    inside: bool = False
    """It stands in the block of the first level, which has to be asked for its id."""


@frozen
class Piece:
    """What is written in one request for one block as it was."""

    raw: Json
    made: tuple[Json, ...]
    blocks: int
    bytes: int
    rests: tuple[Rest, ...] = ()


@define
class _Budget:
    """How much still goes into a request."""

    blocks: int
    bytes: int

    def takes(self, made: list[Json]) -> bool:
        """Whether these fit; they are counted then."""
        blocks, size = sum(map(count, made)), len(orjson.dumps(made))
        if blocks > self.blocks or size > self.bytes:
            return False
        self.blocks -= blocks
        self.bytes -= size
        return True


@define
class Trees:
    """Cuts the blocks of one document."""

    around: Around
    _most: int = field(init=False)

    @_most.default
    def _most_default(self) -> int:
        return self.around.limits.array

    def piece(self, raw: Json, holder: str, width: int) -> Piece:
        """What is written for a block on the first level of a request; as much of what is in it as fits.

        :raises Awaited: it names something that will be there later.
        """
        made = payloads.planned(raw, holder, width, self.around)
        lists = self._lists(raw, made)
        around, limits = self.around, self.around.limits
        budget = _Budget(limits.blocks, limits.bytes - _ROOM)
        budget.takes(made)
        kind = made[-1]["type"]
        wide = made[-1][kind].get("table_width", 0)
        if kind == "column_list":
            rests = self._columns(made[-1], lists, budget)
        else:
            inner, taken, is_whole = self._start(payloads.children(lists, around), kind, wide, 2, budget)
            if kind == "table" and not inner:
                inner = [payloads.empty_row(wide)]
            _fill(made[-1], inner)
            rests = [] if is_whole else [Rest(Block(raw).id, kind, lists, wide, taken, len(inner))]
        return Piece(raw, tuple(made), sum(map(count, made)), len(orjson.dumps(made)), tuple(rests))

    def _start(
        self, children: Iterator[Json], kind: str, width: int, level: int, budget: _Budget
    ) -> tuple[list[Json], int, bool]:
        """The first of some children that fit whole: the blocks, how many children that were, whether it was all."""
        inner: list[Json] = []
        for taken, child in enumerate(children):
            found = None
            with suppress(Awaited):
                found = self._whole(child, level, kind, width)
            if found is None or len(inner) + len(found) > self._most or not budget.takes(found):
                return inner, taken, False
            inner += found
        return inner, 0, True

    def _whole(self, raw: Json, level: int, holder: str, width: int) -> list[Json] | None:
        """A block with all that is in it; ``None``: it does not fit there."""
        if level > self.around.limits.levels or self._stands_first(raw):
            return None
        made = payloads.planned(raw, holder, width, self.around)
        kind = made[-1]["type"]
        if kind == "column_list" or (kind == "synced_block" and made[-1][kind]["synced_from"] is None):
            return None
        inner: list[Json] = []
        wide = made[-1][kind].get("table_width", 0)
        for child in payloads.children(self._lists(raw, made), self.around):
            found = self._whole(child, level + 1, kind, wide)
            if found is None or len(inner) + len(found) > self._most:
                return None
            inner += found
        if kind == "table" and not inner:
            if level == self.around.limits.levels:
                return None
            inner = [payloads.empty_row(wide)]
        _fill(made[-1], inner)
        return made

    def _stands_first(self, raw: Json) -> bool:
        """Whether a block can stand on the first level of a request alone, whatever becomes of it."""
        kind = raw.get("type")
        return kind == "column_list" or (kind != "table_row" and self.around.is_told(Block(raw).id))

    def _lists(self, raw: Json, made: list[Json]) -> str:
        """Where the content of a block is; a paragraph takes that of one that cannot have any."""
        lists = payloads.inside(raw, made[-1])
        if not lists:
            return ""
        kind = made[-1]["type"]
        is_empty = kind not in payloads.HOLDERS and next(payloads.children(lists, self.around), None) is None
        if is_empty:
            return ""
        if kind not in payloads.HOLDERS:
            made.append(payloads.noted(f"that something stood inside a block ({kind}):", self.around))
        elif kind in payloads.HEADINGS:
            made[-1][kind]["is_toggleable"] = True
        return lists

    def _columns(self, made: Json, lists: str, budget: _Budget) -> list[Rest]:
        """All columns of a list of columns, which are made with it, each with the first that is in it."""
        columns: list[Json] = []
        rests: list[Rest] = []
        for raw in payloads.children(lists, self.around):
            (column,) = payloads.planned(raw, "column_list", 0, self.around)
            inside = payloads.inside(raw, column)
            children = payloads.children(inside, self.around)
            inner, taken, is_whole = self._start(children, "column", 0, 3, budget)
            column["column"]["children"] = inner
            columns.append(column)
            if not is_whole:
                rests.append(Rest(Block(raw).id, "column", inside, len(columns) - 1, taken, len(inner), inside=True))
        if len(columns) < 2:
            self.around.note("a list of fewer than two columns got an empty one")
            columns += [{"type": "column", "column": {"children": []}} for _ in range(2 - len(columns))]
        made["column_list"]["children"] = columns
        return rests


def count(block: Json) -> int:
    """A block and all that is in it."""
    return 1 + sum(map(count, block[block["type"]].get("children", ())))


def _fill(made: Json, inner: list[Json]) -> None:
    if inner:
        made[made["type"]]["children"] = inner
