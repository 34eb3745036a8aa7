"""What is restored, wherever it lies: in the mirror, in history, or in the files of a JSON export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from attrs import frozen

from notion_sync_core.model import Json, Ref


@frozen
class Stored:
    """A file that a document shows, as it is kept here."""

    path: Path
    sha256: str
    size: int
    name: str
    """What people call it."""


class Originals(Protocol):
    """Documents as they were read. Nothing is held by the thousand: each call reads what it needs."""

    def refs(self) -> Iterator[Ref]:
        """Every page, row, database and data source, parents before what stands in them, in the order of the tree."""

    def ref(self, object_id: str) -> Ref | None:
        """What is known of one; ``None``: it is not among these."""

    def inside(self, object_id: str) -> Iterator[Ref]:
        """What stands right in a page, a database (its data sources) or a data source (its rows), wherever on it."""

    def object(self, object_id: str) -> Json | None:
        """The object of the API, with its properties whole; ``None``: its content is not here."""

    def blocks(self, parent_id: str) -> Iterator[Json]:
        """What stands right in a page or block, in its order; children are asked for by the id of their block. Of a
        synced copy they are those of its original.

        :raises SkippableError: a part of them is lost; what was given before it is whole.
        """

    def comments(self, block_id: str) -> Iterator[Json]:
        """Comments on a page or block, in their order."""

    def file(self, document_id: str, holder: Json) -> Stored | None:
        """The bytes behind a hosted file of a document.

        :param holder: an object with ``type`` and ``file``, as in blocks, icons, covers and values of properties.
        :returns: ``None``: they were never had.
        """
