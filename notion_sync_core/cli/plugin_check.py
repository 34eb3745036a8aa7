"""``plugins check``: the exam of a plugin, asked in a process that may hang or die."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click
from attrs import asdict, define, evolve, field

from notion_sync_core.cli.examine import FEATURES, Order
from notion_sync_core.cli.finding import called
from notion_sync_core.cli.let_in import lists_here
from notion_sync_core.cli.options import common
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import ConfigError, Exit, NotionSyncError, PluginError
from notion_sync_core.plugins.find import Available
from notion_sync_core.terminal import counted

_MOST_DEATHS = 3
"""After so many checks that took the process with them no other is asked."""
_STARTS_S = 60.0
"""What a process may take besides, until it says its first word: a busy machine takes long to import."""
_TOP = "top"
_MARKS = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}


@click.command(epilog="Example:  notion-sync plugins check fs")
@click.argument("name")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For one check; a plugin that takes longer fails it.",
)
@click.option(
    "--into",
    metavar="PAGE",
    help="Examine a target too: below this page, by its id, it writes pages, which stay; top: at the top.",
)
@common
def check(
    name: str,
    time_limit: float,
    into: str | None,
    as_json: bool,
    quiet: bool,
    config_file: Path | None,
    settings: tuple[str, ...],
    **_: Any,
) -> None:
    """Hold the plugin called NAME to every demand on its kind, in a process of its own.

    NAME is that of an installed plugin, or FILE.py:Class. Its options are those of the configuration, as in a run; more
    are given by --set plugins.NAME.OPTION=VALUE. In a value {folder} stands for an empty folder and {name} for a word,
    both of their own for each check. A sink writes there: its first option says where, if that is a path and nothing
    else is said. A source is examined with what its options lead to: let that be something small. One of a service
    calls it. A target is left out unless --into says where it may write.

    Exit status 0: no check failed; 11: one did, or the plugin cannot be used.
    """
    lists = lists_here(config_file, settings)
    found = [lists.check(plugin) for plugin in called(name) if plugin.kind != "commands"]
    if not found:
        raise ConfigError(f"{name!r} is a command: there is no exam for commands", "Test it as any click command.")
    exams = []
    for plugin in _examined(found, into):
        file = None if config_file is None else str(config_file)
        place = "" if into in (None, _TOP) else str(into)
        asked = Examination(plugin, Order(plugin.kind, name, file, settings, place), time_limit)
        for line in _told(asked, quiet=quiet):
            if not as_json:
                voice().say(line)
        exams.append(asked)
    if as_json:
        voice().json([each.to_json() for each in exams])
    else:
        voice().say(*(each.sum() for each in exams))
    sys.exit(Exit.PLUGIN if any(each.count("failed") for each in exams) else Exit.COMPLETE)


def _told(asked: Examination, *, quiet: bool) -> Iterator[str]:
    """What is said of an exam while it is asked."""
    if not quiet:
        yield f"{asked.plugin}:"
    for outcome in asked.outcomes():
        if outcome["status"] == "failed" or (outcome["status"] == "passed" and not quiet):
            yield from _lines(outcome)
    if not quiet:
        yield from _skipped(asked.found)


def _examined(found: list[Available], into: str | None) -> list[Available]:
    """What is examined: a target only where somebody said where it may write.

    :raises ConfigError: nothing is left.
    """
    left = [plugin for plugin in found if plugin.kind != "targets" or into is not None]
    if not left:
        raise ConfigError(
            f"the exam of {found[0]} writes pages, which stay, and nobody said where",
            "Say below which page: --into ID, or --into top.",
        )
    return left


def _lines(outcome: dict[str, str]) -> list[str]:
    """One line a check; of a failure all that the exam says."""
    words = [line.strip() for line in outcome["message"].splitlines() if line.strip()]
    head = f"{_MARKS[outcome['status']]}  {outcome['name'].replace('_', ' ')}"
    if outcome["status"] != "failed":
        return [f"{head}{f' ({words[0]})' if words else ''}"]
    return [f"{head}: {words[0] if words else ''}", *(f"      {line}" for line in words[1:])]


def _skipped(outcomes: list[dict[str, str]]) -> list[str]:
    """All checks that were not asked, in one line, so that it hides none of the others."""
    why = [outcome["message"].partition(":")[0] for outcome in outcomes if outcome["status"] == "skipped"]
    reasons = "; ".join(dict.fromkeys(why))
    return [f"{_MARKS['skipped']}  {counted(len(why), 'check')}: {reasons}"] if why else []


@define
class Examination:
    """The exam of one plugin, by as many processes as it takes."""

    plugin: Available
    order: Order
    limit_s: float
    found: list[dict[str, str]] = field(factory=list)
    _checks: list[str] = field(factory=list)
    _deaths: int = 0

    def outcomes(self) -> Iterator[dict[str, str]]:
        """What comes of each check, as it comes.

        :raises NotionSyncError: the plugin cannot be built with these options.
        """
        is_over = False
        while not is_over:
            asked = FEATURES
            with _Child(self.order, self.limit_s) as child:
                for told in child.answers():
                    asked = told.get("begin", asked)
                    if "error" in told:
                        raise _raised(*told["error"])
                    if "checks" in told:
                        self._checks, self.order = told["checks"], evolve(self.order, features=tuple(told["features"]))
                    if "outcome" in told:
                        yield self._take(told["outcome"])
                    is_over = "end" in told
                if not is_over:
                    yield self._take({"name": asked, "status": "failed", "message": child.fate})
                    is_over = self._is_too_much(asked)
        yield from [self._take(_unasked(name)) for name in self._checks if name not in self.order.done]

    def _take(self, outcome: dict[str, str]) -> dict[str, str]:
        self.found.append(outcome)
        self.order = evolve(self.order, done=(*self.order.done, outcome["name"]))
        return outcome

    def _is_too_much(self, asked: str) -> bool:
        self._deaths += 1
        return asked == FEATURES or self._deaths >= _MOST_DEATHS

    def count(self, status: str) -> int:
        """How many checks ended so."""
        return sum(outcome["status"] == status for outcome in self.found)

    def sum(self) -> str:
        """All in a line."""
        counts = ", ".join(f"{self.count(status)} {status}" for status in _MARKS)
        features = ", ".join(self.order.features or ()) or "none"
        return f"{self.plugin}: {counts}. Features seen: {features}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        counts = {status: self.count(status) for status in _MARKS}
        return {**asdict(self.plugin), "features": self.order.features or (), **counts, "checks": self.found}


def _unasked(name: str) -> dict[str, str]:
    return {"name": name, "status": "skipped", "message": "not asked: the plugin ended or held up the checks before"}


def _raised(message: str, remedy: str, status: int) -> NotionSyncError:
    error = (PluginError if status == Exit.PLUGIN else ConfigError)(message, remedy)
    error.exit_code = Exit(status)
    return error


class _Child:
    """The process that asks. A context: at its end nothing of it is left."""

    def __init__(self, order: Order, limit_s: float) -> None:
        self._order = order
        self._limit_s = limit_s
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this
        self.fate = ""
        """How it ended without a word."""

    def __enter__(self) -> _Child:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "notion_sync_core.cli.examine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(self._order)).encode() + b"\n")
        return self

    def __exit__(self, *_: object) -> None:
        # A plugin may have started others.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def answers(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends, or has nothing to say for too long."""
        out, heard = self._process.stdout, b""
        assert out is not None
        ready = select.poll()
        ready.register(out, select.POLLIN)
        limit_s = self._limit_s + _STARTS_S
        while ready.poll(limit_s * 1000):
            limit_s = self._limit_s
            more = out.read(1 << 16)
            if not more:
                status = self._process.wait()
                self.fate = f"it ended the process, with status {status}{self._last_words()}"
                return
            heard += more
            *lines, heard = heard.split(b"\n")
            yield from map(json.loads, lines)
        self.fate = f"no answer in {self._limit_s:g} s{self._last_words()}"

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f": {last:.200}" if last else ""
