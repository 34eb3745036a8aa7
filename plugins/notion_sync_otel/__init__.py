"""The OpenTelemetry listener: a run as a trace, and its numbers as metrics, sent where OTEL_* variables say."""

from notion_sync_otel.listener import OtelListener

__all__ = ["OtelListener"]
