"""What stands at the desk: jobs, tenants, and the right to a turn."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Standing = Literal["waiting", "running", "parked"]
"""``waiting`` for its time or for a worker, ``running`` at one, ``parked`` until a person says so."""
Version = tuple[int, ...]
"""Of a worker's program: of two the higher is the newer."""


@frozen
class Tenant:
    """Whose jobs compete with those of others."""

    name: str
    weight: float = 1.0
    """How much more of the time it gets than one of weight 1, while both want more than there is."""
    most: int = 4
    """So many turns of it may be under way at a time."""
    served: float = 0.0
    """Seconds of turns over its weight, on the scale that all tenants share."""
    claimed: float = 0.0
    """When it got its last turn, in seconds since the epoch; 0: never."""


@frozen
class FleetJob:
    """One job, as the desk knows it. Times are seconds since the epoch, by the desk's clock."""

    id: str
    tenant: str
    token: str
    """Where its token is, such as ``file:/run/secrets/acme``: of those that share one, one runs at a time. Never the
    token; empty: it needs none."""
    every_s: float
    due: float
    standing: Standing = "waiting"
    fence: int = 0
    """The number of its last turn; it only grows."""
    generation: int = 0
    """The fence of the turn whose state counts; 0: it has none yet."""
    worker: str = ""
    """Who has it, while it is running."""
    began: float = 0.0
    """When its last turn did."""
    lease_until: float = 0.0
    """Until when its worker has it for certain."""
    expected_s: float = 60.0
    """How long its turns take, as far as the last one tells."""
    died: int = 0
    """Turns in a row that ended without an outcome."""
    failed: int = 0
    """Turns in a row that ended by a fault of the program or a plugin."""
    tries: int = 0
    """Turns in a row that something outside was away for."""
    version: Version = ()
    """Of the newest worker that had it: an older one does not get it."""
    exit: int | None = None
    """How its last turn ended; ``None``: it did not, or without an outcome."""
    reason: str = ""
    """Why it is parked, or what its last turn had to say."""
    remedy: str = ""


@frozen
class Turn:
    """The right to one stay of a job at a worker."""

    job: str
    tenant: str
    fence: int
    generation: int
    """Whose state it begins with; 0: there is none."""
    waited_s: float
    """How long it was due."""
