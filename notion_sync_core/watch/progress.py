"""How far a run is: counts, rate and remaining time, from events alone."""

from __future__ import annotations

import threading
from collections import deque

from attrs import define, field, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.events import (
    AssetDownloaded,
    Event,
    ObjectDiscovered,
    ObjectFailed,
    ObjectRead,
    ObjectUnchanged,
    ObjectUnreadable,
    ObjectWritten,
    RequestFinished,
    RequestsBegan,
    RunStarted,
    StageStarted,
    Waited,
    Warned,
)
from notion_sync_core.watch.pace import EVERYBODY, Pace

_WINDOW_S = 60.0
_TOTAL_LATER = ("look",)
"""Stages that end when it is known how many objects there are."""


@frozen
class Wait:
    """Why nothing moves, and until when."""

    reason: str
    """As in the event: ``budget``, ``rate limit``, ``retry`` or ``breaker``."""
    detail: str
    since: float
    until: float

    @property
    def holds_everybody(self) -> bool:
        """Whether no request can be sent meanwhile."""
        return self.reason in EVERYBODY


@define
class Progress:
    """Counts of the running job; feed it every event. A restarted run counts what it need not read again.

    May be asked by one thread while another feeds it.
    """

    _clock: Clock
    stage: str = ""
    discovered: int = 0
    pending: int = 0
    """Documents that still have to be read."""
    read: int = 0
    unchanged: int = 0
    failed: int = 0
    unreadable: int = 0
    written: int = 0
    to_write: int = 0
    assets: int = 0
    warnings: int = 0
    _times: deque[float] = field(factory=deque, init=False)
    _wait: Wait | None = field(default=None, init=False)
    _pace: Pace = field(init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False, eq=False)

    @_pace.default
    def _make_pace(self) -> Pace:
        return Pace(self._clock)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        with self._lock:
            self._count(event)
            self._follow_requests(event)

    def _count(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.stage = "start"
            case StageStarted(stage, total):
                self.stage = stage
                self._times.clear()
                self.to_write = total or self.to_write
            case ObjectDiscovered(pending=pending):
                self.discovered += 1
                self.pending += pending
            case ObjectRead():
                self.read += 1
                self.pending = max(0, self.pending - 1)
                self._tick()
            case ObjectUnchanged():
                self.unchanged += 1
            case ObjectFailed():
                self.failed += 1
                self.pending = max(0, self.pending - 1)
            case ObjectUnreadable():
                self.unreadable += 1
            case ObjectWritten():
                self.written += 1
                self._tick()
            case AssetDownloaded():
                self.assets += 1
            case Warned():
                self.warnings += 1
            case _:
                pass

    def _follow_requests(self, event: Event) -> None:
        match event:
            case RequestsBegan():
                self._pace.began(event)
            case RequestFinished(host, seconds):
                self._pace.finished(event)
                self._moved(host, self._clock.monotonic() - seconds)
            case Waited():
                self._pace.waited(event)
                self._stand_still(event)
            case _:
                pass

    def _stand_still(self, event: Waited) -> None:
        now = self._clock.monotonic()
        new, old = Wait(event.reason, event.detail, now, now + event.seconds), self.wait
        if old is None or (new.holds_everybody, new.until) > (old.holds_everybody, old.until + 0.5):
            self._wait = new

    def _moved(self, host: str, began: float) -> None:
        """A request that was sent after a wait began shows that it is over; one that was in flight does not."""
        wait = self._wait
        if wait and began > wait.since and (not wait.holds_everybody or self._pace.is_of_service(host)):
            self._wait = None

    @property
    def wait(self) -> Wait | None:
        """Why nothing moves right now; ``None`` when something does."""
        wait = self._wait
        return wait if wait and wait.until > self._clock.monotonic() else None

    @property
    def waiting(self) -> str:
        """The reason of :attr:`wait` and how long it lasts still; empty if there is none."""
        wait = self.wait
        return f"{wait.reason}, {self.waiting_s():.0f} s" if wait else ""

    def waiting_s(self) -> float:
        """Seconds left of :attr:`wait`; 0 if there is none."""
        wait = self.wait
        return max(0.0, wait.until - self._clock.monotonic()) if wait else 0.0

    @property
    def requests(self) -> int:
        """Requests that were answered by the service that is read."""
        return self._pace.count

    @property
    def done(self) -> int:
        """Objects finished in the present stage."""
        if self.stage in _TOTAL_LATER:
            return self.discovered
        return self.written if self.stage == "write" else self.read + self.unchanged + self.failed

    @property
    def total(self) -> int:
        """Objects of the present stage, as far as they are known; 0 in one that only finds out how many there are."""
        if self.stage in _TOTAL_LATER:
            return 0
        return self.to_write if self.stage == "write" else self.discovered

    def rate(self) -> float:
        """Objects a minute, over the last minute."""
        now = self._clock.monotonic()
        with self._lock:
            while self._times and self._times[0] < now - _WINDOW_S:
                self._times.popleft()
            if len(self._times) < 2:
                return 0.0
            return (len(self._times) - 1) / max(now - self._times[0], 0.001) * 60

    def remaining_s(self) -> float | None:
        """Seconds left in this stage; ``None`` if that cannot be said.

        Reading takes as long as the request budget says: what remains to be read, each as many requests as so far.
        """
        with self._lock:
            done = self.read + self.failed
            if self.stage != "write" and self.requests:
                left = self.pending * self.requests / done if done else 0.0
                return self._pace.seconds_for(left) if left else None
            rate = self.rate()
            left = self.to_write - self.written if self.stage == "write" else self.pending
            return left / rate * 60 if rate and left > 0 else None

    def _tick(self) -> None:
        self._times.append(self._clock.monotonic())
        if len(self._times) > 5000:
            self._times.popleft()


def duration(seconds: float) -> str:
    """``75`` as ``1 min 15 s``; coarse, for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
