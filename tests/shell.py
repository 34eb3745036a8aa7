"""The command as a user runs it, in a folder of its own."""

from __future__ import annotations

import importlib
import logging
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

from coverage import Coverage, process_startup

from notion_sync_demo import Emulator

_OF_PYTHON = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter reads when it starts: who sets one wants a new one."""


class Shell:
    """Runs the installed command in an empty folder.

    Each command has a process of its own. It is a fork of this one, which has imported everything: what a start of
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
        )

    def _forked(self, arguments: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
            with warnings.catch_warnings():
                # The threads of the emulator stay behind, and hold nothing that a command needs.
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if child == 0:
                _be_the_command(self.folder, arguments, environ, out, err)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said = []
            for file in (out, err):
                file.seek(0)
                said.append(file.read().decode("utf-8").replace("\r\n", "\n"))
        return subprocess.CompletedProcess(arguments, status, *said)


def _be_the_command(
    folder: Path, arguments: tuple[str, ...], environ: Mapping[str, str], out: IO[bytes], err: IO[bytes]
) -> NoReturn:
    """In a fork: become what ``python -m notion_sync_core`` is, and end as it does."""
    status: int | str | None = 70
    measuring = None
    try:
        if coverage := Coverage.current():
            coverage.stop()
            measuring = process_startup(force=True)
        with open(os.devnull, "rb") as nothing:
            for number, file in enumerate((nothing, out, err)):
                os.dup2(file.fileno(), number)
        streams = (os.fdopen(number, mode, encoding="utf-8", closefd=False) for number, mode in enumerate("rww"))
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        warnings.resetwarnings()
        logging.getLogger().handlers.clear()
        here = importlib.import_module("notion_sync_core.__main__")
        sys.argv = [str(here.__file__), *arguments]
        sys.modules["__main__"] = here
        importlib.import_module("notion_sync_core.cli").main()
        status = 0
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if measuring is not None:
            measuring.stop()
            measuring.save()
        os._exit(status if isinstance(status, int) else int(bool(status)))
