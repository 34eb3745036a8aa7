"""The jobs of one process: which they are, and that they can run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from notion_sync_core import Job
from notion_sync_core.config import DEFAULT_FILE, job_files
from notion_sync_core.plugin import ConfigError
from notion_sync_core.schedule import Schedule
from notion_sync_serve.options import ServeOptions, learn_secrets, options_of

_LOOPBACK = re.compile(r"(127(\.\d{1,3}){3}|\[::1\]|localhost):\d+")


@frozen
class Entry:
    """One job, and how it is served."""

    name: str
    job: Job
    options: ServeOptions
    schedule: Schedule
    places: tuple[str, ...]
    """Where it writes to."""


@frozen
class Deployment:
    """What one process serves, as the configuration says it."""

    main: Job
    """Whose settings are those of the process."""
    entries: Mapping[str, Entry]
    options: ServeOptions
    """Of the process."""
    token: str = field(repr=False, default="")
    """What is asked for from whoever wants more than health; empty: nothing."""

    @property
    def address(self) -> str:
        """Where to listen."""
        return self.main.config.monitoring.address

    @property
    def is_wide(self) -> bool:
        """Whether other machines can reach that."""
        return _LOOPBACK.fullmatch(self.address) is None


def load(file: Path | None, settings: Iterable[str] = (), log_format: str | None = None) -> Deployment:
    """Read the main configuration and those of its jobs, and make sure that each could run.

    :raises NotionSyncError: one cannot: its file, key and remedy are named.
    """
    from notion_sync_serve.options import secret

    flags = {"monitoring.log_format": log_format}
    main = Job.load(file, settings=settings, flags=flags)
    entries: dict[str, Entry] = {}
    for path in job_files(main.config):
        entries[path.stem] = _entry(path.stem, _of_file(path, settings, flags))
    if not entries:
        name = (main.config.file or DEFAULT_FILE).stem
        entries[name] = _entry(name, main)
    _keep_apart(entries)
    learn_secrets(main, [entry.job for entry in entries.values()])
    token = secret(main, "monitoring.token", main.config.monitoring.token)
    found = Deployment(main, entries, options_of(main), token)
    _check_doors(found)
    return found


def _of_file(path: Path, settings: Iterable[str], flags: Mapping[str, str | None]) -> Job:
    job = Job.load(path, settings=settings, flags=flags)
    if job.config.place(job.config.origins.get("deployment.jobs", ""))[0] == str(path):
        raise ConfigError(
            f"{path}: deployment.jobs stands in a file that is a job itself", "Name all jobs in one file."
        )
    return job


def _entry(name: str, job: Job) -> Entry:
    """A job that could run as far as one can see without asking anybody."""
    deployment = job.config.deployment
    _ = job.given_roots, job.renderers(), job.listeners()
    places = tuple(sink.location for sink in job.sinks())
    job.source().close()
    return Entry(name, job, options_of(job), Schedule(deployment.schedule, deployment.timezone), places)


def _keep_apart(entries: Mapping[str, Entry]) -> None:
    """No two jobs may write to one place, or share a state."""
    places: dict[str, str] = {}
    for name, entry in entries.items():
        own = list(entry.places)
        if entry.job.config.export.id:
            own.append(f"the state of export.id = {entry.job.config.export.id!r} in {entry.job.home}")
        for place in own:
            if place in places:
                raise ConfigError(
                    f"deployment.jobs: {places[place]} and {name} have one place: {place}",
                    "Give each job a place of its own.",
                )
            places[place] = name


def _check_doors(found: Deployment) -> None:
    if found.is_wide and not found.token:
        raise ConfigError(
            f"monitoring.address = {found.address!r} can be reached by others, and monitoring.token is not set",
            'Set it, for example monitoring.token = "env:MONITORING_TOKEN", or listen on 127.0.0.1 alone.',
        )
    if found.options.actions and found.options.token is None:
        raise ConfigError(
            "plugins.serve.actions = true, and plugins.serve.token is not set",
            'Who may start runs is asked for it: token = "env:SERVE_TOKEN".',
        )
