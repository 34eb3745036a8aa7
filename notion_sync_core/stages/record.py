"""What the one writing thread does about what workers found."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen

from notion_sync_core.errors import (
    GuardError,
    MissingError,
    NotAuthorisedError,
    NotionSyncError,
    PluginError,
    SkippableError,
    UnreachableError,
)
from notion_sync_core.events import (
    AssetDownloaded,
    AssetFailed,
    Event,
    ObjectDiscovered,
    ObjectFailed,
    ObjectRead,
    ObjectUnchanged,
    PluginFailed,
    Warned,
)
from notion_sync_core.history.keeping import Took
from notion_sync_core.model import Asset, Found, Kind, Ref, Unusable
from notion_sync_core.stages.plan import Plan
from notion_sync_core.state import AssetRecord, Child
from notion_sync_core.status import Status
from notion_sync_core.wellformed import CUT

Shown = Ref | Unusable
FIRST = "the next run tries it first"
ALONE = "its document fails alone"
_TOO_DEEP = f"a value is nested too deeply and was cut: {CUT} stands in its place"


@frozen
class Received:
    """An asset that came into the mirror."""

    asset: Asset
    sha256: str
    size: int
    suffix: str
    media_type: str

    @property
    def record(self) -> AssetRecord:
        """As the state remembers it."""
        return AssetRecord(self.asset.key, self.sha256, self.size, self.suffix, self.media_type)


@frozen
class Reading:
    """A document that was read, with its files."""

    ref: Ref
    found: Found
    received: tuple[Received, ...] = ()
    lost: tuple[tuple[Asset, str], ...] = ()
    digest: str = ""
    """Of its content."""
    cut: bool = False
    """Something in its blocks or comments is nested so deeply that it was cut."""
    took: Took = field(factory=Took)


class Recorder:
    """Turns findings into state and events.

    :param allowed_missing: how many objects may turn out missing before the run stops; ``None``: any.
    :param keeps_missing: what was made of such objects stays; else it is to go.
    """

    def __init__(
        self,
        plan: Plan,
        publish: Callable[[Event], None],
        allowed_missing: int | None,
        *,
        keeps_missing: bool = True,
    ) -> None:
        self.plan = plan
        self._state = plan.state
        self._publish = publish
        self._allowed_missing = allowed_missing
        self._keeps_missing = keeps_missing
        self._missing = 0
        self.broken: dict[str, tuple[str, str]] = {}
        """Databases whose rows could not be listed: they failed, however well the rest of them was read."""
        self.discovery_complete = True
        """Every listing was read to its end."""
        self.failures: list[dict[str, str]] = []
        """What failed beside whole objects: the listing of the workspace, files."""

    def see(self, refs: tuple[Shown, ...]) -> None:
        """Listings show these objects."""
        for ref in refs:
            if isinstance(ref, Unusable):
                self._unusable(ref)
                continue
            seen = self.plan.see(ref)
            if seen.cut and seen.first:
                self.warn(_TOO_DEEP, ref.id, ref.title)
            if not seen.first or ref.kind == "data_source" or ref.left_out:
                continue
            self._publish(ObjectDiscovered(ref.id, ref.kind, ref.title, seen.pending))
            if not seen.pending:
                self._publish(ObjectUnchanged(ref.id, ref.kind, ref.title))

    def _unusable(self, shown: Unusable) -> None:
        """What nothing can be done with is named; the others go on."""
        error = SkippableError(shown.reason, shown.remedy)
        if shown.id and shown.missing:
            child = Child(shown.id, shown.kind, shown.title)
            self._state.lookups.ask(child)
            self.not_found(child, MissingError(shown.reason, shown.remedy))
        elif shown.id:
            self._fail_anew(Child(shown.id, shown.kind, shown.title), error)
        else:
            # Nobody can ask for it by its id: the next run has to list it again.
            self.discovery_complete = False
            self._name(shown.id, shown.title, error.message, error.remedy or "It is listed again on the next run.")

    def _fail_anew(self, child: Child, error: NotionSyncError) -> None:
        """An object failed that the state may not know."""
        if self._state.objects.find(child.id) is None:
            self._state.lookups.ask(child)
        self.fail(child.id, child.kind, child.title, error)

    def _name(self, object_id: str, title: str, error: str, remedy: str) -> None:
        self.failures.append({"id": object_id, "title": title, "error": error, "remedy": remedy})

    def keep_databases(self, fresh_since: str) -> None:
        """Databases that listings show by their data sources alone.

        :param fresh_since: what was looked up by a run that began after this (ISO 8601) is not looked up again.
        """
        last_stale = self._state.runs.last_before(fresh_since)
        for database, title in self._state.lookups.keep_databases(last_stale):
            self._publish(ObjectDiscovered(database, "database", title, False))
            self._publish(ObjectUnchanged(database, "database", title))

    def fetched(self, child: Child, refs: tuple[Shown, ...]) -> None:
        """What looking up one object gave; nothing: it is a view."""
        self.see(refs)
        if refs and all(ref.id != child.id for ref in refs):
            error = SkippableError(f"{child.id} was asked for, and {refs[0].id or 'something without an id'} came")
            self._fail_anew(child, error)
        elif not refs and self._state.lookups.holds_data_sources(child):
            error = SkippableError("it shows none of its data sources, though at least one says that it stands in it")
            self._fail_anew(child, error)
        elif not refs:
            self._judged(child, self._state.lookups.is_view)

    def _judged(self, child: Child, judge: Callable[[Child], None]) -> None:
        """What an object turns out to be decides how it is shown; what shows it may have been published before."""
        objects = self._state.objects
        before = objects.find(child.id)
        judge(child)
        after = objects.find(child.id)
        if after is not None and (before is None or before.status is not after.status):
            self._state.queue.render_showing(child.id)

    def not_found(self, child: Child, error: MissingError) -> None:
        """The source does not show this object.

        :raises GuardError: that happened to too many that were readable.
        """
        before = self._state.objects.find(child.id)
        self._judged(child, lambda child: self._state.lookups.not_found(child, error.message))
        if before is None or not before.has_copy or before.status in (Status.MISSING, Status.UNREADABLE):
            return
        self._missing += 1
        if self._allowed_missing is not None and self._missing > self._allowed_missing:
            self._state.lookups.forgive_missing()
            raise GuardError(
                f"{self._missing} objects that were readable now are not, more than export.max_delete allows",
                "Nothing was deleted. Check that the pages are still shared with the token; if they are gone on "
                "purpose, run again with --set export.max_delete=1.",
                guard="missing",
            )
        then = "the copy is kept" if self._keeps_missing else "a sync deletes the copy: export.on_missing"
        self.warn(f"it was readable and now is not; {then} ({error.message})", child.id, child.title)

    def finish(self, reading: Reading) -> None:
        """A document and its files are in the mirror."""
        ref = reading.ref
        self._keep_assets(reading)
        # A file elsewhere that cannot be had is not asked for again until its page changes.
        lost = any(not asset.external for asset, _ in reading.lost)
        edited = ref.last_edited_time
        if ref.kind == "database":
            edited = max(edited, self._state.lookups.data_sources_edited(ref.id))
        settled = not lost and reading.found.read_at[:16] > edited[:16]
        outdated = self.plan.is_outdated(ref.id)
        self.plan.finish_read(ref, reading.found, settled=settled, content=reading.digest)
        self._remember(reading, outdated=outdated)
        if reading.received:
            self.plan.picture_came(ref.id)
        for warning in (*reading.found.warnings, *((_TOO_DEEP,) if reading.cut else ())):
            self.warn(warning, ref.id, ref.title)
        self._publish(ObjectRead(ref.id, ref.kind, ref.title))

    def _remember(self, reading: Reading, *, outdated: bool) -> None:
        """Which version a document has from this run on.

        :param outdated: its object is not the one that was read any more.
        """
        history = self.plan.history
        if history is None or not reading.took.blob.sha256:
            return
        if (known := self._state.objects.find(reading.ref.id)) is not None:
            listing = "" if outdated else known.listing_digest
            history.take(known, reading.took, reading.digest, listing)

    def finish_orphan(self, doc: str, reading: Reading) -> None:
        """A synced block that this document shows is in the mirror."""
        self._keep_assets(reading)
        self._state.findings.add(doc, reading.found)
        self._state.findings.settle_orphan(reading.ref.id, doc)
        if self.plan.history is not None:
            self.plan.history.take_synced(reading.ref.id, doc, reading.took)

    def hide_orphan(self, doc: str, block: str, error: MissingError) -> None:
        """A synced block that this document shows is not shared with the token, neither original nor copy."""
        self._state.findings.settle_orphan(block, doc)
        self.warn(f"a synced block's original cannot be read: {error.message}", doc)

    def orphan_failed(self, doc: str, error: NotionSyncError) -> None:
        """A synced block could not be read; the next run asks for it again."""
        message = f"a synced block's original cannot be read: {error.message}"
        title = self._state.objects.title(doc)
        remedy = error.remedy or "Until then its text is missing; it is tried again on the next run."
        self._name(doc, title, message, remedy)
        self.warn(message, doc, title)

    def _keep_assets(self, reading: Reading) -> None:
        self._state.assets.add(item.record for item in reading.received)
        for item in reading.received:
            self._publish(AssetDownloaded(item.asset.key, item.size))
        for asset, reason in reading.lost:
            self._publish(AssetFailed(asset.key, reason))
            message = f"the file {asset.name or asset.key!r} could not be had: {reason}"
            self.warn(message, reading.ref.id, reading.ref.title)
            if not asset.external:
                remedy = "Until then the page links to its address; it is tried again on the next run."
                self._name(reading.ref.id, reading.ref.title, message, remedy)

    def put_back(self, object_id: str) -> None:
        """It was being read when the run ended."""
        self._state.queue.put_back(object_id)

    def fail(self, object_id: str, kind: Kind, title: str, error: NotionSyncError) -> None:
        """An object could not be read."""
        remedy = error.remedy or "It is tried first on the next run."
        self._state.objects.fail(object_id, error.message, remedy)
        if kind == "data_source":  # it has no line of its own among the documents
            self._name(object_id, title, error.message, remedy)
        if isinstance(error, PluginError) and error.plugin:
            self._publish(PluginFailed(error.plugin, error.hook or "source_read", error.message, ALONE))
        cause = type(error).__name__
        told = ObjectFailed(
            object_id, kind, title, error.message, remedy, cause, error.attempts, FIRST, error.request_id
        )
        self._publish(told)

    def incomplete(self, what: str, error: NotionSyncError, container: Ref | None = None) -> None:
        """A listing ended early.

        :param container: the data source whose rows it shows; ``None``: it is that of the workspace.
        :raises NotionSyncError: nothing at all was listed.
        """
        self.discovery_complete = False
        if container is None:
            if not self._state.objects.seen_now():
                raise self._nothing_listed(what, error)
            # What no listing showed is still looked up by id; what nobody knows of is missed.
            remedy = error.remedy or "It is listed again on the next run."
            self._name("", "", f"{what} to its end: {error.message}", remedy)
            return
        if container.parent.id:
            remedy = error.remedy or "It is tried first on the next run."
            self.broken[container.parent.id] = (f"{what}: {error.message}", remedy)
            self._state.objects.fail(container.parent.id, f"{what}: {error.message}", remedy)
            # Rows that a broken listing does not show are not missing.
            self._state.objects.see_rows_of(container.id)
        else:
            remedy = error.remedy or "It is listed again on the next run."
            self._name(container.id, container.title, f"{what}: {error.message}", remedy)
        self.warn(f"{what}: {error.message}")

    def _nothing_listed(self, what: str, error: NotionSyncError) -> NotionSyncError:
        """Why a run stops whose very first listing failed."""
        known = self._state.objects.with_copy()
        message = f"{what}: {error.message}"
        if isinstance(error, PluginError):
            return error
        if not isinstance(error, MissingError):
            return UnreachableError(message, error.remedy or "Run the same command again later.")
        if known:
            return GuardError(
                f"{what}, though {known} objects were readable before: {error.message}",
                "Nothing was deleted. Check the token and what is shared with it.",
                guard="missing",
            )
        return NotAuthorisedError(message, "Give the connection the capability to read content.")

    def root_failed(self, root: str, error: NotionSyncError) -> None:
        """A root could not be looked up."""
        self.discovery_complete = False
        known = self._state.objects.find(root)
        self._fail_anew(Child(root, known.kind if known else "page", known.title if known else root), error)

    def warn(self, message: str, object_id: str = "", title: str = "") -> None:
        """Say something that does no harm."""
        self._publish(Warned(message, object_id, title))
