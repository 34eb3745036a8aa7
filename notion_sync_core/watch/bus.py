"""The message bus: hands each event to every listener; one that fails harms nobody."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from notion_sync_core.events import Event, PluginFailed
from notion_sync_core.watch.redact import Redactor

Listener = Callable[[Event], object]

_log = logging.getLogger(__name__)
GOES_ON = "it is called again for the next event"
"""What becomes of a listener that failed."""


class Bus:
    """Publishes events to listeners, one event at a time, in the order they were published.

    A listener may publish: what it tells comes after the event that it was told.

    :param redact: takes secrets out of each event, and bounds its texts, before anybody sees it.
    """

    def __init__(self, listeners: tuple[Listener, ...] = (), redact: Redactor | None = None) -> None:
        self._listeners: list[tuple[Listener, frozenset[type[Event]] | None]] = [(each, None) for each in listeners]
        self._redact = redact or Redactor()
        self._lock = threading.RLock()
        self._waiting: deque[Event] = deque()
        self._is_delivering = False
        self._hearing: dict[type[Event], list[Listener]] = {}
        """Who hears events of a kind: of one that nobody hears, such as of each unchanged object, nothing is done."""
        self._failed: set[int] = set()

    def subscribe(self, listener: Listener, *kinds: type[Event]) -> None:
        """Let ``listener`` see every event from now on, or those of these kinds alone."""
        with self._lock:
            self._listeners.append((listener, frozenset(kinds) or None))
            self._hearing.clear()

    def publish(self, event: Event) -> None:
        """Call each listener; what one raises is logged and goes no further."""
        event = self._redact.record(event)
        with self._lock:
            self._waiting.append(event)
            if self._is_delivering:
                return
            self._is_delivering = True
            try:
                while self._waiting:
                    self._deliver(self._waiting.popleft())
            finally:
                self._is_delivering = False

    def _deliver(self, event: Event) -> None:
        kind = type(event)
        hearing = self._hearing.get(kind)
        if hearing is None:
            hearing = [listener for listener, kinds in self._listeners if kinds is None or kind in kinds]
            self._hearing[kind] = hearing
        of_listeners = kind is PluginFailed and getattr(event, "hook", "") == "on_event"
        for listener in hearing:
            if of_listeners and id(listener) in self._failed:
                continue  # it would fail on that as well
            try:
                listener(event)
            except Exception as error:
                self._note_failure(listener, event, error)

    def _note_failure(self, listener: Listener, event: Event, error: Exception) -> None:
        name = str(getattr(listener, "name", "") or getattr(listener, "__qualname__", type(listener).__name__))
        message = f"a listener failed on {type(event).__name__}"
        _log.exception("%s", message, extra={"event": "listener_failed", "plugin": name})
        if id(listener) not in self._failed:  # told once
            self._failed.add(id(listener))
            reason = f"{message}: {type(error).__name__}: {error}"
            self._waiting.append(self._redact.record(PluginFailed(name, "on_event", reason, GOES_ON)))
