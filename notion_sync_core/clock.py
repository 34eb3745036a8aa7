"""Time, injected: whoever waits asks a :class:`Clock`, so that tests need no waiting."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
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


class Stop:
    """Asks runs to stop: from any thread, and from a signal handler. Once asked it stays so.

    The run ends at the next safe point with what it has put away, and the next one goes on from there.
    """

    def __init__(self) -> None:
        self._signum = 0
        self._reason = ""
        # Of what wakes threads this alone may be called while the same thread is inside it: a signal may come then.
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._below: tuple[Stop, ...] = ()

    def request(self, signum: int = 2, reason: str = "") -> None:
        """Ask. Who asks first is obeyed, and tells the reason.

        :param signum: as which signal it counts, 2 or 15: the exit status follows from it.
        :param reason: why, in a few words, where it was no signal.
        """
        if not self._signum:
            self._reason = reason
            self._signum = signum
        self._woken.put(None)
        for each in self._below:
            each.request(signum, reason)

    def set(self) -> None:
        """The same as :meth:`request`, by the name that events of threads and tasks have."""
        self.request()

    @property
    def requested(self) -> int:
        """The signal that asked; 0: nobody has."""
        return self._signum

    @property
    def reason(self) -> str:
        """Why, if whoever asked said so."""
        return self._reason

    def wait(self, seconds: float) -> None:
        """Wait so long, or until somebody asks."""
        if not self._signum:
            with contextlib.suppress(Empty):
                self._woken.get(timeout=max(0.0, seconds))
                self._woken.put(None)  # for whoever else waits

    @contextlib.contextmanager
    def within(self) -> Iterator[Stop]:
        """One that is asked whenever this one is, and can be asked alone: for one of several runs."""
        inner = Stop()
        self._below = (*self._below, inner)
        if self._signum:
            inner.request(self._signum, self._reason)
        try:
            yield inner
        finally:
            self._below = tuple(each for each in self._below if each is not inner)


class SystemClock:
    """Real time, and who may ask to stop.

    :param stop: ``None``: one of its own.
    """

    def __init__(self, stop: Stop | None = None) -> None:
        self._stop = stop or Stop()

    def now(self) -> float:
        """See :meth:`Clock.now`."""
        return time.time()

    def monotonic(self) -> float:
        """See :meth:`Clock.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See :meth:`Clock.sleep`."""
        self._stop.wait(seconds)
        self.check()

    def check(self) -> None:
        """See :meth:`Clock.check`."""
        if self._stop.requested:
            raise Interrupted(self._stop.requested, self._stop.reason)

    def stop(self, signum: int = 2) -> None:
        """Ask everybody who waits on this clock to stop. Safe in a signal handler."""
        self._stop.request(signum)


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
