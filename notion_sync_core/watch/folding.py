"""What would be said again and again is said a few times, and then counted."""

from __future__ import annotations

import copy
import logging

from attrs import define

from notion_sync_core.clock import Clock

MOST = 20
"""Lines of one kind in :data:`WINDOW_S`; what comes beyond is counted."""
WINDOW_S = 60.0
_KINDS = 500
"""Kinds that are kept in mind; beyond that all is said."""


@define
class _Kind:
    began: float
    count: int = 0
    last: logging.LogRecord | None = None


class FoldingHandler(logging.Handler):
    """Hands records to another handler, of one kind at most so many a minute.

    A kind is an event with its level, or a message before its arguments are filled in. What was counted is told with
    the first line after the minute, or at the end. Debug lines all pass: who wants them wants each.
    """

    def __init__(self, inner: logging.Handler, clock: Clock) -> None:
        super().__init__()
        self._inner = inner
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """See :class:`logging.Handler`; called by one thread at a time."""
        if record.levelno <= logging.DEBUG:
            self._inner.handle(record)
            return
        now = self._clock.monotonic()
        self._end(now - WINDOW_S)
        key = (record.name, record.levelno, str(getattr(record, "event", record.msg)))
        kind = self._kinds.get(key)
        if kind is None and len(self._kinds) < _KINDS:
            kind = self._kinds[key] = _Kind(now)
        if kind is None or kind.count < MOST:
            self._inner.handle(record)
        if kind is not None:
            kind.count += 1
            kind.last = record

    def _end(self, began: float) -> None:
        """Forget kinds whose minute began by then, and tell what was counted."""
        while self._kinds:
            key, kind = next(iter(self._kinds.items()))  # the oldest comes first
            if kind.began > began:
                return
            del self._kinds[key]
            if kind.last is not None and kind.count > MOST:
                self._inner.handle(_sum(kind.last, kind.count - MOST))

    def flush(self) -> None:
        """Tell what was counted, whatever the time."""
        self.acquire()
        try:
            self._end(float("inf"))
            self._inner.flush()
        finally:
            self.release()

    def close(self) -> None:
        """See :class:`logging.Handler`."""
        self.flush()
        super().close()


def _sum(last: logging.LogRecord, count: int) -> logging.LogRecord:
    record = copy.copy(last)
    event = getattr(last, "event", "")
    what = f" ({event})" if event else f": {last.getMessage()}"
    record.msg, record.args = f"{count} more of these{what}", None
    record.exc_info, record.exc_text = None, None
    return record
