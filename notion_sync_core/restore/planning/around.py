"""What planning asks about everything else: what became of others, files, people; and whom it tells of losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from notion_sync_core.model import Json
from notion_sync_core.writing import Limits


class Awaited(Exception):
    """What is to be written names something that is to be restored and is not there yet."""


@frozen
class Around:
    """The surroundings of one document while it is planned."""

    limits: Limits
    known: Callable[[str], str]
    """The id that a page, row, database or block has now, by the one that it had; ``""``: none is known."""
    kind: Callable[[str], str]
    """What a document is that is restored, as in :class:`~notion_sync_core.restore.records.Entry`; ``""``: it is not
    restored."""
    is_awaited: Callable[[str], bool]
    """Whether a document, or a synced block, will be there later."""
    title: Callable[[str], str]
    """The title of any document, as far as it is known."""
    blocks: Callable[[str], Iterator[Json]]
    """What stands right in a page or block."""
    file: Callable[[Json], Json | None]
    """What shows the file of a holder with ``type`` and ``file`` in a request; ``None``: it cannot be had."""
    person: Callable[[str], str]
    """The id that a person has now; ``""``: nobody there."""
    note: Callable[[str], None]
    """Told in words what cannot be as it was."""
    leads: Callable[[str], bool] = lambda _: False
    """Whether a data source that is not restored is there all the same, for relations to lead to it."""
    is_outside: Callable[[str], bool] = lambda _: False
    """Whether a row of such a one is there."""
    is_told: Callable[[str], bool] = lambda _: False
    """Whether the id that a block gets has to be told: something goes to it later."""
    names_others: bool = True
    """Pages that are not restored may be named by their ids; if not, links lead to where they were."""

    def new_of(self, object_id: str) -> str:
        """The id that something has now; ``""``: it is not restored, or could not be.

        :raises Awaited: it will be there later.
        """
        found = self.known(object_id)
        if not found and self.is_awaited(object_id):
            raise Awaited(object_id)
        return found
