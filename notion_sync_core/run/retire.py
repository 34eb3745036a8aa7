"""Take out of the sinks what stands for nothing any more; deletes are last, and guarded."""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_core.clock import Clock
from notion_sync_core.errors import GuardError, SinkError
from notion_sync_core.events import Event, ObjectDeleted, Warned
from notion_sync_core.model import Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.run.aliases import aliases
from notion_sync_core.run.harmless import PICTURE
from notion_sync_core.run.manifest import MANIFEST
from notion_sync_core.run.settle import Settler
from notion_sync_core.run.view import ASSETS
from notion_sync_core.state import FileRecord, State

SMALLEST_DELETE = 10
"""Up to so many objects the delete guard lets pass."""


def too_many(doomed: int, total: int, max_delete: float) -> bool:
    """Whether a run may not delete so many of so many objects."""
    return doomed > max(SMALLEST_DELETE, max_delete * total)


class Retirer:
    """One run's removing.

    :param delete: remove what stands for nothing any more (``sync``), or list it (``export``).
    """

    def __init__(
        self,
        state: State,
        settler: Settler,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        delete: bool,
        on_missing: str = "keep",
        max_delete: float = 0.25,
    ) -> None:
        self._state = state
        self._files = state.files
        self._settler = settler
        self._clock = clock
        self._publish = publish
        self._delete = delete
        self._on_missing = on_missing
        self._max_delete = max_delete

    def retire(self) -> None:
        """Mark the files of what left the source, and of assets nothing refers to any more."""
        self._files.retire_gone(missing=self._on_missing == "delete")
        self._files.retire_unused_assets(MANIFEST, prefix=len(f"{ASSETS}/ab/"), picture=PICTURE)

    def check_guard(self) -> None:
        """Refuse to delete more than was agreed to.

        :raises GuardError: nothing was deleted.
        """
        if not self._delete:
            return
        total, doomed = self._files.count_documents(), self._files.count_doomed()
        if too_many(doomed, total, self._max_delete):
            raise GuardError(
                f"this run would delete {doomed} of {total} objects, more than "
                f"export.max_delete = {self._max_delete:g} allows",
                "Nothing was deleted. Look at what left Notion; if it is meant, run again with "
                "--set export.max_delete=1.",
            )

    def remove(self) -> None:
        """Delete, or list, the files that stand for nothing any more."""
        self._state.checkpoint()
        for sink in self._settler.sinks.values():
            for file in self._files.retired(sink.name):
                if not self._delete:
                    self._settler.counts.stale += 1
                    continue
                self._clock.check()
                self._remove(sink, file)
            sink.flush()

    def _remove(self, sink: Sink, file: FileRecord) -> None:
        path = file.path
        found = sink.stat(path)
        if found and self._leads_to_ours(sink, file, found):
            same = file.sha256 and (found.size, found.stamp) == (file.size, file.stamp)
            if not same and self._settler.hash(sink, path) not in file.known_hashes and not self._settler.overwrites:
                self._settler.keep(sink.name, path, file.document_id)
                return
            try:
                sink.delete(path)
            except SinkError as error:
                self._publish(Warned(error.message))
                return
            self._settler.counts.deleted += 1
            self._publish(ObjectDeleted(sink.name, path))
        self._files.forget(sink.name, path)

    def _leads_to_ours(self, sink: Sink, file: FileRecord, stat: Stat) -> bool:
        """Whether a path leads to what we once wrote there, and to nothing that we keep under another spelling."""
        if stat.obstacle or file.is_in_the_way:
            return False
        return not any(alias.is_current for alias in aliases(self._state, sink, file.path))
