"""One configuration: one tree, one loader; where each value came from, and what it may not say."""

from __future__ import annotations

from notion_sync_core.config.environment import PREFIX
from notion_sync_core.config.jobs import job_files
from notion_sync_core.config.loader import DEFAULT_FILE, load
from notion_sync_core.config.tree import (
    Config,
    DeploymentConfig,
    ExportConfig,
    MonitoringConfig,
    NotionConfig,
    PerformanceConfig,
)
from notion_sync_core.hints import PluginEntry

__all__ = [
    "DEFAULT_FILE",
    "PREFIX",
    "Config",
    "DeploymentConfig",
    "ExportConfig",
    "MonitoringConfig",
    "NotionConfig",
    "PerformanceConfig",
    "PluginEntry",
    "job_files",
    "load",
]
