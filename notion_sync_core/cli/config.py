"""``config show`` and ``config check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from notion_sync_core import config as configuration
from notion_sync_core.cli.options import common, load_job
from notion_sync_core.cli.voice import voice


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command(epilog="Example:  notion-sync config show --set performance.workers=4")
@common
def show(as_json: bool, config_file: Path | None, settings: tuple[str, ...], log_format: str | None, **_: Any) -> None:
    """Print every key with its value and where it came from."""
    job = load_job(config_file, settings, log_format=log_format)
    rows = configuration.flatten(job.config)
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
    """Check the configuration and the plugins it names, without any request."""
    job = load_job(config_file, settings, log_format=log_format)
    job.renderers()
    job.sinks()
    job.roots  # noqa: B018 - reading it checks it
    installed_source = job.config.export.source
    from notion_sync_core.plugins.find import load_class

    load_class("sources", installed_source)
    if as_json:
        voice().json({"valid": True, "job": job.id}, indent=None)
    else:
        voice().say(f"The configuration is valid. Job {job.id}.")
