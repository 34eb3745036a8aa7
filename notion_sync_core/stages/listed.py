"""Going on without listing again: a listing that the run before this one completed is of use for some minutes.

A run that a limit ends shortly after it began, in turn with those of other jobs, would else spend its requests on the
same listing each time. What the listing showed stands in the state; this is the note that it was complete.
"""

from __future__ import annotations

import json

from attrs import define, field

from notion_sync_core.clock import Clock
from notion_sync_core.state import State


@define
class Listed:
    """The note that everything was listed, and what of that holds for this run.

    :param wish: what the listing has to be about: roots, rows, versions. Another one is no use.
    :param within_s: how old it may be; 0: each run lists anew.
    """

    _state: State
    _clock: Clock
    _wish: str
    _within_s: float = 0.0
    _since: float | None = field(default=None, init=False)
    """When the listing was complete that holds now."""

    def goes_on(self) -> bool:
        """Whether the listing of the run before this one holds; then what it has shown counts as shown to this one.

        Asked once, when a run has begun, before anything is listed.
        """
        run, since, wish = self._noted()
        now = self._clock.now()
        holds = run == self._state.run - 1 and wish == self._wish and 0 <= now - since < self._within_s
        if holds:
            self._since = since
            self._state.objects.see_as_before(run)
            self.note(complete=True)
        else:
            self.forget()
        return holds

    def note(self, *, complete: bool) -> None:
        """Nothing is left to be listed.

        :param complete: every listing was read to its end.
        """
        if not complete:
            self.forget()
            return
        if self._since is None:
            self._since = self._clock.now()
        self._state.facts.listed = json.dumps([self._state.run, self._since, self._wish])

    def forget(self) -> None:
        """There may be something to list: a run that is cut short now lists anew."""
        if self._state.facts.listed:
            self._state.facts.listed = ""

    def _noted(self) -> tuple[int, float, str]:
        """Run, time and wish; what cannot be understood is no note."""
        try:
            run, since, wish = json.loads(self._state.facts.listed or "[]")
            return int(run), float(since), str(wish)
        except (ValueError, TypeError):
            return -1, 0.0, ""
