"""Lifecycle: what a run has reached."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from notion_sync_core.events.base import Event
from notion_sync_core.model import Kind


@frozen(eq=False, repr=False)
class RunStarted(Event):
    """A run began."""

    job: str
    mode: str
    """``export``, ``sync``, ``render``, ``repair``, ``plan``, or ``hint`` of a run of a few objects."""
    known: int
    """Objects that earlier runs left in the state."""
    run_id: str = ""
    """Of this run alone; empty for ``plan``."""


@frozen(eq=False, repr=False)
class StageStarted(Event):
    """The run entered a stage: ``read``, ``write``, or ``look`` (all that ``plan`` does)."""

    stage: str
    total: int | None = None
    """How many objects the stage will handle, if that is known."""


@frozen(eq=False, repr=False)
class StageFinished(Event):
    """The run left a stage; a run that is cut short leaves it as well."""

    stage: str
    seconds: float
    objects: int = 0
    """How many objects it handled."""


@frozen(eq=False, repr=False)
class CheckpointSaved(Event):
    """Everything so far is durable: a run that dies now goes on from here. Told at most once a second."""

    seconds: float
    """How long the last one took."""
    count: int = 1
    """Checkpoints since the last that was told, this one included."""


@frozen(eq=False, repr=False)
class PassPublished(Event):
    """What was read so far is in the sinks, though the reading goes on or had to end."""

    seconds: float


@frozen(eq=False, repr=False)
class ObjectDiscovered(Event):
    """An object was seen for the first time in this run."""

    id: str
    kind: Kind
    title: str
    pending: bool
    """Whether it has to be read."""


@frozen(eq=False, repr=False)
class ObjectWritten(Event):
    """All files of an object are in the sinks."""

    id: str
    title: str
    paths: tuple[str, ...]
    bytes: int
    outcome: str = "created"
    """``created``, or ``updated`` if files of it were there."""


@frozen(eq=False, repr=False)
class ObjectDeleted(Event):
    """A file that stands for nothing any more was removed from a sink."""

    sink: str
    path: str


@frozen(eq=False, repr=False)
class ObjectMoved(Event):
    """A document's file has another path than before. The old file goes with the deletes, or is listed as stale."""

    sink: str
    old: str
    new: str


@frozen(eq=False, repr=False)
class RunFinished(Event):
    """A run ended, in whatever way."""

    status: str
    """``complete``, ``partial``, ``failed`` or ``interrupted``."""
    seconds: float
    job: str = ""
    run_id: str = ""
    report: dict[str, Any] = field(factory=dict, repr=False)
    """The whole report, as ``--json`` prints it; see report.schema.json."""
