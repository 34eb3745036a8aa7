"""Each write once: what it is to make is on record before it is sent, and where no answer came it is looked for.

Of each container one write is under way at a time. So what stands in it and is on no record is what that write made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attrs import define, evolve

from notion_sync_core.clock import Clock
from notion_sync_core.errors import DoubtError, SkippableError, UnreachableError
from notion_sync_core.model import Json
from notion_sync_core.restore.journal import Journal
from notion_sync_core.restore.planning import texts
from notion_sync_core.restore.records import Container, Write
from notion_sync_core.restore.sending import Writer
from notion_sync_core.writing import Made, New

T = TypeVar("T")

TRIES = 6
"""Doubts about one write in a row, with nothing made, before the service counts as down: half a minute."""
_PLACES = {
    "page": "page",
    "database": "page",
    "row": "data_source",
    "data_source": "database",
    "view": "views",
    "comment": "comments",
}
"""What is asked for to find something."""


@define
class Doubts:
    """Writes of one restore. Who calls puts the answer on record, and with that the write is settled."""

    journal: Journal
    writer: Writer
    clock: Clock

    def create(self, key: str, new: New, detail: str) -> Made:
        """Make an object.

        :param key: the id of what it is, as it was.
        :param detail: what is put on record when it is there.
        :raises SkippableError: the target refuses it; nothing was made.
        """
        title = list(new.title)
        shown = texts.shown(title)
        # A list of views does not name them.
        is_exact = texts.is_plain(title) and new.kind != "view"
        write = Write(key, new.parent, new.kind, shown, is_exact=is_exact, detail=detail)

        def adopt(saved: tuple[str, ...]) -> Made | None:
            is_told = len(saved) == 1 and new.kind != "comment"  # it is not told in which discussion that stands
            return self._whole(Made(saved[0], new.kind, shown)) if is_told else None

        return self._once(write, lambda: self.writer.create(new), self.made_by, adopt)

    def append(self, container: Container, blocks: list[Json], after: str, detail: str) -> list[str]:
        """Add blocks.

        :returns: their ids.
        :raises SkippableError: the target refuses them; nothing was added.
        """
        write = Write(
            container.key, container.id, "block", container.kind, after, container.children, len(blocks), detail=detail
        )

        def adopt(saved: tuple[str, ...]) -> list[str] | None:
            return list(saved) if len(saved) == len(blocks) else None

        return self._once(write, lambda: self.writer.append(container.id, blocks, after), self.added_by, adopt)

    def _once(
        self,
        write: Write,
        send: Callable[[], T],
        look: Callable[[Write], T | None],
        adopt: Callable[[tuple[str, ...]], T | None],
    ) -> T:
        for tried in range(TRIES):
            if tried:
                self.clock.sleep(2.0 ** (tried - 1))
            self.journal.intend(write)
            try:
                return send()
            except DoubtError as doubt:
                found = adopt(doubt.saved) if doubt.saved else None
                found = look(write) if found is None else found
            except SkippableError:
                self.journal.settled(write.key)
                raise
            if found is not None:
                return found
        raise UnreachableError(
            f"the target gave no answer {TRIES} times while something was to be made in {write.container}",
            "Run the same command again later: it goes on where it was.",
        )

    def made_by(self, write: Write) -> Made | None:
        """What a write made that nobody answered: it stands in the container and is on no record; ``None``: nothing.

        :raises SkippableError: the target cannot be looked at: nobody will ever know.
        """
        self._check(write)
        shown = self.writer.children(write.container, _PLACES[write.kind])
        left = [each for each in shown if each.kind == write.kind and not self.journal.knows(each.id)]
        named = [each for each in left if each.title == write.title]
        if not named and not write.is_exact:
            named = left
        return self._whole(named[-1]) if named else None

    def added_by(self, write: Write) -> list[str] | None:
        """The ids of blocks that stand where a write was to put them; ``None``: they are not there.

        :raises SkippableError: as in :meth:`made_by`.
        """
        self._check(write)
        shown = list(self.writer.children(write.container, "page" if write.title == "page" else "block"))
        at = _place(shown, write)
        found = [each.id for each in shown[at : at + write.count]]
        if len(shown) < write.before + write.count or len(found) < write.count or self.journal.knows(found[0]):
            return None
        return found

    def _check(self, write: Write) -> None:
        if not self.writer.can_show or not write.container:
            raise SkippableError(
                f"nobody knows whether {write.kind} {write.title!r:.80} was made: there was no answer, and the target "
                "cannot be looked at",
                "Look for it yourself; it is not made again.",
            )

    def _whole(self, made: Made) -> Made:
        """A database with its data sources."""
        if made.kind != "database" or made.sources:
            return made
        sources = (each.id for each in self.writer.children(made.id, "database") if each.kind == "data_source")
        return evolve(made, sources=tuple(sources))


def _place(shown: list[Made], write: Write) -> int:
    if not write.after:
        return max(0, len(shown) - write.count)
    if write.after == write.container:
        return 0
    return next((number for number, each in enumerate(shown, 1) if each.id == write.after), len(shown))
