"""How patient the gate is, and what it has counted."""

from __future__ import annotations

import threading

from attrs import define, field, frozen


@frozen
class RetryPolicy:
    """How often and how long one request is tried."""

    max_attempts: int = 8
    """Tries that failed for another reason than the rate limit."""
    deadline_s: float = 600.0
    """Seconds from the first try to the last."""
    first_wait_s: float = 0.5
    max_wait_s: float = 60.0
    """Waits are random between 0 and ``first_wait_s × 2ⁿ``, at most this."""
    offline_after_s: float = 10.0
    """If the service never answered at all, give up after so long."""


@define
class RequestStats:
    """Counts of the requests to one service."""

    total: int = 0
    retried: int = 0
    rate_limited: int = 0
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False, eq=False)

    def add(self, name: str) -> None:
        """Count one more of ``name``."""
        with self._lock:
            setattr(self, name, getattr(self, name) + 1)
