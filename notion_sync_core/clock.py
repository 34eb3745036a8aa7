"""Time, injected: whoever waits asks a :class:`Clock`, so that tests need no waiting."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

from notion_sync_core.errors import Interrupted, LimitReached, NotionSyncError


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


def moment(clock: Clock, ago_s: float = 0.0) -> str:
    """The date and time so many seconds ago: ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(clock.now() - ago_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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


class RunClock:
    """The clock of one run: ends it after so many seconds, and lets it put away what it has when it was stopped.

    :param limit_s: seconds from now; ``None``: any number.
    """

    def __init__(self, clock: Clock, limit_s: float | None = None) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._end = None if limit_s is None else clock.monotonic() + limit_s
        self._stopped: NotionSyncError | None = None
        self._leaves = 0.0

    def now(self) -> float:
        """See :meth:`Clock.now`."""
        return self._clock.now()

    def monotonic(self) -> float:
        """See :meth:`Clock.monotonic`."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """See :meth:`Clock.sleep`."""
        left = seconds if self._end is None else max(0.0, self._end - self._clock.monotonic()) + 0.001
        self._clock.sleep(min(seconds, left))
        self.check()

    def check(self) -> None:
        """See :meth:`Clock.check`.

        :raises LimitReached: the time is up.
        """
        if isinstance(self._stopped, Interrupted):
            if self._clock.monotonic() >= self._leaves:
                raise self._stopped
            return
        self._clock.check()
        if self._stopped is None and self._end is not None and self._clock.monotonic() >= self._end:
            raise LimitReached(
                f"the limit of {self._limit_s:g} seconds was reached", "Run the same command again to go on from here."
            )

    def put_away(self, stopped: NotionSyncError, seconds: float) -> None:
        """The run was stopped and puts away what it has: what stopped it does not stop that.

        :param seconds: after a signal no longer than so; another signal, or a first one, is obeyed as ever.
        """
        self._stopped, self._leaves = stopped, self._clock.monotonic() + seconds
        if not isinstance(stopped, Interrupted):
            self._end = None
