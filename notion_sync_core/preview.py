"""What ``sync`` would do: its own stages, on a copy of the state, up to where it would read and write.

What an edited page newly contains is not known before it is read.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from notion_sync_core.clock import Clock, RunClock, SystemClock
from notion_sync_core.copied import copied
from notion_sync_core.errors import GuardError, NotionSyncError
from notion_sync_core.events import Event, GuardRefused, RunStarted, Warned
from notion_sync_core.job import Job
from notion_sync_core.pipeline import collector, lay_out, outdated, retire, survey
from notion_sync_core.preparing import begin, choose, look_at_versions, own
from notion_sync_core.session import Session
from notion_sync_core.stages.compare import Change, Comparison, Scale
from notion_sync_core.stages.render import RenderStage
from notion_sync_core.watch import journal
from notion_sync_core.watch.bus import Bus
from notion_sync_core.watch.journal import Journal

__all__ = ["Change", "Preview", "preview"]


@define
class Preview:
    """What a sync would do."""

    changes: list[Change] = field(factory=list)
    unchanged: int = 0
    refused: bool = False
    """It would stop before deleting: ``export.max_delete``."""
    requests: int = 0
    """What the look itself cost."""
    warnings: list[str] = field(factory=list)


def preview(job: Job, listeners: tuple[Callable[[Event], object], ...] = (), clock: Clock | None = None) -> Preview:
    """Find out what ``sync`` would do.

    :param listeners: told of what happens meanwhile.
    :raises NotionSyncError: discovery is not possible; in its ``report`` what was found.
    """
    result = Preview()
    try:
        _preview(job, listeners, clock, result)
    except NotionSyncError as error:
        error.report = result
        raise
    return result


def _preview(job: Job, listeners: tuple[Callable[[Event], object], ...], clock: Clock | None, result: Preview) -> None:
    job.listeners()  # nothing is told them, but what a sync would refuse is refused here too

    def heard(event: Event) -> None:
        if isinstance(event, Warned):
            result.warnings.append(event.message)

    bus = Bus((heard, *listeners), job.redactor())
    bus.subscribe(Journal(titles=job.config.monitoring.log_titles), *journal.heard())
    with copied(job, RunClock(clock or SystemClock()), bus.publish, reads=True) as session:
        bus.publish(RunStarted(session.job_id, "plan", session.state.objects.with_copy()))
        for stage in (own, begin, look_at_versions, choose, discover, lay_out, outdated, survey, foresee, retire):
            for _ in stage(session) or ():
                session.clock.check()
            session.clock.check()
        _compare(session, result)
        assert session.gate is not None
        result.requests = session.gate.stats.total


def discover(session: Session) -> None:
    """Find out what there is, without reading it."""
    assert session.gate is not None
    session.stages.begin("look")
    session.collector = collector(session, reads=False)
    try:
        session.collector.run()
    finally:
        session.stages.end(session.state.objects.seen_now())
        session.gate.close()


def foresee(session: Session) -> None:
    """What a document that is new will change in others as soon as it is read: they link to its file then."""
    for new in session.state.objects.unread():
        session.state.queue.render_showing(new.id)


def _compare(session: Session, result: Preview) -> None:
    first = next(renderer for renderer in session.renderers if renderer.makes_documents)
    render = RenderStage(session.state, session.mirror, session.renderers, [Scale()], session.options.patience)
    comparison = Comparison(session.state, render, session.committer, session.pruner, session.clock, first)
    for change in comparison.changes():
        if change is None:
            result.unchanged += 1
        else:
            result.changes.append(change)
    try:
        session.pruner.check_guard()
    except GuardError as error:
        result.refused = True
        session.publish(GuardRefused(error.guard, error.message, error.remedy))
