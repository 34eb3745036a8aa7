"""The metrics listener: numbers for Prometheus, scraped or in a file for node exporter's textfile collector."""

from notion_sync_metrics.listener import MetricsListener

__all__ = ["MetricsListener"]
