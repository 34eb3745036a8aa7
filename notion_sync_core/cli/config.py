"""``config show``, ``config check`` and ``config schema``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from notion_sync_core.cli.options import common, load_job, tell_notices
from notion_sync_core.cli.voice import voice
from notion_sync_core.config import job_files
from notion_sync_core.errors import NotAuthorisedError, NotionSyncError, PluginError
from notion_sync_core.job import Job
from notion_sync_core.mistakes import missing_token, mistakes, told
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

    A run ends at the first mistake that it meets; here each is told that can be seen beside the others. That there is
    no token yet is told, and no mistake of the configuration.
    """
    wrong: list[NotionSyncError] = []
    job = load_job(config_file, settings, log_format=log_format, mistakes=wrong)
    tell_notices(job)
    missing = examine(job, config_file, settings, wrong)
    if wrong:
        first, *others = {error.message: error for error in wrong}.values()
        first.others = tuple(others)
        raise first
    names = [file.stem for file in job_files(job.config)]
    if as_json:
        which = {"jobs": names} if names else {"job": job.id}
        voice().json({"valid": True, **which, "token": missing is None}, indent=None)
        return
    voice().say(f"The configuration is valid. {'Jobs: ' + ', '.join(names) if names else f'Job {job.id}'}.")
    if missing is not None:
        voice().say(f"A run will need a token: {sentence(missing.message)}", f"  {missing.remedy}")


def examine(
    job: Job, config_file: Path | None, settings: tuple[str, ...], wrong: list[NotionSyncError]
) -> NotAuthorisedError | None:
    """Build all that runs build, of each of its jobs, and throw it away; ask commands that have options of their own.

    :param wrong: takes all that a run would refuse, or such a command.
    :returns: why there is no token, if nothing names one.
    """
    files: list[Path] = []
    wrong += told(lambda: files.extend(job_files(job.config)))
    missing = _examine_one(job, wrong)
    found = [_examine_file(file, settings, wrong) for file in files]
    missing = next(filter(None, found), None) if files else missing
    try:
        for _ in examined(config_file, settings):
            pass
    except NotAuthorisedError as error:
        wrong += [] if missing else [error]
    except NotionSyncError as error:
        wrong += [error, *error.others]
    return missing


def _examine_file(file: Path, settings: tuple[str, ...], wrong: list[NotionSyncError]) -> NotAuthorisedError | None:
    try:
        job = Job.load(file, settings=settings, mistakes=wrong)
    except NotionSyncError as error:
        wrong += [error, *error.others]
        return None
    return _examine_one(job, wrong)


def _examine_one(job: Job, wrong: list[NotionSyncError]) -> NotAuthorisedError | None:
    wrong += mistakes(job)
    missing: list[NotAuthorisedError | None] = []
    wrong += told(lambda: missing.append(missing_token(job)))
    return next(iter(missing), None)


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


@config.command(epilog="Example:  notion-sync config schema > notion-sync.schema.json")
@click.option("--json", "as_json", is_flag=True, help="The same: it is JSON in any case.")
def schema(as_json: bool) -> None:
    """Print the JSON Schema of configuration files, with the options of every plugin that is installed.

    Editors complete and check a file by it that begins with the line "#:schema ./notion-sync.schema.json" (Taplo,
    Even Better TOML).
    """
    _ = as_json
    voice().json(file_schema(lambda error: voice().say(f"Warning: {error.message}", err=True)))
