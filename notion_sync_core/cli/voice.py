"""The one way out to people and programs: what leaves the process here is inert and holds no secret."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import Any, TextIO

import click

from notion_sync_core.config import NotionConfig
from notion_sync_core.config.secrets import known_secrets
from notion_sync_core.errors import NotionSyncError, SinkError
from notion_sync_core.terminal import MOST, as_json, one_line, several_lines
from notion_sync_core.watch.redact import Redactor


class Voice:
    """Says lines, JSON and errors on stdout and stderr.

    Until it knows a job's secrets it takes the usual ones: what went wrong may be why there is no job.
    """

    def __init__(self) -> None:
        self._redact: Redactor | None = None

    @property
    def redact(self) -> Redactor:
        """Takes secrets out of texts."""
        if self._redact is None:
            self._redact = Redactor(known_secrets(NotionConfig()))
        return self._redact

    def know(self, redact: Redactor) -> None:
        """From now on keep the secrets of this job."""
        self._redact = redact

    def say(self, *lines: str, err: bool = False, most: int | None = None) -> None:
        """Say each text as one line, whatever it holds.

        :param most: characters of a line.
        """
        for line in lines:
            _echo(one_line(self.redact(line), most), err=err)

    def json(self, value: Any, *, indent: int | None = 2, file: TextIO | None = None) -> None:
        """Say plain values as JSON."""
        _echo(as_json(self.redact.tree(value), indent), file=file)

    def error(self, error: NotionSyncError) -> None:
        """Say on stderr what failed and what to do."""
        self.say(f"Error: {error.message}", err=True, most=MOST)
        if error.remedy:
            self.say(f"  {error.remedy}", err=True, most=MOST)

    def traceback(self, error: BaseException) -> None:
        """Say on stderr where something happened that nobody expected."""
        text = "".join(traceback.format_exception(error))
        _echo(several_lines(self.redact(text.rstrip("\n"))), err=True)

    def hear_threads(self) -> None:
        """Say what a thread of ours did not catch here as well, instead of letting Python print it."""

        def say(died: threading.ExceptHookArgs) -> None:
            if died.exc_value is not None:
                self.traceback(died.exc_value)
                sys.stderr.flush()

        threading.excepthook = say


def _echo(line: str, *, err: bool = False, file: TextIO | None = None) -> None:
    """Say a line; what nobody can read on stderr is no reason to end.

    :raises BrokenPipeError: who read stdout has left.
    :raises SinkError: stdout takes no more.
    """
    try:
        click.echo(line, err=err, file=file)
    except BrokenPipeError:
        if not err:
            raise
    except OSError as error:
        if not err:
            raise SinkError(
                f"the output cannot be written: {error.strerror}",
                "Free some space where it goes, or send it elsewhere.",
            ) from error


def voice() -> Voice:
    """The voice of the running command."""
    context = click.get_current_context(silent=True)
    root = context.find_root() if context else None
    if root is None:
        return Voice()
    if not isinstance(root.obj, dict):
        root.obj = {}
    found = root.obj.setdefault("voice", Voice())
    return found if isinstance(found, Voice) else Voice()
