"""``config show``, ``config check`` and ``config schema``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from notion_sync_core.cli.options import common, load_job, tell_notices
from notion_sync_core.cli.voice import voice
from notion_sync_core.config import job_files
from notion_sync_core.errors import NotAuthorisedError, PluginError
from notion_sync_core.job import Job
from notion_sync_core.plugins.find import available, load
from notion_sync_core.plugins.schema import file_schema
from notion_sync_core.plugins.values import Value, values
from notion_sync_core.terminal import sentence

_WIDEST = 36
"""Columns of a key; what is longer moves its value."""


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command(epilog="Example:  notion-sync config show --set performance.workers=4")
@common
def show(as_json: bool, config_file: Path | None, settings: tuple[str, ...], log_format: str | None, **_: Any) -> None:
    """Print every key with its value and where it came from."""
    job = load_job(config_file, settings, log_format=log_format)
    tell_notices(job)
    found = values(job.config)
    if as_json:
        voice().json({each.key: _as_plain(each) for each in found})
        return
    width = min(max(len(each.key) for each in found), _WIDEST)
    for each in found:
        value = "…" if each.value is None else json.dumps(each.value, ensure_ascii=False)
        where = f"{each.origin}, line {each.line}" if each.line else each.origin
        voice().say(f"{each.key:<{width}}  {value}   # {where}")


def _as_plain(value: Value) -> dict[str, Any]:
    line = {"line": value.line} if value.line else {}
    return {"value": value.value, "origin": value.origin, **line}


@config.command(epilog="Example:  notion-sync config check --config job.toml")
@common
def check(as_json: bool, config_file: Path | None, settings: tuple[str, ...], log_format: str | None, **_: Any) -> None:
    """Check the configuration and the plugins it names, as a run does, without any request.

    That there is no token yet is told, and no mistake of the configuration.
    """
    job = load_job(config_file, settings, log_format=log_format)
    tell_notices(job)
    missing = examine(job, config_file, settings)
    names = [file.stem for file in job_files(job.config)]
    if as_json:
        which = {"jobs": names} if names else {"job": job.id}
        voice().json({"valid": True, **which, "token": missing is None}, indent=None)
        return
    voice().say(f"The configuration is valid. {'Jobs: ' + ', '.join(names) if names else f'Job {job.id}'}.")
    if missing is not None:
        voice().say(f"A run will need a token: {sentence(missing.message)}", f"  {missing.remedy}")


def examine(job: Job, config_file: Path | None, settings: tuple[str, ...]) -> NotAuthorisedError | None:
    """Build all that runs build, of each of its jobs, and throw it away; ask commands that have options of their own.

    :returns: why there is no token, if nothing names one.
    :raises NotionSyncError: as a run would, or such a command.
    """
    files = job_files(job.config)
    missing = _examine_one(job)
    found = [_examine_one(Job.load(file, settings=settings)) for file in files]
    missing = next(filter(None, found), None) if files else missing
    try:
        for _ in examined(config_file, settings):
            pass
    except NotAuthorisedError:
        if missing is None:
            raise
    return missing


def examined(config_file: Path | None, settings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What installed commands say of a configuration, by name: those that ask for more than runs do.

    :raises NotionSyncError: one could not go by it.
    """
    for plugin in available("commands"):
        look = None
        with contextlib.suppress(PluginError):  # one that cannot be loaded says so itself when it is called
            look = getattr(load(plugin), "examine", None)
        if look is not None:
            yield plugin.name, look(config_file, settings)


def _examine_one(job: Job) -> NotAuthorisedError | None:
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


@config.command(epilog="Example:  notion-sync config schema > notion-sync.schema.json")
@click.option("--json", "as_json", is_flag=True, help="The same: it is JSON in any case.")
def schema(as_json: bool) -> None:
    """Print the JSON Schema of configuration files, with the options of every plugin that is installed.

    Editors complete and check a file by it that begins with the line "#:schema ./notion-sync.schema.json" (Taplo,
    Even Better TOML).
    """
    _ = as_json
    voice().json(file_schema(lambda error: voice().say(f"Warning: {error.message}", err=True)))
