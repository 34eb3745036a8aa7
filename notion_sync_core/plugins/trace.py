"""A trace of what is asked of plugins: each call with its object, its time and how it ended, a line of JSON each.

Several processes may write one file: a line is one append. The event ``PluginCalled`` tells of rare calls only, since
events go through one process and would cost more than most calls take.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from time import monotonic, time
from types import TracebackType
from typing import Any

from attrs import define

from notion_sync_core.errors import ConfigError
from notion_sync_core.wellformed import json_line, text

_IDS = ("document", "ref", "object_id", "block_id", "block", "root", "asset", "artifact", "staged", "path", "event")
"""Arguments of hooks that say what a call is about."""


class Trace:
    """Writes a line for each call; closed, it adds one that sums them up.

    A call may end when it is closed: a thread that hung comes back. Nothing is written then, for the number of the file
    may be another's by now. A disk that takes no more is no fault of the plugin whose call was to be written: it is
    logged once, and the run goes on without a trace.

    :raises ConfigError: the file cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"monitoring.trace_file: {file} cannot be written: {error.strerror}",
                "Name a file in a folder of yours.",
            ) from None
        self._began = os.fstat(self._handle).st_size
        self._lock = Lock()
        self._is_open = True
        """Lines are still taken."""

    def call(self, plugin: str, hook: str, arguments: Mapping[str, Any], began: float, outcome: str) -> None:
        """Add a call that is over.

        :param began: when it was, by the monotonic clock.
        :param outcome: ``done``, or the name of the error that came of it.
        """
        self._add(plugin, hook, arguments, monotonic() - began, outcome)

    def pieces(self, plugin: str, hook: str, arguments: Mapping[str, Any], pieces: Iterator[Any]) -> Iterator[Any]:
        """The same pieces; at their end a line says how many there were and what it took the plugin to give them."""
        seconds, count, outcome = 0.0, 0, "left"
        try:
            while True:
                began = monotonic()
                try:
                    piece = next(pieces)
                except StopIteration:
                    outcome = "done"
                    return
                except Exception as error:
                    outcome = type(error).__name__
                    raise
                finally:
                    seconds += monotonic() - began
                count += 1
                yield piece
        finally:
            self._add(plugin, hook, arguments, seconds, outcome, pieces=count)

    def _add(
        self, plugin: str, hook: str, arguments: Mapping[str, Any], seconds: float, outcome: str, **more: Any
    ) -> None:
        self._write(
            {
                "at": round(time(), 3),
                "process": os.getpid(),
                "plugin": plugin,
                "hook": hook,
                "object": text(_object_of(arguments)),
                "seconds": round(seconds, 6),
                "outcome": outcome,
                **more,
            }
        )

    def _write(self, told: Mapping[str, Any]) -> None:
        with self._lock:
            if not self._is_open:
                return
            try:
                os.write(self._handle, json_line(told))
            except OSError as error:
                self._is_open = False
                logging.getLogger(__name__).warning(
                    "monitoring.trace_file: %s cannot be written: %s; the run goes on without a trace",
                    self.file,
                    error.strerror,
                )

    def close(self) -> None:
        """Sum up what all processes wrote since this was opened."""
        if self._is_open:
            self._write({"summary": [each.told() for each in summed_up(self.file, self._began)]})
        with self._lock:
            self._is_open = False
            os.close(self._handle)

    def __enter__(self) -> Trace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@define
class HookTimes:
    """What the calls of one hook of one plugin came to."""

    plugin: str
    hook: str
    calls: int = 0
    failed: int = 0
    seconds: float = 0.0
    """All together; a call within a call counts in both."""
    longest_s: float = 0.0

    def add(self, line: Mapping[str, Any]) -> None:
        """Count a line of a trace; pieces belong to the call that gave them."""
        seconds = float(line["seconds"])
        self.calls += "pieces" not in line
        self.failed += line["outcome"] not in ("done", "left")
        self.seconds += seconds
        self.longest_s = max(self.longest_s, seconds)

    def told(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "plugin": self.plugin,
            "hook": self.hook,
            "calls": self.calls,
            "failed": self.failed,
            "seconds": round(self.seconds, 6),
            "longest_s": round(self.longest_s, 6),
        }


def summed_up(file: Path, start: int = 0) -> list[HookTimes]:
    """What the calls in a trace came to, the most time first.

    :param start: the byte from which on lines count.
    """
    found: dict[tuple[str, str], HookTimes] = {}
    with file.open("rb") as lines:
        lines.seek(start)
        for line in lines:
            told = json.loads(line)
            if "hook" in told:
                key = (told["plugin"], told["hook"])
                found.setdefault(key, HookTimes(*key)).add(told)
    return sorted(found.values(), key=lambda each: -each.seconds)


def last_summary(file: Path) -> list[dict[str, Any]]:
    """What the last run that wrote this trace added at its end; nothing if it did not come so far."""
    found: list[dict[str, Any]] = []
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"summary"'):
                found = json.loads(line)["summary"]
    return found


def _object_of(arguments: Mapping[str, Any]) -> str:
    """What a call is about: the id of an object, or the path of a file."""
    for name in _IDS:
        if name in arguments:
            about = arguments[name]
            about = getattr(about, "ref", about)
            if name == "event":
                return type(about).__name__
            return str(getattr(about, "id", None) or getattr(about, "key", None) or getattr(about, "path", about))
    return ""
