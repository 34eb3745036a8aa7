"""``doctor``: looks at everything a run needs, and says what to do about each trouble."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.voice import voice
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import ConfigError, NotAuthorisedError, RetryableError, SinkError, UnreachableError
from notion_sync_core.gate.gate import DirectGate
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import nearly_full
from notion_sync_core.snapshot import looked_at
from notion_sync_core.watch.health import Registry


@click.command(epilog="Example:  notion-sync doctor --to backup")
@targets
@common
def doctor(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Check configuration, token, source, sink, state and disk, each with its remedy."""
    registry = Registry()
    jobs: list[Job] = []

    def configuration() -> str:
        job = load_job(config_file, given.pop("settings"), **given)
        set_up_logging(verbose, quiet, job)
        job.renderers()
        jobs.append(job)
        return f"{len(job.config.origins)} values set, renderers and sinks load"

    if registry.look("configuration", configuration):
        examine(jobs[0], registry)
    if as_json:
        voice().json([asdict(check) for check in registry.checks])
    else:
        for check in registry.checks:
            mark = {"pass": "ok  ", "warn": "warn", "fail": "FAIL"}[check.verdict]
            voice().say(f"{mark}  {check.name}: {check.message}", *([f"      {check.remedy}"] if check.remedy else []))
    sys.exit(registry.exit_code)


def examine(job: Job, registry: Registry) -> None:
    """Look at each component in turn."""
    if proxies := _proxies(job):
        registry.look("proxy", lambda: proxies)
    registry.look("source", lambda: _source(job))
    registry.look("sink", lambda: _sinks(job))
    registry.look("state", lambda: _state(job))
    with contextlib.suppress(ConfigError):  # told as that of the state
        _disk(job, registry)


def _proxies(job: Job) -> str:
    """Which proxies the environment names, without their passwords."""
    names = sorted(
        name for name in job.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    )
    return ", ".join(f"{name}={job.redactor()(job.environ[name])}" for name in names if job.environ[name])


def _source(job: Job) -> str:
    source = job.source()
    try:
        who = source.ping(DirectGate("", SystemClock(), lambda _: None))
    except RetryableError as error:
        raise UnreachableError(error.message, "Check the network, proxy settings and notion.base_url.") from error
    except NotAuthorisedError:
        raise
    finally:
        source.close()
    return f"the token is accepted by {source.host} ({who})"


def _sinks(job: Job) -> str:
    places = []
    for sink in job.sinks():
        sink.open("doctor")
        sink.close()
        places.append(sink.location)
    return f"{', '.join(places)} can be written"


def _state(job: Job) -> str:
    folder = job.home / job.id
    if not job.has_state():
        return "none yet"
    with looked_at(job) as state:
        count = state.objects.count()
    if not os.access(folder, os.W_OK):
        raise SinkError(
            f"{count} objects in {folder}, which may be read and not written: no run could begin",
            "Change its permissions or mount, or choose another with deployment.state_dir.",
        )
    return f"{count} objects in {folder}"


def _disk(job: Job, registry: Registry) -> None:
    low = nearly_full([job.home, *(sink.location for sink in job.sinks())])
    for line in low:
        registry.warn(
            "disk", line, "Free some space: the mirror holds all that was read, the sink all that is written."
        )
    if not low:
        registry.look("disk", lambda: _free(job.home))


def _free(folder: Path) -> str:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return f"{usage.free >> 30} GiB free of {usage.total >> 30} GiB"
