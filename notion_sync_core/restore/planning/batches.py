"""Blocks that go in one request."""

from __future__ import annotations

from attrs import define, field

from notion_sync_core.model import Json
from notion_sync_core.restore.planning.trees import Piece
from notion_sync_core.writing import Limits

_ROOM = 2000


@define
class Batch:
    """What is gathered for one request."""

    limits: Limits
    pieces: list[Piece] = field(factory=list)
    length: int = 0
    """Blocks on the first level."""
    blocks: int = 0
    bytes: int = _ROOM

    def takes(self, piece: Piece) -> bool:
        """Whether one more fits; one alone that does not has to be sent all the same."""
        return (
            self.length + len(piece.made) <= self.limits.array
            and self.blocks + piece.blocks <= self.limits.blocks
            and self.bytes + piece.bytes <= self.limits.bytes
        )

    def add(self, piece: Piece) -> None:
        """Take one more."""
        self.pieces.append(piece)
        self.length += len(piece.made)
        self.blocks += piece.blocks
        self.bytes += piece.bytes

    @property
    def made(self) -> list[Json]:
        """The blocks."""
        return [block for piece in self.pieces for block in piece.made]
