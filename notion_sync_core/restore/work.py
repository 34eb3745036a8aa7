"""What the steps of one restore share: journal, originals, writer; and the surroundings of each document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from notion_sync_core.clock import Clock
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, fields
from notion_sync_core.restore.doubts import Doubts
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.originals.added import Added
from notion_sync_core.restore.outside import Look, Outside
from notion_sync_core.restore.planning.around import Around
from notion_sync_core.restore.records import HOME, Note, Step
from notion_sync_core.restore.sending import Writer

FRESH_S = 3000.0
"""An upload that nothing shows expires after an hour; one that is older than this goes up again."""
_STRANGERS = "strangers"


@define
class Work:
    """One restore under way."""

    journal: Journal
    originals: Added
    writer: Writer
    clock: Clock
    people: Mapping[str, str] = field(factory=dict)
    """Ids of people in the target, by those that they had; ``""``: nobody."""
    look: Look = field(default=lambda *_: None)
    """Shows what stood there before."""
    wishes: frozenset[str] = frozenset()
    """``views``, ``comments``: what is restored beside documents."""
    is_forced: bool = False
    """Originals of synced blocks are waited for no more: whoever comes first holds the content."""
    writes: int = 0
    """How many writes were put on record: whether it goes on."""
    files: int = 0
    file_bytes: int = 0
    doubts: Doubts = field(init=False)
    outside: Outside = field(init=False)
    _refused: dict[str, str] = field(factory=dict, init=False)
    """Contents that are not taken, and why."""

    @doubts.default
    def _doubts(self) -> Doubts:
        return Doubts(self.journal, self.writer, self.clock)

    @outside.default
    def _outside(self) -> Outside:
        return Outside(self.journal, self.look)

    def home(self) -> str:
        """The page that everything goes to; ``""``: there is none yet."""
        return self.journal.fact(HOME)

    def note(self, document: str, words: str) -> None:
        """Something cannot be as it was."""
        self.journal.note(Note(document, words))

    def around(self, document: str, *, names_others: bool = True, names_people: bool = True) -> Around:
        """The surroundings of a document."""

        def person(person_id: str) -> str:
            if person_id in self.people:
                return self.people[person_id]
            return person_id if names_people and not self.journal.fact(_STRANGERS) else ""

        return Around(
            self.writer.limits,
            self._known,
            self._kind,
            self._is_awaited,
            self.title,
            self.originals.blocks,
            lambda holder: self._file(document, holder),
            person,
            lambda words: self.note(document, words),
            self.outside.has_source,
            self.journal.is_foreign,
            self._is_told,
            names_others,
        )

    def people_are_strangers(self) -> None:
        """The target knows none of the people by their ids: from now on they are text."""
        self.journal.set_fact(_STRANGERS, "yes")

    def _known(self, object_id: str) -> str:
        entry = self.journal.entry(object_id)
        return entry.new if entry is not None and entry.new else self.journal.new_block(object_id)

    def _kind(self, object_id: str) -> str:
        entry = self.journal.entry(object_id)
        return "" if entry is None else entry.kind

    def _is_awaited(self, object_id: str) -> bool:
        entry = self.journal.entry(object_id)
        if entry is not None:
            return not entry.new and entry.step is Step.PLANNED
        return not self.is_forced and self.journal.is_original(object_id)

    def _is_told(self, block_id: str) -> bool:
        return "comments" in self.wishes and next(self.originals.comments(block_id), None) is not None

    def title(self, object_id: str) -> str:
        """The title that a document had, as far as it is known."""
        ref = self.originals.ref(object_id) if object_id else None
        return "" if ref is None else ref.title

    def _file(self, document: str, holder: Json) -> Json | None:
        stored = self.originals.file(document, holder)
        limits = self.writer.limits
        if stored is None or not self.writer.can_upload or not 0 < stored.size <= limits.file_bytes:
            return None
        if stored.sha256 in self._refused:
            return None
        now = self.clock.now()
        upload = self.journal.upload(stored.sha256, now - FRESH_S)
        if not upload:
            try:
                upload = self.writer.upload(stored.path, stored.name, stored.size)
            except SkippableError as error:
                self._refused[stored.sha256] = error.message
                self.note(document, f"a file was not taken: {error.message}")
                return None
            self.journal.uploaded(stored.sha256, upload, now)
            self.files += 1
            self.file_bytes += stored.size
        return {"type": "file_upload", "file_upload": {"id": upload}}


def uploads_in(made: Any) -> list[str]:
    """The ids of the uploads that blocks, icons or values show."""
    found, todo = [], [made]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            upload = fields(each.get("file_upload")).get("id")
            found += [upload] if isinstance(upload, str) else []
            todo += each.values()
        elif isinstance(each, list | tuple):
            todo += each
    return found
