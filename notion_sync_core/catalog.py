"""What a source may ask about earlier runs, so that it requests changes only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Catalog(Protocol):
    """Memory of a job, as seen by its source."""

    @property
    def since(self) -> str | None:
        """Newest ``last_edited_time`` up to which discovery was once complete; ``None`` on the first run."""

    def edited(self, object_id: str) -> str | None:
        """The ``last_edited_time`` this object had when it was last read, or ``None``."""

    def known(self) -> int:
        """How many objects earlier runs left in the state."""

    def awaited(self) -> int:
        """How many known pages that are no rows, nothing in this run has shown so far."""

    def knows(self, object_id: str) -> bool:
        """Whether an earlier run exported this object, or found it."""

    def unseen(self, data_source_id: str) -> int:
        """How many known rows of a data source no listing of this run has shown so far."""

    def unread(self, data_source_id: str) -> Iterator[str]:
        """Rows of a data source that listings of this run have shown and no earlier run has read."""

    def has_user(self, user_id: str) -> bool:
        """Whether that user's name is known, or known to be hidden."""
