"""The exam of targets: importing it brings all of its checks."""

from __future__ import annotations

from notion_sync_core.testing import target_beside, target_doubts, target_writes
from notion_sync_core.testing.target_bench import PAPER

__all__ = ["PAPER", "target_beside", "target_doubts", "target_writes"]
