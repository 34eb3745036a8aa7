"""How a history is, and the copy of it elsewhere, in words."""

from __future__ import annotations

import contextlib
from typing import Any

from notion_sync_core.errors import NotionSyncError
from notion_sync_core.history.copying import LIST
from notion_sync_core.history.elsewhere import copy_of
from notion_sync_core.history.looking import in_short
from notion_sync_core.history.moment import told
from notion_sync_core.job import Job
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.terminal import counted, size_in_words
from notion_sync_core.watch.health import Doubt

_LATER = "The next run brings it up to date: notion-sync sync."


def condition(job: Job) -> str | Doubt:
    """What is kept of earlier versions; it is what cannot be had again. A copy elsewhere is asked for.

    :raises StateError: it is damaged, or a newer version of this program wrote it.
    """
    kept = in_short(job)
    if not kept["enabled"]:
        return "none is kept: history.enabled is false"
    here = f"nothing is kept yet; kept will be {kept['keep']}"
    if kept["versions"]:
        what, size = counted(kept["versions"], "version"), size_in_words(kept["bytes"])
        here = f"{what} since {told(kept['since'] or 0.0)}, {size} in {job.history_folder()}; kept is {kept['keep']}"
    return here if kept["copy"] is None else _with_copy(job, here, kept["copy"])


def copy_in_words(copy: dict[str, Any]) -> str:
    """How far a copy is, of those in :func:`~notion_sync_core.history.looking.in_short`."""
    if copy["time"] is None:
        return f"there is no copy in {copy['place']} yet"
    missing = f"lacks {counted(copy['behind'], 'version')} or files" if copy["behind"] else "lacks nothing"
    return f"the copy in {copy['place']} is of {told(copy['time'])} and {missing}"


def _with_copy(job: Job, here: str, copy: dict[str, Any]) -> str | Doubt:
    """The same with how far the copy is: with a machine goes what is not in it."""
    said = f"{here}; {copy_in_words(copy)}"
    sink = copy_of(job)
    try:
        is_there = sink is not None and _is_there(sink)
    except NotionSyncError as error:
        return Doubt(f"{said}; it cannot be reached: {error.message}", error.remedy or _LATER)
    if copy["time"] is not None and not is_there:
        return Doubt(f"{said}; but there is none there now", "The next run makes it anew: notion-sync sync.")
    if copy["time"] is None or copy["behind"]:
        return Doubt(said, _LATER)
    return said


def _is_there(sink: Sink) -> bool:
    with contextlib.closing(sink):
        sink.look()
        return sink.stat(LIST) is not None
