"""Whether a process that runs jobs is well: named checks for its supervisor, its load balancer and its people."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.content.dates import utc_of
from notion_sync_core.events import Event, HealthChanged
from notion_sync_core.watch.components import Component

BEAT_S = 30.0
"""A main loop that says nothing for so long is taken to hang."""
PERIODS = 3
"""So many of its periods may pass without a good end until a job is overdue."""
_RESTART = "The process hangs: its supervisor should restart it."


@frozen
class HealthCheck:
    """One check."""

    name: str
    status: str
    """``pass``, ``warn`` or ``fail``."""
    since: str = ""
    """Since when, RFC 3339, UTC; empty: nobody knows."""
    message: str = ""
    fix: str = ""


@frozen
class JobHealth:
    """What is known of one job."""

    name: str
    period_s: float = 0.0
    """Seconds between two runs; 0: it runs when somebody asks for it, and is never overdue."""
    known_since: float = 0.0
    """When it was first scheduled here, in seconds since the epoch."""
    last_success: float | None = None
    """When a run of it last ended well, in seconds since the epoch; ``None``: never, as far as is known."""
    running: bool = False
    components: tuple[Component, ...] = ()
    """As the registry of its run tells them."""
    problem: str = ""
    """How its last run failed; empty: it did not."""


@define
class Health:
    """Judges; whoever runs jobs calls :meth:`beat` in its main loop, and the others when it is asked.

    Nothing here asks the network or a disk. An open circuit breaker, or a long pause that the service asked for, is a
    warning: to start anew would not help.

    :param publish: told when the verdict of a check changes.
    """

    _clock: Clock
    _publish: Callable[[Event], None] = lambda _: None
    started: bool = False
    """Everything is loaded, and the first round of the main loop is done."""
    draining: bool = False
    """It was told to stop: no new work is taken."""
    _beat: float = field(init=False)
    _beat_at: float = field(init=False)
    _told: dict[str, tuple[str, str]] = field(factory=dict, init=False)
    """Verdict of each check, and since when."""

    def __attrs_post_init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        """The main loop is alive."""
        self._beat, self._beat_at = self._clock.monotonic(), self._clock.now()

    def livez(self) -> list[HealthCheck]:
        """Whether the process should be left alone: its main loop goes round."""
        silent = self._clock.monotonic() - self._beat
        if silent < BEAT_S:
            return self._tell([HealthCheck("main loop", "pass")])
        message = f"no sign of life for {silent:.0f} s"
        return self._tell([HealthCheck("main loop", "fail", utc_of(self._beat_at), message, _RESTART)])

    def startupz(self) -> list[HealthCheck]:
        """Whether it has begun to work."""
        if self.started:
            return self._tell([HealthCheck("startup", "pass")])
        return self._tell([HealthCheck("startup", "fail", "", "it is still starting", "Wait a moment.")])

    def readyz(self, jobs: Iterable[JobHealth], more: Iterable[HealthCheck] = ()) -> list[HealthCheck]:
        """Whether it can do its work: it has started and is not stopping, and no component failed.

        :param more: what the caller has found out itself, such as whether the configuration can be read.
        """
        draining = HealthCheck("draining", "fail", "", "it was told to stop", "Nothing: it ends by itself.")
        ready = [draining if self.draining else HealthCheck("draining", "pass")]
        components = [_component(job, each) for job in jobs for each in job.components if each.name != "run"]
        return self.startupz() + self._tell([*ready, *more, *components])

    def healthz(self, jobs: Iterable[JobHealth], more: Iterable[HealthCheck] = ()) -> list[HealthCheck]:
        """Everything: life, readiness, and by name each job that has not ended well for three of its periods."""
        jobs = list(jobs)
        return self.livez() + self.readyz(jobs, more) + self._tell([self._job(each) for each in jobs])

    def _job(self, job: JobHealth) -> HealthCheck:
        name, since = f"job {job.name}", job.known_since if job.last_success is None else job.last_success
        late = self._clock.now() - since
        last = "it never ended well" if job.last_success is None else f"it last ended well at {utc_of(since)}"
        if job.period_s and late > PERIODS * job.period_s:
            message = f"{last}, and should every {job.period_s:.0f} s"
            said = f"{message}; {job.problem}" if job.problem else message
            return HealthCheck(name, "fail", utc_of(since), said, "Look at its log, and at: notion-sync status")
        if job.problem:
            return HealthCheck(name, "warn", utc_of(since), job.problem, "It is tried again when its time comes.")
        return HealthCheck(name, "pass", utc_of(since), "it is under way" if job.running else last)

    def _tell(self, checks: list[HealthCheck]) -> list[HealthCheck]:
        """Give checks that do not say it the time since which they are so; publish those that changed."""
        found = []
        for check in checks:
            before, since = self._told.get(check.name, ("", ""))
            if before != check.status:
                since = check.since or utc_of(self._clock.now())
                self._told[check.name] = (check.status, since)
                if before or check.status != "pass":
                    self._publish(HealthChanged(check.name, check.status, check.message, check.fix))
            found.append(HealthCheck(check.name, check.status, check.since or since, check.message, check.fix))
        return found


def is_well(checks: Iterable[HealthCheck]) -> bool:
    """Whether none of them fails: the answer is 200, else 503."""
    return all(check.status != "fail" for check in checks)


def _component(job: JobHealth, each: Component) -> HealthCheck:
    return HealthCheck(f"{job.name}: {each.name}", each.verdict, each.since, each.reason or each.state, each.remedy)
