"""What a run does about versions beside keeping them: it finds those of earlier runs, forgets old ones, copies them."""

from __future__ import annotations

import contextlib

from notion_sync_core.history.copying import Copying
from notion_sync_core.history.forgetting import forget_old
from notion_sync_core.history.keeping import History
from notion_sync_core.session import Session


def recall(session: Session, history: History) -> None:
    """What was kept before: here, in the copy, or in the mirror of a state that is older than its history."""
    state, copy = session.state, session.history_copy
    if copy is not None and history.store.is_new():
        with contextlib.closing(copy):
            copy.open(session.run_id)
            if Copying(history, copy, session.clock.check).fetch():
                session.warn(f"there was no history here: it was fetched from its copy in {copy.location}")
                state.unkept.mark_all()
    state.count_on_from(history.store.last_run())
    if history.store.is_new() and state.objects.with_copy():
        history.adopt(session.clock.now())


def forget(session: Session) -> None:
    """Forget versions that are older than what is kept."""
    history = session.history
    if history is not None:
        keep, now = session.job.config.history.keep, session.clock.now()
        done = forget_old(history.store, history.blobs, session.state, session.mirror, keep, now)
        history.forgotten = done.versions


def push_copy(session: Session) -> None:
    """Bring the copy up to date. All else is done by now, and stays if this fails."""
    history, copy = session.history, session.history_copy
    if history is None or copy is None:
        return
    copying = Copying(history, copy, session.clock.check)
    if copying.has_news():
        with contextlib.closing(copy):
            copy.open(session.run_id)
            copying.push()
