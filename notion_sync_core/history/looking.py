"""A job's history to look at, whether a run is under way or not."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from notion_sync_core.errors import StateError
from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.copies import Copies
from notion_sync_core.history.moment import find_run
from notion_sync_core.history.records import Run
from notion_sync_core.history.store import Store
from notion_sync_core.job import Job
from notion_sync_core.snapshot import looked_at
from notion_sync_core.state import State


@frozen
class Kept:
    """What is kept of a job."""

    job: Job
    store: Store
    blobs: Blobs
    last: int
    """The number of the job's last run."""
    state: State
    """What the job knows now, to be read only."""

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
        yield Kept(job, store, Blobs(folder / "blobs", store), int(state.facts.runs or 0), state)


def in_short(job: Job) -> dict[str, Any]:
    """What is kept, in figures: since when (Unix; ``None``: nothing is), how many versions, how many bytes.

    ``copy``: of the copy that ``history.store`` names by a URL, which place it is, of when (Unix; ``None``: there is
    none yet), and how many versions and files are not in it, as far as is known here; ``None``: there is to be none.

    :raises StateError: it is damaged, or a newer version of this program wrote it.
    """
    folder, config = job.history_folder(), job.config.history
    facts: dict[str, Any] = {"enabled": config.enabled, "keep": config.keep, "since": None, "versions": 0, "bytes": 0}
    facts["copy"] = {"place": config.store, "time": None, "behind": 0} if "://" in config.store else None
    if not os.access(folder, os.W_OK):
        return facts
    try:
        rows = (folder / "history.sqlite").stat().st_size
    except FileNotFoundError:
        return facts
    with contextlib.closing(Store(folder / "history.sqlite", read_only=True)) as store:
        facts["versions"], size = store.size()
        facts["since"] = min((mark.time for mark in store.marks()), default=None)
        if facts["copy"] is not None:
            facts["copy"] |= _copied(store, config.store)
    facts["bytes"] = size + rows
    return facts


def _copied(store: Store, wanted: str) -> dict[str, Any]:
    """How far the copy is, as this store remembers it."""
    copies = Copies(store)
    place, run = copies.place()
    if not place.startswith(wanted.rstrip("/")):
        return {}  # one that lay elsewhere
    times = {mark.number: mark.time for mark in store.marks()}
    return {"place": place, "time": times.get(run), "behind": copies.count_missing()}


def no_history(job: Job) -> StateError:
    """The error where nothing is kept."""
    if not job.config.history.enabled:
        return StateError(
            "no history is kept: history.enabled is false", "Set it to true; it begins with the next run."
        )
    return StateError(
        f"there is no history of job {job.id} here: no run has kept anything yet",
        "Is the place right (--to, --config)? If so, begin with: notion-sync export.",
    )
