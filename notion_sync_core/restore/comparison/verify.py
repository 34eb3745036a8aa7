"""Reading back what was restored, and comparing it with what it was. It costs the requests of an export of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator

from attrs import evolve

from notion_sync_core.clock import RunClock
from notion_sync_core.events import Event
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import scratch_folder
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Ref
from notion_sync_core.pipeline import collector
from notion_sync_core.preparing import begin, look_at_versions
from notion_sync_core.restore.comparison.compare import Became, Difference, compare
from notion_sync_core.restore.originals import Originals
from notion_sync_core.restore.originals.of_mirror import OfMirror
from notion_sync_core.session import Options, Session, new_id, open_source
from notion_sync_core.state import State
from notion_sync_core.watch.components import Components
from notion_sync_core.watch.tally import Tally


def verify(
    job: Job,
    originals: Originals,
    became: Became,
    wanted: Iterable[Ref],
    roots: Collection[str],
    publish: Callable[[Event], None],
    clock: RunClock,
    *,
    comments: bool = False,
    views: bool = False,
) -> Iterator[Difference]:
    """Read what was made, and yield what is not as it was. Nothing of the job changes.

    :param job: whose source reads it.
    :param wanted: what was to be restored.
    :param roots: ids of what was made that stands in nothing else that was made.
    :param comments: they were to be restored.
    :param views: likewise.
    :raises FatalError: it cannot be read.
    """
    with read_back(job, roots, publish, clock, comments=comments, views=views) as restored:
        yield from compare(originals, restored, became, wanted, comments=comments, views=views)


@contextlib.contextmanager
def read_back(
    job: Job,
    roots: Collection[str],
    publish: Callable[[Event], None],
    clock: RunClock,
    *,
    comments: bool = False,
    views: bool = False,
) -> Iterator[OfMirror]:
    """What stands below these objects now, files included; nothing is left behind.

    It takes the space of all of it in the folder for temporary files.

    :raises FatalError: it cannot be read.
    """
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        state, mirror = State(scratch / "state.sqlite"), Mirror(scratch / "mirror")
        stack.callback(state.close)
        stack.callback(mirror.close)
        if roots:  # none would mean everything
            _collect(_narrowed(job, roots, comments=comments, views=views), state, mirror, publish, clock, stack)
        state.layout.assign_folders()
        state.objects.sink_below_trashed()
        state.layout.free_lost()
        yield OfMirror(state, mirror)


def _narrowed(job: Job, roots: Collection[str], *, comments: bool, views: bool) -> Job:
    export = evolve(job.config.export, roots=list(roots), only={}, assets=True, comments=comments, views=views)
    return evolve(job, config=evolve(job.config, export=export))


def _collect(
    job: Job,
    state: State,
    mirror: Mirror,
    publish: Callable[[Event], None],
    clock: RunClock,
    stack: contextlib.ExitStack,
) -> None:
    source = open_source(job, None, stack)
    gate = job.gate(source, clock, publish, None)
    session = Session(
        job, Options(), clock, publish, "", new_id(), state, mirror, [], [], source, gate,
        Tally(), Components(clock), stack,
    )  # fmt: skip
    try:
        begin(session)
        look_at_versions(session)
        session.collector = collector(session)
        session.collector.run()
    finally:
        gate.close()
