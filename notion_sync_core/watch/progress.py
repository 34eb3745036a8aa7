"""How far a run is: counts, rate and remaining time, from events alone."""

from __future__ import annotations

from collections import deque

from attrs import define, field

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
    RunStarted,
    StageStarted,
    Waited,
    Warned,
)

_WINDOW_S = 60.0


@define
class Progress:
    """Counts of the running job; feed it every event. A restarted run counts what it need not read again."""

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
    requests: int = 0
    warnings: int = 0
    waiting: str = ""
    """Why nothing moves right now; empty when something does."""
    _times: deque[float] = field(factory=deque, init=False)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
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
            case RequestFinished():
                self.requests += 1
                self.waiting = ""
            case Waited(seconds, reason, _):
                self.waiting = f"{reason}, {seconds:.0f} s"
            case Warned():
                self.warnings += 1
            case _:
                pass

    @property
    def done(self) -> int:
        """Objects finished in the present stage."""
        return self.written if self.stage == "write" else self.read + self.unchanged + self.failed

    @property
    def total(self) -> int:
        """Objects of the present stage, as far as they are known."""
        return self.to_write if self.stage == "write" else self.discovered

    def rate(self) -> float:
        """Objects a minute, over the last minute."""
        now = self._clock.monotonic()
        while self._times and self._times[0] < now - _WINDOW_S:
            self._times.popleft()
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(now - self._times[0], 0.001) * 60

    def remaining_s(self) -> float | None:
        """Seconds left in this stage at the present rate; ``None`` if that cannot be said."""
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
