"""The export service: one job from configuration to report."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any, Literal, cast

from attrs import define, field, frozen

from notion_sync_core import identity
from notion_sync_core.bus import Bus
from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.errors import GuardError, LimitReached, NotionSyncError, PluginError
from notion_sync_core.events import (
    AssetDownloaded,
    AssetFailed,
    Event,
    ObjectUnreadable,
    RunFinished,
    RunStarted,
    StageStarted,
    Warned,
)
from notion_sync_core.gate import Gate
from notion_sync_core.job import Job
from notion_sync_core.lock import job_lock
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.source import Source
from notion_sync_core.plugins.watch import Watch
from notion_sync_core.redact import LONGEST, Redactor
from notion_sync_core.report import Report
from notion_sync_core.run import surroundings, tree
from notion_sync_core.run.collect import Collector
from notion_sync_core.run.layout import Naming
from notion_sync_core.run.ownership import Owner, claim_sink, claim_state
from notion_sync_core.run.patience import Patience
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.press import Press, style_of
from notion_sync_core.run.press_process import PressProcess
from notion_sync_core.run.publish import Publisher
from notion_sync_core.run.retire import SMALLEST_DELETE, Retirer
from notion_sync_core.run.settle import Settler
from notion_sync_core.run.survey import Surveyor
from notion_sync_core.state import ObjectRecord, State
from notion_sync_core.store.disk import disk_error, is_disk_trouble, nearly_full
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.terminal import MOST

Mode = Literal["export", "sync", "render", "repair"]
"""``repair`` makes again what is missing in the sinks; like ``render``, from the mirror alone."""

_HEEDS_S = 10.0
"""A renderer that is broken off leaves by then."""
_OUTSIDE = 12
"""So many times as long as others may sources and sinks take for one call without a sign of life."""
_SLOWEST_S = 60.0
RENDERING = 1
"""Counts up when the core gives renderers other content, paths or links for the same state."""
MANY = 400
"""Documents from which on a second process pays."""


@frozen
class Options:
    """What one run does differently from the configuration."""

    mode: Mode = "export"
    full: bool = False
    """Read everything again."""
    adopt: bool = False
    """Take over what was an export of other roots, or from another place."""
    strict: bool = False
    """Warnings are failures."""
    max_requests: int | None = None
    max_duration_s: float | None = None
    patience: Patience | None = None
    """Breaks renderers off that take too long for a document; ``None``: in this process none is."""
    on_hang: Callable[[PluginError], object] | None = None
    """Called on another thread when a plugin does not come back; the command line leaves the program then."""


def export(job: Job, on_event: Callable[[Event], object] | None = None, **options: Any) -> Report:
    """Export a job: add and update, reading only what changed. See :class:`Options` for the keywords.

    :raises NotionSyncError: the run stopped; run it again and it goes on where it was.
    """
    report = run(job, Options(**options), (on_event,) if on_event else ())
    if report.error is not None:
        raise report.error
    return report


def run(
    job: Job,
    options: Options,
    listeners: tuple[Callable[[Event], object], ...] = (),
    clock: Clock | None = None,
) -> Report:
    """Run a job; what stops it is in the report.

    :param listeners: see every event.
    """
    clock = clock or SystemClock()
    if options.max_duration_s is not None:
        clock = _Deadline(clock, options.max_duration_s)
    report = Report(job="", mode=options.mode)
    redact = job.redactor()
    service = _Run(job, options, clock, Bus(listeners, redact), report)
    started = clock.monotonic()
    error: NotionSyncError | None = None
    try:
        service.start()
    except NotionSyncError as caught:
        error = caught
    except OSError as caught:
        if not is_disk_trouble(caught):
            raise
        error = disk_error("a file of this job", caught)
    _redact(report, error, redact)
    report.conclude(error, strict=options.strict)
    report.seconds = clock.monotonic() - started
    service.bus.publish(RunFinished(report.status, report.seconds))
    return report


class _Deadline:
    """A clock that ends the run after so many seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = clock.monotonic() + seconds

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(min(seconds, max(0.0, self._end - self._clock.monotonic()) + 0.001))
        self.check()

    def check(self) -> None:
        self._clock.check()
        if self._clock.monotonic() >= self._end:
            raise LimitReached(
                f"the limit of {self._seconds:g} seconds was reached", "Run the same command again to go on from here."
            )


@define
class _Tally:
    """Facts for the report that only events carry."""

    downloaded: int = 0
    bytes: int = 0
    failed: int = 0
    warnings: list[dict[str, str]] = field(factory=list)

    def __call__(self, event: Event) -> None:
        match event:
            case AssetDownloaded(bytes=size):
                self.downloaded += 1
                self.bytes += size
            case AssetFailed():
                self.failed += 1
            case Warned(message, object_id, title):
                self.warnings.append({"id": object_id, "title": title, "message": message})
            case _:
                pass


@frozen
class _Watches:
    """Who is watched how closely."""

    listeners: Watch
    renderers: Watch
    outside: Watch
    """Sources and sinks: what they wait for may be slow, and large."""


class _Run:
    """One run: acquires what it needs, goes through the stages, and fills the report."""

    def __init__(self, job: Job, options: Options, clock: Clock, bus: Bus, report: Report) -> None:
        self.job = job
        self.options = options
        self.clock = clock
        self.bus = bus
        self.report = report
        self._tally = _Tally()
        self._gate: Gate | None = None
        self._collector: Collector | None = None
        self._settler: Settler | None = None
        self._publisher: Publisher | None = None
        bus.subscribe(self._tally)

    def start(self) -> None:
        with contextlib.ExitStack() as stack:
            watches = self._watches(stack)
            for listener in self.job.listeners(watches.listeners):
                self.bus.subscribe(listener)
            job_id = self.report.job = self.job.id
            sinks, renderers = self.job.sinks(watches.outside), self.job.renderers(watches.renderers)
            self.report.sinks = [sink.location for sink in sinks]
            source = None
            if self.options.mode not in ("render", "repair"):
                source = self.job.source(watches.outside)
                stack.callback(source.close)
            folder = self.job.folder(job_id)
            stack.enter_context(job_lock(folder / "lock", self.clock, self.job.config.deployment.lock_timeout_s))
            identity.remember(self.job.home, sinks, job_id)
            state = State(folder / "state.sqlite")
            stack.callback(state.close)
            mirror = Mirror(folder / "mirror")
            stack.callback(mirror.close)
            run_id = uuid.uuid4().hex[:12]
            for sink in sinks:
                stack.callback(sink.close)
                sink.open(run_id)
            for line in nearly_full([folder, *(sink.location for sink in sinks)]):
                self.bus.publish(Warned(line))
            self._own(state, sinks, job_id)
            plan = self._plan(state, mirror)
            try:
                self._stages(stack, plan, mirror, source, renderers, sinks, run_id)
            finally:
                self._fill(plan)

    def _watches(self, stack: contextlib.ExitStack) -> _Watches:
        """What notices plugins that do not come back; where renderers are broken off, only what does not heed that."""
        limit = self.job.config.performance.plugin_timeout_s
        render = limit + _HEEDS_S if limit and self.options.patience else limit
        watches = _Watches(Watch(limit), Watch(render), Watch(max(_SLOWEST_S, _OUTSIDE * limit) if limit else 0.0))
        for watch in (watches.listeners, watches.renderers, watches.outside):
            stack.enter_context(watch.watching(self.options.on_hang or _log_hang))
        self.bus.subscribe(watches.outside.heard)
        return watches

    def _plan(self, state: State, mirror: Mirror) -> Plan:
        state.begin_run()
        state.checkpoint()
        mirror.clear_temporary()
        return Plan(state, mirror, full=self.options.full)

    def _own(self, state: State, sinks: list[Sink], job_id: str) -> None:
        """Make sure that each sink is this job's, and adopt what it holds if the state was lost."""
        owner = Owner(job_id, self.job.scope, job_id == self.job.legacy_id, self.options.adopt)
        claim_state(state, owner)
        for sink in sinks:
            try:
                count = claim_sink(state, sink, owner, repair=self.options.mode == "repair")
            except FileNotFoundError:
                self._expect_files(state, sink)
                continue
            if count is not None:
                self.bus.publish(
                    Warned(f"the state was new: {count} objects were adopted from the manifest in {sink.location}")
                )
        state.checkpoint()

    def _expect_files(self, state: State, sink: Sink) -> None:
        """A sink that lost everything is more likely a disk that is not there than a wish to begin anew.

        :raises GuardError: nothing was written.
        """
        if self.options.mode in ("render", "repair"):
            return
        paths = state.files.written(sink.name, limit=2 * SMALLEST_DELETE)
        if len(paths) > SMALLEST_DELETE and not any(sink.stat(path) for path in paths):
            raise GuardError(
                f"{sink.location} is empty, though earlier runs wrote files there: is its disk mounted?",
                "Nothing was written. If you removed the files on purpose, make them again without a request: "
                "notion-sync render, with the same options.",
            )

    def _stages(
        self,
        stack: contextlib.ExitStack,
        plan: Plan,
        mirror: Mirror,
        source: Source | None,
        renderers: list[Renderer],
        sinks: list[Sink],
        run_id: str,
    ) -> None:
        export = self.job.config.export
        known = plan.state.objects.with_copy()
        self.bus.publish(RunStarted(self.report.job, self.options.mode, known))
        self._note_comments(plan)
        if source:
            self._note_version(plan, source.version)
        collector = self._collector = self._new_collector(plan, mirror, source, known) if source else None
        if collector is not None:
            self._collect(plan, collector)
        self._lay_out(plan, renderers)
        press = Press(plan.state, mirror, renderers, sinks, self.options.patience)
        settler = self._settler = Settler(plan.state, sinks, self.bus.publish, export.on_edit)
        publisher = self._publisher = Publisher(
            plan, mirror, press, settler, self.clock, self.bus.publish, job=self.report.job
        )
        retirer = Retirer(
            plan.state, settler, self.clock, self.bus.publish,
            delete=self.options.mode == "sync", on_missing=export.on_missing, max_delete=export.max_delete,
        )  # fmt: skip
        self._forget_if_options_changed(plan, renderers)
        Surveyor(plan, settler, self.clock).survey()
        if self.options.mode == "repair":
            publisher.redo_what_has_no_file()
        publisher.write_assets()
        self._write(stack, plan, publisher, run_id)
        if settler.counts.misses and collector is not None:
            self.bus.publish(Warned(f"the mirror lacked {len(settler.counts.misses)} documents: they are read again"))
            collector.read_pending()
            publisher.write_assets()
            self._write(stack, plan, publisher, run_id)
        elif settler.counts.misses:
            publisher.fail_misses()
        for step in (
            retirer.retire,
            publisher.write_site,
            publisher.warn_of_dead_links,
            retirer.check_guard,
            publisher.write_manifest,
            retirer.remove,
        ):
            self.clock.check()
            step()
        if collector is not None and collector.discovery_complete:
            plan.state.facts.since = plan.state.objects.newest_edit()
        plan.state.checkpoint()

    def _note_version(self, plan: Plan, version: str) -> None:
        """Objects read with another version of the API have another shape: all is read again."""
        known = plan.state.facts.source_version or version
        if known != version:
            self.bus.publish(Warned(f"the API version changed from {known} to {version}: everything is read again"))
            plan.state.queue.unsettle_all()
        plan.state.facts.source_version = version

    def _note_comments(self, plan: Plan) -> None:
        """Comments are shown only while they are asked for; newly asked for, everything is read again for them."""
        wanted = "1" if self.job.config.export.comments else ""
        reads = self.options.mode in ("export", "sync")
        if wanted and plan.state.facts.comments != wanted and reads:
            plan.state.queue.unsettle_all()
        if not wanted or reads:
            plan.state.facts.comments = wanted

    def _new_collector(self, plan: Plan, mirror: Mirror, source: Source, known: int) -> Collector:
        performance, export = self.job.config.performance, self.job.config.export
        self._gate = self.job.gate(source, self.clock, self.bus.publish, self.options.max_requests)
        allowed = max(SMALLEST_DELETE, int(export.max_delete * known)) if known else None
        return Collector(
            plan, mirror, source, self._gate, self.clock, self.bus.publish,
            roots=self.job.roots, workers=performance.workers, queue_size=performance.queue_size,
            assets=export.assets, full=self.options.full, allowed_missing=allowed,
        )  # fmt: skip

    def _collect(self, plan: Plan, collector: Collector) -> None:
        assert self._gate is not None
        self.bus.publish(StageStarted("read"))
        try:
            collector.run()
        finally:
            self._gate.close()
        for each in plan.state.objects.unreadable():
            self.bus.publish(ObjectUnreadable(each.id, each.kind, each.title, each.reason))

    def _lay_out(self, plan: Plan, renderers: list[Renderer]) -> None:
        plan.state.layout.assign_folders()
        if self.job.roots and self._collector is not None and self._collector.discovery_complete:
            plan.state.objects.keep_below(self.job.roots)
        plan.state.objects.sink_below_trashed()
        style = style_of(renderers, cast("Naming", self.job.config.export.naming))
        tree.lay_out(plan, lambda message: self.bus.publish(Warned(message)), style)
        surroundings.arrange(plan.state, watched=any(renderer.shows_neighbours for renderer in renderers))
        plan.state.checkpoint()

    def _write(self, stack: contextlib.ExitStack, plan: Plan, publisher: Publisher, run_id: str) -> None:
        total = publisher.dirty()
        self.bus.publish(StageStarted("write", total))
        plan.state.checkpoint()
        helpers = []
        if total >= MANY:
            for number in range(self.job.config.performance.render_processes):
                helper = PressProcess(
                    plan.state.path,
                    plan.state.path.parent / "mirror",
                    self.job.renderer_specs(),
                    self.job.sink_specs(),
                    f"{run_id}.{number}",
                    self.job.config.performance,
                )
                stack.callback(helper.close)
                helpers.append(helper)
        publisher.write_documents(helpers)

    def _forget_if_options_changed(self, plan: Plan, renderers: list[Renderer]) -> None:
        """Other renderers, other options or another version make every file again, without a request."""
        specs = [[spec.name, spec.use, sorted(spec.options.items())] for spec in self.job.renderer_specs()]
        sinks = [spec.name for spec in self.job.sink_specs()]
        versions = [renderer.version for renderer in renderers]
        comments = plan.state.facts.comments
        text = json.dumps([RENDERING, versions, specs, sinks, comments], default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if plan.state.facts.rendering != digest or self.options.mode == "render":
            plan.state.queue.render_all()
            # The digest becomes durable together with the flags, not before them.
            plan.state.facts.rendering = digest
            plan.site_changed()

    def _fill(self, plan: Plan) -> None:
        """The report, from the state and the counters."""
        report, objects, known = self.report, self.report.objects, plan.state.objects
        found = known.counts()
        objects.read, objects.unchanged, objects.failed = found.read, found.unchanged, found.failed
        objects.unreadable, objects.moved = found.unreadable, found.moved
        objects.discovered = objects.read + objects.unchanged + objects.failed + objects.unreadable
        if self.options.mode == "sync":
            objects.deleted = found.left
        report.failures = [_entry(each, "error") for each in known.failed()]
        report.failures += self._collector.failures if self._collector else []
        report.unreadable = [_entry(each, "reason") for each in known.unreadable()]
        report.warnings = self._tally.warnings
        assets = report.assets
        assets.downloaded, assets.bytes, assets.failed = self._tally.downloaded, self._tally.bytes, self._tally.failed
        assets.unchanged = max(0, plan.state.assets.count() - assets.downloaded)
        if self._gate is not None:
            stats = self._gate.stats
            report.requests.total, report.requests.retried = stats.total, stats.retried
            report.requests.rate_limited = stats.rate_limited
        if self._publisher is not None:
            report.failures += self._publisher.failures
        if self._settler is not None:
            counts = self._settler.counts
            artifacts = report.artifacts
            artifacts.written, artifacts.unchanged, artifacts.deleted = counts.written, counts.unchanged, counts.deleted
            artifacts.stale, artifacts.bytes, artifacts.kept_edits = counts.stale, counts.bytes, len(counts.kept)
            artifacts.moved = objects.moved
            report.kept_edits = counts.kept


def _redact(report: Report, error: NotionSyncError | None, redact: Redactor) -> None:
    """Nothing that a service, a library or a plugin said brings a secret into the report, or fills it."""
    for items in (report.failures, report.unreadable, report.warnings):
        for item in items:
            item.update({name: redact.short(text, LONGEST.get(name, MOST)) for name, text in item.items()})
    if error is not None:
        error.message, error.remedy = redact.short(error.message, MOST), redact.short(error.remedy, MOST)
        error.args = (error.message,)


def _log_hang(error: PluginError) -> None:
    logging.getLogger(__name__).error("%s", error)


def _entry(known: ObjectRecord, reason: str) -> dict[str, str]:
    return {"id": known.id, "title": known.title, reason: known.reason, "remedy": known.remedy}
