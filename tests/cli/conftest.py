"""A shell for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from notion_sync_demo import Emulator
from shell import Shell


@pytest.fixture
def shell(server: Emulator, tmp_path: Path) -> Shell:
    """In an empty folder, beside a server with the sample workspace."""
    return Shell(tmp_path, server)
