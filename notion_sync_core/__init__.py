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
    from notion_sync_core.content.plain import Section
    from notion_sync_core.embedding import Job
    from notion_sync_core.errors import (
        ConfigError,
        CursorError,
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
    from notion_sync_core.host import Host
    from notion_sync_core.opened.document import SiteDocument
    from notion_sync_core.opened.site import OpenSite
    from notion_sync_core.opened.table import Table
    from notion_sync_core.report import Report
    from notion_sync_core.state.changes import Gone

__all__ = [
    "ConfigError",
    "CursorError",
    "Event",
    "FatalError",
    "Gone",
    "GuardError",
    "Host",
    "Interrupted",
    "Job",
    "LimitReached",
    "LockedError",
    "NotAuthorisedError",
    "NotionSyncError",
    "OpenSite",
    "PluginError",
    "Report",
    "Section",
    "SinkError",
    "SiteDocument",
    "StateError",
    "Stop",
    "Table",
    "UnreachableError",
    "__version__",
]
_HOMES = {
    "Event": "events",
    "Gone": "state.changes",
    "Host": "host",
    "Job": "embedding",
    "OpenSite": "opened.site",
    "Report": "report",
    "Section": "content.plain",
    "SiteDocument": "opened.document",
    "Stop": "clock",
    "Table": "opened.table",
}
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
