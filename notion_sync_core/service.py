"""The export service: one job from configuration to report."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any, Literal, cast

from attrs import define, field, frozen

from notion_sync_core import plugins
from notion_sync_core._version import __version__
from notion_sync_core.bus import Bus
from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.errors import GuardError, LimitReached, NotionSyncError, PluginError, StateError
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
from notion_sync_core.redact import LONGEST, Redactor
from notion_sync_core.report import Report
from notion_sync_core.run import manifest, surroundings, tree
from notion_sync_core.run.collect import Collector
from notion_sync_core.run.layout import Naming
from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.patience import Patience
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.press import Press, Renderer, Sink, style_of
from notion_sync_core.run.press_process import PressProcess
from notion_sync_core.run.publish import Publisher
from notion_sync_core.run.retire import SMALLEST_DELETE, Retirer
from notion_sync_core.run.settle import Settler
from notion_sync_core.run.survey import Surveyor
from notion_sync_core.store.disk import disk_error, is_disk_trouble, nearly_full
from notion_sync_core.store.mirror import Mirror
from notion_sync_core.store.state import State
from notion_sync_core.terminal import MOST

Mode = Literal["export", "sync", "render", "repair"]
"""``repair`` makes again what is missing in the sinks; like ``render``, from the mirror alone."""

_HEEDS_S = 10.0
"""A renderer that is broken off leaves by then."""
MANY = 400
"""Documents from which on a second process pays."""


@frozen
class Options:
    """What one run does differently from the configuration."""

    mode: Mode = "export"
    full: bool = False
    """Read everything again."""
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
    except (OSError, sqlite3.Error) as caught:
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
            listeners = self.job.listeners()
            for listener in listeners:
                self.bus.subscribe(listener)
            job_id = self.report.job = self.job.id
            sinks, renderers = self.job.sinks(), self.job.renderers()
            self.report.sinks = [sink.location for sink in sinks]
            source = None
            if self.options.mode not in ("render", "repair"):
                source = self.job.source()
                if hasattr(source[0], "close"):
                    stack.callback(source[0].close)
            folder = self.job.folder(job_id)
            stack.enter_context(job_lock(folder / "lock", self.clock, self.job.config.deployment.lock_timeout_s))
            state = State(folder / "state.sqlite")
            stack.callback(state.close)
            mirror = Mirror(folder / "mirror")
            stack.callback(mirror.close)
            run_id = uuid.uuid4().hex[:12]
            for sink in sinks:
                stack.callback(sink.hooks.call, "sink_close")
                sink.hooks.call("sink_open", run_id=run_id)
            for line in nearly_full([folder, *(sink.location for sink in sinks)]):
                self.bus.publish(Warned(line))
            self._own(state, sinks, job_id)
            plan = self._plan(state, mirror)
            self._watch(stack, self.job.listener_hooks(listeners), [renderer.hooks for renderer in renderers])
            try:
                self._stages(stack, plan, mirror, source, renderers, sinks, run_id)
            finally:
                self._fill(plan)

    def _watch(
        self, stack: contextlib.ExitStack, listeners: list[plugins.Hooks], renderers: list[plugins.Hooks]
    ) -> None:
        """Notice plugins that hang; where a renderer is broken off, only what does not heed that."""
        limit = self.job.config.performance.plugin_timeout_s
        later = limit + _HEEDS_S if limit and self.options.patience else limit
        for sets, seconds in ((listeners, limit), (renderers, later)):
            if sets:
                stack.enter_context(plugins.watched(sets, seconds, self.options.on_hang or _log_hang))

    def _plan(self, state: State, mirror: Mirror) -> Plan:
        number = int(state.meta("run", "0")) + 1
        state.set_meta("run", str(number))
        state.checkpoint()
        mirror.clear_temporary()
        return Plan(state, mirror, number, full=self.options.full)

    def _own(self, state: State, sinks: list[Sink], job_id: str) -> None:
        """Make sure that each sink is this job's, and adopt what it holds if the state was lost."""
        if state.meta("job", job_id) != job_id:
            raise StateError(
                f"the state in {state.path} belongs to another job", "Choose another deployment.state_dir."
            )
        state.set_meta("job", job_id)
        for sink in sinks:
            try:
                manifest.check_place(sink.hooks.call("sink_stat", path=manifest.MANIFEST), sink.location)
                lines = list(sink.hooks.call("sink_read", path=manifest.MANIFEST)[0])
            except FileNotFoundError:
                self._expect_files(state, sink)
                continue
            if state.value("SELECT 1 FROM files WHERE sink=? LIMIT 1", (sink.name,)) is None:
                count = manifest.adopt(state, sink.name, job_id, lines)
                self.bus.publish(
                    Warned(f"the state was new: {count} objects were adopted from the manifest in {sink.location}")
                )
                continue
            manifest.check_owner(lines, sink.name, job_id)
            if self.options.mode == "repair":
                # Rows that the state lost come back; a damaged manifest gives what it can.
                with contextlib.suppress(StateError):
                    manifest.adopt(state, sink.name, job_id, lines)
        state.checkpoint()

    def _expect_files(self, state: State, sink: Sink) -> None:
        """A sink that lost everything is more likely a disk that is not there than a wish to begin anew.

        :raises GuardError: nothing was written.
        """
        if self.options.mode in ("render", "repair"):
            return
        rows = state.rows("SELECT path FROM files WHERE sink=? AND sha256!='' AND current=1 LIMIT 20", (sink.name,))
        if len(rows) > SMALLEST_DELETE and not any(sink.hooks.call("sink_stat", path=row["path"]) for row in rows):
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
        source: Any,
        renderers: list[Renderer],
        sinks: list[Sink],
        run_id: str,
    ) -> None:
        export = self.job.config.export
        known = plan.count("read_edited IS NOT NULL")
        self.bus.publish(RunStarted(self.report.job, self.options.mode, known))
        self._note_comments(plan)
        if source:
            self._note_version(plan, str(getattr(source[0], "version", "")))
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
        self._forget_if_options_changed(plan)
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
            # A time beyond the reading itself, such as a wrong one in the future, would hide all edits before it.
            since = plan.state.value("SELECT max(edited) FROM objects WHERE settled=1")
            plan.state.set_meta("since", str(since or ""))
        plan.state.checkpoint()

    def _note_version(self, plan: Plan, version: str) -> None:
        """Objects read with another version of the API have another shape: all is read again."""
        known = plan.state.meta("source_version", version)
        if known != version:
            self.bus.publish(Warned(f"the API version changed from {known} to {version}: everything is read again"))
            plan.state.execute("UPDATE objects SET settled=0")
        plan.state.set_meta("source_version", version)

    def _note_comments(self, plan: Plan) -> None:
        """Comments are shown only while they are asked for; newly asked for, everything is read again for them."""
        wanted = "1" if self.job.config.export.comments else ""
        if wanted and plan.state.meta("comments") != wanted and self.options.mode in ("export", "sync"):
            plan.state.execute("UPDATE objects SET settled=0")
        if wanted != "1" or self.options.mode in ("export", "sync"):
            plan.state.set_meta("comments", wanted)

    def _new_collector(self, plan: Plan, mirror: Mirror, source: Any, known: int) -> Collector:
        performance, export = self.job.config.performance, self.job.config.export
        plugin, hooks = source
        self._gate = self.job.gate(plugin, hooks, self.clock, self.bus.publish, self.options.max_requests)
        allowed = max(SMALLEST_DELETE, int(export.max_delete * known)) if known else None
        return Collector(
            plan, mirror, hooks, self._gate, self.clock, self.bus.publish,
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
        for row in plan.rows("status = 'unreadable' OR status = 'missing'"):
            self.bus.publish(ObjectUnreadable(row["id"], row["kind"], row["title"], row["reason"]))

    def _lay_out(self, plan: Plan, renderers: list[Renderer]) -> None:
        tree.assign_places(plan.state)
        if self.job.roots and self._collector is not None and self._collector.discovery_complete:
            plan.out_of_scope(self.job.roots)
        plan.sink_trashed_subtrees()
        style = style_of(renderers, cast("Naming", self.job.config.export.naming))
        tree.lay_out(plan, lambda message: self.bus.publish(Warned(message)), style)
        surroundings.arrange(plan, watched=any(renderer.shows_neighbours for renderer in renderers))
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

    def _forget_if_options_changed(self, plan: Plan) -> None:
        """Other renderers, other options or another version make every file again, without a request."""
        specs = [[spec.name, spec.use, sorted(spec.options.items())] for spec in self.job.renderer_specs()]
        sinks = [spec.name for spec in self.job.sink_specs()]
        comments = plan.state.meta("comments")
        text = json.dumps([__version__, specs, sinks, comments], default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if plan.state.meta("rendering") != digest or self.options.mode == "render":
            plan.state.execute(f"UPDATE objects SET dirty=1 WHERE status IN {LIVE} AND stem IS NOT NULL")
            # The digest becomes durable together with the flags, not before them.
            plan.state.set_meta("rendering", digest)
            plan.site_changed()

    def _fill(self, plan: Plan) -> None:
        """The report, from the state and the counters."""
        report, run_number = self.report, (plan.run,)
        objects = report.objects
        objects.failed = plan.count("status='failed'")
        objects.unreadable = plan.count("status IN ('unreadable', 'missing')")
        objects.read = plan.count("status='read' AND read_run=?", run_number)
        objects.unchanged = plan.count("status='read' AND read_run!=? AND read_edited IS NOT NULL", run_number)
        objects.discovered = objects.read + objects.unchanged + objects.failed + objects.unreadable
        objects.moved = plan.count("moved_run=? AND status='read'", run_number)
        if self.options.mode == "sync":
            objects.deleted = plan.count("status='trashed' AND left_run=?", run_number)
        report.failures = [_entry(row, "error") for row in plan.rows("status='failed'")]
        report.failures += self._collector.failures if self._collector else []
        report.unreadable = [_entry(row, "reason") for row in plan.rows("status IN ('unreadable', 'missing')")]
        report.warnings = self._tally.warnings
        assets = report.assets
        assets.downloaded, assets.bytes, assets.failed = self._tally.downloaded, self._tally.bytes, self._tally.failed
        assets.unchanged = max(0, int(plan.state.value("SELECT count(*) FROM assets")) - assets.downloaded)
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


def _entry(row: Any, reason: str) -> dict[str, str]:
    return {"id": row["id"], "title": row["title"], reason: row["reason"], "remedy": row["remedy"]}
