"""Take out of the sinks what stands for nothing any more; deletes are last, and guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Literal

from notion_sync_core.clock import Clock
from notion_sync_core.errors import GuardError, SinkError
from notion_sync_core.events import Event, ObjectDeleted, Warned
from notion_sync_core.mirror.suffix import PICTURE
from notion_sync_core.model import Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Done
from notion_sync_core.stages.aliases import aliases
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.layout import ASSETS
from notion_sync_core.stages.manifest import MANIFEST
from notion_sync_core.stages.names import fold
from notion_sync_core.state import FileRecord, State
from notion_sync_core.status import Status

SMALLEST_DELETE = 10
"""Up to so many objects the delete guard lets pass."""


def too_many(doomed: int, total: int, max_delete: float) -> bool:
    """Whether a run may not delete so many of so many objects."""
    return doomed > max(SMALLEST_DELETE, max_delete * total)


def _ways_of(path: str) -> Iterator[str]:
    """A path and the folders above it, folded: what it can be in the way of."""
    parts = fold(path).split("/")
    return accumulate(parts, "{}/{}".format)


def _folders_above(path: str) -> Iterator[str]:
    return accumulate(path.split("/")[:-1], "{}/{}".format)


class Pruner:
    """One run's removing.

    :param delete: remove what stands for nothing any more (``sync``), or list it (``export``).
    """

    def __init__(
        self,
        state: State,
        committer: Committer,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        delete: bool,
        max_delete: float = 0.25,
    ) -> None:
        self._state = state
        self._files = state.files
        self._committer = committer
        self._clock = clock
        self._publish = publish
        self._delete = delete
        self._max_delete = max_delete
        self._left: dict[str, set[str]] = {}
        """Folders that files went from, by sink."""

    def retire(self) -> None:
        """Mark the files of what left the source, and of assets nothing refers to any more."""
        self._files.retire_gone()
        folder = self._state.facts.assets_folder or ASSETS
        self._files.retire_unused_assets(MANIFEST, folder=folder, picture=PICTURE)

    def check_guard(self) -> None:
        """Refuse to delete more than was agreed to.

        :raises GuardError: nothing was deleted.
        """
        total, doomed = self._files.count_documents(), self._files.count_doomed()
        if not (self._delete and too_many(doomed, total, self._max_delete)):
            return
        chosen = self._files.count_doomed(Status.UNSELECTED)
        why, look = "", "Look at what left Notion"
        if chosen:
            why = f" ({chosen} of them because export.only leaves them out)"
            look = "Look at export.only" if chosen == doomed else f"{look}, and at export.only"
        raise GuardError(
            f"this run would delete {doomed} of {total} objects{why}, more than "
            f"export.max_delete = {self._max_delete:g} allows",
            f"Nothing was deleted. {look}; if it is meant, run again with --set export.max_delete=1.",
        )

    def remove(self) -> Iterator[Done]:
        """Delete, or list, the files that stand for nothing any more.

        What an unfinished run placed, and has moved since, goes in any case.
        """
        self._state.checkpoint()
        for sink in self._committer.sinks.values():
            for file in self._files.retired(sink.name):
                if self._is_all_there_is(file) or not (self._delete or self._has_moved_on(file)):
                    yield Done(stale=1)
                    continue
                self._clock.check()
                yield self._remove(sink, file)
            self._respell_folders(sink)
            sink.flush()

    def make_way(self) -> Iterator[Done]:
        """Remove our own files that are in the way of other documents, if they would go anyway or stand elsewhere now.

        Their documents are to be written after this: :attr:`~notion_sync_core.stages.commit.Committer.held_up`.
        """
        for name, sink in self._committer.sinks.items():
            ways = {fold(way) for held in self._committer.held_up.values() for where, way, _ in held if where == name}
            for file in self._files.retired(name) if ways else ():
                self._clock.check()
                if not ways.isdisjoint(_ways_of(file.path)) and (self._delete or self._stands_elsewhere(file)):
                    yield self._remove(sink, file)
            sink.flush()

    def _stands_elsewhere(self, file: FileRecord) -> bool:
        return bool(file.document_id) and any(each.sha256 for each in self._files.of(file.document_id, file.sink))

    def _is_all_there_is(self, file: FileRecord) -> bool:
        """Whether what belongs elsewhere now could not be written there, because something of others is in the way."""
        placed = self._files.of(file.document_id, file.sink) if file.document_id else ()
        return any(each.renderer == file.renderer and each.is_kept and not each.sha256 for each in placed)

    def _has_moved_on(self, file: FileRecord) -> bool:
        return file.is_provisional and (not file.document_id or bool(self._files.of(file.document_id, file.sink)))

    def _remove(self, sink: Sink, file: FileRecord) -> Done:
        verdict = self.verdict(sink, file)
        if verdict == "keep":
            return Done(kept=tuple(self._committer.keep(sink.name, file.path, file.document_id)))
        if verdict == "delete":
            try:
                sink.delete(file.path)
            except SinkError as error:
                self._publish(Warned(error.message))
                return Done()
            self._publish(ObjectDeleted(sink.name, file.path))
        self._left.setdefault(sink.name, set()).update(_folders_above(file.path))
        self._files.forget(sink.name, file.path)
        gone = bool(file.document_id) and not self._files.has_any(file.document_id)
        return Done(deleted=int(verdict == "delete"), gone=int(gone))

    def _respell_folders(self, sink: Sink) -> None:
        """Where the disk takes two spellings for one, a folder kept that of what went as long as it was in there."""
        for folder in sorted(self._left.pop(sink.name, ())):
            if self._files.any_at(sink.name, folder, current=True) or sink.stat(folder) is None:
                continue
            inside = self._files.spellings.inside(sink.name, folder, fold)
            depth = folder.count("/") + 1
            old = "/".join([folder, *inside.split("/")[depth:]])
            if inside and old != inside and sink.same(old, inside):
                sink.respell(old, inside)

    def verdict(self, sink: Sink, file: FileRecord) -> Literal["delete", "keep", "gone"]:
        """What becomes of a file that stands for nothing any more: one that somebody edited is kept."""
        found = sink.stat(file.path)
        if not found or not self._leads_to_ours(sink, file, found):
            return "gone"
        same = file.sha256 and (found.size, found.stamp) == (file.size, file.stamp)
        ours = same or self._committer.overwrites or sink.hash(file.path, file.known_hashes) in file.known_hashes
        return "delete" if ours else "keep"

    def _leads_to_ours(self, sink: Sink, file: FileRecord, stat: Stat) -> bool:
        """Whether a path leads to what we once wrote there, and to nothing that we keep under another spelling."""
        if stat.obstacle or file.is_in_the_way:
            return False
        return not any(alias.is_current for alias in aliases(self._state, sink, file.path))
