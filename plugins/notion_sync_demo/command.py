"""The ``demo`` command: a first export in under a minute, without a token."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from notion_sync_demo.emulator import Emulator

DEFAULT = "notion-sync-demo"
"""The folder that it writes to, if nobody says another place."""
PORT = 18_460
"""Where the demo's server is, if nobody else is there."""


@click.command(epilog="Example:  notion-sync demo --to demo --renderer html")
@click.option("--to", metavar="DIR", help="Where to write; default: notion-sync-demo.")
@click.option(
    "--renderer", "renderers", multiple=True, metavar="NAME", help="markdown (default), html, json; may repeat."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set any key, dotted; may repeat.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, and nothing else, on stdout.")
def demo(to: str | None, renderers: tuple[str, ...], settings: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Export a sample workspace: a local server, real HTTP, the real pipeline. No token needed."""
    from notion_sync_core import Job
    from notion_sync_core.cli.run import folder_of, run_job
    from notion_sync_core.cli.voice import voice
    from notion_sync_core.pipeline import Options
    from notion_sync_core.plugin import ConfigError

    said = {setting.partition("=")[0].strip() for setting in settings}
    if "notion.base_url" in said or (to is not None and "export.sinks" in said):
        raise ConfigError(
            "the demo exports its own sample workspace, and either to the folder of --to or to export.sinks",
            "Leave --set notion.base_url out, and one of --to and --set export.sinks.",
        )
    place = folder_of(DEFAULT if to is None else to)
    usual = (
        "performance.requests=0",
        f"deployment.state_dir={place.resolve().with_name(f'.{place.resolve().name}-state')}",
    )
    with _server() as server:
        job = Job.load(
            environ={"NOTION_TOKEN": server.token},
            use_default_file=False,
            settings=(*usual, *settings),
            flags={
                "notion.base_url": server.url,
                "export.renderers": list(renderers) or None,
                "export.sinks": None if "export.sinks" in said else [{"use": "fs", "path": str(place)}],
            },
        )
        progress = "none" if quiet else "auto"
        report = run_job(job, Options(mode="sync", command="demo"), progress=progress, as_json=as_json, quiet=quiet)
    if report.error is None and not as_json and not quiet:
        voice().say(*_next_steps(None if "export.sinks" in said else place, renderers, settings))
    sys.exit(report.exit_code)


def _server() -> Emulator:
    """The same address each time if it is free: files that have another one are fetched again."""
    from notion_sync_demo.emulator import Emulator
    from notion_sync_demo.sample import sample_workspace

    try:
        return Emulator(sample_workspace(), port=PORT)
    except OSError:
        return Emulator(sample_workspace())


_TO_LOOK_AT = (
    ("index.html", "the site: open it in a browser"),
    ("html/index.html", "the site: open it in a browser"),
    ("Fernwood Bikes Handbook.md", "the home page, with links to the others"),
    ("Fernwood Bikes Handbook/Tasks.csv", "a database"),
    (".notion-sync/manifest.jsonl", "what was exported, line by line"),
)


def _next_steps(place: Path | None, renderers: tuple[str, ...], settings: tuple[str, ...]) -> list[str]:
    """What to type next; it works in the folder where the demo was run, however it was run."""
    from notion_sync_core.cli.run import invoked_as

    program = invoked_as()
    given = [*_flags("--renderer", renderers), *_flags("--set", settings)]
    again = shlex.join(["demo", *([] if place is None else ["--to", str(place)]), *given])
    there = [(place / name, text) for name, text in _TO_LOOK_AT if (place / name).is_file()] if place else []
    return [
        *(["", "What to look at:"] if there else []),
        *(f"  {file}   {text}" for file, text in there),
        "",
        "What to try next:",
        f"  {program} {again}",
        "      again: nothing changed, nothing is written",
        "  export NOTION_TOKEN=ntn_…",
        "      your own workspace (notion.so/profile/integrations)",
        f"  {program} doctor",
        "      is everything ready?",
        f"  {program} export --to backup",
    ]


def _flags(name: str, values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in (name, value)]
