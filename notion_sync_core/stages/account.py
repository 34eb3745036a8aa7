"""The figures of a report that the state knows, and what it remembers of runs."""

from __future__ import annotations

import contextlib

from attrs import evolve

from notion_sync_core.clock import Clock, moment
from notion_sync_core.errors import NotionSyncError
from notion_sync_core.gate.gate import Gate
from notion_sync_core.report import Report
from notion_sync_core.state import ObjectRecord, PastRun, State
from notion_sync_core.state.runs import TOLD
from notion_sync_core.watch.tally import Tally


def fill(report: Report, state: State, tally: Tally, gate: Gate | None) -> None:
    """Say how the objects of a job stand, as of this run, and what it cost."""
    objects, found = report.objects, state.objects.counts()
    objects.read, objects.unchanged, objects.failed = found.read, found.unchanged, found.failed
    objects.unreadable, objects.moved = found.unreadable, found.moved
    objects.discovered = objects.read + objects.unchanged + objects.failed + objects.unreadable
    report.artifacts.moved = found.moved
    report.failures[:0] = [_entry(each, "error") for each in state.objects.failed()]
    report.unreadable = [_entry(each, "reason") for each in state.objects.unreadable()]
    report.warnings = tally.warnings
    assets = report.assets
    assets.downloaded, assets.bytes, assets.failed = tally.downloaded, tally.bytes, tally.failed
    assets.unchanged = max(0, state.assets.count() - tally.downloaded)
    if gate is not None:
        stats, requests = gate.stats, report.requests
        requests.total, requests.retried, requests.rate_limited = stats.total, stats.retried, stats.rate_limited


def note_begin(state: State, mode: str, clock: Clock) -> None:
    """Remember that the run of the state began: should it be killed, that is all there will be."""
    state.runs.note(PastRun(state.run, mode, moment(clock)))


def note_end(state: State, report: Report, clock: Clock) -> None:
    """Remember how a run ended, if it began; what it left half done is undone."""
    with contextlib.suppress(NotionSyncError):  # the disk that ended it may not take this either
        state.drop()
        noted = next((run for run in state.runs.all() if run.number == state.run), None)
        if noted is not None:
            state.runs.note(evolve(noted, ended=moment(clock), **report.in_short(TOLD)))
            state.checkpoint()


def _entry(known: ObjectRecord, reason: str) -> dict[str, str]:
    return {"id": known.id, "title": known.title, reason: known.reason, "remedy": known.remedy}
