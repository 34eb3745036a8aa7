"""The log on stderr: as text or as JSON, one object a line, and never with a secret in it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from notion_sync_core.terminal import as_json, one_line, several_lines


class TextFormatter(logging.Formatter):
    """``LEVEL logger: message`` in one line, and after an exception its traceback, set in."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback's."""
        line = f"{record.levelname} {record.name}: {one_line(record.getMessage())}"
        error = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        return several_lines(f"{line}\n{error}") if error else line


class JsonFormatter(logging.Formatter):
    """``ts`` (RFC 3339, UTC), ``level``, ``logger``, ``msg`` and, after an exception, ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "ts": time.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        if record.exc_text or record.exc_info:
            line["error"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return as_json(line)


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
        if record.exc_info:
            clean.exc_text = self._redact(self.formatException(record.exc_info))
        clean.stack_info = None
        return self._inner.format(clean)
