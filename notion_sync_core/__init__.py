"""The core of Notion Sync: plugins, scheduling, state; no plugin, no HTTP, no templates.

For programs that embed it::

    from notion_sync_core import Job

    report = Job.load("notion-sync.toml").export(on_event=print)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notion_sync_core._version import __version__

if TYPE_CHECKING:
    from notion_sync_core.clock import Stop
    from notion_sync_core.embedding import Job
    from notion_sync_core.errors import (
        ConfigError,
        FatalError,
        GuardError,
        Interrupted,
        LimitReached,
        LockedError,
        NotAuthorisedError,
        NotionSyncError,
        PluginError,
        SinkError,
        StateError,
        UnreachableError,
    )
    from notion_sync_core.events import Event
    from notion_sync_core.report import Report

__all__ = [
    "ConfigError",
    "Event",
    "FatalError",
    "GuardError",
    "Interrupted",
    "Job",
    "LimitReached",
    "LockedError",
    "NotAuthorisedError",
    "NotionSyncError",
    "PluginError",
    "Report",
    "SinkError",
    "StateError",
    "Stop",
    "UnreachableError",
    "__version__",
]
_HOMES = {"Job": "embedding", "Report": "report", "Stop": "clock", "Event": "events"}
"""Where public names are from; all others are errors."""


def __getattr__(name: str) -> object:
    """Load the public names when they are first used: ``--help`` needs none of them."""
    import importlib

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"notion_sync_core.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    """What is public, loaded or not."""
    return __all__
