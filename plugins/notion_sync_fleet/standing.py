"""How a fleet stands: facts for programs, lines for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from notion_sync_core.plugin import ConfigError, utc_of
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.values import FleetJob


def known(desk: Desk, name: str) -> FleetJob:
    """One job.

    :raises ConfigError: there is none of that name.
    """
    jobs = {job.id: job for job in desk.tables.jobs()}
    if name not in jobs:
        near = difflib.get_close_matches(name, jobs, 1, 0.5)
        raise ConfigError(
            f"the desk knows no job called {name!r:.80}{f'. Did you mean {near[0]!r}?' if near else ''}",
            "notion-sync fleet status lists them.",
        )
    return jobs[name]


def facts(desk: Desk, tenant: str, taken: Mapping[str, int]) -> dict[str, Any]:
    """What is known of all jobs, or those of a tenant.

    :param taken: requests of each budget, by the fingerprint of its token.
    """
    jobs = list(desk.tables.jobs(tenant))
    with desk.tables.transaction():
        now = desk.tables.now()
    told = [_job(each, now) for each in jobs]
    counts = {
        "waiting": sum(each["standing"] == "waiting" for each in told),
        "due": sum(each["lag_s"] > 0 for each in told),
        "running": sum(each["standing"] == "running" for each in told),
        "parked": sum(each["standing"] == "parked" for each in told),
    }
    longest = max((each["lag_s"] for each in told), default=0.0)
    return {
        "time": utc_of(now), "counts": counts, "longest_lag_s": longest,
        "budgets": [{"name": name, "taken": count} for name, count in sorted(taken.items())], "jobs": told,
    }  # fmt: skip


def _job(job: FleetJob, now: float) -> dict[str, Any]:
    lag = max(0.0, now - job.due) if job.standing == "waiting" else 0.0
    return {
        "job": job.id, "tenant": job.tenant, "standing": job.standing, "due": utc_of(job.due), "lag_s": round(lag, 1),
        "worker": job.worker, "fence": job.fence, "generation": job.generation, "exit": job.exit, "died": job.died,
        "reason": job.reason, "remedy": job.remedy,
    }  # fmt: skip


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for people; what is parked comes first, with what is to be done."""
    counts = found["counts"]
    yield (
        f"{counts['running']} running, {counts['due']} due (the longest for {found['longest_lag_s']:.0f} s), "
        f"{counts['waiting'] - counts['due']} waiting for their time, {counts['parked']} parked"
    )
    order = ("parked", "running", "waiting")
    for each in sorted(found["jobs"], key=lambda each: (order.index(each["standing"]), each["job"])):
        yield f"{each['standing']:<8} {each['job']:<24} {each['tenant']:<16} {_said(each)}"
        if each["standing"] == "parked" and each["remedy"]:
            yield f"         {each['remedy']}"
    for each in found["budgets"]:
        yield f"budget   {each['name']:<24} {each['taken']} requests taken"


def _said(each: Mapping[str, Any]) -> str:
    if each["standing"] == "running":
        return f"turn {each['fence']} at {each['worker']}"
    if each["standing"] == "parked":
        return str(each["reason"])
    last = "never ran" if each["exit"] is None and not each["fence"] else f"last exit {each['exit']}"
    return f"due {each['due']}, {last}{': ' if each['reason'] else ''}{each['reason']}"
