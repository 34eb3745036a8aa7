"""A circuit breaker that locks only around its own state, never around the call."""

from __future__ import annotations

import threading
from collections.abc import Callable

from notion_sync_core.clock import Clock


class Breaker:
    """Stops calls to a service that fails, and lets one through now and then to probe it.

    :param threshold: failures in a row that open it.
    :param cooldown_s: seconds until the first probe; doubles after each failed probe.
    :param max_cooldown_s: upper bound of that.
    :param changed: called with the new state's name.
    """

    def __init__(
        self,
        clock: Clock,
        changed: Callable[[str], None],
        *,
        threshold: int = 5,
        cooldown_s: float = 1.0,
        max_cooldown_s: float = 30.0,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._threshold = threshold
        self._first_cooldown = cooldown_s
        self._max_cooldown = max_cooldown_s
        self._lock = threading.Lock()
        self._state = "closed"
        self._failures = 0
        self._cooldown = cooldown_s
        self._retry_at = 0.0

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        return self._state

    def wait_time(self) -> float:
        """0 if the caller may go ahead (and must report how it went), else seconds to wait before asking again."""
        with self._lock:
            if self._state == "closed":
                return 0.0
            left = self._retry_at - self._clock.monotonic()
            if self._state == "open" and left <= 0:
                self._switch("half-open")
                return 0.0
            return max(left, 0.05)

    def succeeded(self) -> None:
        """The service answered."""
        with self._lock:
            self._failures = 0
            self._cooldown = self._first_cooldown
            if self._state != "closed":
                self._switch("closed")

    def failed(self) -> None:
        """The service did not answer, or said that it is broken."""
        with self._lock:
            self._failures += 1
            if self._state == "half-open":
                self._cooldown = min(self._cooldown * 2, self._max_cooldown)
            elif self._state == "open" or self._failures < self._threshold:
                return
            self._retry_at = self._clock.monotonic() + self._cooldown
            self._switch("open")

    def _switch(self, state: str) -> None:
        self._state = state
        self._changed(state)
