"""Facts in the past tense, published on the bus while a run goes on.

Listeners may look at them and do nothing to the run. No event carries a token or a signed URL. Names of classes and
fields stay; new ones are added at the end. The reference for people is docs/events.md.
"""

from __future__ import annotations

from notion_sync_core.events.base import VERSION, Event
from notion_sync_core.events.errors import (
    AssetDownloaded,
    AssetFailed,
    GuardRefused,
    ObjectFailed,
    ObjectRead,
    ObjectUnchanged,
    ObjectUnreadable,
    Outcome,
    PluginFailed,
    RequestFailed,
    SinkFailed,
    Warned,
)
from notion_sync_core.events.health import BreakerChanged, ComponentChanged, HealthChanged, RunScheduled, Waited
from notion_sync_core.events.interaction import CommandFinished, CommandInterrupted, CommandStarted
from notion_sync_core.events.lifecycle import (
    CheckpointSaved,
    ObjectDeleted,
    ObjectDiscovered,
    ObjectMoved,
    ObjectWritten,
    PassPublished,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
)
from notion_sync_core.events.performance import (
    BudgetMeasured,
    DiskMeasured,
    MemoryMeasured,
    PluginCalled,
    QueueMeasured,
    RequestFinished,
    RequestsBegan,
    SinkWrote,
)

__all__ = [
    "VERSION",
    "AssetDownloaded",
    "AssetFailed",
    "BreakerChanged",
    "BudgetMeasured",
    "CheckpointSaved",
    "CommandFinished",
    "CommandInterrupted",
    "CommandStarted",
    "ComponentChanged",
    "DiskMeasured",
    "Event",
    "GuardRefused",
    "HealthChanged",
    "MemoryMeasured",
    "ObjectDeleted",
    "ObjectDiscovered",
    "ObjectFailed",
    "ObjectMoved",
    "ObjectRead",
    "ObjectUnchanged",
    "ObjectUnreadable",
    "ObjectWritten",
    "Outcome",
    "PassPublished",
    "PluginCalled",
    "PluginFailed",
    "QueueMeasured",
    "RequestFailed",
    "RequestFinished",
    "RequestsBegan",
    "RunFinished",
    "RunScheduled",
    "RunStarted",
    "SinkFailed",
    "SinkWrote",
    "StageFinished",
    "StageStarted",
    "Waited",
    "Warned",
]
