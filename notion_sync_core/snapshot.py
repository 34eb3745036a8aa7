"""A copy of a job's state to look at, while the original stays untouched."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import StateError
from notion_sync_core.identity import MANIFEST
from notion_sync_core.job import Job
from notion_sync_core.lock import job_lock, refuse_while_running
from notion_sync_core.mirror.disk import explained, scratch_folder
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.state import State


def snapshot(job: Job, scratch: Path, stack: contextlib.ExitStack) -> State:
    """Copy the state of a job that does not run into a scratch folder, and open the copy.

    A job that never ran has an empty state.

    :raises LockedError: a run is under way.
    """
    refuse_while_running(job.home / job.id / "lock")
    return _opened_copy(job, scratch, stack)


def held(job: Job, scratch: Path, stack: contextlib.ExitStack) -> State:
    """The same of a job that does not run until the stack is unwound: its mirror stays what its state says.

    :raises LockedError: a run is under way.
    """
    refuse_while_running(job.home / job.id / "lock")
    stack.enter_context(job_lock(job.folder() / "lock", SystemClock()))
    return _opened_copy(job, scratch, stack)


def _opened_copy(job: Job, scratch: Path, stack: contextlib.ExitStack) -> State:
    state = _copied(job, scratch)
    stack.callback(state.close)
    _check_owner(job, state)
    return state


@contextlib.contextmanager
def looked_at(job: Job) -> Iterator[State]:
    """The state of a job, to be read only, whether it runs or not. Where nothing can be written it is a copy.

    :raises StateError: it belongs to another job, or cannot be understood.
    """
    with contextlib.ExitStack() as stack:
        if os.access(job.home / job.id, os.W_OK):
            state = job.open_state(read_only=True)
        else:
            # SQLite wants to write to the folder of a state with a log, even to read it.
            state = _copied(job, stack.enter_context(scratch_folder()))
        stack.callback(state.close)
        _check_owner(job, state)
        yield state


def expect_traces(job: Job) -> None:
    """Make sure that a run of this job has read or written something: else there is nothing to judge or to make again.

    :raises StateError: there is no trace of one, neither here nor in a sink.
    """
    if job.has_state():
        with looked_at(job) as state:
            if state.objects.with_copy() or any(state.files.any(sink.name) for sink in job.sinks()):
                return
    sinks = job.sinks()
    if not any(map(has_manifest, sinks)):
        raise nothing_written([sink.location for sink in sinks])


def has_manifest(sink: Sink) -> bool:
    """Whether a run has written to a sink that is not open."""
    sink.look()
    try:
        return sink.stat(MANIFEST) is not None
    finally:
        sink.close()


def nothing_written(places: list[str]) -> StateError:
    """The error where no run has written."""
    return StateError(
        f"nothing was written to {', '.join(places)} yet: no run of this job has got so far",
        "Is the place right (--to, --config)? If so, begin with: notion-sync export.",
    )


def _copied(job: Job, scratch: Path) -> State:
    folder = job.home / job.id
    for name in ("state.sqlite", "state.sqlite-wal"):
        with explained(f"the state in {folder}"), contextlib.suppress(FileNotFoundError):
            shutil.copyfile(folder / name, scratch / name)
    try:
        return State(scratch / "state.sqlite")
    except StateError as error:
        raise StateError(error.message.replace(str(scratch), str(folder)), error.remedy) from error


def _check_owner(job: Job, state: State) -> None:
    if state.facts.job not in ("", job.id):
        raise StateError(
            f"the state in {job.home / job.id} belongs to another job", "Choose another deployment.state_dir."
        )
