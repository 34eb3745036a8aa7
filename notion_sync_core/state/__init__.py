"""The state: checkpoint and index of one job, in one sqlite file.

All SQL of the core is in this room, behind verbs; what they give are frozen records. Plan and
layout are queries over it, so that no run holds the workspace in memory.

One rule for transactions: one thread writes, everything it writes is seen at once by whoever reads
through the same :class:`State`, and nothing of it lasts before :meth:`State.checkpoint`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from notion_sync_core.state.assets import Assets
from notion_sync_core.state.changes import Changes
from notion_sync_core.state.database import Database
from notion_sync_core.state.facts import Facts
from notion_sync_core.state.files import Files
from notion_sync_core.state.findings import Findings
from notion_sync_core.state.layout import Layout
from notion_sync_core.state.leftovers import Leftovers
from notion_sync_core.state.lookups import Lookups
from notion_sync_core.state.objects import Objects
from notion_sync_core.state.queue import Queue
from notion_sync_core.state.records import AssetRecord, Child, FileRecord, Intent, Known, ObjectRecord
from notion_sync_core.state.runs import PastRun, Runs
from notion_sync_core.state.tree import Tree
from notion_sync_core.state.unkept import Unkept

__all__ = ["AssetRecord", "Child", "FileRecord", "Intent", "Known", "ObjectRecord", "PastRun", "State"]


class State:
    """One job's state.

    :param path: the file; made with mode 0600 if missing, carried over if an older version wrote it.
    :param read_only: for looking at it while another process writes.
    :param redact: takes secrets out of what is remembered of failures.
    :raises StateError: damaged, or written by a newer version of this program.
    """

    around: Callable[[Callable[[], None]], None] | None = None
    """Called instead of each checkpoint, with what makes it: whoever wants to know how long that takes."""

    def __init__(self, path: Path, *, read_only: bool = False, redact: Callable[[str], str] = str) -> None:
        self.path = path
        self._db = Database(path, read_only=read_only)
        self.facts = Facts(self._db)
        self.runs = Runs(self.facts)
        self.objects = Objects(self._db, redact)
        self.queue = Queue(self._db)
        self.lookups = Lookups(self._db)
        self.findings = Findings(self._db)
        self.assets = Assets(self._db)
        self.layout = Layout(self._db)
        self.tree = Tree(self._db)
        self.files = Files(self._db)
        self.leftovers = Leftovers(self._db)
        self.changes = Changes(self._db)
        self.unkept = Unkept(self._db)

    @property
    def run(self) -> int:
        """The number of the run that writes, counting up; it is the sink's generation, too."""
        return self._db.run

    def begin_run(self) -> int:
        """What is written from now on belongs to a new run; durable with the next checkpoint."""
        self._db.run = int(self.facts.runs or 0) + 1
        self.facts.runs = str(self._db.run)
        self.changes.begin()
        return self._db.run

    def count_on_from(self, run: int) -> None:
        """The next run has a higher number than this one, which somebody else remembers."""
        self.facts.runs = str(max(int(self.facts.runs or 0), run))

    def hold(self) -> None:
        """Of a state that is only read: see it as it is now, whatever is written meanwhile."""
        self._db.hold()

    def checkpoint(self) -> None:
        """Make everything so far durable, in one step.

        :raises SinkError: the disk is full or broken.
        """
        if self.around is None:
            self._db.checkpoint()
        else:
            self.around(self._db.checkpoint)

    def drop(self) -> None:
        """Undo what was not checkpointed: what a run left half done when something stopped it."""
        self._db.drop()

    def close(self) -> None:
        """Drop what was not checkpointed, and close the file."""
        self._db.close()
