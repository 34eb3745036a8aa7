"""The message bus: hands each event to every listener; one that fails harms nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from notion_sync_core.events import Event
from notion_sync_core.watch.redact import Redactor

Listener = Callable[[Event], object]

_log = logging.getLogger(__name__)


class Bus:
    """Publishes events to listeners, one event at a time, in the order they were published.

    :param redact: takes secrets out of each event, and bounds its texts, before anybody sees it.
    """

    def __init__(self, listeners: tuple[Listener, ...] = (), redact: Redactor | None = None) -> None:
        self._listeners = list(listeners)
        self._redact = redact or Redactor()
        self._lock = threading.RLock()

    def subscribe(self, listener: Listener) -> None:
        """Let ``listener`` see every event from now on."""
        with self._lock:
            self._listeners.append(listener)

    def publish(self, event: Event) -> None:
        """Call each listener; what one raises is logged and goes no further."""
        event = self._redact.record(event)
        with self._lock:
            for listener in self._listeners:
                try:
                    listener(event)
                except Exception:
                    _log.exception("a listener failed on %s", type(event).__name__)
