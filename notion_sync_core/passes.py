"""Publishing what was read before everything is: now and then, and when something ends the reading."""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_core.errors import Interrupted, NotionSyncError
from notion_sync_core.events import PassPublished
from notion_sync_core.session import Session

LOOK_AT_LOCKS_S = 5.0
"""So often a run that reads makes sure that its sinks are still its own."""
PUT_AWAY_S = 3.0
"""So long may a run that was stopped by a signal go on writing what it has read."""


class Passes:
    """One run's passes over what was read so far.

    :param publish: goes through the stages that bring it to the sinks.
    """

    def __init__(self, session: Session, publish: Callable[[], None]) -> None:
        self._session = session
        self._publish = publish
        self._every_s = session.job.config.export.publish_every_s
        self._next = session.clock.monotonic() + self._every_s
        self._next_look = session.clock.monotonic() + LOOK_AT_LOCKS_S

    def breathe(self) -> None:
        """Between two answers: publish, if it is time."""
        clock = self._session.clock
        self._session.sampler.tick()
        self._look_at_locks()
        if not self._every_s or clock.monotonic() < self._next:
            return
        self._pass()
        self._session.stages.begin("read")
        self._next = clock.monotonic() + self._every_s

    def _look_at_locks(self) -> None:
        """A run whose sinks are somebody else's by now reads for nobody.

        :raises LockedError: the last of them is.
        """
        session = self._session
        if session.clock.monotonic() < self._next_look:
            return
        for sink in list(session.sinks):
            try:
                sink.flush()
            except NotionSyncError as error:
                if not session.drop(error):
                    raise
        self._next_look = session.clock.monotonic() + LOOK_AT_LOCKS_S

    def last(self, error: NotionSyncError) -> None:
        """The reading ends for this reason."""
        session = self._session
        session.clock.put_away(error, PUT_AWAY_S)
        if session.options.patience is not None:
            session.options.patience.go_on()
        try:
            self._pass()
        except Interrupted:
            # What is not written yet is written by the next run.
            session.state.checkpoint()

    def _pass(self) -> None:
        """What stands in its place now may have to move when more is known."""
        session = self._session
        if not session.state.queue.has_new_copies() or self._may_show_too_much():
            return
        session.committer.is_provisional = True
        began = session.clock.monotonic()
        try:
            self._publish()
            session.publish(PassPublished(session.clock.monotonic() - began))
        finally:
            session.committer.is_provisional = False
            session.forget_neighbours()

    def _may_show_too_much(self) -> bool:
        """Rows are chosen, and not all were listed: what lies below one that is left out could pass for a page."""
        collector = self._session.collector
        return bool(self._session.job.selection) and collector is not None and not collector.has_listed
