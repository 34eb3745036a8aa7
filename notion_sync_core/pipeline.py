"""Each command as a list of stages on a session; what a stage did is what it gives."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import cast

from notion_sync_core.clock import Clock, RunClock, SystemClock
from notion_sync_core.errors import (
    GuardError,
    Interrupted,
    LimitReached,
    NotAuthorisedError,
    NotionSyncError,
    PluginError,
    StateError,
    UnreachableError,
)
from notion_sync_core.events import Event, ObjectUnreadable
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import disk_error, is_disk_trouble
from notion_sync_core.passes import Passes
from notion_sync_core.preparing import PREPARE, begin, listed
from notion_sync_core.remembering import forget, push_copy
from notion_sync_core.report import Done, Report, Versions
from notion_sync_core.session import READS, Mode, Options, Session, new_id, opened
from notion_sync_core.snapshot import expect_traces
from notion_sync_core.stages import surroundings, tree
from notion_sync_core.stages.account import fill, note_end
from notion_sync_core.stages.appearance import settle
from notion_sync_core.stages.collect import Collector
from notion_sync_core.stages.layout import Naming
from notion_sync_core.stages.outdated import mark_what_is_outdated
from notion_sync_core.stages.prune import SMALLEST_DELETE
from notion_sync_core.stages.style import style_of
from notion_sync_core.stages.survey import Surveyor
from notion_sync_core.supervision import Monitor
from notion_sync_core.watch.bus import Bus

__all__ = ["Mode", "Options", "Session", "run"]

Stage = Callable[[Session], Iterable[Done] | None]

MANY = 400
"""Documents from which on a second process pays."""
_ENDS_THE_READING = (Interrupted, LimitReached, UnreachableError, NotAuthorisedError, PluginError)
"""What ends the reading, and is no reason to keep what was read so far to ourselves."""


def run(
    job: Job,
    options: Options,
    listeners: tuple[Callable[[Event], object], ...] = (),
    clock: Clock | None = None,
) -> Report:
    """Run a job; what stops it is in the report, and the report in that error.

    :param listeners: see every event.
    """
    timer = RunClock(clock or SystemClock(), options.max_duration_s)
    report = Report(job="", mode=options.told_as)
    redact = job.redactor()
    monitor = Monitor.of(job, Bus(listeners, redact), timer, new_id(), options.command, options.label)
    started = timer.monotonic()
    with monitor.lasting:
        try:
            _run(job, options, timer, monitor, report)
        except NotionSyncError as caught:
            report.conclude(caught, redact, strict=options.strict)
        except OSError as caught:
            if not is_disk_trouble(caught):
                raise
            report.conclude(disk_error("a file of this job", caught), redact, strict=options.strict)
        report.seconds = timer.monotonic() - started
        if report.error is not None:
            report.error.report = report
        monitor.finish(report)
    return report


def _run(job: Job, options: Options, clock: RunClock, monitor: Monitor, report: Report) -> None:
    if options.mode not in READS:
        expect_traces(job)
    with opened(job, options, clock, monitor, report.name) as session:
        error: NotionSyncError | None = None
        try:
            _go_through_all(session, report)
        except NotionSyncError as caught:
            error = caught
        except OSError as caught:
            error = disk_error("a file of this job", caught)
        finally:
            if error is not None and not session.state.run and not isinstance(error, StateError):
                begin(session)  # what is not of this job leaves no trace in it; all else is told by `status`
            fill(report, session.state, monitor.tally, session.gate)
            if session.history is not None:
                report.history = Versions(session.history.kept, session.history.forgotten)
        report.conclude(error, job.redactor(), strict=options.strict)
        note_end(session.state, report, clock)
        session.rest(report)


def _go_through_all(session: Session, report: Report) -> None:
    through(session, PREPARE, report)
    _read_and_publish(session, report)
    if session.lost:
        raise next(iter(session.lost.values()))


def _read_and_publish(session: Session, report: Report) -> None:
    """The stages of a command; one sink's failure does not keep the others from being finished."""
    if session.options.mode in READS:
        read(session, report)
    through(session, STAGES[session.options.mode], report)


def through(session: Session, stages: Iterable[Stage], report: Report) -> None:
    """Go through stages; where a sink fails, once more without it: what was done is not done again."""
    while True:
        try:
            for stage in stages:
                report.add(stage(session))
                session.clock.check()
        except NotionSyncError as error:
            if not session.drop(error):
                raise
        else:
            return


# -- discover, read


def collector(session: Session, *, reads: bool = True, breathe: Callable[[], None] | None = None) -> Collector:
    """What discovers and reads in this session."""
    assert session.source is not None
    assert session.gate is not None
    performance, export = session.job.config.performance, session.job.config.export
    known = session.state.objects.with_copy()
    return Collector(
        session.plan, session.mirror, session.source, session.gate, session.clock, session.publish,
        roots=session.job.roots, workers=performance.workers, queue_size=performance.queue_size,
        assets=export.assets and reads, full=session.options.full, reads=reads,
        allowed_missing=max(SMALLEST_DELETE, int(export.max_delete * known)) if known else None, breathe=breathe,
        keeps_missing=export.on_missing == "keep",
        listed=listed(session, reads=reads),
    )  # fmt: skip


def read(session: Session, report: Report) -> None:
    """Discover and read; what was read is published now and then, and when something ends the reading."""
    passes = Passes(session, partial(_publish_so_far, session, report))
    session.collector = collector(session, breathe=passes.breathe)
    session.stages.begin("read")
    try:
        if session.options.only is None:
            session.collector.run()
        else:
            session.collector.run_only(session.options.only)
    except _ENDS_THE_READING as error:
        passes.last(error)
        raise
    finally:
        session.stages.end()
        report.failures += session.collector.failures
        assert session.gate is not None
        session.gate.close()
    for each in session.state.objects.unreadable():
        session.publish(ObjectUnreadable(each.id, each.kind, each.title, each.reason))


def _publish_so_far(session: Session, report: Report) -> None:
    through(session, PUBLISH_SO_FAR, report)


# -- lay out, render, write


def lay_out(session: Session) -> None:
    """Give every object its path."""
    state, job = session.state, session.job
    session.plan.judge_missing(let_go=job.config.export.on_missing == "delete")
    state.layout.assign_folders()
    if job.roots and (session.knows_all or session.options.only is not None):
        state.objects.keep_below(job.roots)
    state.objects.sink_below_trashed()
    if job.selection:
        state.objects.sink_below_unselected()
        warn_of_slips(session)
    export = job.config.export
    style = style_of(session.renderers, cast("Naming", export.naming), export.assets_folder)
    tree.lay_out(session.plan, session.warn_once, style)
    surroundings.arrange(state, watched=any(renderer.shows_neighbours for renderer in session.renderers))
    state.checkpoint()


def warn_of_slips(session: Session) -> None:
    """What ``export.only`` names and no database has; known as soon as everything was listed."""
    if session.knows_all:
        schemas = (session.mirror.object(each) for each in session.state.tree.all_data_sources())
        for line in session.job.selection.unknown([each for each in schemas if each is not None]):
            session.warn_once(line)


def outdated(session: Session) -> None:
    """Other renderers, other options or another version make every file again, without a request."""
    specs = [session.job.renderer_specs(), session.job.sink_specs()]
    mark_what_is_outdated(session.plan, session.renderers, specs, anew=session.options.mode == "render")


def survey(session: Session) -> Iterator[Done]:
    """What is gone from a sink is made again, what is not ours is told."""
    yield from Surveyor(session.plan, session.committer, session.clock).survey()


def redo(session: Session) -> None:
    """Documents of which some sink has no file on record are made again."""
    session.writer.redo_what_has_no_file()


def assets(session: Session) -> Iterator[Done]:
    """Bring the files that documents refer to."""
    yield from session.writer.write_assets()


def documents(session: Session) -> Iterator[Done]:
    """Render and write what changed; what the mirror turns out to lack is read again, if there is a source."""
    known: set[str] = set()
    misses = yield from _missed(session)
    if misses and session.collector is None:
        session.writer.fail_misses(sorted(misses))
    while session.collector is not None and misses - known:  # what is read again may show others that are lacking
        session.warn(f"the mirror lacked {len(misses - known)} documents: they are read again")
        known |= misses
        session.collector.read_pending()
        yield from assets(session)
        misses = yield from _missed(session)
    if dead := session.state.findings.tell_dead_ends():
        session.state.checkpoint()
        yield from session.writer.write_documents([], dead)


def _missed(session: Session) -> Generator[Done, None, set[str]]:
    """What was done, and at the end which documents the mirror lacks."""
    misses: set[str] = set()
    for done in documents_so_far(session):
        misses.update(done.misses)
        yield done
    return misses


def documents_so_far(session: Session) -> Iterator[Done]:
    """Render and write what changed; what the mirror turns out to lack has to be read, and nothing is read here."""
    total = session.state.queue.count_to_render()
    session.stages.begin("write", total)
    session.state.checkpoint()
    try:
        for done in session.writer.write_documents(session.helpers if total >= MANY else []):
            session.sampler.tick()
            yield done
    finally:
        session.stages.end()


def site(session: Session) -> Iterator[Done]:
    """The files that are about all documents."""
    yield from session.writer.write_site()


def manifest(session: Session) -> None:
    """What each sink holds, told in the sink."""
    session.writer.write_manifest()


# -- prune, finish


def retire(session: Session) -> None:
    """Mark what stands for nothing any more."""
    session.pruner.retire()


def dead_links(session: Session) -> None:
    """Tell of links that lead nowhere."""
    session.writer.warn_of_dead_links()


def guard(session: Session) -> Iterator[Done]:
    """Refuse to delete too much, and tell of what waits for that."""
    try:
        session.pruner.check_guard()
    except GuardError:
        yield session.committer.give_up_waiting()
        raise


def make_way(session: Session) -> Iterator[Done]:
    """What stood where our own files were is written, now that those may go."""
    committer = session.committer
    if not committer.held_up:
        return
    yield from session.pruner.make_way()
    held_up, committer.waits = sorted(committer.held_up), False
    committer.held_up.clear()
    session.state.queue.render(held_up)
    session.state.checkpoint()
    try:
        yield from session.writer.write_documents([], held_up)
    finally:  # where a sink fails, the stages begin anew without it
        committer.waits = True


def prune(session: Session) -> Iterator[Done]:
    """Delete, or list, what stands for nothing any more; manifests named it until then."""
    yield from session.pruner.remove()
    session.writer.write_manifest()


def finish(session: Session) -> None:
    """All is in its place for good; the next run asks for what is newer."""
    state = session.state
    state.files.finish_places()
    if session.lost:
        state.facts.behind = "\n".join(sorted({*state.facts.behind.split(), *session.lost}))
    else:
        state.facts.behind = ""
    state.facts.listed = ""  # nothing is left to go on with
    if session.collector is not None and session.knows_all:
        state.facts.since = state.objects.newest_edit()
        state.facts.listed_run = str(state.run)
    settle(state, session.mirror)
    if session.history is not None:
        session.history.settle(session.clock.now())
    state.checkpoint()


_PUBLISH: tuple[Stage, ...] = (lay_out, outdated, survey, assets, documents)
_FINISH: tuple[Stage, ...] = (retire, site, dead_links, guard, make_way, manifest, prune, finish, forget, push_copy)
PUBLISH_SO_FAR: tuple[Stage, ...] = (lay_out, outdated, survey, assets, documents_so_far, site, manifest)
"""A pass: the reading goes on after it, or has to end."""
STAGES: dict[Mode, tuple[Stage, ...]] = {
    "export": (*_PUBLISH, *_FINISH),
    "sync": (*_PUBLISH, *_FINISH),
    "render": (*_PUBLISH, *_FINISH),
    "repair": (lay_out, outdated, survey, redo, assets, documents, *_FINISH),
}
"""What each command does after it has read, where it reads."""
