"""``export``, ``sync`` and ``render``: the commands that run a job."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from notion_sync_core.cli.allocator import keep_few_arenas
from notion_sync_core.cli.as_of import OF, WHEN, render_whole
from notion_sync_core.cli.options import NUMBERS, common, load_job, set_up_logging, targets
from notion_sync_core.cli.showing import progress_option, showing
from notion_sync_core.cli.stopping import stopping, tell
from notion_sync_core.cli.voice import Voice, voice
from notion_sync_core.clock import Stop
from notion_sync_core.config.places import scheme_of
from notion_sync_core.embedding import Job
from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.pipeline import Mode, Options
from notion_sync_core.plugins.trace import last_summary
from notion_sync_core.report import Report
from notion_sync_core.stages.patience import alarmed
from notion_sync_core.terminal import bounded, counted, named, sentence, size_in_words
from notion_sync_core.watch.progress import duration

_LIMIT = 20
"""Failures and warnings printed for people; the JSON report has all."""
_OF_THE_JOB = ("roots", "source", "renderers", "to", "plugins", "log_format", "trace")
_LINE = 500
"""Characters of a line about one object."""


def _running(command: Any) -> Any:
    for option in (
        click.option("--max-duration", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop then; resumable."),
        click.option(
            "--max-requests", type=click.IntRange(min=0), metavar="N", help="Stop before the next; resumable."
        ),
        progress_option,
        click.option(
            "--trace", type=click.Path(dir_okay=False), metavar="FILE", help="Add each call of a plugin, with its time."
        ),
        click.option("--strict", is_flag=True, help="Warnings are failures."),
        click.option("--adopt", is_flag=True, help="Take over what was of other roots, or of another place."),
    ):
        command = option(command)
    return command


@click.command(epilog=f"Example:  notion-sync export --to backup --renderer markdown\n\n{NUMBERS}")
@targets
@click.option("--full", is_flag=True, help="Read everything again.")
@_running
@common
def export(**given: Any) -> None:
    """Add and update what changed in Notion.

    ROOT is a Notion id or any Notion URL; without one, everything shared with the token is exported.
    What a rename leaves behind stays and is listed as stale.
    """
    _run("export", **given)


@click.command(epilog=f"Example:  notion-sync sync --to backup\n\n{NUMBERS}")
@targets
@click.option("--full", is_flag=True, help="Read everything again.")
@_running
@common
def sync(**given: Any) -> None:
    """Like export, and also move and delete, so that the sink mirrors Notion.

    Files you edited are kept, and a run that would delete much stops before it does.
    """
    _run("sync", **given)


@click.command(epilog="Example:  notion-sync render --to backup --renderer json")
@targets
@click.option("--as-of", "when", metavar="WHEN", help=WHEN)
@click.option("--of", "of", multiple=True, metavar="PATH|URL", help=OF)
@_running
@common
def render(when: str | None, of: tuple[str, ...], **given: Any) -> None:
    """Make all files again from the local mirror, without a request.

    The same ROOT and --to as in the export choose its mirror. With --as-of the whole workspace as it was then is
    written to the folder that --to names, and nothing else is touched.
    """
    if when is None and of:
        raise click.UsageError("--of goes with --as-of")
    if when is None:
        _run("render", **given)
        return
    job = load_job(given["config_file"], given["settings"], **{**_of_the_job(given), "to": of})
    set_up_logging(given["verbose"], given["quiet"], job)
    target = partial(load_job, given["config_file"], given["settings"], **_of_the_job(given))
    sys.exit(render_whole(job, target, given["to"], when, as_json=given["as_json"]))


def _of_the_job(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _OF_THE_JOB}


def _run(mode: Mode, **given: Any) -> None:
    job = load_job(
        given["config_file"],
        given["settings"],
        **_of_the_job(given),
    )
    set_up_logging(given["verbose"], given["quiet"], job)
    options = Options(
        mode=mode,
        full=given.get("full", False),
        adopt=given.get("adopt", False),
        strict=given["strict"],
        max_requests=given["max_requests"],
        max_duration_s=given["max_duration"],
        on_hang=_leaves(voice()),
        command=mode,
    )
    # Lines of progress among those of a log in JSON are what its reader cannot parse.
    unasked = given["progress"] == "auto" and job.config.monitoring.log_format == "json"
    progress = "none" if given["quiet"] or unasked else given["progress"]
    report = run_job(job, options, progress=progress, as_json=given["as_json"], quiet=given["quiet"])
    sys.exit(report.exit_code)


def run_job(
    job: Job, options: Options, *, progress: str = "auto", as_json: bool = False, quiet: bool = False, file: Any = None
) -> Report:
    """Run a job as a command does: with progress, signals and a report. Returns instead of exiting."""
    keep_few_arenas()
    stop, out = Stop(), voice()
    out.know(job.redactor())
    performance = job.config.performance
    with (
        alarmed(performance.render_timeout_s, performance.plugin_timeout_s) as patience,
        stopping(stop, patience),
        showing(progress) as listeners,
    ):
        report = job.run(evolve(options, patience=patience), listeners, stop)
    if as_json:
        out.json(report.to_json(), file=file)
    if report.error is not None:
        tell(out, report.error)
    elif not as_json and not quiet:
        out.say(*summary(report))
    if job.config.monitoring.trace_file and not quiet:
        out.say(*traced(Path(job.config.monitoring.trace_file)), err=True)
    return report


def traced(file: Path) -> list[str]:
    """What a run's calls of plugins came to, as a table; the trace has each."""
    lines = last_summary(file) if file.is_file() else []
    rows = [
        f"  {line['plugin']:<14} {line['hook']:<20} {line['calls']:>8} {line['failed']:>7} "
        f"{line['seconds']:>9.3f} {line['longest_s']:>9.3f}"
        for line in lines
    ]
    head = f"  {'plugin':<14} {'hook':<20}    calls  failed   seconds   longest"
    return [f"Calls of plugins, from {file}:", head, *rows]


def folder_of(to: str) -> Path:
    """A place that must be a folder.

    :raises ConfigError: it is empty, or a URL.
    """
    if scheme_of(to):
        raise ConfigError(f"{to} is no folder", "Name a folder with --to.")
    return Path(to)


def invoked_as() -> str:
    """What to type to get this program again, where the person stands: it need not be on the path."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        python = _found_as("python", Path(sys.executable))
        return f"{python} -m notion_sync_core"
    return _found_as("notion-sync", program)


def _found_as(name: str, program: Path) -> str:
    """The bare name if the shell finds this program by it, else its path."""
    found = shutil.which(name)
    if found and program.exists() and Path(found).absolute() == program.absolute():
        return name
    return shlex.quote(str(program))


def _leaves(out: Voice) -> Callable[[PluginError], object]:
    def leave(error: PluginError) -> None:
        """A thread that hangs cannot be ended. Whatever the instant, the next run goes on from here."""
        out.error(error)
        sys.stderr.flush()
        os._exit(error.exit_code)

    return leave


def summary(report: Report) -> list[str]:
    """The report for people, in lines: what was done, what was not and why, where to look."""
    objects, artifacts, requests = report.objects, report.artifacts, report.requests
    head = {"complete": "Complete", "partial": "Finished, but not complete"}.get(
        report.status, report.status.capitalize()
    )
    lines = [
        f"{head}: {objects.discovered} pages and databases ({objects.read} read, {objects.unchanged} unchanged, "
        f"{objects.failed} failed, {objects.unreadable} not shared) in {duration(report.seconds)}, "
        f"{counted(requests.total, 'request')}.",
        f"Files: {artifacts.written} written ({size_in_words(artifacts.bytes)}), {artifacts.unchanged} unchanged, "
        f"{artifacts.deleted} deleted, {artifacts.stale} stale, {artifacts.kept_edits} edited by hand and kept; "
        f"assets: {report.assets.downloaded} downloaded.",
    ]
    lines += _section(
        "Failed",
        [f"{named(item)}: {sentence(item['error'])} {item['remedy']}" for item in report.failures],
    )
    lines += _section("Not shared with this token", [named(item) for item in report.unreadable])
    lines += _section("Warnings", [_warning(item) for item in report.warnings])
    lines += [f"Look at: {place}" for place in report.sinks]
    return lines


def _warning(item: dict[str, str]) -> str:
    where = f"{named(item)}: " if item["id"] else ""
    return f"{where}{item['message']}"


def _section(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    shown = [f"  {bounded(item, _LINE)}" for item in items[:_LIMIT]]
    if len(items) > _LIMIT:
        shown.append(f"  … and {len(items) - _LIMIT} more: see --json")
    return [f"{title}:", *shown]
