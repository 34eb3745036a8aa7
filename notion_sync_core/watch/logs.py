"""The log on stderr: as text or as JSON, one object a line, and never with a secret in it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

from notion_sync_core.content.dates import utc_of
from notion_sync_core.terminal import as_json, one_line, several_lines

FIELDS = ("run_id", "job", "job_name", "plugin", "page_id", "request_id", "attempt", "duration_ms", "status", "bytes")
"""What a line may have beside time, level, logger, event, message, worker and error; given as ``extra``."""
UNNAMED = "log"
"""The event of a line that nobody gave a name, such as one of a library."""


class TextFormatter(logging.Formatter):
    """``LEVEL logger: message`` in one line, and after an exception its traceback, set in."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback's."""
        line = f"{record.levelname} {record.name}: {one_line(record.getMessage())}"
        error = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        return several_lines(f"{line}\n{error}") if error else line


class JsonFormatter(logging.Formatter):
    """``ts`` (RFC 3339, UTC), ``level``, ``logger``, ``event``, ``msg``, ``worker``; :data:`FIELDS` where known.

    After an exception ``error`` with ``type``, ``message`` and ``stack``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "ts": utc_of(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", UNNAMED),
            "msg": record.getMessage(),
        }
        given = record.__dict__
        line |= {name: given[name] for name in FIELDS if given.get(name) not in (None, "")}
        line["worker"] = record.threadName
        if error := self._error(record):
            line["error"] = error
        return as_json(line)

    def _error(self, record: logging.LogRecord) -> dict[str, str]:
        stack = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        found = {"type": getattr(record, "error_type", ""), "message": getattr(record, "error_message", "")}
        if stack:
            kind, _, message = stack.rstrip("\n").rpartition("\n")[2].partition(": ")
            found = {"type": kind, "message": message, "stack": stack}
        return {name: text for name, text in found.items() if text}


class RedactingFormatter(logging.Formatter):
    """Whatever another formatter says, exceptions included, without secrets.

    They are taken out before the other formats: in JSON a secret may look different.
    """

    def __init__(self, inner: logging.Formatter, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._inner = inner
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """See :class:`logging.Formatter`."""
        clean = copy.copy(record)
        clean.msg, clean.args = self._redact(record.getMessage()), None
        for name in (*FIELDS, "event", "error_type", "error_message"):
            if isinstance(text := getattr(record, name, None), str):
                setattr(clean, name, self._redact(text))
        if record.exc_info:
            clean.exc_text = self._redact(self.formatException(record.exc_info))
        clean.stack_info = None
        return self._inner.format(clean)
