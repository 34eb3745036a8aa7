"""Time that passes only when somebody sleeps."""

from __future__ import annotations

import threading


class FakeClock:
    """A :class:`~notion_sync_core.clock.Clock` for tests; ``sleeps`` lists what was slept."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.time = start
        self.sleeps: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time

    def monotonic(self) -> float:
        """The same; nothing here goes back."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        with self._lock:
            self.sleeps.append(seconds)
            self.time += seconds

    def check(self) -> None:
        """Nobody asks a test to stop."""
