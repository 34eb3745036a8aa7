"""One job in this process: at most one run of it at a time, what is known of it, and what is due."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from attrs import define, field

from notion_sync_core import Report
from notion_sync_core.cli.status import look
from notion_sync_core.pipeline import Mode, Options, run
from notion_sync_core.plugin import (
    BudgetMeasured,
    Clock,
    Components,
    Event,
    JobHealth,
    NotionSyncError,
    PluginError,
    Progress,
    RunScheduled,
    SystemClock,
    counted,
    utc_of,
)
from notion_sync_serve import say
from notion_sync_serve.deployment import Entry
from notion_sync_serve.hints import Hints, Kind
from notion_sync_serve.timetable import Timetable

_FRESH_S = 5.0
"""Facts of the state are read again after that."""
_WHY = {"schedule": "by schedule", "webhook": "after a webhook", "person": "because somebody asked for it"}


@define
class Running:
    """A run under way."""

    clock: SystemClock
    """Stops it."""
    progress: Progress
    why: str
    """``schedule``, ``webhook`` or ``person``."""
    began: float
    only: Mapping[str, Kind] | None
    """The objects it is about; ``None``: all."""
    thread: threading.Thread | None = None


@define(eq=False)
class Worker:
    """One job.

    :param launch: starts a function beside this thread.
    :param wake: called when a run has ended.
    """

    entry: Entry
    clock: Clock
    timetable: Timetable
    launch: Callable[[Callable[[], None]], threading.Thread | None]
    wake: Callable[[], None]
    known_since: float = field(init=False)
    hints: Hints = field(factory=Hints, init=False)
    components: Components = field(init=False)
    running: Running | None = field(default=None, init=False)
    wanted: str = field(default="", init=False)
    """Why a run of everything should begin as soon as there is room."""
    waits_since: float = field(default=0.0, init=False)
    """Since when, in seconds since the epoch."""
    next_entry: Entry | None = field(default=None, init=False)
    """The job as it will be when the present run has ended."""
    is_leaving: bool = field(default=False, init=False)
    """The configuration does not name it any more."""
    last_success: float | None = field(default=None, init=False)
    problem: str = field(default="", init=False)
    runs: int = field(default=0, init=False)
    """How many ended here."""
    budget: BudgetMeasured | None = field(default=None, init=False)
    _told: deque[Event] = field(factory=lambda: deque(maxlen=100), init=False)
    _facts: dict[str, Any] = field(factory=dict, init=False)
    _read_at: float = field(default=float("-inf"), init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self.known_since = self.clock.now()
        self.components = Components(self.clock, self._told.append)
        self.components.set("scheduler", "ready")
        last = self._last_begun()
        self.timetable.begin(last, self.clock.now())
        self.tell_schedule()

    def tell_schedule(self) -> None:
        """Let the job's listeners know how often it runs."""
        self.hear(RunScheduled(self.timetable.schedule.period_s))

    @property
    def name(self) -> str:
        """What the job is called."""
        return self.entry.name

    # -- what is due

    def look_at_the_time(self) -> None:
        """Note what is due; it begins when there is room."""
        missed = self.timetable.tick(self.clock.now(), running=self.running is not None)
        if self.running is not None and self.timetable.is_owed:
            self.components.set("scheduler", "waiting", "a run was due while the last one was under way")
        if missed is None or self.is_leaving:
            return
        if missed:
            say.warning("serve_runs_missed", f"{counted(missed, 'run')} missed; one makes up for all", self.name)
        self.want("schedule")

    def want(self, why: str) -> None:
        """A run of everything should begin as soon as there is room."""
        if not self.wanted:
            self.wanted, self.waits_since = why, self.clock.now()

    @property
    def is_due(self) -> bool:
        """Whether a run should begin now."""
        hints = self.hints.due()
        due = bool(self.wanted) or (hints is not None and self.clock.monotonic() >= hints)
        return due and self.running is None and not self.is_leaving

    # -- running

    def begin(self) -> None:
        """Begin the run that is due."""
        only: Mapping[str, Kind] | None = None
        why, self.wanted = self.wanted or "webhook", ""
        if why == "webhook":
            only = self.hints.take()
        clock = SystemClock()
        self.running = Running(clock, Progress(self.clock), why, self.clock.now(), only)
        what = "everything" if only is None else counted(len(only), "object")
        say.info("serve_run_begins", f"a run of {what} begins {_WHY[why]}", self.name)
        self.components.set("scheduler", "working", _WHY[why])
        running = self.running
        running.thread = self.launch(lambda: self._run(running))

    def _run(self, running: Running) -> None:
        mode = self.entry.options.mode if running.only is None else "export"
        options = Options(
            mode=cast(Mode, mode), only=running.only, on_hang=self._hangs, command="serve", label=self.name
        )
        listeners = (running.progress, self.components.follow, self._hear)
        try:
            report = run(self.entry.job, options, listeners, running.clock)
        except Exception:  # a thread's end must not be the end of the schedule
            say.fault("serve_run_crashed", "a run ended by a fault of this program", self.name)
            self._ended(running, "a fault of this program; its log has more", well=False)
        else:
            problem = _problem(report)
            tell = say.warning if problem else say.info
            tell("serve_run_ended", f"{report.status}; next run at {utc_of(self.timetable.due)}", self.name)
            self._ended(running, problem, well=report.status == "complete")

    def _ended(self, running: Running, problem: str, *, well: bool) -> None:
        with self._lock:
            if well and running.only is None:
                self.last_success = self.clock.now()
            if running.only is None or problem:
                self.problem = problem
            self.runs += 1
            self._read_at = float("-inf")
            self.running = None
        self.components.set("scheduler", "ready")
        self.wake()

    def _hear(self, event: Event) -> None:
        if isinstance(event, BudgetMeasured):
            self.budget = event

    def _hangs(self, error: PluginError) -> None:
        say.error("serve_plugin_hangs", error.message, self.name)
        self.problem = f"{error.message}; only a restart of the process ends that"
        self.components.set("scheduler", "failed", error.message, "Restart the process: a thread cannot be ended.")

    def stop(self, signum: int) -> None:
        """End the run that is under way, resumable."""
        if (running := self.running) is not None:
            running.clock.stop(signum)

    # -- what is known

    def tell_listeners(self) -> None:
        """Give this job's listeners what the scheduler has to say, while no run does."""
        while self._told and self.running is None:
            event = self._told.popleft()
            for listener in self.entry.job.listeners():
                try:
                    listener(event)
                except Exception:
                    say.fault("serve_listener_failed", f"a listener failed on {type(event).__name__}", self.name)

    def hear(self, event: Event) -> None:
        """Something the listeners of this job should know."""
        self._told.append(event)

    @property
    def health(self) -> JobHealth:
        """For whoever judges."""
        return JobHealth(
            self.name, self.timetable.schedule.period_s, self.known_since, self.last_success,
            self.running is not None, self.components.all(), self.problem,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """What ``status`` says of the job; a few seconds old at most.

        :raises NotionSyncError: its state cannot be read.
        """
        now = self.clock.monotonic()
        with self._lock:
            if now - self._read_at >= _FRESH_S:
                self._facts = look(self.entry.job)
                self._read_at = now
            return self._facts

    def may_know(self, workspace: str) -> bool:
        """Whether the job may read what is in that workspace; where nobody can say, it may."""
        try:
            own = self.facts().get("workspace", "")
        except NotionSyncError:
            return True
        return not workspace or own in ("", workspace)

    def _last_begun(self) -> float | None:
        """When the job ran last, and whether it was well, as its state remembers."""
        try:
            runs = self.facts().get("last_runs", [])
        except NotionSyncError as error:
            self.components.set("state", "failed", error.message, error.remedy)
            return None
        whole = [each for each in runs if each["mode"] in ("sync", "export") and each["ended"]]
        good = next((each for each in whole if each["status"] == "complete"), None)
        self.last_success = _moment(good["ended"]) if good else None
        self.problem = whole[0]["error"] if whole and whole[0] is not good else ""
        return _moment(whole[0]["began"]) if whole and whole[0]["status"] != "interrupted" else None


def _problem(report: Report) -> str:
    """What is not well about a run, as a sentence; being told to stop is well."""
    if report.status == "interrupted":
        return ""
    if report.error is not None:
        return f"{report.error.message.rstrip('.')}. {report.error.remedy}".strip()
    failed = len(report.failures)
    return f"{counted(failed, 'object')} failed (tried first on the next run)" if failed else ""


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
