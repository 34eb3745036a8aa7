"""Options that commands share, and the job they describe."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from notion_sync_core import config as configuration
from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import SystemClock
from notion_sync_core.config.places import sinks_of
from notion_sync_core.embedding import Job
from notion_sync_core.errors import EXITS, NotionSyncError
from notion_sync_core.watch.folding import FoldingHandler
from notion_sync_core.watch.journal import LOGGER
from notion_sync_core.watch.logs import JsonFormatter, RedactingFormatter, TextFormatter

F = TypeVar("F", bound=Callable[..., Any])

NUMBERS = f"The token comes from the environment variable NOTION_TOKEN.\n\n\b\n{EXITS}"
"""Ends the help of commands that run a job."""
_TO = "Default: notion-export. Where to write: a folder, or a URL such as s3://bucket/prefix; may repeat."
_PLUGIN = "Use a plugin without a package, of whatever kind it is; may repeat."
_RENDERER = "markdown (default), html, json, or one that is installed; may repeat."


def common(command: F) -> F:
    """``--config --set -v -q --json --log-format``: on every command."""
    for option in (
        click.option("--log-format", type=click.Choice(["text", "json"]), help="Form of the log on stderr."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout."),
        click.option("-q", "--quiet", is_flag=True, help="Errors only."),
        click.option("-v", "--verbose", count=True, help="More detail; -vv for everything."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set any key, dotted; may repeat."),
        click.option(
            "--config",
            "config_file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Default: notion-sync.toml.",
        ),
    ):
        command = option(command)
    return command


def targets(command: F) -> F:
    """``ROOT --source --renderer --to --plugin``: on commands that run a job."""
    for option in (
        click.option("--plugin", "plugins", multiple=True, metavar="FILE.py:Class", help=_PLUGIN),
        click.option(
            "--to",
            multiple=True,
            metavar="PATH|URL",
            help=_TO,
        ),
        click.option(
            "--renderer",
            "renderers",
            multiple=True,
            metavar="NAME",
            help=_RENDERER,
        ),
        click.option("--source", metavar="NAME", help="Where to read; default: notion."),
        click.argument("roots", nargs=-1, metavar="[ROOT]..."),
    ):
        command = option(command)
    return command


def load_job(
    config_file: Path | None,
    settings: tuple[str, ...] = (),
    *,
    roots: tuple[str, ...] = (),
    source: str | None = None,
    renderers: tuple[str, ...] = (),
    to: tuple[str, ...] = (),
    plugins: tuple[str, ...] = (),
    log_format: str | None = None,
    trace: str | None = None,
    mistakes: list[NotionSyncError] | None = None,
) -> Job:
    """The job that configuration and flags describe.

    :param mistakes: takes what is wrong with their keys; ``None``: the first mistake is raised.
    """
    flags = {
        "export.roots": list(roots) or None,
        "export.source": source,
        "export.renderers": list(renderers) or None,
        "export.sinks": sinks_of(to) or None,
        "monitoring.log_format": log_format,
        "monitoring.trace_file": trace,
    }
    if plugins:
        from notion_sync_core.plugins.given import with_given

        flags = with_given(configuration.load(config_file, settings=settings, flags=flags), plugins, flags)
    job = Job.load(config_file, settings=settings, flags=flags, mistakes=mistakes)
    voice().know(job.redactor())
    return job


def tell_notices(job: Job) -> None:
    """Say on stderr what whoever wrote the configuration should know, in a command that logs nothing."""
    voice().say(*(f"Warning: {notice}" for notice in job.config.notices), err=True)


def set_up_logging(verbose: int, quiet: bool, job: Job) -> None:
    """Log to stderr: warnings, with -v facts, with -vv everything."""
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    handler = logging.StreamHandler(sys.stderr)
    as_json = job.config.monitoring.log_format == "json"
    handler.setFormatter(RedactingFormatter(JsonFormatter() if as_json else TextFormatter(), job.redactor()))
    voice().hear_threads()
    logging.basicConfig(level=level, handlers=[FoldingHandler(handler, SystemClock())], force=True)
    # For people the report at the end says what went wrong with single objects.
    logging.getLogger(LOGGER).setLevel(logging.NOTSET if as_json or verbose else logging.CRITICAL)
    for notice in job.config.notices:
        logging.getLogger(__name__).warning(notice)
    # What these say at DEBUG holds addresses with signatures.
    for noisy in ("urllib3", "requests", "stevedore", "charset_normalizer", "boto3", "botocore", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
