"""The exam of listeners: importing it brings all of its checks."""

from __future__ import annotations

from notion_sync_core.testing import listener_events, listener_file, listener_numbers
from notion_sync_core.testing.listener_bench import PAPER

__all__ = ["PAPER", "listener_events", "listener_file", "listener_numbers"]
