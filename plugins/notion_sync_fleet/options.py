"""What ``[plugins.fleet]`` says: of the fleet in the main file, and of a job in the job's."""

from __future__ import annotations

import re
from typing import Any

from attrs import Attribute, field, frozen, validators

from notion_sync_core import Job
from notion_sync_core.schedule import Schedule
from notion_sync_core.structure import structure

NAME = "plugins.fleet"


def _span(_: object, _attribute: Attribute[Any], value: str) -> None:
    try:
        Schedule(f"every {value}")
        is_span = re.fullmatch(r"[0-9]+[smhd]", value) is not None
    except ValueError:
        is_span = False
    if not is_span:
        raise ValueError("a time such as 15m, 1h or 1d, at least 5s")


def _name(_: object, _attribute: Attribute[Any], value: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value):
        raise ValueError("at most 64 letters, digits, hyphens, dots and underscores")


@frozen
class FleetOptions:
    """``[plugins.fleet]``; ``desk``, ``vault``, ``slots``, ``lease_s``, ``longest_turn_s`` and ``most_lost`` in the
    main file, the others in the file of each job."""

    desk: str = ""
    """Reference to the address of the PostgreSQL that holds the desk, as libpq writes it: ``env:NOTION_SYNC_DESK``."""
    vault: str = ""
    """Where states, documents and files lie between turns: a folder that all workers see, or ``s3://bucket/prefix``."""
    slots: int = field(default=8, validator=validators.ge(1))
    """Turns that a worker has under way at a time; each is a process of some 50 to 150 MB."""
    lease_s: float = field(default=30.0, validator=validators.ge(5))
    """How long a worker has a job for certain after it said so: so long a dead one's jobs wait."""
    longest_turn_s: float = field(default=1800.0, validator=validators.gt(0))
    """How long a turn may last while others wait for a slot; then it goes on later."""
    most_lost: int = field(default=3, validator=validators.ge(1))
    """So many turns of a job in a row may die, or end by a fault, before the job is parked."""
    tenant: str = field(default="default", validator=_name)
    """Whose job it is: the fleet's time is shared between tenants."""
    every: str = field(default="1h", validator=_span)
    """How often it runs: ``15m``, ``1h``, ``1d``."""
    token: str = ""
    """Reference to the job's token, that each worker resolves for its turns alone: ``file:/run/secrets/acme``."""
    weight: float = field(default=1.0, validator=validators.gt(0))
    """How much more of the time its tenant gets than one of weight 1."""
    most: int = field(default=4, validator=validators.ge(1))
    """So many turns of its tenant may be under way at a time."""
    mode: str = field(default="sync", validator=validators.in_(("sync", "export")))
    """What a turn does: ``export`` moves and deletes nothing."""


def options_of(job: Job) -> FleetOptions:
    """What a file says of the fleet.

    :raises ConfigError: it says something that cannot be.
    """
    config = job.config
    given = dict(config.plugins.get("fleet", {}))
    found: FleetOptions = structure(FleetOptions, given, NAME, config.origins, job.secrets.resolve)
    return found
