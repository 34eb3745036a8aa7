"""What watches over a run: plugins that hang, components, the files that others follow it by."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from attrs import field, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.config import Config
from notion_sync_core.errors import GuardError, Interrupted, NotionSyncError, PluginError
from notion_sync_core.events import (
    CommandFinished,
    CommandInterrupted,
    CommandStarted,
    Event,
    GuardRefused,
    PluginCalled,
    PluginFailed,
    RequestFinished,
    RunFinished,
    SinkFailed,
    Waited,
)
from notion_sync_core.job import Job
from notion_sync_core.plugins.trace import Trace
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.report import Report
from notion_sync_core.watch import components as registry
from notion_sync_core.watch import journal, status_file, tally
from notion_sync_core.watch.bus import Bus
from notion_sync_core.watch.components import Components, Observer
from notion_sync_core.watch.events_file import EventsFile
from notion_sync_core.watch.journal import Journal
from notion_sync_core.watch.status_file import StatusFile
from notion_sync_core.watch.tally import Tally

_HEEDS_S = 10.0
"""A renderer that is broken off leaves by then."""
_OUTSIDE = 12
"""So many times as long as others may sources and sinks take for one call without a sign of life."""
_SLOWEST_S = 60.0
STOPS = "the run stops"


@frozen
class Watches:
    """Who is watched how closely."""

    listeners: Watch
    renderers: Watch
    outside: Watch
    """Sources and sinks: what they wait for may be slow, and large."""


def watched(
    config: Config,
    bus: Bus,
    stack: ExitStack,
    on_hang: Callable[[PluginError], object] | None,
    *,
    patient: bool,
    trace: Trace | None = None,
) -> Watches:
    """What notices plugins that do not come back.

    :param on_hang: called on another thread for one that does not; ``None``: it is logged.
    :param patient: renderers are broken off: only those that do not heed that hang.
    :param trace: where each call is written.
    """
    limit = config.performance.plugin_timeout_s
    render = limit + _HEEDS_S if limit and patient else limit
    outside = max(_SLOWEST_S, _OUTSIDE * limit) if limit else 0.0
    watches = Watches(Watch(limit, trace), Watch(render, trace), Watch(outside, trace))
    hangs = on_hang or _log_hang
    # A listener that hangs keeps the bus: of that one nobody can be told.
    stack.enter_context(watches.listeners.watching(hangs))
    for watch in (watches.renderers, watches.outside):
        stack.enter_context(watch.watching(partial(_tell_hang, bus.publish, hangs)))
    watches.outside.told = lambda *call: bus.publish(PluginCalled(*call))
    bus.subscribe(partial(_hear, watches.outside), Waited, RequestFinished)
    return watches


def _hear(watch: Watch, event: Event) -> None:
    """Events of the gate are signs of life."""
    watch.beat(event.seconds if isinstance(event, Waited) else 0.0)


def _tell_hang(publish: Callable[[Event], None], hangs: Callable[[PluginError], object], error: PluginError) -> None:
    publish(PluginFailed(error.plugin, error.hook, error.message, STOPS))
    hangs(error)


def _log_hang(error: PluginError) -> None:
    logging.getLogger(__name__).error("%s", error, extra={"event": "plugin_hangs", "plugin": error.plugin})


@frozen
class Monitor:
    """Follows one run, from before it begins until after it ended."""

    bus: Bus
    tally: Tally
    clock: Clock
    run_id: str
    command: str
    components: Components
    lasting: ExitStack = field(factory=ExitStack, init=False)
    """Gives back what is needed until the run's listeners have heard how it ended."""

    @classmethod
    def of(cls, job: Job, bus: Bus, clock: Clock, run_id: str, command: str = "", label: str = "") -> Monitor:
        """Let the log, the counts and the file of events hear a run.

        :param command: the command of the command line that it is; empty: there is none.
        :param label: what the log calls the job.
        """
        monitor = cls(bus, Tally(), clock, run_id, command, Components(clock, bus.publish, job.redactor()))
        monitoring = job.config.monitoring
        bus.subscribe(monitor.tally, *tally.KINDS)
        bus.subscribe(Observer(monitor.components), *registry.HEARD)
        bus.subscribe(Journal(titles=monitoring.log_titles, label=label), *journal.heard())
        if monitoring.events_file:
            most = int(monitoring.events_max_mb * (1 << 20))
            bus.subscribe(
                EventsFile(Path(monitoring.events_file).expanduser(), most, clock, bus.publish, run_id=run_id)
            )
        return monitor

    def begin(self, listeners: Iterable[Callable[[Event], object]]) -> None:
        """The run's own listeners are there."""
        for listener in listeners:
            self.bus.subscribe(listener)
        if self.command:
            self.bus.publish(CommandStarted(self.command))

    def show(self, folder: Path, job_id: str, stack: ExitStack) -> None:
        """Let other processes read how the components are, until ``stack`` is closed, and how they were then."""
        components = self.components
        file = StatusFile(folder, components, self.clock, job_id, self.run_id)
        self.bus.subscribe(file, *status_file.HEARD)
        components.set("run", "starting")
        stack.callback(file.close)
        stack.push(lambda _, error, __: _stopped(components, error))

    def traced(self, config: Config) -> Trace | None:
        """Where calls of plugins are written; listeners are called longest, when all else is given back."""
        file = config.monitoring.trace_file
        return self.lasting.enter_context(Trace(Path(file))) if file else None

    def finish(self, report: Report) -> None:
        """The run is over: tell how, and what stopped it."""
        error, publish = report.error, self.bus.publish
        if isinstance(error, Interrupted) and self.command:
            publish(CommandInterrupted(signal.Signals(error.exit_code - 128).name))
        elif isinstance(error, GuardError):
            publish(GuardRefused(error.guard, error.message, error.remedy))
        elif isinstance(error, PluginError) and error.plugin:
            publish(PluginFailed(error.plugin, error.hook, error.message, STOPS))
        if error is not None and error.sink and error.sink not in self.tally.lost:
            publish(SinkFailed(error.sink, error.message, error.remedy, STOPS))
        publish(RunFinished(report.status, report.seconds, report.job, self.run_id, report.to_json()))
        if self.command:
            publish(CommandFinished(self.command, int(report.exit_code), report.seconds))


def _stopped(components: Components, error: BaseException | None) -> None:
    """The run leaves its folder; why, is known better where it ended in good order."""
    if components.state("run") in ("starting", "working"):
        reason = error.message if isinstance(error, NotionSyncError) else type(error).__name__ if error else ""
        if isinstance(error, NotionSyncError) and error.sink:
            components.set(f"sink {error.sink}", "failed", reason, error.remedy)
        components.rest("failed" if error else "stopped", reason)
