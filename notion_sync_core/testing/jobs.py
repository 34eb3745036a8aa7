"""Whole runs in a test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from notion_sync_core.events import Event
from notion_sync_core.job import Job
from notion_sync_core.pipeline import Mode, Options, run
from notion_sync_core.report import Report


class RunJob:
    """Runs jobs, one after the other on the same state, as somebody does who calls the command again.

    :param emulator: gives a server to read from, with ``token`` and ``url``, if no source is named.
    """

    def __init__(self, folder: Path, emulator: Callable[[], Any]) -> None:
        self.out = folder / "out"
        """Where files go unless sinks are named."""
        self._folder = folder
        self._emulator = emulator
        self.events: list[Event] = []
        """What was published, in all runs."""

    def __call__(self, mode: Mode = "sync", **settings: Any) -> Report:
        """One run, to its end.

        :param settings: keys of the configuration, with two underscores for the dot.
        """
        return run(self.job(**settings), Options(mode=mode), (self.events.append,))

    def job(self, **settings: Any) -> Job:
        """The job of these settings."""
        flags = {name.replace("__", "."): value for name, value in settings.items()}
        environ = {}
        if "export.source" not in flags:
            server = self._emulator()
            flags.setdefault("notion.base_url", server.url)
            environ["NOTION_TOKEN"] = server.token
        here = {
            "performance.requests": 0,
            "deployment.state_dir": str(self._folder / "state"),
            "export.sinks": [{"use": "fs", "path": str(self.out), "fsync": False}],
        }
        return Job.load(environ=environ, use_default_file=False, flags={**here, **flags})

    def files(self) -> dict[str, bytes]:
        """What lies in :attr:`out`, by path, without what is the sink's own."""
        found = (path for path in self.out.rglob("*") if path.is_file() and ".notion-sync" not in path.parts)
        return {path.relative_to(self.out).as_posix(): path.read_bytes() for path in sorted(found)}
