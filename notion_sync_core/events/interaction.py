"""User interaction: what a person does."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.events.base import Event


@frozen(eq=False, repr=False)
class CommandStarted(Event):
    """A command of the command line began a run."""

    command: str


@frozen(eq=False, repr=False)
class CommandInterrupted(Event):
    """A signal asked the command to stop."""

    signal: str
    """``SIGINT`` or ``SIGTERM``."""


@frozen(eq=False, repr=False)
class CommandFinished(Event):
    """The command is over, but for saying so."""

    command: str
    exit_code: int
    seconds: float
