"""Whether a job's file is one that a fleet can run on whatever machine: found when it is applied, and not by a turn."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from notion_sync_core import Job
from notion_sync_core.plugin import ConfigError, NotAuthorisedError
from notion_sync_core.schedule import Schedule
from notion_sync_fleet.options import FleetOptions, options_of
from notion_sync_fleet.places import check_job
from notion_sync_fleet.process import TOKEN
from notion_sync_fleet.values import Tenant

LARGEST = 1 << 18
"""Bytes of a job's file."""
_FILE = "file:"


@frozen
class Applied:
    """A job's file, as it goes to the desk."""

    name: str
    tenant: Tenant
    token: str
    every_s: float
    config: str


def read(file: Path, environ: Mapping[str, str]) -> Applied:
    """What a job's file says. The job is called as its file is, without the ending.

    :raises ConfigError: it cannot be used, or not in a fleet.
    """
    check_job(file.stem)
    job = Job.load(file, environ=environ)
    options = options_of(job)
    _ = job.given_roots, job.renderers()
    _refuse_a_token_that_is_here_alone(options, str(file))
    refuse_a_history_of_its_own(job)
    text = file.read_text("utf-8")
    if len(text) > LARGEST:
        raise ConfigError(f"{file} is longer than {LARGEST} bytes", "Leave out what it does not need.")
    _refuse_what_is_here_alone(text, file, options)
    tenant = Tenant(options.tenant, options.weight, options.most)
    return Applied(file.stem, tenant, options.token, Schedule(f"every {options.every}").period_s, text)


def refuse_a_history_of_its_own(job: Job) -> None:
    """In a fleet versions are in the vault.

    :raises ConfigError: the job says where else.
    """
    if job.config.history.store:
        raise ConfigError(
            "history.store: in a fleet the vault holds the versions of all jobs", "Take the key out of the job's file."
        )


def refuse_places_within(job: Job, folder: Path) -> None:
    """A turn's folder goes with the turn: what were written there would be lost.

    :raises ConfigError: a sink is there.
    """
    for sink in job.sinks():
        place = Path(sink.location)
        if place.is_absolute() and place.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(
                f"the sink {sink.name} has no place that all workers see: {place.name} would lie in a folder that goes "
                "with each turn",
                "Write a path from its root on a disk that all of them share, or a URL such as s3://bucket/prefix.",
            )


def _refuse_a_token_that_is_here_alone(options: FleetOptions, where: str) -> None:
    kind, _, name = options.token.partition(":")
    if kind == "keyring" or (kind == "file" and not Path(name).is_absolute()):
        raise ConfigError(
            f"{where}: plugins.fleet.token is {options.token!r}, which other machines do not have",
            "Write env:NAME, or file: and a path from its root, as each worker has it.",
        )


def _refuse_what_is_here_alone(text: str, file: Path, options: FleetOptions) -> None:
    """As a turn does it: in an empty folder, with nothing in the environment but a token."""
    given = {TOKEN: "none-yet"} if options.token else {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        copy = Path(folder) / file.name
        copy.write_text(text, "utf-8")
        job = Job.load(copy, environ=given)
        refuse_places_within(job, Path(folder))
        try:
            job.source().close()
        except NotAuthorisedError:
            raise ConfigError(
                f"{file}: plugins.fleet.token is not set, and the source needs a token",
                "Write where each worker finds it: env:NAME, or file: and a path from its root.",
            ) from None
