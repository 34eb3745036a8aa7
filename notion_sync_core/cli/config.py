"""``config show`` and ``config check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from notion_sync_core import config as configuration
from notion_sync_core.cli.options import common, load_job
from notion_sync_core.cli.voice import voice
from notion_sync_core.errors import NotAuthorisedError
from notion_sync_core.job import Job
from notion_sync_core.plugins.entries import without_secrets
from notion_sync_core.terminal import sentence


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command(epilog="Example:  notion-sync config show --set performance.workers=4")
@common
def show(as_json: bool, config_file: Path | None, settings: tuple[str, ...], log_format: str | None, **_: Any) -> None:
    """Print every key with its value and where it came from."""
    job = load_job(config_file, settings, log_format=log_format)
    found = configuration.flatten(job.config)
    rows = [(key, without_secrets(job.config, key, value), origin) for key, value, origin in found]
    if as_json:
        values = {key: {"value": value, "origin": origin} for key, value, origin in rows}
        voice().json(values)
        return
    width = max(len(key) for key, _, _ in rows)
    for key, value, origin in rows:
        voice().say(f"{key:<{width}}  {json.dumps(value)}   # {origin}")


@config.command(epilog="Example:  notion-sync config check --config job.toml")
@common
def check(as_json: bool, config_file: Path | None, settings: tuple[str, ...], log_format: str | None, **_: Any) -> None:
    """Check the configuration and the plugins it names, as a run does, without any request.

    That there is no token yet is told, and no mistake of the configuration.
    """
    job = load_job(config_file, settings, log_format=log_format)
    missing = examine(job)
    if as_json:
        voice().json({"valid": True, "job": job.id, "token": missing is None}, indent=None)
        return
    voice().say(f"The configuration is valid. Job {job.id}.")
    if missing is not None:
        voice().say(f"A run will need a token: {sentence(missing.message)}", f"  {missing.remedy}")


def examine(job: Job) -> NotAuthorisedError | None:
    """Build all that a run builds, and throw it away.

    :returns: why there is no token, if nothing names one.
    :raises NotionSyncError: as a run would.
    """
    job.renderers()
    job.sinks()
    job.listeners()
    _ = job.given_roots  # reading it checks it
    notion = job.config.notion
    try:
        job.source().close()
    except NotAuthorisedError as error:
        if notion.token_file or job.environ.get(notion.token_env, "").strip():
            raise
        evolve(job, environ={**job.environ, notion.token_env: "none-yet"}).source().close()
        return error
    return None
