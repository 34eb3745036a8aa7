"""The command as a user runs it, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from notion_sync_demo import Emulator


class Shell:
    """Runs the installed command in an empty folder."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.folder = folder
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NOTION_")},
            "HOME": str(folder / "home"),
            "NOTION_TOKEN": server.token,
            "NOTION_SYNC_NOTION__BASE_URL": server.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "COLUMNS": "200",
        }
        (folder / "home").mkdir()

    def __call__(self, *arguments: str, **environ: str | None) -> subprocess.CompletedProcess[str]:
        merged = {**self.environ, **environ}
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", *arguments],
            cwd=self.folder,
            env={name: value for name, value in merged.items() if value is not None},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done
