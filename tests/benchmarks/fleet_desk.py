"""What a desk of many jobs does in a day: claims a second, lag, fairness. The clock is made; the decisions are real.

    python tests/benchmarks/fleet_desk.py [--jobs 10000] [--tenants 1000] [--slots 100] [--hours 3]
    tests/postgres.sh python tests/benchmarks/fleet_desk.py --claims    how long one claim takes in PostgreSQL

Turns last as an unchanged sync of 1,000 pages does: 46 requests at 180 a minute, spent in a burst, and half a second of
work; each hundredth job reads for half an hour. One tenant has a fifth of all jobs.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fleet.desks import ADDRESS
from notion_sync_core.testing import FakeClock
from notion_sync_fleet.connection import Connection, migrate
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.memory import MemoryTables
from notion_sync_fleet.postgres import PostgresTables
from notion_sync_fleet.values import Tenant, Turn

HOUR = 3600.0
SHORT_S, LONG_S = 10.0, 1800.0


def jobs(count: int, tenants: int) -> Iterator[tuple[str, str]]:
    """(job, tenant): the first tenant has a fifth of all, the others share the rest."""
    for number in range(count):
        tenant = 0 if number % 5 == 0 else 1 + number % (tenants - 1)
        yield f"job {number:06}", f"tenant {tenant:04}"


def fill(desk: Desk, count: int, tenants: int, *, every_s: float = HOUR) -> None:
    for job, tenant in jobs(count, tenants):
        desk.apply(job, Tenant(tenant, most=8), f"token of {job}", every_s)


def lasts(turn: Turn) -> float:
    return LONG_S if int(turn.job.split()[1]) % 100 == 0 else SHORT_S


def simulate(count: int, tenants: int, slots: int, hours: float) -> dict[str, float]:
    """Figures of some hours, after one in which the jobs spread over the hour."""
    clock = FakeClock(0.0)
    desk = Desk(MemoryTables(clock))
    fill(desk, count, tenants)
    busy: list[tuple[float, int, Turn]] = []
    lags: dict[bool, list[float]] = {True: [], False: []}
    claims, spent, began = 0, 0.0, random.Random(0)
    while clock.time < hours * HOUR:
        while len(busy) < slots:
            started = time.perf_counter()
            turn = desk.claim("worker")
            spent += time.perf_counter() - started
            if turn is None:
                break
            claims += 1
            if clock.time > HOUR:
                lags[turn.tenant == "tenant 0000"].append(turn.waited_s)
            heapq.heappush(busy, (clock.time + lasts(turn) * began.uniform(0.8, 1.2), claims, turn))
        ends = busy[0][0] if busy else clock.time + 1.0
        clock.time = min(ends, clock.time + desk.rules.lease_s / 3)
        for _, _, turn in busy:
            desk.renew(turn)
        while busy and busy[0][0] <= clock.time:
            desk.finish(heapq.heappop(busy)[2], 0)
    small = sorted(lags[False]) or [0.0]
    large = sorted(lags[True]) or [0.0]
    return {
        "claims": claims,
        "claims_a_second_in_memory": round(claims / spent, 1),
        "lag_small_median_s": round(statistics.median(small), 1),
        "lag_small_99_s": round(small[int(len(small) * 0.99)], 1),
        "lag_large_median_s": round(statistics.median(large), 1),
        "lag_large_99_s": round(large[int(len(large) * 0.99)], 1),
    }


def claims(count: int, tenants: int, times: int = 100) -> dict[str, float]:
    """Milliseconds of one claim and of what ends a turn, in PostgreSQL, with all jobs due."""
    with closing(Connection(ADDRESS)) as connection:
        with connection.transaction() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
        migrate(connection)
        desk = Desk(PostgresTables(connection))
        with connection.transaction() as cursor:
            cursor.executemany(
                "INSERT INTO notion_sync_fleet.tenant VALUES (%s, 1, 8, 0, 0)",
                [(name,) for name in sorted({tenant for _, tenant in jobs(count, tenants)})],
            )
            cursor.executemany(
                "INSERT INTO notion_sync_fleet.job VALUES "
                "(%s, %s, %s, 3600, 0, 'waiting', 0, 0, '', 0, 0, 60, 0, 0, 0, '{}', NULL, '', '')",
                [(job, tenant, f"token of {job}") for job, tenant in jobs(count, tenants)],
            )
        with connection.transaction() as cursor:
            cursor.execute("ANALYZE notion_sync_fleet.job")
            cursor.execute("ANALYZE notion_sync_fleet.tenant")
        took: dict[str, list[float]] = {"claim": [], "renew": [], "commit": [], "finish": []}
        for _ in range(times):
            started = time.perf_counter()
            turn = desk.claim("worker")
            assert turn is not None
            took["claim"].append(time.perf_counter() - started)
            for word, given in (("renew", ()), ("commit", ()), ("finish", (0,))):
                started = time.perf_counter()
                getattr(desk, word)(turn, *given)
                took[word].append(time.perf_counter() - started)
        return {f"{word}_median_ms": round(statistics.median(each) * 1000, 2) for word, each in took.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--tenants", type=int, default=1_000)
    parser.add_argument("--slots", type=int, default=100)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--claims", action="store_true")
    given = parser.parse_args()
    if given.claims:
        found = claims(given.jobs, given.tenants)
    else:
        found = simulate(given.jobs, given.tenants, given.slots, given.hours)
    print(json.dumps({"jobs": given.jobs, "tenants": given.tenants, **found}, indent=2))


if __name__ == "__main__":
    main()
