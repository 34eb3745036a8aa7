"""The log of the process itself: each line has a stable name, and none has titles in it. Runs have their own log."""

from __future__ import annotations

import logging

_log = logging.getLogger("notion_sync_serve")


def info(event: str, message: str) -> None:
    """A fact."""
    _log.info("%s", message, extra={"event": event})


def warning(event: str, message: str) -> None:
    """Something that deserves a look."""
    _log.warning("%s", message, extra={"event": event})


def error(event: str, message: str) -> None:
    """Something that somebody has to do something about."""
    _log.error("%s", message, extra={"event": event})


def fault(event: str, message: str) -> None:
    """What is being caught just now, with where it came from."""
    _log.exception("%s", message, extra={"event": event})
