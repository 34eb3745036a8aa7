"""A local server that speaks Notion's API, with workspaces to serve: for the demo and for plugin authors' tests.

with Emulator(sample_workspace()) as server:
    ...  # point a client at server.url with server.token
"""

from notion_sync_demo.budget import ServerBudget
from notion_sync_demo.emulator import Emulator
from notion_sync_demo.faults import Fault, Faults
from notion_sync_demo.generate import generate
from notion_sync_demo.sample import sample_workspace
from notion_sync_demo.workspace import Workspace

__all__ = ["Emulator", "Fault", "Faults", "ServerBudget", "Workspace", "generate", "sample_workspace"]
