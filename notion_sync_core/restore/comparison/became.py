"""What became of what was restored, as the journal knows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from attrs import frozen

from notion_sync_core.model import Ref
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.originals import Originals
from notion_sync_core.restore.records import HOME


@frozen
class Journalled:
    """See :class:`~notion_sync_core.restore.comparison.compare.Became`."""

    journal: Journal
    people: Mapping[str, str]

    def new(self, old_id: str) -> str:
        """See the protocol."""
        entry = self.journal.entry(old_id)
        return entry.new if entry is not None else self.journal.new_block(old_id) or self.people.get(old_id, "")

    def old(self, new_id: str) -> str:
        """See the protocol."""
        found = self.journal.old(new_id)
        return found or next((old for old, new in self.people.items() if new == new_id), "")

    def notes(self, old_id: str) -> Collection[str]:
        """See the protocol; what is said of columns is said of their rows."""
        entry = self.journal.entry(old_id)
        about = {old_id} if entry is None or entry.kind != "row" else {old_id, entry.parent}
        return [note.words for each in about for note in self.journal.notes_on(each)]

    def wanted(self, originals: Originals) -> Iterator[Ref]:
        """What was to be restored, in its order."""
        for entry in self.journal.entries("page", "row", "database", "data_source"):
            ref = originals.ref(entry.id)
            if ref is not None:
                yield ref

    def roots(self) -> list[str]:
        """What was made that stands in nothing else that was made."""
        return [entry.new for entry in self.journal.inside(HOME) if entry.new]
