"""A session that changes nothing: for looking at what a run would do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from notion_sync_core.clock import RunClock
from notion_sync_core.events import Event
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import scratch_folder
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.session import Options, Session, open_source
from notion_sync_core.snapshot import snapshot
from notion_sync_core.watch.components import Components
from notion_sync_core.watch.tally import Tally


@contextlib.contextmanager
def copied(job: Job, clock: RunClock, publish: Callable[[Event], None], *, reads: bool) -> Iterator[Session]:
    """A session that changes nothing: its state is a copy, its mirror lies over the real one, its sinks are looked at.

    Job, sinks and state may lie on a read-only disk.

    :param reads: with a source.
    :raises LockedError: a run is under way.
    """
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        state = snapshot(job, scratch, stack)
        mirror = Mirror(scratch / "mirror", beneath=_beneath(job, stack))
        stack.callback(mirror.close)
        # Whether the real one is there or not: it does not mean that everything has to be read again.
        mirror.put_object("mirror", {"schema": 1})
        sinks, source = job.sinks(), open_source(job, None, stack) if reads else None
        for sink in sinks:
            stack.callback(sink.close)
            sink.look()
        gate = job.gate(source, clock, publish, None, budgets=_budgets(job, scratch)) if source else None
        options = Options(mode="sync")
        yield Session(
            job, options, clock, publish, job.id, "", state, mirror, sinks, job.renderers(), source, gate,
            Tally(), Components(clock), stack,
        )  # fmt: skip


def _beneath(job: Job, stack: ExitStack) -> Mirror | None:
    """The real mirror, to be read; ``None`` if there is none, or its disk is such that it cannot be opened."""
    folder = job.home / job.id / "mirror"
    if not (folder / "listings").is_dir() or not os.access(folder, os.W_OK):
        return None
    mirror = Mirror(folder)
    stack.callback(mirror.close)
    return mirror


def _budgets(job: Job, scratch: Path) -> Path:
    """Where the ledger of the budget may be: in its place, unless that cannot be written."""
    return job.home if os.access(job.home, os.W_OK) else scratch
