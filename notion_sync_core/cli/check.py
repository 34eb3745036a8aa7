"""``check``: whether the sinks hold what they should."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.failures import as_failure, in_words
from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.stopping import stopping
from notion_sync_core.cli.voice import Voice, voice
from notion_sync_core.clock import Stop
from notion_sync_core.errors import Exit
from notion_sync_core.inspection import Inspection
from notion_sync_core.terminal import counted

SCHEMA = 1
LINE = 500
"""Characters of a line about one file."""


@click.command(epilog="Example:  notion-sync check --to backup --read-data")
@targets
@click.option("--read-data", is_flag=True, help="Read every byte, not only sizes and times.")
@click.option("--repair", "mend", is_flag=True, help="Make again what is missing or changed, from the mirror.")
@common
def check(
    read_data: bool,
    mend: bool,
    as_json: bool,
    verbose: int,
    quiet: bool,
    config_file: Path | None,
    **given: Any,
) -> None:
    """Compare what the sinks hold with state and manifest. No request is made.

    Exit status 0: all is well; 3: the files are well, but the last run failed for some objects; 6: something is
    damaged; 10: nothing was written there yet. What --repair replaces is kept in the sink below
    .notion-sync/replaced; files that are not ours are told and left alone.
    """
    job = load_job(config_file, given.pop("settings"), **given)
    set_up_logging(verbose, quiet, job)
    stop = Stop()
    with stopping(stop):
        found = job.check(read_data=read_data, repair_from_mirror=mend, stop=stop)
    if as_json:
        voice().json(to_json(found))
    else:
        _print(found, voice())
    sys.exit(Exit.SINK if found.damaged else Exit.PARTIAL if found.failed else Exit.COMPLETE)


def to_json(found: Inspection) -> dict[str, Any]:
    """The result as plain values."""
    return {
        "schema": SCHEMA,
        "healthy": not found.damaged and not found.failed,
        "files": found.files,
        "failures": [as_failure(each) for each in found.failed],
        "pending": found.pending,
        "findings": [{**asdict(finding), "damage": finding.is_damage} for finding in found.findings],
        "repaired": found.repaired.to_json() if found.repaired else None,
    }


def _print(found: Inspection, out: Voice) -> None:
    for finding in found.findings:
        detail = f" ({finding.detail})" if finding.detail else ""
        out.say(f"{finding.kind:<14} {finding.where}{detail}", most=LINE)
    if found.repaired:
        out.say(f"Repaired: {found.repaired.artifacts.written} files written.")
    for each in found.failed:
        out.say(f"{'failed':<14} {in_words(each)}", most=LINE)
    if found.pending:
        out.say(f"{found.pending} pages and databases are still to be read: the last run did not get so far.")
    if found.damaged:
        out.say(f"{found.files} files looked at; damaged. Mend with: notion-sync check --repair")
    elif found.failed:
        failed = counted(len(found.failed), "object")
        out.say(f"{found.files} files looked at; these are well, but {failed} failed in the last run.")
    elif found.pending:
        out.say(f"{found.files} files looked at; these are well.")
    else:
        out.say(f"{found.files} files looked at; all is well.")
