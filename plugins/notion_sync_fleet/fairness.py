"""Whose turn it is: the tenant that had the least time over its weight, counted so that nobody saves any up.

As in start-time fair queuing (Goyal, Vin, Cheng 1996): who comes back after a pause begins where the others are, and
does not have the fleet for itself until it has caught up.
"""

from __future__ import annotations

from attrs import evolve

from notion_sync_fleet.values import FleetJob, Tenant


def rank(tenant: Tenant, floor: float) -> tuple[float, float, str]:
    """Of tenants that wait, the one with the lowest rank is next.

    :param floor: where those stood that got the last turns.
    """
    return max(tenant.served, floor), tenant.claimed, tenant.name


def charged(tenant: Tenant, job: FleetJob, floor: float, now: float) -> Tenant:
    """A tenant that gets a turn pays for what it will take, as far as the last one tells."""
    start = max(tenant.served, floor)
    return evolve(tenant, served=start + job.expected_s / tenant.weight, claimed=now)


def settled(tenant: Tenant, job: FleetJob, seconds: float) -> Tenant:
    """After the turn it has paid for what it took."""
    return evolve(tenant, served=max(0.0, tenant.served + (seconds - job.expected_s) / tenant.weight))
