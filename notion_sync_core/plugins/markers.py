"""What marks hooks: their specifications here, and their implementations in plugins."""

from __future__ import annotations

import pluggy

PROJECT = "notion_sync"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a method as the implementation of the hook with its name."""
