"""The log of the process itself: each line has a stable name, and none has titles in it. Runs have their own log.

What is about one job names it.
"""

from __future__ import annotations

import logging

_log = logging.getLogger("notion_sync_serve")


def _line(job: str, message: str) -> str:
    return f"{job}: {message}" if job else message


def info(event: str, message: str, job: str = "") -> None:
    """A fact."""
    _log.info("%s", _line(job, message), extra={"event": event, "job_name": job})


def warning(event: str, message: str, job: str = "") -> None:
    """Something that deserves a look."""
    _log.warning("%s", _line(job, message), extra={"event": event, "job_name": job})


def error(event: str, message: str, job: str = "") -> None:
    """Something that somebody has to do something about."""
    _log.error("%s", _line(job, message), extra={"event": event, "job_name": job})


def fault(event: str, message: str, job: str = "") -> None:
    """What is being caught just now, with where it came from."""
    _log.exception("%s", _line(job, message), extra={"event": event, "job_name": job})
