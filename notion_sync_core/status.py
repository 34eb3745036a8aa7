"""The states an object can be in, and which may follow which."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Status(StrEnum):
    """What is known of an object of the source. Kept as text in the state."""

    NEW = "new"
    """Shown by a listing or by content, and not read yet."""
    READ = "read"
    """There is a whole copy in the mirror; a data source needs none."""
    FAILED = "failed"
    """It should be readable, and could not be read or rendered; an older copy is kept."""
    UNREADABLE = "unreadable"
    """Never shared with this token; or not any more, and what was made of it is to go."""
    VIEW = "view"
    """A view of another database, no object of its own."""
    OUTSIDE = "outside"
    """An ancestor that is not shared: no part of the export."""
    MISSING = "missing"
    """It was readable and is not any more; what was made of it is kept."""
    TRASHED = "trashed"
    """In the trash, archived, or no longer below a root."""
    ASIDE = "aside"
    """No part of the export whatever listings show, such as a template for rows."""
    UNSELECTED = "unselected"
    """A row that ``export.only`` leaves out, or what lies below one."""


class ToRead(IntEnum):
    """Whether a document has to be read."""

    NO = 0
    YES = 1
    TAKEN = 2
    """A worker has it in hand; after a crash it counts as :attr:`YES`."""


LIVE = frozenset({Status.NEW, Status.READ, Status.FAILED, Status.MISSING})
"""Objects that have a place in the export."""
WANTED = frozenset({Status.NEW, Status.READ, Status.FAILED})
"""Objects that every run looks for."""
TAKES_ALONG = (Status.TRASHED, Status.UNSELECTED)
"""What becomes of an object and takes along what lies below it."""
GONE = frozenset({Status.TRASHED, Status.ASIDE, Status.UNREADABLE, Status.VIEW, Status.UNSELECTED})
"""Objects whose files stand for nothing any more."""

_SHOWN = frozenset({Status.NEW, Status.READ})
"""What an object becomes that the source shows again: as it has a copy or not."""
_LEFT = frozenset({Status.TRASHED, Status.ASIDE, Status.UNSELECTED})
_ASKED = frozenset({Status.FAILED, Status.UNREADABLE, Status.MISSING, Status.VIEW})
"""What it may become when it is asked for by id: as the answer is, and as it has a copy or not."""

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.READ, Status.FAILED, Status.UNREADABLE, Status.VIEW, Status.OUTSIDE}) | _LEFT,
    Status.READ: frozenset({Status.NEW}) | _ASKED | _LEFT,
    Status.FAILED: _SHOWN | _ASKED - {Status.FAILED} | _LEFT,
    Status.MISSING: _SHOWN | _ASKED - {Status.MISSING} | _LEFT,
    Status.VIEW: _SHOWN | _ASKED - {Status.VIEW} | _LEFT,
    Status.UNREADABLE: _SHOWN | {Status.FAILED, Status.VIEW, Status.MISSING} | _LEFT,
    Status.OUTSIDE: frozenset({Status.NEW, Status.FAILED, Status.UNREADABLE, Status.VIEW}) | _LEFT,
    Status.TRASHED: _SHOWN | _ASKED | {Status.UNSELECTED},
    Status.ASIDE: _ASKED,
    Status.UNSELECTED: _SHOWN | _ASKED | _LEFT - {Status.UNSELECTED},
}
"""Which status may follow which, in one step; each may also stay as it is.

What lost its copy in the mirror is new again when it is shown.
"""
