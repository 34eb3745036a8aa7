"""The exam of sources: importing it brings all of its checks."""

from __future__ import annotations

from notion_sync_core.testing import source_golden, source_listing, source_reading
from notion_sync_core.testing.source_bench import PAPER

__all__ = ["PAPER", "source_golden", "source_listing", "source_reading"]
