"""What one run holds: lock, state, mirror, sinks, plugins; acquired together, given back together."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import Literal

from attrs import define, field, frozen

from notion_sync_core import identity
from notion_sync_core.clock import RunClock
from notion_sync_core.errors import NotionSyncError, PluginError
from notion_sync_core.events import Event, SinkFailed, Warned
from notion_sync_core.gate.gate import Gate
from notion_sync_core.history.beneath import VersionsBeneath
from notion_sync_core.history.elsewhere import copy_of
from notion_sync_core.history.keeping import History
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import nearly_full
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Kind
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.source import Source
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.report import Report
from notion_sync_core.stages.collect import Collector
from notion_sync_core.stages.commit import Committer
from notion_sync_core.stages.patience import Patience
from notion_sync_core.stages.plan import Plan
from notion_sync_core.stages.prune import Pruner
from notion_sync_core.stages.render import RenderStage
from notion_sync_core.stages.render_process import RenderProcess
from notion_sync_core.stages.write import DocumentWriter
from notion_sync_core.state import State
from notion_sync_core.supervision import Monitor, watched
from notion_sync_core.watch.components import Components
from notion_sync_core.watch.sampler import Checkpoints, Disk, Sampler
from notion_sync_core.watch.stages import Stages
from notion_sync_core.watch.tally import Tally

Mode = Literal["export", "sync", "render", "repair"]
"""``repair`` makes again what is missing in the sinks; like ``render``, from the mirror alone."""
READS: tuple[Mode, ...] = ("export", "sync")


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
    only: Mapping[str, Kind] | None = None
    """Read just these objects, by id: for a hint that they changed. The next run of everything finds what is gone."""
    listed_within_s: float = 0.0
    """A listing that the run before this one completed so many seconds ago at most holds; 0: each run lists anew."""
    patience: Patience | None = None
    """Breaks renderers off that take too long for a document; ``None``: in this process none is."""
    on_hang: Callable[[PluginError], object] | None = None
    """Called on another thread when a plugin does not come back; the command line leaves the program then."""
    command: str = ""
    """The command of the command line that runs it, told in events; empty: there is none."""
    label: str = ""
    """What the log calls the job, where several share it."""

    @property
    def going_on_s(self) -> float:
        """How old a listing may be that holds for this run."""
        return 0.0 if self.full else self.listed_within_s

    @property
    def told_as(self) -> str:
        """What events, report and state call the mode: a run of few objects is none of everything."""
        return self.mode if self.only is None else "hint"


@define(slots=False)
class Session:
    """One run's holdings, and the tools that its stages share."""

    job: Job
    options: Options
    clock: RunClock
    publish: Callable[[Event], None]
    job_id: str
    run_id: str
    state: State
    mirror: Mirror
    sinks: list[Sink]
    renderers: list[Renderer]
    source: Source | None
    gate: Gate | None
    tally: Tally
    components: Components
    _stack: ExitStack
    history: History | None = field(default=None, kw_only=True)
    """Keeps versions of what is read; ``None``: nobody does."""
    history_copy: Sink | None = field(default=None, kw_only=True)
    """Where a copy of them lies, closed; ``None``: there is none."""
    lost: dict[str, NotionSyncError] = field(factory=dict, init=False)
    """Sinks that failed, and why; the others are finished without them."""
    collector: Collector | None = field(default=None, init=False)
    """What discovers and reads, once it has begun."""
    _told: set[str] = field(factory=set, init=False)

    @property
    def knows_all(self) -> bool:
        """Whether every listing was read to its end."""
        return self.collector is not None and self.collector.discovery_complete

    @cached_property
    def plan(self) -> Plan:
        """Decides what has to be read."""
        files = self.job.config.export.assets
        return Plan(
            self.state, self.mirror,
            full=self.options.full, files=files, selection=self.job.selection, history=self.history,
        )  # fmt: skip

    @cached_property
    def committer(self) -> Committer:
        """Gives files their names."""
        intents = self.job.host.intents
        return Committer(
            self.state, self.sinks, self.publish, self.job.config.export.on_edit, self.clock,
            None if intents is None else intents.note,
        )  # fmt: skip

    @cached_property
    def rendering(self) -> RenderStage:
        """Renders and stages, in this process."""
        return RenderStage(self.state, self.mirror, self.renderers, self.sinks, self.options.patience)

    @cached_property
    def writer(self) -> DocumentWriter:
        """Brings documents from the mirror to the sinks."""
        return DocumentWriter(
            self.plan, self.mirror, self.rendering, self.committer, self.clock, self.publish, job=self.job_id
        )

    @cached_property
    def pruner(self) -> Pruner:
        """Takes out of the sinks what stands for nothing any more."""
        return Pruner(
            self.state, self.committer, self.clock, self.publish,
            delete=self.options.mode == "sync", max_delete=self.job.config.export.max_delete,
        )  # fmt: skip

    @cached_property
    def helpers(self) -> list[RenderProcess]:
        """Processes that render beside this one; started when they are first asked for."""
        found = []
        performance = self.job.config.performance
        for number in range(0 if self.job.renders_here else performance.render_processes):
            helper = RenderProcess(
                self.state.path, self.mirror.folder, self.job.renderer_specs(), self.job.sink_specs(),
                f"{self.run_id}.{number}", performance.render_timeout_s, performance.plugin_timeout_s,
                None if self.job.environ is os.environ else self.job.environ,
                self.job.config.monitoring.trace_file,
            )  # fmt: skip
            self._stack.callback(helper.close)
            found.append(helper)
        return found

    @cached_property
    def stages(self) -> Stages:
        """Tells of stages."""
        return Stages(self.clock, self.publish, self.tally)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Makes the state durable, and tells of it."""
        return Checkpoints(self.clock, self.publish)

    def checkpoint(self, make: Callable[[], None]) -> None:
        """Make the state durable; what history has to have before it says that something was read comes first."""
        if self.history is not None:
            self.history.commit()
        self.checkpoints(make)

    @cached_property
    def disks(self) -> list[Disk]:
        """Tell how full the disks are on which this job writes."""
        places = {"state": str(self.state.path), **{f"sink {sink.name}": sink.location for sink in self.sinks}}
        return [Disk(self.clock, place, path) for place, path in places.items()]

    @cached_property
    def sampler(self) -> Sampler:
        """Measures now and then."""
        sampler = Sampler(self.clock, self.publish)
        if self.gate is not None:
            sampler.add(self.gate.measure)
        sampler.add(lambda: self.collector.measure() if self.collector is not None else None)
        sampler.add(lambda: self.writer.measure() if "writer" in self.__dict__ else None)
        for disk in self.disks:
            sampler.add(disk)
        return sampler

    def forget_neighbours(self) -> None:
        """What renderers were shown of other objects is no longer so: reading goes on."""
        self.__dict__.pop("rendering", None)
        self.__dict__.pop("writer", None)
        self._close_helpers()

    def _close_helpers(self) -> None:
        for helper in self.__dict__.pop("helpers", []):
            helper.close()

    def rest(self, report: Report) -> None:
        """The run is over, and its report concluded."""
        self.checkpoints.tell()
        for measured in filter(None, (disk.look() for disk in self.disks)):
            self.publish(measured)
        reason = f"{report.status}: {report.error.message}" if report.error else report.status
        self.components.rest("failed" if report.status == "failed" else "stopped", reason)

    def warn(self, message: str) -> None:
        """Say something that does no harm."""
        self.publish(Warned(message))

    def warn_once(self, message: str) -> None:
        """Say something that each pass of a run finds again."""
        if message not in self._told:
            self._told.add(message)
            self.warn(message)

    def drop(self, error: NotionSyncError, *, opening: bool = False) -> bool:
        """Go on without the sink that failed.

        :param opening: the others are not all open yet.
        :returns: whether there is one left to go on with.
        """
        if error.sink not in self.committer.sinks or len(self.sinks) == 1:
            return False
        self.lost[error.sink] = error
        self.sinks.remove(self.committer.sinks.pop(error.sink))
        self._close_helpers()
        if not opening:
            # Opened anew, they clear away what was staged together with what failed.
            self.run_id = new_id()
            for sink in self.sinks:
                sink.close()
                sink.open(self.run_id)
        self.publish(SinkFailed(error.sink, error.message, error.remedy, "the others are finished without it"))
        self.warn(f"sink {error.sink}: {error.message}; the others are finished without it")
        return True


@contextlib.contextmanager
def opened(
    job: Job, options: Options, clock: RunClock, monitor: Monitor, name: Callable[[str, list[str]], None]
) -> Iterator[Session]:
    """A session that may write.

    :param name: told the job's id and the places of its sinks as soon as they are known.
    :raises LockedError: another run of this job is under way.
    """
    with ExitStack() as stack:
        bus, run_id = monitor.bus, monitor.run_id
        watches = watched(
            job.config, bus, stack, options.on_hang,
            patient=options.patience is not None, trace=monitor.traced(job.config),
        )  # fmt: skip
        monitor.begin(job.listeners(watches.listeners))
        job_id = job.id
        sinks, renderers = job.sinks(watches.outside), job.renderers(watches.renderers)
        name(job_id, [sink.location for sink in sinks])
        source = open_source(job, watches.outside, stack) if options.mode in READS else None
        folder = job.folder(job_id)
        stack.enter_context(job.host.lock(folder / "lock", clock, job.config.deployment.lock_timeout_s))
        monitor.show(folder, job_id, stack)
        identity.remember(job.home, sinks, job_id)
        state = State(folder / "state.sqlite", redact=job.redactor())
        stack.callback(state.close)
        mirror = Mirror(folder / "mirror")
        stack.callback(mirror.close)
        history = _history(job, state, mirror, stack)
        gate = job.gate(source, clock, bus.publish, options.max_requests) if source else None
        session = Session(
            job, options, clock, bus.publish, job_id, run_id, state, mirror, sinks, renderers, source, gate,
            monitor.tally, monitor.components, stack,
            history=history, history_copy=copy_of(job, watches.outside),
        )  # fmt: skip
        state.around = session.checkpoint
        _open_sinks(session, stack)
        _register(session)
        for line in nearly_full([folder, *(sink.location for sink in session.sinks)]):
            session.warn(line)
        yield session


def _history(job: Job, state: State, mirror: Mirror, stack: ExitStack) -> History | None:
    if not job.config.history.enabled:
        return None
    history = History(job.history_folder(), state, mirror)
    stack.callback(history.close)
    if job.host.versions is not None:
        mirror.beneath = VersionsBeneath(state, history.store, mirror, job.host.versions)
    return history


def _register(session: Session) -> None:
    """Everything is open."""
    components = session.components
    if session.source is not None:
        components.set("source", "ready")
    for part in ("state", "listeners", *(f"sink {sink.name}" for sink in session.sinks)):
        if not components.state(part):  # a listener may have failed by now
            components.set(part, "ready")


def new_id() -> str:
    """An id for a run."""
    return uuid.uuid4().hex[:12]


def _open_sinks(session: Session, stack: ExitStack) -> None:
    for sink in list(session.sinks):
        stack.callback(sink.close)
        try:
            sink.open(session.run_id)
        except NotionSyncError as error:
            if not session.drop(error, opening=True):
                raise


def open_source(job: Job, watch: Watch | None, stack: ExitStack) -> Source:
    """The job's source, closed with the session."""
    source = job.source(watch)
    stack.callback(source.close)
    return source
