"""The desk's tables in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import psycopg
from attrs import define, field

from notion_sync_core import StateError
from notion_sync_fleet.connection import Connection
from notion_sync_fleet.values import FleetJob, Tenant, Version

_JOB = [each.name for each in attrs.fields(FleetJob)]
_TENANT = [each.name for each in attrs.fields(Tenant)]
_JOBS_SQL = f"SELECT {', '.join(f'j.{name}' for name in _JOB)} FROM notion_sync_fleet.job j"
_WAITS_SQL = (
    "j.standing = 'waiting' AND j.due <= %(now)s AND j.lease_until <= %(now)s AND j.version <= %(version)s::integer[]"
)
# Asked once, before any tenant is looked at: most claims of an idle fleet end there.
_IS_DUE_SQL = (
    "EXISTS (SELECT 1 FROM notion_sync_fleet.job d WHERE d.standing = 'waiting' AND d.due <= %(now)s "
    "ORDER BY d.due LIMIT 1)"
)
_IS_FREE_SQL = (
    "(j.token = '' OR NOT EXISTS "
    "(SELECT 1 FROM notion_sync_fleet.job r WHERE r.standing = 'running' AND r.token = j.token))"
)


def _upsert(table: str, names: list[str]) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    values = ", ".join(f"%({name})s" for name in names)
    return (
        f"INSERT INTO notion_sync_fleet.{table} ({', '.join(names)}) VALUES ({values}) "
        f"ON CONFLICT ({names[0]}) DO UPDATE SET {changed}"
    )


_PUT_JOB_SQL, _PUT_TENANT_SQL = _upsert("job", _JOB), _upsert("tenant", _TENANT)
_PUT_CONFIG_SQL = _upsert("config", ["job", "config"])


@define
class PostgresTables:
    """See :class:`~notion_sync_fleet.desk.Tables`; the clock is the server's."""

    connection: Connection
    _cursor: psycopg.Cursor[Any] | None = field(default=None, init=False)
    _floor: float = field(default=0.0, init=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See :meth:`Tables.transaction`."""
        with self.connection.transaction() as cursor:
            cursor.execute("SELECT floor FROM notion_sync_fleet.desk FOR UPDATE")
            found = cursor.fetchone()
            if found is None:
                raise StateError("the desk has lost the row that everybody locks", "Restore it from a backup.")
            self._floor, self._cursor = found[0], cursor
            try:
                yield
            finally:
                self._cursor = None

    def _asked(self, sql: str, given: dict[str, Any] | None = None) -> list[Any]:
        assert self._cursor is not None, "only in a transaction"
        self._cursor.execute(sql.encode(), given)
        return self._cursor.fetchall()

    def _put(self, sql: str, given: dict[str, Any]) -> None:
        assert self._cursor is not None, "only in a transaction"
        self._cursor.execute(sql.encode(), given)

    def now(self) -> float:
        """See :meth:`Tables.now`."""
        return float(self._asked("SELECT extract(epoch FROM clock_timestamp())")[0][0])

    def floor(self) -> float:
        """See :meth:`Tables.floor`."""
        return self._floor

    def set_floor(self, floor: float) -> None:
        """See :meth:`Tables.set_floor`."""
        if floor != self._floor:
            self._put("UPDATE notion_sync_fleet.desk SET floor = %(floor)s", {"floor": floor})
            self._floor = floor

    def waiting(self, now: float, floor: float, version: Version, limit: int) -> list[Tenant]:
        """See :meth:`Tables.waiting`."""
        rows = self._asked(
            f"SELECT {', '.join(f't.{name}' for name in _TENANT)} FROM notion_sync_fleet.tenant t "
            # Counted once, and not for each tenant; and of its jobs one is enough.
            "LEFT JOIN (SELECT tenant, count(*) AS turns FROM notion_sync_fleet.job WHERE standing = 'running' "
            "GROUP BY tenant) r ON r.tenant = t.name "
            "CROSS JOIN LATERAL (SELECT 1 FROM notion_sync_fleet.job j WHERE j.tenant = t.name "
            f"AND {_WAITS_SQL} LIMIT 1) w WHERE t.most > coalesce(r.turns, 0) AND (SELECT {_IS_DUE_SQL}) "
            'ORDER BY greatest(t.served, %(floor)s), t.claimed, t.name COLLATE "C" LIMIT %(limit)s',
            {"now": now, "floor": floor, "version": list(version), "limit": limit},
        )
        return [Tenant(*row) for row in rows]

    def next_due(self, tenant: str, now: float, version: Version) -> FleetJob | None:
        """See :meth:`Tables.next_due`."""
        rows = self._asked(
            f"{_JOBS_SQL} WHERE j.tenant = %(tenant)s AND {_WAITS_SQL} AND {_IS_FREE_SQL} "
            'ORDER BY j.due, j.id COLLATE "C" LIMIT 1',
            {"tenant": tenant, "now": now, "version": list(version)},
        )
        return _job(rows[0]) if rows else None

    def overdue(self, now: float) -> list[FleetJob]:
        """See :meth:`Tables.overdue`."""
        sql = f"{_JOBS_SQL} WHERE j.standing = 'running' AND j.lease_until < %(now)s"
        return list(map(_job, self._asked(sql, {"now": now})))

    def job(self, job_id: str) -> FleetJob | None:
        """See :meth:`Tables.job`."""
        rows = self._asked(f"{_JOBS_SQL} WHERE j.id = %(id)s", {"id": job_id})
        return _job(rows[0]) if rows else None

    def jobs(self, tenant: str = "") -> Iterator[FleetJob]:
        """See :meth:`Tables.jobs`."""
        sql = f"{_JOBS_SQL} WHERE j.tenant = %(tenant)s OR %(tenant)s = '' ORDER BY j.id COLLATE \"C\""
        with self.transaction():
            found = self._asked(sql, {"tenant": tenant})
        return map(_job, found)

    def tenant(self, name: str) -> Tenant | None:
        """See :meth:`Tables.tenant`."""
        sql = f"SELECT {', '.join(_TENANT)} FROM notion_sync_fleet.tenant WHERE name = %(name)s"
        rows = self._asked(sql, {"name": name})
        return Tenant(*rows[0]) if rows else None

    def put_job(self, job: FleetJob) -> None:
        """See :meth:`Tables.put_job`."""
        self._put(_PUT_JOB_SQL, {**attrs.asdict(job), "version": list(job.version)})

    def put_tenant(self, tenant: Tenant) -> None:
        """See :meth:`Tables.put_tenant`."""
        self._put(_PUT_TENANT_SQL, attrs.asdict(tenant))

    def config(self, job_id: str) -> str:
        """See :meth:`Tables.config`."""
        rows = self._asked("SELECT config FROM notion_sync_fleet.config WHERE job = %(job)s", {"job": job_id})
        return str(rows[0][0]) if rows else ""

    def put_config(self, job_id: str, text: str) -> None:
        """See :meth:`Tables.put_config`."""
        self._put(_PUT_CONFIG_SQL, {"job": job_id, "config": text})


def _job(row: Any) -> FleetJob:
    found = FleetJob(*row)
    return attrs.evolve(found, version=tuple(found.version))
