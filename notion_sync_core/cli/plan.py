"""``plan``: what ``sync`` would do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.options import common, load_job, one_line, set_up_logging, targets
from notion_sync_core.preview import Preview, preview

SCHEMA = 1


@click.command(epilog="Example:  notion-sync plan --to backup")
@targets
@common
def plan(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Say what sync would create, update, move and delete, and write nothing.

    Notion is listed but no page is read: what an edited page newly contains is not known yet.
    """
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    found = preview(job)
    if as_json:
        click.echo(json.dumps({"schema": SCHEMA, "job": job.id, **asdict(found)}, ensure_ascii=False, indent=2))
        return
    for change in found.changes:
        where = f"{change.was} → {change.path}" if change.was else change.path
        click.echo(f"{change.action:<7} {one_line(where)}")
    click.echo(_summary(found))
    for warning in found.warnings:
        click.echo(f"Warning: {one_line(warning)}", err=True)


def _summary(found: Preview) -> str:
    counts = Counter(change.action for change in found.changes)
    parts = [f"{counts[action]} to {action}" for action in ("create", "update", "move", "delete")]
    text = f"Plan: {', '.join(parts)}, {found.unchanged} unchanged ({found.requests} requests)."
    if found.refused:
        text += "\nSync would stop before deleting: that is more than export.max_delete allows."
    return text
