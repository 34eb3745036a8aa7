"""What a run has to do about what the source shows: decisions; the state keeps them."""

from __future__ import annotations

import hashlib
import json

from attrs import evolve, frozen

from notion_sync_core.content.files import hosted_files
from notion_sync_core.history.keeping import History
from notion_sync_core.mirror.mirror import Mirror, dumps
from notion_sync_core.model import Found, Json, Ref
from notion_sync_core.stages.border import users
from notion_sync_core.stages.selection import Selection
from notion_sync_core.state import ObjectRecord, State
from notion_sync_core.state.objects import BELOW_UNSELECTED
from notion_sync_core.status import Status, ToRead
from notion_sync_core.wellformed import CUT_BYTES

_LONGEST_ICON = 4_000
"""Characters of an icon's object; real ones have some hundred."""


@frozen
class Seen:
    """What seeing an object again led to."""

    first: bool
    """This run had not seen it yet."""
    pending: bool
    """It has to be read."""
    known: bool
    """An earlier run knew it."""
    cut: bool = False
    """Something in it is nested so deeply that it was cut."""


class Plan:
    """One run's decisions; all writing of the collecting stage happens here, on one thread.

    :param full: read everything again.
    :param files: the files of documents are fetched.
    :param selection: which rows count; ``None``: all.
    :param history: keeps what is read; ``None``: nobody does.
    """

    def __init__(
        self,
        state: State,
        mirror: Mirror,
        *,
        full: bool = False,
        files: bool = True,
        selection: Selection | None = None,
        history: History | None = None,
    ) -> None:
        self.state = state
        self.history = history
        """Keeps what is read; ``None``: nobody does."""
        self._objects = state.objects
        self._queue = state.queue
        self._mirror = mirror
        self._full = full
        self._files = files
        self._selection = selection or None
        self._doubted: set[str] = set()
        """Documents whose children came or went while they were being read."""
        self._outdated: set[str] = set()
        """What a listing has shown in another form while it was being read."""

    def begin(self) -> None:
        """Put what an interrupted run was reading back into the queue, and forget a mirror that is gone."""
        self._queue.put_back_all()
        self.state.lookups.forget_unanswered()
        if self._mirror.object("mirror") is None:
            self._queue.forget_copies()
            self.state.facts.listed = ""  # what listings show is in no mirror now
            self._mirror.put_object("mirror", {"schema": 1})

    # -- discovery

    def see(self, ref: Ref) -> Seen:
        """Note that the source shows this object, and decide whether it has to be read."""
        old = self._objects.find(ref.id)
        if old is not None and old.status is Status.ASIDE:
            self._objects.see_aside(ref.id)
            return Seen(first=False, pending=False, known=True)
        if ref.left_out:
            return self._see_left_out(ref, old)
        if self._selection and (reason := self._against(self._selection, ref, old)):
            return self._see_unselected(ref, old, reason)
        packed = b"" if ref.raw is None else dumps(ref.raw)
        digest = _digest(packed)
        seen = self._see_new(ref, digest) if old is None else self._see_again(ref, old, digest)
        return evolve(seen, cut=True) if CUT_BYTES in packed else seen

    def _see_new(self, ref: Ref, digest: str) -> Seen:
        if ref.raw is not None:
            self._mirror.put_object(ref.id, ref.raw)
        self._objects.add(ref, digest)
        if icon := icon_of(ref.raw):
            self._objects.note_icon(ref.id, icon)
        self._queue.render_container(ref)
        self._doubted |= self._queue.reread_holders(ref)
        return Seen(first=True, pending=ref.kind != "data_source", known=False)

    def _see_again(self, ref: Ref, old: ObjectRecord, digest: str) -> Seen:
        changed = digest != old.listing_digest and bool(digest)
        revived = old.status not in (Status.READ, Status.FAILED, Status.NEW)
        pending = self._must_read(old, ref, changed=changed)
        if changed:
            self._mirror.put_object(ref.id, ref.raw or {})
            if old.to_read is ToRead.TAKEN:
                self._outdated.add(ref.id)
        status = _alive(old)
        self._objects.see(ref, digest or old.listing_digest, status, to_read=pending, to_render=changed or revived)
        if revived:
            self._objects.raise_below(ref.id)
        # What no listing showed whole has the icon that is known.
        icon = old.icon if ref.raw is None else icon_of(ref.raw)
        if icon != old.icon:
            self._objects.note_icon(ref.id, icon)
        if ref.title != old.title or icon != old.icon:
            self._queue.render_showing(ref.id)
        if changed or revived:
            self._queue.render_container(ref)
        if revived or ref.parent != old.parent:
            self.state.lookups.forget_location(ref.id)
            self._doubted |= self._queue.reread_holders(ref)
        return Seen(first=old.seen_in_run != self.state.run, pending=pending, known=True)

    def _see_left_out(self, ref: Ref, old: ObjectRecord | None) -> Seen:
        if old is not None and old.status is not Status.TRASHED:
            self._objects.leave(ref.id, Status.ASIDE if ref.for_good else Status.TRASHED, ref.left_out)
            self._queue.render_showing(ref.id)
            self._queue.render_container(ref)
            self._doubted |= self._queue.reread_holders(ref)
        if old is not None:
            self._objects.mark_asked(ref.id)
        return Seen(first=False, pending=False, known=old is not None)

    def _against(self, selection: Selection, ref: Ref, old: ObjectRecord | None) -> str:
        """Why an object is not chosen; ``""``: it is. What lies below a row goes with it until one of them moves."""
        if reason := selection.against(ref):
            return reason
        goes_with = old is not None and old.reason == BELOW_UNSELECTED and old.parent == ref.parent and old.folder_id
        return BELOW_UNSELECTED if goes_with and self._objects.is_unselected(goes_with) else ""

    def _see_unselected(self, ref: Ref, old: ObjectRecord | None, reason: str) -> Seen:
        """A row that is not chosen is known, and not read: should it be chosen later, nobody has to look for it."""
        digest = _digest(dumps(ref.raw)) if ref.raw is not None else ""
        if digest and (old is None or digest != old.listing_digest):
            self._mirror.put_object(ref.id, ref.raw or {})
        if old is None:
            self._objects.add(ref, digest)
        else:
            digest = digest or old.listing_digest
            self._objects.see(ref, digest, Status.UNSELECTED, to_read=False, to_render=False)
        self._objects.leave(ref.id, Status.UNSELECTED, reason)
        if old is None or old.status is not Status.UNSELECTED:
            self._tell_who_shows(ref)
            self._doubted |= self._queue.reread_holders(ref)
        return Seen(first=False, pending=False, known=old is not None)

    def _tell_who_shows(self, ref: Ref) -> None:
        self._queue.render_showing(ref.id)
        self._queue.render_container(ref)
        self.site_changed()

    def judge_missing(self, *, let_go: bool) -> None:
        """What was readable and is not any more stays in the export as it was, or leaves it.

        One that left it comes back under the other setting only as long as its files are there.
        """
        judged = self._objects.let_missing_go() if let_go else self._objects.keep_missing()
        for known in judged:
            self._tell_who_shows(known.ref)

    def choose(self) -> None:
        """Judge every known row anew if what is chosen is not what it was: without a request, whatever it shows."""
        selection, facts = self._selection or Selection({}), self.state.facts
        if facts.selection == selection.text:
            return
        for known in self._objects.rows():
            ref = evolve(known.ref, raw=self._mirror.object(known.id))
            reason = selection.against(ref)
            by_itself = known.status is Status.UNSELECTED and known.reason != BELOW_UNSELECTED
            if reason and not by_itself:
                self._objects.leave(known.id, Status.UNSELECTED, reason)
            elif by_itself and not reason:
                self._objects.is_back(known.id)
                self._objects.raise_below(known.id)
            else:
                continue
            self._tell_who_shows(ref)
        facts.selection = selection.text

    def _must_read(self, old: ObjectRecord, ref: Ref, *, changed: bool) -> bool:
        if ref.kind == "data_source":
            return False
        # What changed without a new time is made again from the listing's object, unless that shows only a part, or
        # files of which nobody has more than an address that leads nowhere.
        if changed and (ref.cut or self._shows_other_files(ref)):
            return True
        if old.read_in_run == self.state.run and old.copy_edited_time == ref.last_edited_time:
            return False
        return (
            self._full
            or old.copy_edited_time != ref.last_edited_time
            or not old.copy_is_settled
            or old.status is Status.FAILED
        )

    def _shows_other_files(self, ref: Ref) -> bool:
        """Whether an object shows other files than when it was read: a rollup does, or the service moved its files."""
        return self._files and hosted_files(ref.raw or {}) != self.state.findings.own_files(ref.id)

    def object(self, object_id: str) -> Json | None:
        """What the mirror holds of an object."""
        return self._mirror.object(object_id)

    def site_changed(self) -> None:
        """The files that are about all documents have to be made again; the mark outlives a crash."""
        if not self.state.facts.site_stale:  # asked for each object that is seen; writing fires triggers
            self.state.facts.site_stale = "1"

    # -- reading

    def take_pending(self, count: int) -> list[Ref]:
        """Some objects that have to be read, with the object that a listing gave."""
        return [evolve(found.ref, raw=self._mirror.object(found.id)) for found in self._queue.take(count)]

    def finish_read(self, ref: Ref, found: Found, *, settled: bool, content: str = "") -> None:
        """Everything of this document is in the mirror.

        :param content: the digest of what is.
        """
        before = self._objects.find(ref.id)
        outdated = self.is_outdated(ref.id)
        self._outdated.discard(ref.id)
        if found.raw is not None and not outdated:
            self._mirror.put_object(ref.id, found.raw)
            self._note_icon(before, found.raw)
        findings = self.state.findings
        own = hosted_files(found.raw or ref.raw or {})
        findings.replace(ref.id, found, own=own, known=before is not None and bool(before.read_in_run))
        for child, _, _ in found.children:
            self.state.lookups.name_unreadable(child)
        self._queue.render(findings.link_blocks(ref.id, found.anchors))
        self.add_users(found)
        if found.originals:
            self._queue.render_copying(ref.id)
        if ref.id in self._doubted:
            self._doubted.discard(ref.id)
            settled = settled and not self._queue.shows_other_children(ref.id)
        self._queue.finish(ref, settled=settled, again=outdated, content=content)
        self._queue.render_container(ref)
        if before is None or not before.has_copy:
            # What links to it led to Notion as long as there was no file.
            self._queue.render_showing(ref.id)

    def is_outdated(self, object_id: str) -> bool:
        """Whether a listing has shown an object in another form while it was being read."""
        return object_id in self._outdated

    def _note_icon(self, before: ObjectRecord | None, raw: Json) -> None:
        """A reading may give another icon than the listing before it."""
        icon = icon_of(raw)
        if before is not None and icon != before.icon:
            self._objects.note_icon(before.id, icon)
            self._queue.render_showing(before.id)

    def picture_came(self, object_id: str) -> None:
        """A file of this document came: what shows its icon may show that."""
        known = self._objects.find(object_id)
        if known is not None and "http" in known.icon:
            self._queue.render_showing(object_id)

    def add_users(self, found: Found) -> None:
        """Keep the names of users."""
        named = users(found.users)
        for user in named:
            self._mirror.put_user(user)
        self.state.findings.add_users(user["id"] for user in named)
        if self.history is not None:
            self.history.meet(named)


def icon_of(raw: Json | None) -> str:
    """An object's icon, as other documents show it; one that is no icon in any sense is none."""
    found = raw.get("icon") if raw else None
    text = json.dumps(found, sort_keys=True, separators=(",", ":")) if isinstance(found, dict) else ""
    return text if len(text) <= _LONGEST_ICON else ""


def _digest(packed: bytes) -> str:
    return hashlib.blake2b(packed, digest_size=16).hexdigest() if packed else ""


def _alive(old: ObjectRecord) -> Status:
    """What an object is that the source shows again."""
    if old.kind == "data_source":
        return Status.READ
    if old.has_copy:
        return Status.FAILED if old.status is Status.FAILED else Status.READ
    return Status.NEW
