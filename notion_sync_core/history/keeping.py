"""Keeping: what a run reads becomes versions, and what changed becomes rows.

A version is on the disk before its row is, or with it, and the row before the checkpoint that says that its document
was read. What only changed around a document (it moved, it went, a listing shows it otherwise) is seen at the end of
the run: the state notes what history has not as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define, evolve, field, frozen

from notion_sync_core.content.walk import listed_in
from notion_sync_core.history.blobs import BlobDraft, Blobs, Line
from notion_sync_core.history.records import NOTHING, SYNCED, THERE, Blob, Run, Version
from notion_sync_core.history.store import Store
from notion_sync_core.history.version import found_line
from notion_sync_core.mirror.mirror import Mirror, packed
from notion_sync_core.model import Block, Found, Json, Ref, objects
from notion_sync_core.state import AssetRecord, ObjectRecord, State

FACTS = ("source_version", "comments", "selection")
"""Facts of the state that what is rendered depends on, and that no version holds."""


@frozen
class Took:
    """What was kept of a document that was read."""

    blob: Blob = NOTHING
    files: tuple[AssetRecord, ...] = ()
    """Those that it shows, as far as they could be had."""


@define
class History:
    """One job's history while a run writes it; rows are written by one thread, versions by any.

    :param folder: made if missing, readable by its owner only.
    :raises StateError: damaged, or written by a newer version of this program.
    """

    folder: Path
    state: State
    mirror: Mirror
    blobs: Blobs = field(init=False)
    store: Store = field(init=False)
    kept: int = field(default=0, init=False)
    """How many versions this run kept."""
    forgotten: int = field(default=0, init=False)
    """How many it forgot."""
    _run: Run = field(default=Run(0, 0.0, None, "", "{}"), init=False)
    _is_noted: bool = field(default=False, init=False)
    """The run has a row."""
    _was_new: bool = field(default=False, init=False)
    """Nothing was kept before this run."""
    _waiting: list[Version] = field(factory=list, init=False)
    """Rows that are written together, and before them:"""
    _frames: list[Blob] = field(factory=list, init=False)
    """What they name and lies beside them."""
    _people: dict[str, str] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self.store = Store(self.folder / "history.sqlite")
        self.blobs = Blobs(self.folder / "blobs", self.store)
        self._people = self.store.people()

    def close(self) -> None:
        """Drop what was not committed."""
        self.store.close()

    def commit(self) -> None:
        """Make everything so far durable: versions first."""
        if self._waiting or self.store.is_dirty:
            self._bring()
            self.blobs.flush()
            self.store.commit()

    def _bring(self) -> None:
        if self._waiting:
            self.store.put_frames(self._frames)
            self.store.put(self._waiting)
            self._waiting, self._frames = [], []

    # -- a run

    def begin(self, number: int, mode: str, now: float) -> None:
        """What is kept from now on is of this run."""
        self.blobs.clear_temporary()
        self._run, self._is_noted, self.kept = Run(number, now, None, mode, "{}"), False, 0
        self._was_new = self.store.is_new()

    def adopt(self, now: float) -> None:
        """A state that is older than its history: what its mirror holds are its first versions, without a request."""
        self.begin(self.state.run or int(self.state.facts.runs or 0), "", now)
        self.state.unkept.mark_all()
        self.meet(user for each in self.state.findings.users() if (user := self.mirror.user(each)))
        self.settle(now)

    def _note_run(self) -> None:
        if not self._is_noted:
            self._is_noted = True
            self.store.put_run(self._run)

    def meet(self, users: Iterable[Json]) -> None:
        """People whose names were told."""
        named = {str(user["id"]): user["name"] for user in users if isinstance(user.get("name"), str)}
        new = [pair for pair in named.items() if self._people.get(pair[0]) != pair[1]]
        if new:
            self._note_run()
            self.store.put_people(self._run.number, new)
            self._people.update(new)

    # -- what was read

    def draft(self) -> BlobDraft:
        """A place for the lines of a document, whoever reads it."""
        return self.blobs.draft()

    def finish(self, draft: BlobDraft, ref: Ref, found: Found, files: Iterable[AssetRecord]) -> Blob:
        """Make what was read a version; whoever does."""
        raw = ref.raw if found.raw is None else found.raw
        own = [] if raw is None else [(f"o/{ref.id}", packed(raw))]
        return draft.keep([found_line(found, files), *own])

    def take(self, known: ObjectRecord, took: Took, content: str, listing: str) -> None:
        """A document was read."""
        self._put(_version(known, self._run.number, took.blob, listing, content), took)

    def take_synced(self, block_id: str, document_id: str, took: Took) -> None:
        """A synced block was read for a document that shows a copy of it."""
        made = Version(
            *(block_id, self._run.number, took.blob.sha256, took.blob.size, SYNCED, "", "page_id", document_id),
            *("", "", "", "read"), 1, None, None, "", "",
        )  # fmt: skip
        self._put(made, took)

    def _put(self, made: Version, took: Took) -> None:
        last = None if self._was_new else self.store.latest([made.object_id]).get(made.object_id)
        if made.is_as(last):
            return
        self._note_run()
        self._waiting.append(made)
        self._frames.append(took.blob)
        if took.files:
            self.store.put_assets(made.sha256, (file.sha256 for file in took.files))
        self.kept += 1

    # -- what changed around it

    def settle(self, now: float) -> None:
        """See what the state noted, and end the run; it lasts with the next checkpoint."""
        self._bring()
        for page in self.state.unkept.pages():
            self._settle([known for known, _ in page], {known.id: content for known, content in page})
        if self.state.unkept.any():
            self.state.unkept.clear()
        if self._is_noted:
            facts = {name: getattr(self.state.facts, name) for name in FACTS}
            self._run = self._run._replace(ended=now, facts=json.dumps(facts, sort_keys=True))
            self.store.put_run(self._run)

    def _settle(self, page: list[ObjectRecord], contents: dict[str, str]) -> None:
        latest = self.store.latest([known.id for known in page])
        changed: list[Version] = []
        amended: list[Version] = []
        for known in page:
            last = latest.get(known.id)
            if known.status not in THERE and (last is None or not last.is_there):
                continue
            now = self._now(known, last, contents[known.id])
            if last is not None and now.sha256 == last.sha256 and (last.run == now.run or now.is_as(last)):
                if now[4:] != last[4:]:
                    amended.append(now._replace(run=last.run))
            else:
                changed.append(now)
        if changed:
            self._note_run()
            self.store.put(changed)
            self.kept += sum(bool(each.sha256) for each in changed)
        if amended:
            self.store.amend(amended)

    def _now(self, known: ObjectRecord, last: Version | None, content: str) -> Version:
        """What an object is now; if its version is not that of the mirror, it is made of the mirror."""
        blob = NOTHING
        if known.status in THERE and (known.has_copy or known.kind == "data_source"):
            is_kept = last is not None and bool(last.sha256)
            if last is not None and is_kept and _digests(last) == (known.listing_digest, content):
                blob = Blob(last.sha256, last.size)
            else:
                blob = self._composed(known)
        made = _version(known, self._run.number, blob, known.listing_digest, content)
        # Where something stood last is how it is found when it is gone.
        return made if made.path is not None or last is None else made._replace(path=last.path)

    def _composed(self, known: ObjectRecord) -> Blob:
        raw = self.mirror.object(known.id)
        if raw is None or (known.kind == "page" and not self.mirror.has_listing(known.id)):
            return NOTHING  # it is read again
        draft = self.draft()
        found, files = Found(), list(self.state.assets.of_keys(known.id))
        if known.kind == "page":
            draft.add(self.lines(known.id))
        if known.kind != "data_source":
            found = self.state.findings.of(known.id)
        blob = self.finish(draft, known.ref, evolve(found, raw=raw), files)
        self.store.put_frames([blob])
        self.store.put_assets(blob.sha256, (file.sha256 for file in files))
        return blob

    def lines(self, document_id: str, *, comments: bool = True) -> Iterator[Line]:
        """What the mirror holds of a page's own blocks and of the comments on them."""
        if comments:
            yield from self._comments(document_id)
        waiting = [document_id]
        while waiting:
            parent = waiting.pop()
            for index, listing in enumerate(self.mirror.listings(parent)):
                yield f"b/{parent}/{index}", packed(listing)
                for block in map(Block, objects(listing.get("results"))):
                    if comments:
                        yield from self._comments(block.id)
                    waiting += listed_in(block)

    def _comments(self, block_id: str) -> Iterator[Line]:
        for index, raw in enumerate(self.mirror.comment_listings(block_id)):
            yield f"c/{block_id}/{index}", packed(raw)


def _digests(last: Version) -> tuple[str, str]:
    return last.listing_digest, last.content_digest


def _version(known: ObjectRecord, run: int, blob: Blob, listing: str, content: str) -> Version:
    return Version(
        *(known.id, run, blob.sha256, blob.size, known.kind, known.title, known.parent.type, known.parent.id),
        *(known.created_time, known.last_edited_time, known.url, known.status.value, int(known.has_copy)),
        *(known.folder_id, known.path, listing, content),
    )
