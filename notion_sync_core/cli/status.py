"""``status``: what the last run left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.voice import voice
from notion_sync_core.job import Job


@click.command(epilog="Example:  notion-sync status --to backup")
@targets
@common
def status(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Say what the last run of this job left: objects, files, and what still has to be read."""
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    facts, out = look(job), voice()
    if as_json:
        out.json(facts)
        return
    if not facts["ran"]:
        out.say(f"Job {facts['job']} never ran here.", "  Start it with: notion-sync export")
        return
    objects = facts["objects"]
    out.say(f"Job {facts['job']}, {facts['runs']} runs, state in {facts['folder']}")
    out.say("Objects: " + (", ".join(f"{count} {name}" for name, count in objects.items()) or "none"))
    out.say(f"To read: {facts['pending']}   to render: {facts['dirty']}   files: {facts['files']}")


def look(job: Job) -> dict[str, Any]:
    """The facts, for people and programs."""
    facts: dict[str, Any] = {"job": job.id, "ran": job.has_state(), "folder": str(job.home / job.id)}
    if not facts["ran"]:
        return facts
    state = job.open_state(read_only=True)
    try:
        facts["objects"] = state.objects.by_status()
        facts["runs"] = int(state.facts.runs or 0)
        facts["pending"] = state.queue.count_to_read()
        facts["dirty"] = state.queue.count_to_render()
        facts["files"] = state.files.count_current()
    finally:
        state.close()
    return facts
