"""A small Notion on this machine, and the command line that exports it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from notion_sync_demo import Emulator, sample_workspace

Run = Callable[..., str]


@pytest.fixture
def notion_sync(tmp_path: Path) -> Iterator[Run]:
    """Runs a command in an empty folder, ``tmp_path``, and gives what it prints; it must end well."""
    with Emulator(sample_workspace()) as notion:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("NOTION_")}
        environ = {
            **mine,
            "HOME": str(tmp_path),
            "NOTION_TOKEN": notion.token,
            "NOTION_SYNC_NOTION__BASE_URL": notion.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "NOTION_SYNC_DEPLOYMENT__STATE_DIR": str(tmp_path / "state"),
        }

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", "notion_sync_core", *arguments]
            done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        yield run
