"""What can go wrong, and what a run does next.

Each error says what failed and, in ``remedy``, what to do about it. Its class decides how far the
failure reaches: :class:`RetryableError` one request, :class:`SkippableError` one object,
:class:`FatalError` the run. ``exit_code`` is the process status the command line ends with.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit statuses of the command line; frozen, scripts depend on them."""

    COMPLETE = 0
    UNEXPECTED = 1
    USAGE = 2
    PARTIAL = 3
    NOT_AUTHORISED = 4
    LOCKED = 5
    SINK = 6
    NETWORK = 7
    GUARD = 8
    STATE = 10
    PLUGIN = 11
    LIMIT = 12
    INTERRUPTED = 130
    TERMINATED = 143


EXITS = """Exit status: 0 complete, 1 unexpected error, 2 usage or configuration,
  3 some objects failed, 4 not authorised, 5 another run is at work,
  6 sink or disk, 7 network, 8 a guard refused to delete, 10 state,
  11 a plugin, 12 a limit was reached, 130 and 143 stopped by a signal."""
"""The same for help texts."""


class NotionSyncError(Exception):
    """Base of every error this package raises on purpose.

    :param message: one sentence: what failed, where and why.
    :param remedy: one sentence: what the reader can do; empty: what usually helps.
    """

    exit_code: Exit = Exit.UNEXPECTED
    usual_remedy: str = ""
    """What the reader can do if nobody says better."""
    hook: str = ""
    """Where in a plugin it came up, if it did."""
    sink: str = ""
    """The sink whose failure it is, if it is one's."""
    plugin: str = ""
    """The plugin whose failure it is, if it is one's."""
    status: int = 0
    """The status of the answer that says so, where it came by HTTP; of one that cannot be used, 200."""
    request_id: str = ""
    """What the service calls the request."""
    attempts: int = 1
    """How often the request was made."""
    report: Any = None
    """What was done before it stopped a run: its :class:`~notion_sync_core.report.Report`; of ``plan`` and ``check``
    what these give. ``None``: it stopped none."""

    others: tuple[NotionSyncError, ...] = ()
    """What else is wrong with the same thing, where that was looked for: all of it can be mended at once."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.usual_remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


# -- the job never starts -------------------------------------------------------


class ConfigError(NotionSyncError):
    """The configuration cannot be used."""

    exit_code = Exit.USAGE
    usual_remedy = "Correct that, then run the same command again."


class PluginError(NotionSyncError):
    """A plugin could not be loaded, or broke its contract."""

    exit_code = Exit.PLUGIN
    usual_remedy = "Report this to the plugin's authors."


class LockedError(NotionSyncError):
    """Another run holds the lock of this job or of one of its sinks."""

    exit_code = Exit.LOCKED


class StateError(NotionSyncError):
    """State or sink are damaged, belong to another job, or were written by a newer version."""

    exit_code = Exit.STATE


class CursorError(StateError):
    """A cursor is not of the state that it is shown to: of another job, or of one that was lost or put back."""


# -- the run stops, and can be resumed ------------------------------------------


class FatalError(NotionSyncError):
    """No object can be processed any more; what was finished stays finished."""


class NotAuthorisedError(FatalError):
    """The token was refused."""

    exit_code = Exit.NOT_AUTHORISED


class UnreachableError(FatalError):
    """The service stayed down after every retry."""

    exit_code = Exit.NETWORK


class SinkError(FatalError):
    """A sink cannot be written: permissions, space, a path that leaves its root."""

    exit_code = Exit.SINK
    usual_remedy = "Run the same command again; if it stays so, choose another place with --to."


class GuardError(FatalError):
    """A guard refused before anything was deleted.

    :param guard: its name in events.
    """

    exit_code = Exit.GUARD

    def __init__(self, message: str, remedy: str = "", *, guard: str = "max_delete") -> None:
        super().__init__(message, remedy)
        self.guard = guard


class LimitReached(FatalError):
    """A limit the user set was reached; the checkpoint is written."""

    exit_code = Exit.LIMIT


class Interrupted(FatalError):
    """Somebody asked the run to stop; the checkpoint is written.

    :param signum: the signal that asked, 2 or 15.
    :param reason: why, if whoever asked said so.
    """

    def __init__(self, signum: int, reason: str = "") -> None:
        why = f": {reason}" if reason else ""
        super().__init__(f"stopped before the end{why}", "Run the same command again to go on from here.")
        self.exit_code = Exit(128 + signum)


# -- one object, one request ----------------------------------------------------


class SkippableError(NotionSyncError):
    """This object is lost for now; the next may be fine."""


class MissingError(SkippableError):
    """The source does not show this object: absent, deleted or not shared."""


class RetryableError(NotionSyncError):
    """The same request may work in a moment.

    :param retry_after: seconds the service asked for, or ``None``.
    :param throttled: the service said that we are too fast (429, 529): everybody pauses.
    :param answered: the service is well, only this answer is of no use: its circuit breaker does not count it.
    :param saved: what the service says that it made all the same, by id: the object, or the blocks in their order.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        answered: bool = False,
        saved: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after
        self.throttled = throttled
        self.answered = answered
        self.saved = saved


class DoubtError(SkippableError):
    """A write was sent, and no answer says whether it was done: look before it is sent again.

    :param saved: what the service says that it made, by id: then there is no doubt but about the answer.
    """

    usual_remedy = "Look whether it is there before it is done again."

    def __init__(self, message: str, remedy: str = "", *, saved: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.saved = saved
