"""A desk in the memory of one process: for tests, and for trying out what a fleet would do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field

from notion_sync_core.plugin import Clock
from notion_sync_fleet.fairness import rank
from notion_sync_fleet.values import FleetJob, Tenant, Version


@define
class MemoryTables:
    """See :class:`~notion_sync_fleet.desk.Tables`; safe to use from several threads."""

    clock: Clock
    _jobs: dict[str, FleetJob] = field(factory=dict, init=False)
    _tenants: dict[str, Tenant] = field(factory=dict, init=False)
    _waiting: dict[str, dict[str, FleetJob]] = field(factory=dict, init=False)
    """By tenant and id."""
    _running: dict[str, FleetJob] = field(factory=dict, init=False)
    _floor: float = field(default=0.0, init=False)
    _configs: dict[str, str] = field(factory=dict, init=False)
    _undo: dict[str, FleetJob | None] = field(factory=dict, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See :meth:`Tables.transaction`."""
        with self._lock:
            tenants, floor, configs, self._undo = dict(self._tenants), self._floor, self._configs, {}
            try:
                yield
            except BaseException:
                for job_id, before in self._undo.items():
                    self._drop(job_id)
                    if before is not None:
                        self._place(before)
                self._tenants, self._floor, self._configs = tenants, floor, configs
                raise

    def now(self) -> float:
        """See :meth:`Tables.now`."""
        return self.clock.now()

    def floor(self) -> float:
        """See :meth:`Tables.floor`."""
        return self._floor

    def set_floor(self, floor: float) -> None:
        """See :meth:`Tables.set_floor`."""
        self._floor = floor

    def waiting(self, now: float, floor: float, version: Version, limit: int) -> list[Tenant]:
        """See :meth:`Tables.waiting`."""
        turns: dict[str, int] = {}
        for job in self._running.values():
            turns[job.tenant] = turns.get(job.tenant, 0) + 1
        found = [
            tenant
            for name, jobs in self._waiting.items()
            if turns.get(name, 0) < (tenant := self._tenants[name]).most
            and any(_waits(job, now, version) for job in jobs.values())
        ]
        return sorted(found, key=lambda tenant: rank(tenant, floor))[:limit]

    def next_due(self, tenant: str, now: float, version: Version) -> FleetJob | None:
        """See :meth:`Tables.next_due`."""
        taken = {job.token for job in self._running.values()}
        found = (
            job
            for job in self._waiting.get(tenant, {}).values()
            if _waits(job, now, version) and (not job.token or job.token not in taken)
        )
        return min(found, key=lambda job: (job.due, job.id), default=None)

    def overdue(self, now: float) -> list[FleetJob]:
        """See :meth:`Tables.overdue`."""
        return [job for job in self._running.values() if job.lease_until < now]

    def job(self, job_id: str) -> FleetJob | None:
        """See :meth:`Tables.job`."""
        return self._jobs.get(job_id)

    def jobs(self, tenant: str = "") -> Iterator[FleetJob]:
        """See :meth:`Tables.jobs`."""
        with self._lock:
            found = sorted(self._jobs.values(), key=lambda job: job.id)
        return (job for job in found if tenant in ("", job.tenant))

    def tenant(self, name: str) -> Tenant | None:
        """See :meth:`Tables.tenant`."""
        return self._tenants.get(name)

    def put_job(self, job: FleetJob) -> None:
        """See :meth:`Tables.put_job`."""
        self._undo.setdefault(job.id, self._jobs.get(job.id))
        self._drop(job.id)
        self._place(job)

    def put_tenant(self, tenant: Tenant) -> None:
        """See :meth:`Tables.put_tenant`."""
        self._tenants[tenant.name] = tenant

    def config(self, job_id: str) -> str:
        """See :meth:`Tables.config`."""
        return self._configs.get(job_id, "")

    def put_config(self, job_id: str, text: str) -> None:
        """See :meth:`Tables.put_config`."""
        self._configs = {**self._configs, job_id: text}

    def _drop(self, job_id: str) -> None:
        job = self._jobs.pop(job_id, None)
        if job is not None:
            self._running.pop(job_id, None)
            waiting = self._waiting.get(job.tenant, {})
            waiting.pop(job_id, None)
            if not waiting:
                self._waiting.pop(job.tenant, None)

    def _place(self, job: FleetJob) -> None:
        self._jobs[job.id] = job
        if job.standing == "running":
            self._running[job.id] = job
        elif job.standing == "waiting":
            self._waiting.setdefault(job.tenant, {})[job.id] = job


def _waits(job: FleetJob, now: float, version: Version) -> bool:
    """Whether a job that waits is due, its last worker has let it go, and this one is new enough."""
    return job.due <= now and job.lease_until <= now and job.version <= version
