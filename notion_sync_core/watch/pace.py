"""How long so many requests take: by the request budget, not by how fast the last burst was."""

from __future__ import annotations

import math
from collections import deque

from attrs import define, field

from notion_sync_core.clock import Clock
from notion_sync_core.events import RequestFinished, RequestsBegan, Waited

EVERYBODY = ("budget", "rate limit")
"""Reasons of waits that hold every request."""


@define
class Pace:
    """Knows when each request was answered: a slot of the budget is free again one window later."""

    _clock: Clock
    count: int = 0
    """Requests answered by the service that is read; others, such as stores of files, have no budget."""
    _target: str = ""
    _allowed: int = 0
    """Requests that everybody with this token may send in a window; 0: any number."""
    _share: int = 0
    """How many of them are ours, as far as was seen."""
    _window_s: float = 60.0
    _answers: deque[float] = field(factory=deque, init=False)
    _began: float = field(default=math.inf, init=False)
    _idle_s: float = field(default=0.0, init=False)
    _idle_until: float = field(default=0.0, init=False)
    _paused_until: float = field(default=0.0, init=False)

    def began(self, event: RequestsBegan) -> None:
        """The service is known, and what it allows."""
        self._target, self._window_s = event.target, event.window_s
        self._allowed = self._share = event.allowed
        self._answers = deque(self._answers, maxlen=event.allowed or 1)

    def is_of_service(self, host: str) -> bool:
        """Whether a request to that host counts."""
        return host == self._target or not self._target

    def finished(self, event: RequestFinished) -> None:
        """A request was answered."""
        if self.is_of_service(event.host):
            now = self._clock.monotonic()
            self.count += 1
            self._began = min(self._began, now - event.seconds)
            self._answers.append(now)

    def waited(self, event: Waited) -> None:
        """Requests stand still. What was sent in a window until then is our share of what everybody may."""
        now = self._clock.monotonic()
        until = now + event.seconds
        if event.reason not in EVERYBODY:
            return
        if event.reason == "rate limit":
            self._paused_until = max(self._paused_until, until)
        elif self._share and now >= self._paused_until:
            sent = sum(answer > now - self._window_s for answer in self._answers)
            self._share = max(1, min(self._allowed, sent))
        self._idle_s += max(0.0, until - max(now, self._idle_until))
        self._idle_until = max(self._idle_until, until)

    def seconds_for(self, requests: float) -> float:
        """Seconds until so many more are answered."""
        now = self._clock.monotonic()
        ahead = max(0.0, self._idle_until - now)
        busy = now - self._began - (self._idle_s - ahead)
        working = requests * max(busy, 0.0) / self.count if self.count else 0.0
        return max(self._until_free(math.ceil(requests), now), ahead, working)

    def _until_free(self, number: int, now: float) -> float:
        """Seconds until the budget lets that many more pass."""
        if not self._share or number < 1:
            return 0.0
        windows, place = divmod(number - 1, self._share)
        known = list(self._answers)[-self._share :]
        place -= self._share - len(known)
        free = max(now, known[place] + self._window_s) if place >= 0 else now
        return free - now + windows * self._window_s
