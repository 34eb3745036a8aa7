"""Writing what stands in pages and blocks: run by run, deeper blocks by their own ids."""

from __future__ import annotations

import json
from typing import Any

from attrs import asdict, define, field

from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Block, Json
from notion_sync_core.restore.planning import payloads
from notion_sync_core.restore.planning.around import Awaited
from notion_sync_core.restore.planning.batches import Batch
from notion_sync_core.restore.planning.trees import Piece, Rest, Trees
from notion_sync_core.restore.records import Container, Entry, Step
from notion_sync_core.restore.work import Work, uploads_in

_LEVELS: tuple[dict[str, bool], ...] = ({}, {"names_others": False}, {"names_others": False, "names_people": False})
"""What a block names, less and less, for targets that refuse it."""


@define
class Bodies:
    """Writes the bodies of one restore."""

    work: Work

    def write(self, entry: Entry) -> bool:
        """Write what is missing in a document.

        :returns: whether it is whole now; if not, it waits for another one.
        """
        journal = self.work.journal
        try:
            while containers := journal.containers(entry.id):
                if not sum(_Filling(self.work, each).run() for each in containers):
                    return False
        except SkippableError as error:
            journal.fail(entry.id, error.message, error.remedy)
        else:
            journal.set_step(entry.id, Step.WHOLE)
        journal.commit()
        return True


@define
class _Filling:
    """Writes into one container."""

    work: Work
    into: Container
    _batch: Batch = field(init=False)

    @_batch.default
    def _batch_default(self) -> Batch:
        return Batch(self.work.writer.limits)

    def run(self) -> bool:
        """Write as much as can be; whether that was all."""
        self._recover()
        if not self.into.id:
            self._identify()
        is_whole = self._fill()
        self._flush()
        if is_whole:
            self.work.journal.close_container(self.into.key)
            self.work.journal.commit()
        return is_whole

    def _fill(self) -> bool:
        """Gather and send; whether there is no more, or else what comes next has to wait."""
        around = self.work.around(self.into.document)
        trees, start = Trees(around), self.into.written
        try:
            for number, raw in enumerate(payloads.children(self.into.lists, around), 1):
                if number > start and not self._take(raw, trees):
                    return False
        except SkippableError:
            self._flush()  # what comes before the part that is lost
            raise
        return True

    def _take(self, raw: Json, trees: Trees) -> bool:
        """Gather one block; ``False``: it has to wait."""
        if child := self._child(raw):
            self._flush()
            self._advance(self.into.written + 1, child, 0)
            return True
        try:
            piece = trees.piece(raw, self.into.kind, self.into.width)
        except Awaited:
            return False
        if not self._batch.takes(piece):
            self._flush()
        self._batch.add(piece)
        return True

    def _child(self, raw: Json) -> str:
        """The document that stands in the place of a block, by the id that it has; ``""``: none does."""
        if self.into.kind != "page" or raw.get("type") not in ("child_page", "child_database"):
            return ""
        entry = self.work.journal.entry(Block(raw).id)
        is_here = entry is not None and entry.parent == self.into.document and entry.is_direct
        return entry.new if entry is not None and is_here else ""

    def _identify(self) -> None:
        """Ask the list of columns that a column stands in for the ids of its columns."""
        journal = self.work.journal
        shown = list(self.work.writer.children(self.into.last, "block"))
        for each in journal.containers(self.into.document):
            if not each.id and each.last == self.into.last and each.width < len(shown):
                journal.identify(each.key, shown[each.width].id)
        journal.commit()
        self._renew()
        if not self.into.id:
            raise SkippableError("a list of columns has fewer columns than it was made with")

    def _renew(self) -> None:
        found = self.work.journal.container(self.into.key)
        if found is not None:
            self.into = found

    def _advance(self, written: int, last: str, added: int) -> None:
        self.work.journal.advance(self.into.key, written, last, added)
        self._renew()

    # -- sending

    def _recover(self) -> None:
        """Put on record what a write of before made, that nobody answered."""
        write = self.work.journal.intent(self.into.key)
        if write is None or write.kind != "block":
            return
        ids = self.work.doubts.added_by(write)
        if ids is None:
            self.work.journal.settled(write.key)
        else:
            self._settle(ids, json.loads(write.detail))

    def _flush(self) -> None:
        pieces, self._batch = self._batch.pieces, self._batch_default()
        if pieces:
            self._send(pieces)

    def _send(self, pieces: list[Piece]) -> None:
        """Send these; where they are refused, fewer at once, and at last a note in the place of the one that is."""
        try:
            self._append(pieces)
        except SkippableError as error:
            if self.work.journal.intent(self.into.key) is not None:
                raise  # nobody knows whether they are there
            if len(pieces) > 1:
                middle = len(pieces) // 2
                self._send(pieces[:middle])
                self._send(pieces[middle:])
            else:
                self._send_poorer(pieces[0], error)

    def _send_poorer(self, piece: Piece, error: SkippableError) -> None:
        made = piece.made
        for level, less in enumerate(_LEVELS[1:], 1):
            around = self.work.around(self.into.document, **less)
            poorer = Trees(around).piece(piece.raw, self.into.kind, self.into.width)
            if poorer.made == made:
                continue
            try:
                self._append([poorer])
            except SkippableError:
                made = poorer.made
                continue
            if level == len(_LEVELS) - 1:
                self.work.people_are_strangers()
            return
        words = f"a block ({Block(piece.raw).type}) that the target refuses: {error.message}"
        note = payloads.noted(words, self.work.around(self.into.document))
        if self.into.kind in payloads.PARTS:
            raise error
        self._append([Piece(piece.raw, (note,), 1, len(words))])

    def _append(self, pieces: list[Piece]) -> None:
        made = [block for piece in pieces for block in piece.made]
        detail = self._detail(pieces, made)
        ids = self.work.doubts.append(self.into, made, self._after(), json.dumps(detail))
        self._settle(ids, detail)

    def _after(self) -> str:
        into = self.into
        if into.last and into.id != into.last:
            return into.last
        return into.id if into.written == 0 and into.children else ""

    def _detail(self, pieces: list[Piece], made: list[Json]) -> dict[str, Any]:
        return {
            "pieces": [[_keys(piece), len(piece.made), [asdict(rest) for rest in piece.rests]] for piece in pieces],
            "written": self.into.written + len(pieces),
            "uploads": uploads_in(made),
        }

    def _settle(self, ids: list[str], detail: dict[str, Any]) -> None:
        """Put on record what was written."""
        journal, at = self.work.journal, 0
        for keys, length, rests in detail["pieces"]:
            at += length
            journal.make_blocks([(key, ids[at - 1]) for key in keys])
            for rest in rests:
                journal.open_container(self._opened(Rest(**rest), ids[at - 1]))
        journal.uploads_shown(detail["uploads"])
        self._advance(detail["written"], ids[-1], len(ids))
        self.work.writes += 1
        journal.commit()

    def _opened(self, rest: Rest, block: str) -> Container:
        last = block if rest.inside else ""
        new = "" if rest.inside else block
        return Container(
            rest.key, self.into.document, new, rest.kind, rest.lists, rest.width, rest.taken, last, rest.children
        )


def _keys(piece: Piece) -> list[str]:
    """What a block is known by: its id; and where it holds what a synced block shows, the original's."""
    block, last = Block(piece.raw), piece.made[-1]
    keys = [block.id] if block.id else []
    if last["type"] == "synced_block" and last["synced_block"]["synced_from"] is None:
        keys.append(payloads.original_of(piece.raw))
    return list(dict.fromkeys(keys))
