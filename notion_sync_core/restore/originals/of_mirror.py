"""What is restored as it lies in a state and a mirror: those of a job, or those that history made of its versions."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from itertools import chain

from notion_sync_core.clock import SystemClock
from notion_sync_core.content.files import name_of
from notion_sync_core.errors import SkippableError, StateError
from notion_sync_core.history.asof import rebuilt_parts
from notion_sync_core.history.looking import kept
from notion_sync_core.history.needed import everything, needed_below
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import scratch_folder
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Block, Json, Ref, fields, normalise_id, objects
from notion_sync_core.restore.originals import Stored
from notion_sync_core.snapshot import held
from notion_sync_core.state import ObjectRecord, State
from notion_sync_core.status import LIVE

_COPIES = 100_000
"""Synced copies whose originals are remembered."""
_AGAIN = "Run `notion-sync sync`: what is missing is read again. Then run the same command again."


class OfMirror:
    """See :class:`~notion_sync_core.restore.originals.Originals`. What is in the trash is not among them.

    What became unreadable is, as long as its copy is kept; of what was never read there is a reference alone.

    :param redirects: what stands in a synced copy is kept as what stands in its original, if that is there.
    """

    def __init__(self, state: State, mirror: Mirror, *, redirects: bool = True) -> None:
        self._state = state
        self._mirror = mirror
        self._redirects = redirects
        self._copies: dict[str, str] = {}
        """Originals by the ids of the copies that were shown last."""

    def refs(self) -> Iterator[Ref]:
        """See the protocol."""
        open_folders = [self._standing_in(None)]
        while open_folders:
            known = next(open_folders[-1], None)
            if known is None:
                open_folders.pop()
                continue
            yield known.ref
            open_folders.append(self._standing_in(known))

    def ref(self, object_id: str) -> Ref | None:
        """See the protocol."""
        known = self._find(object_id)
        return None if known is None else known.ref

    def _find(self, object_id: str) -> ObjectRecord | None:
        known = self._state.objects.find(object_id)
        return known if known is not None and known.status in LIVE else None

    def inside(self, object_id: str) -> Iterator[Ref]:
        """See the protocol."""
        known = self._find(object_id)
        return iter(()) if known is None else (each.ref for each in self._standing_in(known))

    def _standing_in(self, holder: ObjectRecord | None) -> Iterator[ObjectRecord]:
        """What stands right in an object; data sources as their database names them, rows without any come after."""
        found = self._state.tree.standing_in(None if holder is None else holder.id)
        if holder is None or holder.kind != "database":
            return found
        named = objects((self._mirror.object(holder.id) or {}).get("data_sources"))
        order = {str(each.get("id")): at for at, each in enumerate(named)}
        sources = sorted(self._state.tree.data_sources(holder.id), key=lambda each: order.get(each.id, len(order)))
        return chain(sources, (each for each in found if each.kind != "data_source"))

    def object(self, object_id: str) -> Json | None:
        """See the protocol; a listing may have shown an object whose content nobody has read yet."""
        known = self._find(object_id)
        if known is None or not (known.has_copy or known.kind == "data_source"):
            return None
        if known.kind == "page" and not self._mirror.has_listing(object_id):
            return None
        return self._mirror.object(object_id)

    def blocks(self, parent_id: str) -> Iterator[Json]:
        """See the protocol.

        :raises SkippableError: the mirror lost a part of them.
        """
        original = self._copies.get(parent_id, "")
        listed = original if original and self._mirror.has_listing(original) else parent_id
        last: Json = {}
        for last in self._mirror.listings(listed):
            for raw in objects(last.get("results")):
                self._note_copy(Block(raw))
                yield raw
        if last.get("has_more"):
            raise SkippableError(f"the mirror lost a part of what stands in {parent_id}", _AGAIN)

    def _note_copy(self, block: Block) -> None:
        """A copy says in its payload what it is a copy of, and is asked for by its id alone."""
        if block.type != "synced_block" or not self._redirects:
            return
        original = fields(block.payload.get("synced_from")).get("block_id")
        if isinstance(original, str) and original:
            if len(self._copies) >= _COPIES:
                self._copies.pop(next(iter(self._copies)), None)
            self._copies[block.id] = normalise_id(original) or original

    def comments(self, block_id: str) -> Iterator[Json]:
        """See the protocol."""
        return self._mirror.comments(block_id)

    def file(self, document_id: str, holder: Json) -> Stored | None:  # noqa: ARG002
        """See the protocol; a file has one address, whichever document shows it."""
        address = fields(holder.get("file")).get("url")
        found = self._state.assets.find(address) if isinstance(address, str) else None
        if found is None:
            return None
        path = self._mirror.blob(found.sha256)
        return Stored(path, found.sha256, found.size, name_of(holder)) if path.is_file() else None


@contextlib.contextmanager
def opened(job: Job, when: str | None = None, chosen: Collection[str] = ()) -> Iterator[OfMirror]:
    """What a job has read, or had read at some time; nothing is left behind.

    What is there now stays as it is: a run that begins meanwhile has to wait, or is refused.

    :param when: a run's number, a date, a time or how long ago; ``None``: as it is now.
    :param chosen: ids of documents whose content is asked for, with all that stands in them; none: of all. Of others
        there are titles and places; of the past that is all that is made of them.
    :raises LockedError: a run is under way, and it is asked for what is there now.
    :raises ConfigError: that is no moment.
    :raises StateError: nothing was read yet, or nothing is kept of that time.
    """
    with contextlib.ExitStack() as stack:
        yield _present(job, stack) if when is None else _past(job, when, stack, chosen)


def _present(job: Job, stack: contextlib.ExitStack) -> OfMirror:
    if not job.has_state():
        raise StateError("this job has read nothing yet", "Run it first: notion-sync export.")
    state = held(job, stack.enter_context(scratch_folder()), stack)
    # Paths that would be too long, and runs that were cut short, leave objects in other folders.
    state.layout.assign_folders()
    state.objects.sink_below_trashed()
    state.layout.free_lost()
    mirror = job.open_mirror()
    stack.callback(mirror.close)
    return OfMirror(state, mirror)


def _past(job: Job, when: str, stack: contextlib.ExitStack, chosen: Collection[str]) -> OfMirror:
    found = stack.enter_context(kept(job))
    run = found.at(when, SystemClock().now())
    state, mirror = rebuilt_parts(found, run, stack, needed_below(found, run, chosen) if chosen else everything)
    state.layout.free_lost()
    return OfMirror(state, mirror)
