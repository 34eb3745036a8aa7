"""A local server that speaks Notion's API, with workspaces to serve: for the demo and for plugin authors' tests.

with Emulator(sample_workspace()) as server:
    ...  # point a client at server.url with server.token
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notion_sync_demo.budget import ServerBudget
    from notion_sync_demo.emulator import Emulator
    from notion_sync_demo.faults import Fault, Faults
    from notion_sync_demo.generate import generate
    from notion_sync_demo.sample import sample_workspace
    from notion_sync_demo.workspace import Workspace

__all__ = ["Emulator", "Fault", "Faults", "ServerBudget", "Workspace", "generate", "sample_workspace"]
_HOMES = {
    "Emulator": "emulator",
    "Fault": "faults",
    "Faults": "faults",
    "ServerBudget": "budget",
    "Workspace": "workspace",
    "generate": "generate",
    "sample_workspace": "sample",
}


def __getattr__(name: str) -> object:
    """Load the public names when they are first used: pytest imports this package for the sake of one fixture."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found  # also where a module has the name: that of the function is meant
    return found
