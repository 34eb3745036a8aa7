"""Tells when a stage begins and ends, and how much it handled."""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_core.clock import Clock
from notion_sync_core.events import Event, StageFinished, StageStarted
from notion_sync_core.watch.tally import Tally


class Stages:
    """One stage at a time; a new one ends that before it."""

    def __init__(self, clock: Clock, publish: Callable[[Event], None], tally: Tally) -> None:
        self._clock = clock
        self._publish = publish
        self._tally = tally
        self._name = ""
        self._began = 0.0
        self._before = 0

    def begin(self, name: str, total: int | None = None) -> None:
        """A stage begins.

        :param total: how many objects it will handle, if that is known.
        """
        self.end()
        self._name, self._began, self._before = name, self._clock.monotonic(), self._tally.done(name)
        self._publish(StageStarted(name, total))

    def end(self, objects: int | None = None) -> None:
        """The stage ends, if one is under way.

        :param objects: how many it has handled, where events do not tell.
        """
        if self._name:
            name, self._name = self._name, ""
            done = self._tally.done(name) - self._before if objects is None else objects
            self._publish(StageFinished(name, self._clock.monotonic() - self._began, done))
