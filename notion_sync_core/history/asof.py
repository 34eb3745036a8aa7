"""The whole workspace as it was: the stages that render the present, on a state and a mirror made of versions."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from attrs import define, field

from notion_sync_core.clock import RunClock
from notion_sync_core.errors import ConfigError, StateError
from notion_sync_core.events import Event
from notion_sync_core.history.looking import Kept
from notion_sync_core.history.rebuild import FilesOf, rebuild
from notion_sync_core.history.records import Run, Version
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import explained, scratch_folder
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.pipeline import assets, site
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.report import Done
from notion_sync_core.session import Options, Session, new_id
from notion_sync_core.stages import surroundings, tree
from notion_sync_core.stages.layout import Naming
from notion_sync_core.stages.style import style_of
from notion_sync_core.state import State
from notion_sync_core.watch.components import Components
from notion_sync_core.watch.tally import Tally

_PRIVATE = ".notion-sync"


@define
class Rendered:
    """What became of a tree as it was."""

    run: Run
    """The one after which it was so."""
    objects: int = 0
    files: int = 0
    bytes: int = 0
    failed: list[str] = field(factory=list)
    """Titles of those that could not be rendered, now or when they were read."""


def render_as_of(
    kept: Kept, run: Run, to: Job, publish: Callable[[Event], None], clock: RunClock, options: Options
) -> Rendered:
    """Write the workspace as it was after a run into a folder, without a request; renderers and options are as now.

    :param to: the job with that folder as its only sink.
    :raises ConfigError: the folder holds something.
    :raises StateError: a version is not there.
    """
    result = Rendered(run)
    with contextlib.ExitStack() as stack:
        sinks = to.sinks()
        _check_empty(kept.job, sinks[0].location)
        session = rebuilt(kept, run, to, sinks, publish, clock, options, stack)
        result.objects = session.state.objects.with_copy()
        stack.callback(_clear, Path(sinks[0].location))
        stack.callback(sinks[0].close)
        sinks[0].open(session.run_id)
        for stage in (lay_out, assets, documents, site):
            for done in stage(session) or ():
                session.clock.check()
                result.files += done.written
                result.bytes += done.bytes
        result.failed = [each.title for each in session.state.objects.failed()]
    return result


def _check_empty(job: Job, place: str) -> None:
    if place in {sink.location for sink in job.sinks()}:
        raise ConfigError(f"{place} is where the job writes", "Name another folder with --to: that one is of now.")
    folder = Path(place)
    with explained(place):
        if folder.is_dir() and any(folder.iterdir()):
            raise ConfigError(f"{place} is not empty", "Name a folder that is empty or not there with --to.")


def _clear(folder: Path) -> None:
    """A tree as it was is no sink: nothing in it is ours to look after."""
    shutil.rmtree(folder / _PRIVATE, ignore_errors=True)


def rebuilt(
    kept: Kept,
    run: Run,
    job: Job,
    sinks: list[Sink],
    publish: Callable[[Event], None],
    clock: RunClock,
    options: Options,
    stack: contextlib.ExitStack,
    needs: Callable[[Version], bool] = lambda _: True,
) -> Session:
    """A session on what there was after a run; it lies in a folder for temporary files, which has to have the space.

    :param needs: see :func:`~notion_sync_core.history.rebuild.rebuild`.
    """
    state, mirror = rebuilt_parts(kept, run, stack, needs)
    state.facts.assets_folder = job.config.export.assets_folder
    return Session(
        job, options, clock, publish, kept.job.id, new_id(), state, mirror, sinks, job.renderers(), None, None,
        Tally(), Components(clock), stack,
    )  # fmt: skip


def rebuilt_parts(
    kept: Kept, run: Run, stack: contextlib.ExitStack, needs: Callable[[Version], bool] = lambda _: True
) -> tuple[State, Mirror]:
    """What there was after a run; nothing has its path yet."""
    scratch = stack.enter_context(scratch_folder())
    state = State(scratch / "state.sqlite")
    stack.callback(state.close)
    mirror = Mirror(scratch / "mirror", beneath=FilesOf(kept.job.home / kept.job.id / "mirror" / "blobs"))
    stack.callback(mirror.close)
    rebuild(kept.store, kept.blobs, run.number, state, mirror, needs)
    return state, mirror


def lay_out(session: Session) -> None:
    """Give every object its path; whose folder it lay in was kept."""
    export = session.job.config.export
    style = style_of(session.renderers, cast("Naming", export.naming), export.assets_folder)
    tree.lay_out(session.plan, session.warn_once, style)
    watched = any(renderer.shows_neighbours for renderer in session.renderers)
    surroundings.arrange(session.state, watched=watched)
    session.state.checkpoint()


def documents(session: Session) -> Iterator[Done]:
    """Render and write everything, and again what links to blocks that turned out not to be there."""
    yield from _told(session, session.writer.write_documents([]))
    if dead := session.state.findings.tell_dead_ends():
        session.state.checkpoint()
        yield from _told(session, session.writer.write_documents([], dead))


def _told(session: Session, stage: Iterable[Done]) -> Iterator[Done]:
    misses: list[str] = []
    for done in stage:
        misses += done.misses
        yield done
    if misses:
        title = session.state.objects.title(misses[0])
        raise StateError(
            f"the version of {title!r} ({misses[0]}) lacks its content",
            "Put the folder history back from a backup; other documents are not harmed.",
        )
