"""The rate limit as the service counts it: so many requests in any window, by arrival."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable


class ServerBudget:
    """At most ``requests`` arrivals in any ``window_s`` seconds."""

    def __init__(
        self, requests: int = 180, window_s: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.requests = requests
        self.window_s = window_s
        self._clock = clock
        self._arrivals: deque[float] = deque()
        self._lock = threading.Lock()

    def arrive(self) -> int:
        """0 if a request may pass now, else whole seconds to wait, as ``Retry-After`` says them."""
        with self._lock:
            now = self._clock()
            while self._arrivals and self._arrivals[0] <= now - self.window_s:
                self._arrivals.popleft()
            if len(self._arrivals) < self.requests:
                self._arrivals.append(now)
                return 0
            return max(1, math.ceil(self._arrivals[0] + self.window_s - now))
