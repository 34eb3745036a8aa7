"""Asks the source of a job whether it is there and takes the token, once."""

from __future__ import annotations

from attrs import frozen

from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import RetryableError, UnreachableError
from notion_sync_core.gate.gate import DirectGate
from notion_sync_core.job import Job


@frozen
class Answer:
    """What a source said."""

    host: str
    who: str
    """Who we are to it."""
    clock_skew_s: float | None
    """Seconds by which its clock is ahead of ours; ``None``: it does not tell."""

    def __str__(self) -> str:
        """For people."""
        return f"the token is accepted by {self.host}" + (f" ({self.who})" if self.who else "")


def greeting(job: Job) -> Answer:
    """One request to the source.

    :raises NotAuthorisedError: there is no token, or it is refused.
    :raises UnreachableError: the source does not answer.
    """
    source = job.source()
    try:
        who = source.ping(DirectGate("", SystemClock(), lambda _: None)) if source.can_ping() else ""
        return Answer(source.host, who, source.clock_skew_s)
    except RetryableError as error:
        raise UnreachableError(error.message, "Check the network, proxy settings and notion.base_url.") from error
    finally:
        source.close()
