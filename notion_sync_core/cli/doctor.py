"""``doctor``: looks at everything a run needs, and says what to do about each trouble."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core import diagnosis
from notion_sync_core.cli.config import examined
from notion_sync_core.cli.options import common, load_job, set_up_logging, targets
from notion_sync_core.cli.reaching import Answer, greeting
from notion_sync_core.cli.voice import voice
from notion_sync_core.config import job_files
from notion_sync_core.errors import NotAuthorisedError, NotionSyncError
from notion_sync_core.history.condition import condition
from notion_sync_core.job import Job
from notion_sync_core.watch.health import Doubt, Registry


@click.command(epilog="Example:  notion-sync doctor --to backup")
@targets
@common
def doctor(as_json: bool, verbose: int, quiet: bool, config_file: Path | None, **given: Any) -> None:
    """Check all that a run needs, each with its remedy, by one request.

    Configuration, libraries, token, clock, request budget, listeners, files, schedule, state, locks, sinks and disk; of
    each job, if deployment.jobs names some.

    Exit status: that of the first failure, as a run would end.
    """
    registry = Registry()
    settings = given.pop("settings")

    def main() -> Job:
        job = load_job(config_file, settings, **given)
        set_up_logging(verbose, quiet, job)
        return job

    if files := _configured(main, registry):
        for file in files:
            own = Registry()
            _configured(partial(Job.load, file, settings=settings), own)
            registry.take(file.stem, own)
    if registry.checks[0].verdict == "pass":
        registry.look("commands", lambda: _commands(config_file, settings))
    if as_json:
        voice().json([asdict(check) for check in registry.checks])
    else:
        for check in (each for each in registry.checks if not quiet or each.verdict != "pass"):
            mark = {"pass": "ok  ", "warn": "warn", "fail": "FAIL"}[check.verdict]
            voice().say(f"{mark}  {check.name}: {check.message}", *([f"      {check.remedy}"] if check.remedy else []))
    sys.exit(registry.exit_code)


def _configured(load: Callable[[], Job], registry: Registry) -> list[Path]:
    """Look at one configuration, and at the job that it is.

    :returns: the files of its jobs, if it is none itself.
    """
    jobs: list[Job] = []
    files: list[Path] = []

    def configuration() -> str:
        job = load()
        files.extend(job_files(job.config))
        job.renderers()
        job.sinks()
        jobs.append(job)
        return f"{len(job.config.origins)} values set, renderers and sinks load"

    if registry.look("configuration", configuration):
        for notice in jobs[0].config.notices:
            registry.warn("configuration", notice, "Write the new name.")
        if not files:
            examine(jobs[0], registry)
    return files


def _commands(config_file: Path | None, settings: tuple[str, ...]) -> str:
    try:
        found = [f"{name} {said}" for name, said in examined(config_file, settings)]
    except NotAuthorisedError:  # told as that of the source
        return "not asked without a token"
    return "; ".join(found) or "none has settings of its own"


def examine(job: Job, registry: Registry) -> None:
    """Look at each component in turn."""
    if proxies := _proxies(job):
        registry.look("proxy", lambda: proxies)
    registry.look("plugins", lambda: diagnosis.plugins(job))
    answers: list[Answer] = []

    def source() -> str:
        answers.append(greeting(job))
        return str(answers[0])

    if registry.look("source", source):
        registry.look("clock", lambda: diagnosis.clock(answers[0].host, answers[0].clock_skew_s))
        registry.look("budget", lambda: _budget(job))
    registry.look("listeners", lambda: diagnosis.listeners(job))
    registry.look("files", lambda: diagnosis.files(job))
    registry.look("schedule", lambda: diagnosis.serving(job))
    has_state, running = registry.look("state", lambda: diagnosis.state(job)), False
    if has_state:
        registry.look("history", lambda: condition(job))
    if has_state and registry.look("lock", lambda: diagnosis.lock(job)):
        running = registry.checks[-1].verdict == "warn"
    if registry.look("sink", lambda: diagnosis.sinks(job, running=running)) and has_state:
        registry.look("manifest", lambda: diagnosis.manifests(job))
    with contextlib.suppress(NotionSyncError):  # told as that of the state or the sink
        places = diagnosis.places(job)
        registry.look("disk", lambda: diagnosis.disk(job, places, with_state=has_state))


def _budget(job: Job) -> str | Doubt:
    source = job.source()
    try:
        return diagnosis.budget(job, source)
    finally:
        source.close()


def _proxies(job: Job) -> str:
    """Which proxies the environment names, without their passwords."""
    names = sorted(
        name for name in job.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    )
    return ", ".join(f"{name}={job.redactor()(job.environ[name])}" for name in names if job.environ[name])
