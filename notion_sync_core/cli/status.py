"""``status``: what the last runs left, and how they ended."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.failures import as_failure
from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import Exit, LockedError
from notion_sync_core.history.condition import copy_in_words
from notion_sync_core.history.looking import in_short
from notion_sync_core.history.moment import told
from notion_sync_core.job import Job
from notion_sync_core.lock import refuse_while_running
from notion_sync_core.snapshot import looked_at
from notion_sync_core.state import State
from notion_sync_core.terminal import counted, named, size_in_words
from notion_sync_core.watch.status_file import read_status

SCHEMA = 1
LINE = 500
"""Characters of a line about one run or object."""
_LIMIT = 20
"""Failures and warnings printed for people; JSON has all failures."""
_RUNS = 5
"""Runs printed for people."""


@click.command(epilog="Example:  notion-sync status --to backup")
@targets
@common
def status(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Say what the last runs of this job left: how they ended, what failed, what is still to do.

    Exit status 0: the last run left no failures; 3: objects failed, or the whole run did, or was cut off;
    10: nothing was written yet.
    """
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    facts, out = look(job), voice()
    if as_json:
        out.json(facts)
    elif not facts["ran"]:
        out.say(f"Job {facts['job']} never ran here.", "  Start it with: notion-sync export")
    else:
        for line in _lines(facts):
            out.say(line, most=LINE)
    sys.exit(Exit.STATE if not facts["written"] else Exit.COMPLETE if _is_well(facts) else Exit.PARTIAL)


def _is_well(facts: dict[str, Any]) -> bool:
    """Whether the last run that is over left nothing undone that it should have done.

    One that a limit or a signal ended is meant to go on: what it left is told as pending.
    """
    over = [run for run in facts["last_runs"] if run["ended"] or not facts["running"]]
    was_bad = bool(over) and (not over[0]["ended"] or over[0]["status"] == "failed")
    return not facts["failures"] and not was_bad


def look(job: Job) -> dict[str, Any]:
    """The facts, for people and programs."""
    folder = job.home / job.id
    facts = {"schema": SCHEMA, "job": job.id, "ran": job.has_state(), "written": False, "folder": str(folder)}
    if facts["ran"]:
        with looked_at(job) as state:
            facts.update(_facts(state))
            facts["history"] = in_short(job)
            facts["written"] = any(state.files.any(sink.name) for sink in job.sinks())
        facts["running"] = _is_running(folder / "lock")
        facts["process"] = read_status(folder)
    return facts


def _facts(state: State) -> dict[str, Any]:
    return {
        "objects": state.objects.by_status(),
        "runs": int(state.facts.runs or 0),
        "workspace": state.facts.workspace,
        "pending": state.queue.count_to_read(),
        "dirty": state.queue.count_to_render(),
        "to_delete": state.files.count_retired(),
        "files": state.files.count_current(),
        "kept_edits": state.files.count_kept(),
        "failures": [as_failure(each) for each in state.objects.failed()],
        "last_runs": [asdict(run) for run in reversed(state.runs.all())],
    }


def _is_running(lock: Path) -> bool:
    try:
        refuse_while_running(lock)
    except LockedError:
        return True
    return False


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"Job {facts['job']}, {counted(facts['runs'], 'run')}, state in {facts['folder']}"
    if not facts["written"]:
        yield "Nothing was written yet."
    runs = facts["last_runs"]
    if runs:
        yield "Last runs:"
        yield from (f"  {_run(run, running=facts['running'] and run is runs[0])}" for run in runs[:_RUNS])
    yield from _components(facts["process"], running=facts["running"])
    yield from _history(facts["history"])
    yield "Objects: " + (", ".join(f"{count} {name}" for name, count in facts["objects"].items()) or "none")
    yield (
        f"To read: {facts['pending']}   to render: {facts['dirty']}   to delete: {facts['to_delete']}   "
        f"files: {facts['files']}   edited by hand and kept: {facts['kept_edits']}"
    )
    failures = [f"{named(each)}: {_sentence(each, 'error')}" for each in facts["failures"]]
    yield from _section("Failed", failures, len(failures))
    if runs and runs[0]["warned"]:
        warnings = [
            f"{named(each)}: {each['message']}" if each["id"] else each["message"] for each in runs[0]["warnings"]
        ]
        yield from _section("Warnings of the last run", warnings, runs[0]["warned"])


def _run(run: dict[str, Any], *, running: bool) -> str:
    when = f"{run['began'].replace('T', ' ')}  {run['mode']:<6}"
    if not run["ended"]:
        return f"{when}  {'under way' if running else 'was cut off: killed, or the machine went down'}"
    counts = ", ".join(
        f"{run[name]} {name}" for name in ("read", "written", "deleted", "failed", "warned") if run[name]
    )
    said = f": {_sentence(run, 'error')}" if run["error"] else f" ({counts or 'nothing changed'})"
    return f"{when}  {run['status']}, exit status {run['exit']}{said}"


def _components(process: dict[str, Any], *, running: bool) -> Iterator[str]:
    """How the parts of the process are, or were when the last run ended."""
    parts = process.get("components", [])
    if not parts:
        return
    seen = parts if running else [each for each in parts if each["state"] in ("degraded", "failed")]
    if running:
        yield f"Components now (process {process.get('pid')}, stage {process.get('stage') or 'start'}):"
    else:
        yield "Components at the end of the last run: " + ", ".join(f"{each['name']} {each['state']}" for each in parts)
    for each in seen:
        why = f": {each['reason']}" if each["reason"] else ""
        yield f"  {each['name']:<10} {each['state']} since {each['since'].replace('T', ' ')}{why}"


def _history(kept: dict[str, Any]) -> Iterator[str]:
    if not kept["enabled"]:
        yield "History: none is kept (history.enabled is false)"
    elif not kept["versions"]:
        yield "History: nothing is kept yet"
    else:
        since = told(kept["since"]) if kept["since"] else "the first run"
        size = size_in_words(kept["bytes"])
        yield f"History: {counted(kept['versions'], 'version')} since {since} ({size}); kept is {kept['keep']}"
    if kept["copy"] is not None:
        yield f"  {copy_in_words(kept['copy'])}"


def _sentence(item: dict[str, str], name: str) -> str:
    return f"{item[name].rstrip('.')}. {item['remedy']}".rstrip()


def _section(title: str, items: list[str], total: int) -> Iterator[str]:
    if items:
        yield f"{title}:"
        yield from (f"  {item}" for item in items[:_LIMIT])
        if total > _LIMIT:
            yield f"  … and {total - _LIMIT} more"
