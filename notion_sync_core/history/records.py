"""What history's rows say: what an object was from a run on, and when that run was."""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple, cast

from notion_sync_core.model import Kind, Parent, Ref
from notion_sync_core.status import LIVE, Status

SYNCED = "synced_block"
"""The kind of a synced block whose original no document holds: it was read for its copies."""
THERE = LIVE | {Status.UNSELECTED}
"""Statuses of what a tree shows, or knows to hide."""
_SAME = itemgetter(2, *range(4, 14))
"""What of a version has to be the same for nothing to have changed: all but its size, its path, which follows from
where it stands, and the digests by which it is told whether to look."""


class Blob(NamedTuple):
    """A version as it was kept."""

    sha256: str = ""
    """Its name; empty: nothing was kept."""
    size: int = 0
    """Bytes on the disk."""
    frame: bytes = b""
    """Its compressed bytes, which are to lie beside the rows; empty: they are on the disk, in a file."""


NOTHING = Blob()
"""No version."""


class Version(NamedTuple):
    """One row: what an object was from a run on."""

    object_id: str
    run: int
    sha256: str
    size: int
    kind: str
    title: str
    parent_type: str
    parent_id: str | None
    created_time: str
    last_edited_time: str
    url: str
    status: str
    has_copy: int
    folder_id: str | None
    path: str | None
    listing_digest: str
    content_digest: str

    @property
    def is_there(self) -> bool:
        """Whether the object was there."""
        return self.status in THERE

    @property
    def ref(self) -> Ref:
        """The reference it holds, without its object."""
        parent = Parent(self.parent_type, self.parent_id)
        times = (self.created_time, self.last_edited_time)
        return Ref(self.object_id, cast("Kind", self.kind), self.title, parent, *times, self.url)

    def is_as(self, other: Version | None) -> bool:
        """Whether nothing changed from one to the other."""
        return other is not None and bool(_SAME(self) == _SAME(other))


class Run(NamedTuple):
    """One run in which something changed."""

    number: int
    began: float
    ended: float | None
    mode: str
    facts: str
    changes: int = 0

    @property
    def time(self) -> float:
        """Unix; when it ended, or else when it began."""
        return self.began if self.ended is None else self.ended
