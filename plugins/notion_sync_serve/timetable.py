"""When one job is due: never twice at once, and what was missed is made up for once."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define

from notion_sync_core.schedule import Schedule

_SHARE = 0.1
"""Of the period that a run may begin later."""


@define
class Timetable:
    """The moments of one job, in seconds since the epoch.

    :param chance: a number from 0 to 1, anew each time.
    """

    schedule: Schedule
    jitter_s: float
    chance: Callable[[], float]
    due: float = 0.0
    """When the next run begins, delay included."""
    is_owed: bool = False
    """A run was due while the last one was under way."""
    missed: int = 0
    """How many moments passed without a run of their own."""
    _planned: float = 0.0

    def begin(self, last: float | None, now: float) -> None:
        """Start counting.

        :param last: when the job ran last, if it did: what was due since then is due now.
        """
        self._planned = now if last is None else min(self.schedule.after(last), self.schedule.after(now))
        self.due = max(now, self._planned)

    def change(self, schedule: Schedule, jitter_s: float, now: float) -> None:
        """Another schedule; a run that is due or owed stays so."""
        if schedule != self.schedule and self.due > now:
            self._planned = self.due = min(self.due, schedule.after(now))
        self.schedule, self.jitter_s = schedule, jitter_s

    def tick(self, now: float, *, running: bool) -> int | None:
        """Look at the time.

        :returns: how many moments were missed if a run has to begin now (most often 0), else ``None``.
        """
        missed = 0
        if now >= self.due:
            missed = self.schedule.missed(self._planned, now)
            self._planned = self.schedule.after(now)
            self.due = self._planned + self.chance() * min(self.jitter_s, _SHARE * self.schedule.period_s)
            missed += running
            self.missed += missed
            self.is_owed = running
            return None if running else missed
        if self.is_owed and not running:
            self.is_owed = False
            return 0
        return None
