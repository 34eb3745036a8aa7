"""What ``[plugins.serve]`` says, and secrets that the process itself needs."""

from __future__ import annotations

import contextlib

from attrs import field, frozen, validators

from notion_sync_core import Job
from notion_sync_core.plugin import NotionSyncError, Secret
from notion_sync_core.structure import structure

_NAME = "plugins.serve"
_IN_FILE = "file:"


@frozen
class ServeOptions:
    """``[plugins.serve]``; ``mode`` and ``jitter_s`` in the file of each job, the others in the main one."""

    mode: str = field(default="sync", validator=validators.in_(("sync", "export")))
    """What a run of the job does: ``export`` moves and deletes nothing."""
    jitter_s: float = field(default=30.0, validator=validators.ge(0))
    """At most so many seconds, by chance, does a run begin later, so that not all begin at once; of a short period a
    tenth."""
    parallel: int = field(default=2, validator=validators.ge(1))
    """Jobs that run at the same time; others wait for their turn."""
    actions: bool = False
    """The status page may start a run; needs ``token``."""
    token: Secret | None = None
    """Secret that a person types in to start a run."""


def options_of(job: Job) -> ServeOptions:
    """What a job's file says of how it is served.

    :raises ConfigError: it says something that cannot be.
    """
    config = job.config
    given = dict(config.plugins.get("serve", {}))
    if isinstance(given.get("token"), str):
        given["token"] = _located(job, f"{_NAME}.token", given["token"])
    found: ServeOptions = structure(ServeOptions, given, _NAME, config.origins, job.secrets.resolve)
    return found


def secret(job: Job, key: str, reference: str) -> str:
    """What a reference of the configuration refers to; empty without one.

    :raises ConfigError: nothing is there.
    """
    return job.secrets.resolve(_located(job, key, reference)).reveal() if reference else ""


def _located(job: Job, key: str, reference: str) -> str:
    """A secret in a file is named by its path, relative to the file that names it."""
    if not reference.startswith(_IN_FILE):
        return reference
    path = job.config.located(reference.removeprefix(_IN_FILE), job.config.origins.get(key))
    return _IN_FILE + path


def learn_secrets(main: Job, jobs: list[Job]) -> None:
    """What one job must not show, the log of the process must not show either."""
    for job in jobs:
        with contextlib.suppress(NotionSyncError):  # it reads from elsewhere, or cannot run: that is told where it is
            main.redactor().know(job.secrets.token())
        main.redactor().know(*job.redactor().known)
