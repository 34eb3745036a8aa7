"""The command as a user runs it, in a folder of its own."""

from __future__ import annotations

import atexit
import functools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from notion_sync_demo import Emulator
from warm_process import WarmProcess

_OF_PYTHON = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter reads when it starts: who sets one wants a new one."""
_PATIENCE_S = 240.0
"""No command of a test takes as long."""


class Shell:
    """Runs the installed command in an empty folder.

    Each command has a process of its own. It is a fork of :mod:`warm`, which has imported everything: what a start of
    Python costs is measured by tests of starts, and needs not be paid by each of the others.
    """

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
        given = {name: value for name, value in merged.items() if value is not None}
        run = self._started if any(name.startswith(_OF_PYTHON) for name in environ) else self._forked
        done = run(arguments, given)
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done

    def _started(self, arguments: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "notion_sync_core", *arguments],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
        )

    def _forked(self, arguments: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            order = {"arguments": arguments, "environ": environ, "folder": str(self.folder)}
            status = _command({**order, "out": out.name, "err": err.name})
            said = [Path(file.name).read_text("utf-8") for file in (out, err)]
        assert status is not None, f"no end after {_PATIENCE_S:.0f} s: {arguments}\n{said[1]}"
        return subprocess.CompletedProcess(arguments, status, *said)


def _command(order: Mapping[str, object]) -> int | None:
    """One command: the number it ends with; ``None``: it was waited for in vain, and killed."""
    process = _warm()
    process.tell(order)
    child = process.answer()
    ended = process.answers_within(_PATIENCE_S)
    if not ended:
        os.kill(child, signal.SIGABRT)
    status: int = process.answer()
    return status if ended else None


@functools.cache
def _warm() -> WarmProcess:
    """One for all tests of a process."""
    process = WarmProcess(Path(__file__).with_name("warm.py"))
    atexit.register(process.close)
    return process
