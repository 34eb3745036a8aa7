"""What people and programs are told of the process: jobs, runs, progress, failures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import asdict

from notion_sync_core.plugin import NotionSyncError, __version__
from notion_sync_serve.service import Service
from notion_sync_serve.worker import Running, Worker

SCHEMA = 1
_RUNS = 5
_FAILURES = 20


def overview(service: Service) -> dict[str, Any]:
    """All of it, as plain values; times are seconds since the epoch."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "now": service.clock.now(),
        "started": service.started,
        "draining": service.health.draining,
        "jobs": [_job(worker) for worker in list(service.workers.values())],
        "health": [asdict(check) for check in service.all_checks()],
    }


def _job(worker: Worker) -> dict[str, Any]:
    redact = worker.entry.job.redactor()
    said: dict[str, Any] = {
        "name": worker.name,
        "mode": worker.entry.options.mode,
        "schedule": worker.timetable.schedule.text,
        "timezone": worker.timetable.schedule.zone,
        "next_run": worker.timetable.due,
        "missed": worker.timetable.missed,
        "last_success": worker.last_success,
        "problem": worker.problem,
        "waiting": bool(worker.wanted) and worker.running is None,
        "hints": len(worker.hints),
        "running": None,
        "budget": None,
        "sinks": list(worker.entry.places),
    }
    if (running := worker.running) is not None:
        said["running"] = _running(running)
    # What was measured while a run went on says nothing of now once it is over.
    if running is not None and (budget := worker.budget) is not None and budget.allowed:
        said["budget"] = {"used": budget.used, "allowed": budget.allowed, "window_s": budget.window_s}
    try:
        facts = worker.facts()
        said |= _facts(facts)
    except NotionSyncError as error:
        said["trouble"] = f"{error.message} {error.remedy}".strip()
    plain: dict[str, Any] = redact.tree(said)
    return plain


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    failures = facts.get("failures", [])
    return {
        "id": facts.get("job", ""),
        "objects": facts.get("objects", {}),
        "files": facts.get("files", 0),
        "pending": facts.get("pending", 0),
        "last_runs": facts.get("last_runs", [])[:_RUNS],
        "failed": len(failures),
        "failures": failures[:_FAILURES],
    }


def _running(running: Running) -> dict[str, Any]:
    progress = running.progress
    return {
        "why": running.why,
        "objects": None if running.only is None else len(running.only),
        "began": running.began,
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "rate": round(progress.rate(), 1),
        "remaining_s": progress.remaining_s(),
        "waiting": progress.waiting,
        "requests": progress.requests,
        "failed": progress.failed,
    }


def moment(seconds: float | None) -> str:
    """A time for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S") if seconds is not None else "never"
