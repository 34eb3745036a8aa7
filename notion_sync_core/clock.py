"""Time, injected: whoever waits asks a :class:`Clock`, so that tests need no waiting."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from notion_sync_core.errors import Interrupted


class Clock(Protocol):
    """Where durations, dates and pauses come from."""

    def now(self) -> float:
        """Seconds since the epoch; shared by processes, may jump."""

    def monotonic(self) -> float:
        """Seconds that never go back; for durations."""

    def sleep(self, seconds: float) -> None:
        """Wait.

        :raises Interrupted: somebody asked the run to stop meanwhile.
        """

    def check(self) -> None:
        """Return at once, unless somebody asked the run to stop.

        :raises Interrupted: somebody did.
        """


class SystemClock:
    """Real time, and the one place where a request to stop is kept."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._signum = 2

    def now(self) -> float:
        """See :meth:`Clock.now`."""
        return time.time()

    def monotonic(self) -> float:
        """See :meth:`Clock.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See :meth:`Clock.sleep`."""
        self._stop.wait(max(0.0, seconds))
        self.check()

    def check(self) -> None:
        """See :meth:`Clock.check`."""
        if self._stop.is_set():
            raise Interrupted(self._signum)

    def stop(self, signum: int = 2) -> None:
        """Ask everybody who waits on this clock to stop. Safe in a signal handler."""
        self._signum = signum
        self._stop.set()
