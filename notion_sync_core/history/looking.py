"""A job's history to look at, whether a run is under way or not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from attrs import frozen

from notion_sync_core.errors import StateError
from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.moment import find_run
from notion_sync_core.history.store import Run, Store
from notion_sync_core.job import Job
from notion_sync_core.snapshot import looked_at


@frozen
class Kept:
    """What is kept of a job."""

    job: Job
    store: Store
    blobs: Blobs
    last: int
    """The number of the job's last run."""

    def at(self, when: str, now: float) -> Run:
        """The run whose tree is meant.

        :raises ConfigError: it is no moment.
        :raises StateError: nothing is kept of that time.
        """
        return find_run(when, self.store.runs(), self.last, now)


@contextlib.contextmanager
def kept(job: Job) -> Iterator[Kept]:
    """What is kept of a job, to be read only.

    :raises StateError: there is no history.
    """
    folder = job.history_folder()
    if not job.has_state() or not (folder / "history.sqlite").is_file():
        raise no_history(job)
    with looked_at(job) as state, contextlib.closing(Store(folder / "history.sqlite", read_only=True)) as store:
        yield Kept(job, store, Blobs(folder / "blobs"), int(state.facts.runs or 0))


def no_history(job: Job) -> StateError:
    """The error where nothing is kept."""
    if not job.config.history.enabled:
        return StateError("no history is kept: history.enabled is false", "Set it to true; it begins with the next run.")
    return StateError(
        f"there is no history of job {job.id} here: no run has kept anything yet",
        "Is the place right (--to, --config)? If so, begin with: notion-sync export.",
    )
