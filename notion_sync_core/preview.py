"""What ``sync`` would do, as far as discovery can tell: nothing is read, nothing is written.

The state is copied to a scratch folder and the real discovery runs on the copy, so that job, sinks
and state may lie on a read-only disk. What a changed page newly contains is not known before it is read.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, cast

from attrs import define, evolve, field, frozen

from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.events import Event, Warned
from notion_sync_core.job import Job
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.run import surroundings, tree
from notion_sync_core.run.collect import Collector
from notion_sync_core.run.layout import Naming
from notion_sync_core.run.plan import Plan
from notion_sync_core.run.press import style_of
from notion_sync_core.run.retire import too_many
from notion_sync_core.snapshot import snapshot
from notion_sync_core.state import ObjectRecord
from notion_sync_core.status import GONE, LIVE
from notion_sync_core.store.mirror import Mirror

Action = Literal["create", "update", "move", "delete"]


@frozen
class Change:
    """One document that a sync would touch."""

    action: Action
    id: str
    title: str
    path: str
    """Where its file is, or will be."""
    was: str = ""
    """Where it was, for a move."""


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


def preview(job: Job, on_event: Callable[[Event], None] | None = None, clock: Clock | None = None) -> Preview:
    """Find out what ``sync`` would do.

    :raises NotionSyncError: discovery is not possible.
    """
    result = Preview()
    publish = on_event or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="notion-sync-plan-") as scratch, contextlib.ExitStack() as stack:
        state = snapshot(job, Path(scratch), stack)
        mirror = Mirror(Path(scratch) / "mirror")
        stack.callback(mirror.close)
        # This mirror is empty on purpose; it does not mean that everything has to be read again.
        mirror.put_object("mirror", {"schema": 1})
        state.begin_run()
        plan = Plan(state, mirror)
        complete = _discover(job, plan, mirror, Path(scratch), publish, clock or SystemClock(), result, stack)
        _lay_out(job, plan, publish, complete=complete)
        _compare(job, plan, result)
    return result


def _discover(
    job: Job,
    plan: Plan,
    mirror: Mirror,
    scratch: Path,
    publish: Callable[[Event], None],
    clock: Clock,
    result: Preview,
    stack: contextlib.ExitStack,
) -> bool:
    source = job.source()
    stack.callback(source.close)

    def heard(event: Event) -> None:
        if isinstance(event, Warned):
            result.warnings.append(event.message)
        publish(event)

    gate = job.gate(source, clock, heard, None, budgets=_writable(job.home, scratch))
    performance = job.config.performance
    collector = Collector(
        plan, mirror, source, gate, clock, heard,
        roots=job.roots, workers=performance.workers, queue_size=performance.queue_size, assets=False, reads=False,
    )  # fmt: skip
    try:
        collector.run()
    finally:
        gate.close()
    result.requests = gate.stats.total
    return collector.discovery_complete


def _writable(home: Path, scratch: Path) -> Path:
    """Where the ledger of the budget may be: in its place, unless that cannot be written."""
    return home if os.access(home, os.W_OK) else scratch


def _lay_out(job: Job, plan: Plan, publish: Callable[[Event], None], *, complete: bool) -> None:
    plan.state.layout.assign_folders()
    if job.roots and complete:
        plan.state.objects.keep_below(job.roots)
    plan.state.objects.sink_below_trashed()
    style = style_of(job.renderers(), cast("Naming", job.config.export.naming))
    tree.lay_out(plan, lambda message: publish(Warned(message)), style)
    surroundings.arrange(plan.state, watched=False)


def _compare(job: Job, plan: Plan, result: Preview) -> None:
    first = next(renderer for renderer in job.renderers() if renderer.makes_documents)
    for change in _changes(plan, first):
        if change is None:
            result.unchanged += 1
        else:
            result.changes.append(change)
    known = plan.state.objects.with_copy()
    doomed = sum(change.action == "delete" for change in result.changes)
    result.refused = too_many(doomed, known, job.config.export.max_delete)


def _changes(plan: Plan, renderer: Renderer) -> Iterator[Change | None]:
    for known, was in plan.state.objects.with_files(renderer.name, renderer.suffix):
        found = _change(known, was, renderer)
        if found is None:
            continue
        yield None if found.action == "update" and not (known.to_read or known.to_render) else found


def _change(known: ObjectRecord, was: str, renderer: Renderer) -> Change | None:
    """What becomes of one object; an update of nothing stands for unchanged."""
    if known.status in GONE:
        return Change("delete", known.id, known.title, was) if was else None
    if known.status not in LIVE or known.path is None:
        return None
    path = f"{renderer.folder}/{known.path}{renderer.suffix}".lstrip("/")
    change = Change("update", known.id, known.title, path)
    if not was:
        return evolve(change, action="create")
    return evolve(change, action="move", was=was) if was != path else change
