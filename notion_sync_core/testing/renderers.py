"""The exam of renderers: importing it brings all of its checks."""

from __future__ import annotations

from notion_sync_core.testing import (
    renderer_around,
    renderer_blocks,
    renderer_content,
    renderer_files,
    renderer_golden,
    renderer_hostile,
)
from notion_sync_core.testing.renderer_bench import PAPER

__all__ = [
    "PAPER",
    "renderer_around",
    "renderer_blocks",
    "renderer_content",
    "renderer_files",
    "renderer_golden",
    "renderer_hostile",
]
