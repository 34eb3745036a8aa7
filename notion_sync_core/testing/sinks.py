"""The exam of sinks: importing it brings all of its checks."""

from __future__ import annotations

from notion_sync_core.testing import sink_disk, sink_files, sink_golden, sink_names, sink_runs, sink_staging
from notion_sync_core.testing.sink_bench import PAPER

__all__ = ["PAPER", "sink_disk", "sink_files", "sink_golden", "sink_names", "sink_runs", "sink_staging"]
