"""What becomes of a job after a turn, by how that ended. Pure: nothing here asks for the time."""

from __future__ import annotations

from attrs import evolve, frozen

from notion_sync_fleet.values import FleetJob

COMPLETE = (0, 3)
"""The job did what it is for; single objects may have failed."""
CUT_SHORT = (12, 130, 143)
"""It goes on where it was: a limit, or a worker that leaves."""
HELD = (5,)
"""Somebody holds the job or its sink: a worker that was taken for dead."""
AWAY = (6, 7)
"""A sink, a disk, the network or the service is away."""
FAULTS = (1, 11)
"""The program or a plugin: perhaps by what it met."""
MINUTE = 60.0
_LONGEST_WAIT_S = 60 * MINUTE


@frozen
class Rules:
    """What a fleet has agreed on."""

    lease_s: float = 30.0
    """How long a worker has a job for certain after it said so."""
    most_lost: int = 3
    """So many turns in a row may die, or end by a fault, before the job is parked."""


def ended(job: FleetJob, exit_code: int, now: float, rules: Rules, reason: str = "", remedy: str = "") -> FleetJob:
    """The job after a turn that ended with an exit status.

    :param reason: what its report says stopped it; shown if the job is parked.
    """
    told = evolve(
        job, standing="waiting", worker="", lease_until=0.0, exit=exit_code, died=0, reason=reason, remedy=remedy
    )
    if exit_code in COMPLETE:
        return evolve(told, failed=0, tries=0, due=_next(job, now))
    if exit_code in CUT_SHORT:
        return evolve(told, failed=0, tries=0, due=now)
    if exit_code in HELD:
        return evolve(told, due=now + rules.lease_s)
    if exit_code in AWAY:
        wait = min(_LONGEST_WAIT_S, MINUTE * 2.0 ** min(job.tries, 10))
        return evolve(told, tries=job.tries + 1, due=now + wait)
    if exit_code in FAULTS:
        failed = job.failed + 1
        if failed < rules.most_lost:
            return evolve(told, failed=failed, due=now + MINUTE)
        why = f"{failed} turns in a row ended by a fault of the program or of a plugin: {reason}"
        return evolve(told, standing="parked", failed=failed, reason=why)
    # Usage, authorisation, guards, state: another turn would end alike.
    return evolve(told, standing="parked")


def died(job: FleetJob, now: float, rules: Rules) -> FleetJob:
    """The job after a turn of which nobody heard the end: its worker died, or was cut off."""
    count = job.died + 1
    gone = evolve(job, standing="waiting", worker="", exit=None, died=count, due=now)
    if count < rules.most_lost:
        return evolve(gone, reason=f"a turn ended without an outcome at {job.worker}", remedy="")
    return evolve(
        gone,
        standing="parked",
        reason=f"{count} turns in a row ended without an outcome, the last one at {job.worker}",
        remedy="Look at that worker's log: perhaps it had too little memory. Then release the job.",
    )


def released(job: FleetJob, now: float) -> FleetJob:
    """The job after a person said that it may run."""
    cleared = evolve(job, died=0, failed=0, tries=0, reason="", remedy="", due=now)
    return cleared if job.standing == "running" else evolve(cleared, standing="waiting", worker="")


def _next(job: FleetJob, now: float) -> float:
    """The next time in the job's rhythm that is still to come; missed ones are not made up for."""
    if job.every_s <= 0:
        return now
    missed = int(max(0.0, now - job.due) // job.every_s)
    return job.due + (missed + 1) * job.every_s
