"""``plan``: what ``sync`` would do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.options import NUMBERS, common, load_job, set_up_logging, targets
from notion_sync_core.cli.showing import progress_option, showing
from notion_sync_core.cli.stopping import stopping
from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import Stop
from notion_sync_core.preview import Preview
from notion_sync_core.terminal import counted

SCHEMA = 1
LINE = 500
"""Characters of a line about one change."""


@click.command(epilog=f"Example:  notion-sync plan --to backup\n\n{NUMBERS}")
@targets
@progress_option
@common
def plan(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, progress: str, **given: Any) -> None:
    """Say what sync would create, update, move and delete, and write nothing.

    Notion is listed but no page is read: what an edited page newly contains is not known yet.
    """
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    stop, out = Stop(), voice()
    with stopping(stop), showing("none" if quiet else progress) as listeners:
        found = job.plan(on_event=next(iter(listeners), None), stop=stop)
    if as_json:
        out.json({"schema": SCHEMA, "job": job.id, **asdict(found)})
        return
    for change in found.changes:
        where = f"{change.was} → {change.path}" if change.was else change.path
        out.say(f"{change.action:<7} {where}{f'  ({change.why})' if change.why else ''}", most=LINE)
    out.say(*_summary(found))
    for warning in found.warnings:
        out.say(f"Warning: {warning}", err=True, most=LINE)


def _summary(found: Preview) -> list[str]:
    counts = Counter(change.action for change in found.changes)
    parts = [f"{counts[action]} to {action}" for action in ("create", "update", "move", "delete")]
    lines = [f"Plan: {', '.join(parts)}, {found.unchanged} unchanged ({counted(found.requests, 'request')})."]
    if found.refused:
        lines.append("Sync would stop before deleting: that is more than export.max_delete allows.")
    return lines
