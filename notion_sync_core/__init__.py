"""The core of Notion Sync: plugins, scheduling, state; no plugin, no HTTP, no templates.

For programs that embed it::

    from notion_sync_core import Job, export

    report = export(Job.load("notion-sync.toml"), on_event=print)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notion_sync_core._version import __version__

if TYPE_CHECKING:
    from notion_sync_core.job import Job
    from notion_sync_core.pipeline import export
    from notion_sync_core.report import Report

__all__ = ["Job", "Report", "__version__", "export"]


def __getattr__(name: str) -> object:
    """Load the public names when they are first used: ``--help`` needs none of them."""
    import importlib

    homes = {"Job": "job", "Report": "report", "export": "pipeline"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"notion_sync_core.{homes[name]}"), name)
