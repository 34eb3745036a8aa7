"""System health: how components of the process are."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.events.base import Event


@frozen(eq=False, repr=False)
class ComponentChanged(Event):
    """A component of the process is in another state than before."""

    component: str
    """``run``, ``source``, ``state``, ``listeners``, ``sink NAME``, or what a command adds: ``scheduler``."""
    state: str
    """``starting``, ``ready``, ``working``, ``waiting``, ``degraded``, ``failed`` or ``stopped``."""
    reason: str = ""


@frozen(eq=False, repr=False)
class HealthChanged(Event):
    """A health check has another verdict than before."""

    check: str
    verdict: str
    """``pass``, ``warn`` or ``fail``."""
    reason: str = ""
    remedy: str = ""


@frozen(eq=False, repr=False)
class RunScheduled(Event):
    """A process runs this job by a schedule; told when it begins to, and when the schedule changed."""

    period_s: float
    """Seconds from one run to the next; of an uneven schedule the longest."""


@frozen(eq=False, repr=False)
class BreakerChanged(Event):
    """A circuit breaker changed its state: ``closed``, ``open`` or ``half-open``."""

    target: str
    state: str


@frozen(eq=False, repr=False)
class Waited(Event):
    """Requests stand still for so many seconds, and why (``budget``, ``rate limit``, ``retry``, ``breaker``)."""

    seconds: float
    reason: str
    detail: str = ""
