"""The figures of a report that the state knows."""

from __future__ import annotations

from notion_sync_core.gate.gate import Gate
from notion_sync_core.report import Report
from notion_sync_core.state import ObjectRecord, State
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


def _entry(known: ObjectRecord, reason: str) -> dict[str, str]:
    return {"id": known.id, "title": known.title, reason: known.reason, "remedy": known.remedy}
