"""A copy of a job's state to look at, while the original stays untouched."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from notion_sync_core.job import Job
from notion_sync_core.lock import refuse_while_running
from notion_sync_core.state import State


def snapshot(job: Job, scratch: Path, stack: contextlib.ExitStack) -> State:
    """Copy the state of a job that does not run into a scratch folder, and open the copy.

    A job that never ran has an empty state.

    :raises LockedError: a run is under way.
    """
    folder = job.home / job.id
    refuse_while_running(folder / "lock")
    for name in ("state.sqlite", "state.sqlite-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(folder / name, scratch / name)
    state = State(scratch / "state.sqlite")
    stack.callback(state.close)
    return state
