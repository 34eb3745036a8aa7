"""The desk: which job exists, when it is due, who has it, what became of it.

A message in a queue may be lost, late or doubled; what counts is said here. Whoever claims a job gets a fence, a number
that only grows, and each step of a turn that leaves something behind names it: a worker that was taken for dead and
wakes up is refused. What is decided is pure (:mod:`~notion_sync_fleet.outcome`, :mod:`~notion_sync_fleet.fairness`);
the tables are somebody else's, one transaction at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import evolve, field, frozen

from notion_sync_core.plugin import LockedError
from notion_sync_fleet.fairness import charged, rank, settled
from notion_sync_fleet.outcome import Rules, died, ended, released
from notion_sync_fleet.values import FleetJob, Tenant, Turn, Version

ASKED = 50
"""Tenants that are looked at for a claim, those that are next first: others have no job that may run just now."""


class FenceLost(LockedError):
    """Somebody else has the job by now: nothing that this turn has done counts any more."""


class Tables(Protocol):
    """Where jobs and tenants stand. What is read is of one moment, and what is put lasts, with the transaction."""

    def transaction(self) -> AbstractContextManager[None]:
        """For as long as it lasts nobody else changes anything; an error undoes what was put."""

    def now(self) -> float:
        """Seconds since the epoch, by the one clock that all workers share."""

    def floor(self) -> float:
        """See :func:`~notion_sync_fleet.fairness.rank`."""

    def set_floor(self, floor: float) -> None:
        """The next :meth:`floor`."""

    def waiting(self, now: float, floor: float, version: Version, limit: int) -> list[Tenant]:
        """Tenants of which a job is due and waits for a worker of this version, and that may have one more turn.

        :param limit: so many at most, in the order of :func:`~notion_sync_fleet.fairness.rank`.
        """

    def next_due(self, tenant: str, now: float, version: Version) -> FleetJob | None:
        """The job of a tenant that waits for a worker of this version and was due first; of those with a token that no
        running job has."""

    def overdue(self, now: float) -> list[FleetJob]:
        """Running jobs whose lease is over."""

    def job(self, job_id: str) -> FleetJob | None:
        """One job."""

    def jobs(self, tenant: str = "") -> Iterator[FleetJob]:
        """All of them, or those of a tenant, by id."""

    def tenant(self, name: str) -> Tenant | None:
        """One tenant."""

    def put_job(self, job: FleetJob) -> None:
        """What is known of a job from now on."""

    def put_tenant(self, tenant: Tenant) -> None:
        """What is known of a tenant from now on."""

    def config(self, job_id: str) -> str:
        """The file of a job, as TOML; empty: there is none."""

    def put_config(self, job_id: str, text: str) -> None:
        """The file of a job from now on."""


@frozen
class Desk:
    """What workers and people ask the tables for."""

    tables: Tables
    rules: Rules = field(factory=Rules)

    # -- what workers ask for

    def claim(self, worker: str, version: Version = ()) -> Turn | None:
        """A turn of the job that is next; ``None``: nothing is due that this worker may run.

        :param worker: its name, for people.
        :param version: of its program: a job never goes to an older worker than its last turn's.
        """
        tables = self.tables
        with tables.transaction():
            now, floor = tables.now(), tables.floor()
            self._give_up_the_dead(now)
            for tenant in tables.waiting(now, floor, version, ASKED):
                job = tables.next_due(tenant.name, now, version)
                if job is not None:
                    return self._begin(job, tenant, worker, version, now)
        return None

    def _begin(self, job: FleetJob, tenant: Tenant, worker: str, version: Version, now: float) -> Turn:
        floor, *_ = rank(tenant, self.tables.floor())
        self.tables.set_floor(floor)
        self.tables.put_tenant(charged(tenant, job, floor, now))
        fence, until = job.fence + 1, now + self.rules.lease_s
        running = evolve(
            job, standing="running", fence=fence, worker=worker, began=now, lease_until=until, exit=None,
            version=max(version, job.version),
        )  # fmt: skip
        self.tables.put_job(running)
        return Turn(job.id, job.tenant, fence, job.generation, now - job.due)

    def renew(self, turn: Turn) -> None:
        """Its worker is alive and at work.

        :raises FenceLost: somebody else has the job.
        """
        with self.tables.transaction():
            job = self._held(turn)
            self.tables.put_job(evolve(job, lease_until=self.tables.now() + self.rules.lease_s))

    def commit(self, turn: Turn) -> None:
        """What this turn left in the vault is the job's state from now on.

        :raises FenceLost: somebody else has the job; what was left there is of no use.
        """
        with self.tables.transaction():
            self.tables.put_job(evolve(self._held(turn), generation=turn.fence))

    def finish(self, turn: Turn, exit_code: int, reason: str = "", remedy: str = "") -> FleetJob:
        """The turn is over; what becomes of the job follows from its exit status.

        :param reason: what stopped it, as its report says, without anything secret.
        :raises FenceLost: somebody else has the job.
        """
        with self.tables.transaction():
            now, job = self.tables.now(), self._held(turn)
            seconds = self._pay(job, now)
            after = ended(evolve(job, expected_s=seconds), exit_code, now, self.rules, reason, remedy)
            self.tables.put_job(after)
            return after

    def lost(self, turn: Turn) -> FleetJob:
        """The turn is over, and nobody knows how: its process died.

        :raises FenceLost: somebody else has the job.
        """
        with self.tables.transaction():
            now, job = self.tables.now(), self._held(turn)
            self._pay(job, now)
            after = died(evolve(job, lease_until=0.0), now, self.rules)
            self.tables.put_job(after)
            return after

    def assignment(self, turn: Turn) -> tuple[str, str]:
        """Where the token of the turn's job is, and the job's file.

        :raises FenceLost: somebody else has the job.
        """
        with self.tables.transaction():
            return self._held(turn).token, self.tables.config(turn.job)

    def others_wait(self, version: Version = ()) -> bool:
        """Whether a turn that has lasted long should end, for there is a job that could have its slot."""
        with self.tables.transaction():
            now = self.tables.now()
            return bool(self.tables.waiting(now, self.tables.floor(), version, 1))

    def _held(self, turn: Turn) -> FleetJob:
        job = self.tables.job(turn.job)
        if job is None or job.standing != "running" or job.fence != turn.fence:
            raise FenceLost(
                f"the turn {turn.fence} of {turn.job} is over: another worker has the job, or somebody parked it",
                "Nothing is to be done: what this turn has read is read again where it counts.",
            )
        return job

    def _pay(self, job: FleetJob, now: float) -> float:
        seconds = max(0.0, now - job.began)
        tenant = self.tables.tenant(job.tenant)
        if tenant is not None:
            self.tables.put_tenant(settled(tenant, job, seconds))
        return seconds

    def _give_up_the_dead(self, now: float) -> None:
        for job in self.tables.overdue(now):
            self._pay(job, now)
            self.tables.put_job(died(job, now, self.rules))

    # -- what people ask for

    def apply(self, job_id: str, tenant: Tenant, token: str, every_s: float, config: str = "") -> None:
        """A job exists, and is as is said here; what became of it so far stays. A new one is due at once.

        :param token: a reference to it, never the token.
        :param config: its file, as TOML; no secret is in it.
        """
        with self.tables.transaction():
            known = self.tables.tenant(tenant.name)
            self.tables.put_tenant(tenant if known is None else evolve(known, weight=tenant.weight, most=tenant.most))
            job = self.tables.job(job_id)
            if job is None:
                job = FleetJob(job_id, tenant.name, token, every_s, self.tables.now())
            soonest = self.tables.now() + every_s
            due = min(job.due, soonest) if job.standing == "waiting" else job.due
            self.tables.put_job(evolve(job, tenant=tenant.name, token=token, every_s=every_s, due=due))
            self.tables.put_config(job_id, config)

    def park(self, job_id: str, reason: str, remedy: str = "") -> None:
        """Not run until a person says so; a turn that is under way is refused from now on.

        :raises KeyError: there is no such job.
        """
        with self.tables.transaction():
            job = self._known(job_id)
            self.tables.put_job(evolve(job, standing="parked", worker="", reason=reason, remedy=remedy))

    def release(self, job_id: str) -> None:
        """A parked job may run, and any other is due at once.

        :raises KeyError: there is no such job.
        """
        with self.tables.transaction():
            self.tables.put_job(released(self._known(job_id), self.tables.now()))

    def _known(self, job_id: str) -> FleetJob:
        job = self.tables.job(job_id)
        if job is None:
            raise KeyError(job_id)
        return job
