"""Writing comments: each where it was as far as the place can be named, with who wrote it and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from attrs import define, evolve

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.errors import SkippableError
from notion_sync_core.model import Json, normalise_id
from notion_sync_core.restore.originals.added import author_and_day
from notion_sync_core.restore.originals.walk import walk
from notion_sync_core.restore.planning import texts
from notion_sync_core.restore.records import Entry
from notion_sync_core.restore.work import Work
from notion_sync_core.writing import Made, New

_DONE = "comments written"
_LESS: tuple[dict[str, bool], ...] = ({}, {"names_others": False, "names_people": False})


@define
class Talks:
    """Writes the comments of one restore."""

    work: Work

    def write(self) -> None:
        """Write what is missing."""
        if self.work.journal.fact(_DONE):
            return
        for entry in self.work.journal.entries("page", "row"):
            if entry.new:
                self._write_all(entry)
        self.work.journal.set_fact(_DONE, "yes")
        self.work.journal.commit()

    def _write_all(self, page: Entry) -> None:
        for place, on, raw in self._comments(page):
            key = normalise_id(str(raw.get("id"))) or ""
            if key and not self.work.journal.new_block(key):
                self._write(page, key, New("comment", place, (), {"on": on}), raw)

    def _comments(self, page: Entry) -> Iterator[tuple[str, str, Json]]:
        """Where each is to stand, what that is, and the comment."""
        originals = self.work.originals
        yield from ((page.new, "page", raw) for raw in originals.comments(page.id))
        with suppress(SkippableError):  # what is lost of it was told when its blocks were written
            for block in walk(originals, page.id):
                if block.type not in OTHER_DOCUMENTS:
                    yield from ((*self._place(page, block.id), raw) for raw in originals.comments(block.id))

    def _place(self, page: Entry, block_id: str) -> tuple[str, str]:
        """Of rows of tables, columns, and what became something else nobody is told the ids: it stands on the page."""
        new = self.work.journal.new_block(block_id)
        if not new:
            self.work.note(page.id, "a comment on a part of a block, or on what is not restored, stands on the page")
        return (new, "block") if new else (page.new, "page")

    def _write(self, page: Entry, key: str, new: New, raw: Json) -> None:
        journal, doubts = self.work.journal, self.work.doubts
        thread = f"discussion {raw.get('discussion_id')}"
        if journal.fact(thread):
            new = evolve(new, properties={**new.properties, "discussion_id": journal.fact(thread)})
        write = journal.intent(key)
        made = doubts.made_by(write) if write is not None else None
        for less in _LESS:
            if made is not None:
                self._settle(key, thread, made)
                return
            try:
                made = doubts.create(key, evolve(new, title=tuple(self._said(page, raw, **less))), "")
            except SkippableError as error:
                self.work.note(page.id, f"a comment was not taken: {error.message}")
                if journal.intent(key) is not None:
                    return  # nobody knows whether it is there
        if made is not None:
            self._settle(key, thread, made)

    def _settle(self, key: str, thread: str, made: Made) -> None:
        journal = self.work.journal
        journal.make_blocks([(key, made.id)])
        if made.discussion and not journal.fact(thread):
            journal.set_fact(thread, made.discussion)
        journal.settled(key)
        journal.commit()

    def _said(self, page: Entry, raw: Json, **less: bool) -> list[Json]:
        """What a comment says, and before it who said it and when."""
        around = evolve(self.work.around(page.id, **less), is_awaited=lambda _: False)
        if raw.get("attachments"):
            around.note("files of a comment are left out")
        said = texts.array(raw.get("rich_text"), around, "a comment")
        return [*texts.line(f"{author_and_day(raw)}: "), *said][: around.limits.items]
