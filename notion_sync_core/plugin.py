"""All that a plugin may import, and nothing else: the one door.

Whatever is not here may change in any release. What is here changes with :data:`API_VERSION` only; a test
holds every signature. ``notion_sync_core.testing`` has the exams and fakes for a plugin's own tests.

- *What a plugin is*: :data:`hookimpl` marks its methods; the hooks are specified in :data:`hookspecs`, the
  attributes in :data:`FACES`.
- *What travels*: references, blocks, listings, assets, artifacts; documents, sites and trees as renderers see them.
- *What content means*: a walk over blocks, text runs, links, property values, list numbers, names for files.
- *What calls leave through*: the gate. *What goes wrong*: the errors.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from notion_sync_core import wellformed
from notion_sync_core._version import __version__
from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.content import links, properties
from notion_sync_core.content.chunks import encoded
from notion_sync_core.content.dates import Moment, utc, utc_of
from notion_sync_core.content.files import hosted_files
from notion_sync_core.content.links import SAFE_SCHEMES, Destination, Link, destination, to_file, to_object, to_picture
from notion_sync_core.content.numbering import Numbering
from notion_sync_core.content.properties import user_text
from notion_sync_core.content.rich_text import FLAGS, PLAIN, Run, clean, is_plain, runs
from notion_sync_core.content.walk import ANY_DEPTH, MEETING_SECTION, TAB_ITEM, Depth, Step, shown_as, walk
from notion_sync_core.described import show_in_help
from notion_sync_core.document import (
    COUNTED,
    NEAR_ANCESTORS,
    NEIGHBOURS,
    Branch,
    Document,
    Entry,
    Row,
    Site,
    Target,
    Tree,
)
from notion_sync_core.errors import (
    ConfigError,
    DoubtError,
    FatalError,
    LimitReached,
    LockedError,
    MissingError,
    NotAuthorisedError,
    NotionSyncError,
    PluginError,
    RetryableError,
    SinkError,
    SkippableError,
    UnreachableError,
)
from notion_sync_core.gate.labels import endpoint
from notion_sync_core.hints import FilePath
from notion_sync_core.model import (
    KINDS,
    Artifact,
    Asset,
    Block,
    Comments,
    Found,
    Json,
    Kind,
    Listing,
    Parent,
    Piece,
    Ref,
    Staged,
    Stat,
    Unusable,
    Workspace,
    fields,
    fragment_from_url,
    id_from_url,
    normalise_id,
    objects,
    plain_text,
    properties_of,
)
from notion_sync_core.plugins import hookspecs
from notion_sync_core.plugins.faces import FACES
from notion_sync_core.plugins.hookspecs import API_VERSION, hookimpl
from notion_sync_core.secret import Secret
from notion_sync_core.stages.names import clean as file_name
from notion_sync_core.stages.names import cut, fold, per_source
from notion_sync_core.terminal import as_json, counted, one_line
from notion_sync_core.writing import Changes, Limits, Made, New

if TYPE_CHECKING:
    from notion_sync_core.catalog import Catalog
    from notion_sync_core.content.arranged import Arrangement, Group, arranged
    from notion_sync_core.content.views import Grouping, Sort, TableView, views_of
    from notion_sync_core.events import (
        AssetDownloaded,
        AssetFailed,
        BreakerChanged,
        BudgetMeasured,
        CheckpointSaved,
        CommandFinished,
        CommandInterrupted,
        CommandStarted,
        ComponentChanged,
        DiskMeasured,
        Event,
        GuardRefused,
        HealthChanged,
        MemoryMeasured,
        ObjectDeleted,
        ObjectDiscovered,
        ObjectFailed,
        ObjectMoved,
        ObjectRead,
        ObjectUnchanged,
        ObjectUnreadable,
        ObjectWritten,
        PassPublished,
        PluginCalled,
        PluginFailed,
        QueueMeasured,
        RequestFailed,
        RequestFinished,
        RequestsBegan,
        RunFinished,
        RunScheduled,
        RunStarted,
        SinkFailed,
        SinkWrote,
        StageFinished,
        StageStarted,
        Waited,
        Warned,
    )
    from notion_sync_core.gate.ahead import Prefetched
    from notion_sync_core.gate.gate import Gate
    from notion_sync_core.gate.policy import RetryPolicy
    from notion_sync_core.plugins.listener import Exposition
    from notion_sync_core.watch.components import Component, Components
    from notion_sync_core.watch.measuring import Measuring
    from notion_sync_core.watch.metrics import METRICS, Metric
    from notion_sync_core.watch.progress import Progress, duration
    from notion_sync_core.watch.verdicts import Health, HealthCheck, JobHealth, is_well

__all__ = [
    "ANY_DEPTH",
    "API_VERSION",
    "COUNTED",
    "FACES",
    "FLAGS",
    "KINDS",
    "MEETING_SECTION",
    "METRICS",
    "NEAR_ANCESTORS",
    "NEIGHBOURS",
    "PLAIN",
    "SAFE_SCHEMES",
    "TAB_ITEM",
    "Arrangement",
    "Artifact",
    "Asset",
    "AssetDownloaded",
    "AssetFailed",
    "Block",
    "Branch",
    "BreakerChanged",
    "BudgetMeasured",
    "Catalog",
    "Changes",
    "CheckpointSaved",
    "Clock",
    "CommandFinished",
    "CommandInterrupted",
    "CommandStarted",
    "Comments",
    "Component",
    "ComponentChanged",
    "Components",
    "ConfigError",
    "Depth",
    "Destination",
    "DiskMeasured",
    "Document",
    "DoubtError",
    "Entry",
    "Event",
    "Exposition",
    "FatalError",
    "FilePath",
    "Found",
    "Gate",
    "Group",
    "Grouping",
    "GuardRefused",
    "Health",
    "HealthChanged",
    "HealthCheck",
    "JobHealth",
    "Json",
    "Kind",
    "LimitReached",
    "Limits",
    "Link",
    "Listing",
    "LockedError",
    "Made",
    "Measuring",
    "MemoryMeasured",
    "Metric",
    "MissingError",
    "Moment",
    "New",
    "NotAuthorisedError",
    "NotionSyncError",
    "Numbering",
    "ObjectDeleted",
    "ObjectDiscovered",
    "ObjectFailed",
    "ObjectMoved",
    "ObjectRead",
    "ObjectUnchanged",
    "ObjectUnreadable",
    "ObjectWritten",
    "Parent",
    "PassPublished",
    "Piece",
    "PluginCalled",
    "PluginError",
    "PluginFailed",
    "Prefetched",
    "Progress",
    "QueueMeasured",
    "Ref",
    "RequestFailed",
    "RequestFinished",
    "RequestsBegan",
    "RetryPolicy",
    "RetryableError",
    "Row",
    "Run",
    "RunFinished",
    "RunScheduled",
    "RunStarted",
    "Secret",
    "SinkError",
    "SinkFailed",
    "SinkWrote",
    "Site",
    "SkippableError",
    "Sort",
    "StageFinished",
    "StageStarted",
    "Staged",
    "Stat",
    "Step",
    "SystemClock",
    "TableView",
    "Target",
    "Tree",
    "UnreachableError",
    "Unusable",
    "Waited",
    "Warned",
    "Workspace",
    "__version__",
    "arranged",
    "as_json",
    "clean",
    "counted",
    "cut",
    "destination",
    "duration",
    "encoded",
    "endpoint",
    "fields",
    "file_name",
    "fold",
    "fragment_from_url",
    "hookimpl",
    "hookspecs",
    "hosted_files",
    "id_from_url",
    "is_plain",
    "is_well",
    "links",
    "normalise_id",
    "objects",
    "one_line",
    "per_source",
    "plain_text",
    "properties",
    "properties_of",
    "runs",
    "shown_as",
    "to_file",
    "to_object",
    "to_picture",
    "user_text",
    "utc",
    "utc_of",
    "views_of",
    "walk",
    "wellformed",
]

_WHEN_ASKED = {
    "catalog": ("Catalog",),
    "content.arranged": ("Arrangement", "Group", "arranged"),
    "content.views": ("Grouping", "Sort", "TableView", "views_of"),
    "gate.ahead": ("Prefetched",),
    "gate.gate": ("Gate",),
    "gate.policy": ("RetryPolicy",),
    "plugins.listener": ("Exposition",),
    "watch.components": ("Component", "Components"),
    "watch.measuring": ("Measuring",),
    "watch.metrics": ("METRICS", "Metric"),
    "watch.progress": ("Progress", "duration"),
    "watch.verdicts": ("Health", "HealthCheck", "JobHealth", "is_well"),
}
"""What talks to services, and what is told of it: a process that only renders pays for none of it."""


def __getattr__(name: str) -> object:
    homes = (home for home, names in _WHEN_ASKED.items() if name in names)
    home = next(homes, "events" if name in __all__ else "")  # there are many events, and nothing else is left
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"notion_sync_core.{home}"), name)
    show_in_help([found])
    return found


show_in_help(globals()[name] for name in __all__ if name in globals())
