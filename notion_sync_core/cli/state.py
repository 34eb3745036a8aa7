"""``state``: what is remembered between runs, and how to get it back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import StateError
from notion_sync_core.job import Job
from notion_sync_core.restoration import restore as restore_state
from notion_sync_core.snapshot import looked_at

LINE = 500
"""Characters of a line about one object."""


@click.group()
def state() -> None:
    """Look at the state, or rebuild it from a sink's manifest."""


@state.command(epilog="Example:  notion-sync state show --to backup")
@targets
@common
def show(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """List every object the state knows: status, when it was edited, and its path."""
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    if not job.has_state():
        raise StateError(f"job {job.id} never ran here", "Start it with: notion-sync export")
    rows, out = _rows(job), voice()
    first = next(rows, None)
    if first is None:
        raise StateError(f"no run of job {job.id} has read anything yet", "`notion-sync status` says how they ended.")
    for row in itertools.chain((first,), rows):
        if as_json:
            out.json(row, indent=None)
        else:
            line = f"{row['status']:<10} {row['edited'][:16]:<16} {row['id']}  {row['path'] or row['title']}"
            out.say(line, most=LINE)


def _rows(job: Job) -> Iterator[dict[str, Any]]:
    with looked_at(job) as known:
        for each in known.objects.all():
            yield {
                "id": each.id,
                "kind": each.kind,
                "title": each.title,
                "status": each.status.value,
                "edited": each.last_edited_time,
                "path": each.path,
                "reason": each.reason,
            }


@state.command(epilog="Example:  notion-sync state restore --to backup")
@targets
@common
def restore(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Rebuild a lost state from the manifests in the sinks.

    Every run does this by itself; here it is done, and told, without one. A state that exists is not touched.
    """
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    counts = restore_state(job)
    if as_json:
        voice().json({"job": job.id, "objects": counts}, indent=None)
        return
    for place, count in counts.items():
        voice().say(f"{count} objects from the manifest in {place}")
    voice().say("The next run reads all of them again, and writes only what changed.")
