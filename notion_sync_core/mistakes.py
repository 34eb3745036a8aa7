"""All that a run of a job would refuse before it begins, told at once: a configuration is mended in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from attrs import evolve

from notion_sync_core.config import PluginEntry
from notion_sync_core.config.places import no_root
from notion_sync_core.errors import NotAuthorisedError, NotionSyncError
from notion_sync_core.history.elsewhere import copy_of
from notion_sync_core.job import Job
from notion_sync_core.model import root_from_text
from notion_sync_core.plugins.build import build


def mistakes(job: Job) -> Iterator[NotionSyncError]:
    """What is wrong with the plugins and the roots of a job whose keys are right, each on its own.

    Everything that a run builds is built, and thrown away.
    """
    export, monitoring = job.config.export, job.config.monitoring
    yield from _of_plugins(job, "renderers", export.renderers, job.renderers)
    yield from _of_plugins(job, "sinks", export.sinks, job.sinks)
    yield from _of_plugins(job, "listeners", monitoring.listeners, job.listeners)
    yield from told(lambda: copy_of(job))
    yield from (no_root(root) for root in export.roots if root_from_text(root) is None)


def missing_token(job: Job) -> NotAuthorisedError | None:
    """Why there is no token, if nothing names one; the source is built, with a stand-in where there is none.

    :raises NotionSyncError: the source cannot be built.
    """
    notion = job.config.notion
    try:
        job.source().close()
    except NotAuthorisedError as error:
        if notion.token_file or job.environ.get(notion.token_env, "").strip():
            raise
        evolve(job, environ={**job.environ, notion.token_env: "none-yet"}).source().close()
        return error
    return None


def _of_plugins(
    job: Job, kind: str, entries: Iterable[PluginEntry], all_of_them: Callable[[], object]
) -> Iterator[NotionSyncError]:
    found = [error for entry in entries for error in told(partial(_build, job, kind, entry))]
    # Two of one name, or at one place, show when all are there.
    yield from found or told(all_of_them)


def _build(job: Job, kind: str, entry: PluginEntry) -> None:
    for spec in job.specs(kind, [entry]):
        build(spec, job.origins, None, job.secrets.resolve)


def told(look: Callable[[], object]) -> list[NotionSyncError]:
    """What somebody who looks finds wrong."""
    try:
        look()
    except NotionSyncError as error:
        return [error, *error.others]
    return []
