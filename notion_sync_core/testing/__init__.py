"""For authors of plugins: a fake clock, and the contract suites their plugins can run."""

from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.testing.contracts import check_sink
from notion_sync_core.testing.sources import check_source

__all__ = ["FakeClock", "check_sink", "check_source"]
