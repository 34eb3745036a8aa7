"""Where a job runs, as far as its runs share something with others or leave something behind.

Everything here has a default that is files of this machine. A program that runs jobs elsewhere gives its own with
:meth:`Job.on <notion_sync_core.embedding.Job.on>`: what many machines share, or what outlives this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.gate.window import LEASE_S, Book, Budget, Entry, LedgerBudget
from notion_sync_core.history.copies import Name, path_of
from notion_sync_core.lock import job_lock
from notion_sync_core.state import Intent

__all__ = [
    "LEASE_S", "Book", "Budget", "Budgets", "Entry", "Host", "Intent", "IntentLog", "JobLock", "LedgerBudget",
    "Name", "Versions", "path_of",
]  # fmt: skip


class Budgets(Protocol):
    """Makes the allowance that all who use one token share."""

    def __call__(self, name: str, clock: Clock, requests: int, window_s: float) -> Budget:
        """The allowance of whoever has that name.

        :param name: the same for everybody with this token, and nothing of the token can be told from it.
        :param requests: how many are allowed in any ``window_s`` seconds; at least 1.
        """


class JobLock(Protocol):
    """Makes sure that one run of a job is under way at a time."""

    def __call__(self, path: Path, clock: Clock, timeout_s: float) -> AbstractContextManager[None]:
        """Hold the lock of a job for as long as the context lasts.

        :param path: where a lock that is a file would lie; its folder is named by the job's id, and is there.
        :param timeout_s: how long to wait for another holder.
        :raises LockedError: on entering: somebody else holds it.
        """


class IntentLog(Protocol):
    """What runs were about to write, kept where it outlives this machine.

    A run that dies with its machine may have written files that no state knows: the next one would take them for
    somebody's edits. Whoever keeps states elsewhere keeps this, too, and forgets it with the state that follows.
    """

    def note(self, intents: Sequence[Intent]) -> None:
        """Keep these for good; they are written as soon as this returns. Called by one thread at a time.

        :raises NotionSyncError: that cannot be; nothing is written, and the run ends with it.
        """

    def left(self) -> Iterable[Intent]:
        """What was noted by runs that came after the state that is here, in the order in which it was noted.

        Asked once, when a run begins.
        """


class Versions(Protocol):
    """Where a mirror that is not here gets from what its documents were when they were read last."""

    def __call__(self, name: Name) -> Iterable[bytes]:
        """The bytes of something that history keeps.

        Asked for what a run needs, by several threads, one at a time.

        :param name: kind and sha256: of a version, compressed as history has it, or of a file.
        :raises FileNotFoundError: there is no such thing: it is read again.
        :raises SinkError: that place is away, and the run ends.
        """


@frozen(kw_only=True, eq=False)
class Host:
    """What a program provides in place of files of this machine; ``None`` of something: the files."""

    budget: Budgets | None = None
    lock: JobLock = job_lock
    intents: IntentLog | None = None
    """Beside the state, which knows them anyway."""
    versions: Versions | None = None
    """For a mirror that starts empty: needs a history whose rows are here, and everything is rendered in one process.
    ``None``: what is not in the mirror is read again."""
