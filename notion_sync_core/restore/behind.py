"""The target of a restore, built from a job's configuration, and the gate to its service."""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_core.clock import Clock
from notion_sync_core.events import BreakerChanged, Event
from notion_sync_core.gate.breaker import Breaker
from notion_sync_core.gate.gate import Gate
from notion_sync_core.gate.policy import RetryPolicy
from notion_sync_core.job import Job
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.entries import offered, origins_of
from notion_sync_core.plugins.target import Target


def built_target(job: Job, name: str) -> Target:
    """A target by the name of its plugin, with what the job's configuration says of it.

    :raises ConfigError: no target of that name is installed, or it is not let in.
    :raises NotAuthorisedError: it needs a token and there is none.
    """
    given = job.config.plugins.get(name, {})
    options = {**offered(job.config, name, given, job.secrets.token, "targets"), **given}
    spec = job.spec_of(Spec("targets", name, name, options))
    built = build(spec, origins_of(job.config), None, job.secrets.resolve)
    return Target(built.name, built.plugin, built.hooks)


def gate_to(target: Target, job: Job, clock: Clock, publish: Callable[[Event], None], max_requests: int | None) -> Gate:
    """The gate to a target's service: it shares its budget with all that use the same token."""
    performance = job.config.performance
    breaker = Breaker(
        clock,
        lambda state: publish(BreakerChanged(target.host, state)),
        threshold=performance.breaker_threshold,
        cooldown_s=performance.breaker_cooldown_s,
    )
    return Gate(
        target.host,
        clock,
        publish,
        budget=job.budget(target, clock),
        policy=RetryPolicy(max_attempts=performance.max_attempts),
        breaker=breaker,
        max_requests=max_requests,
    )
