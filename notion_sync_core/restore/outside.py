"""What stood in the target's workspace before, as far as relations of what is restored lead there.

It is asked once, and the answer is on record: a restore that goes on decides as it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import define

from notion_sync_core.restore.journal import Journal
from notion_sync_core.writing import Made

Look = Callable[[str, str], Sequence[Made] | None]
"""What ``target_children`` shows, by container and kind; ``None``: the container is not there, or cannot be seen."""


@define
class Outside:
    """Data sources that are not restored, and their rows."""

    journal: Journal
    look: Look

    def has_source(self, source_id: str) -> bool:
        """Whether a data source is there; its columns count as made then, for rollups that go there."""
        if not source_id:
            return False
        name = f"outside {source_id}"
        if not self.journal.fact(name):
            columns = self.look(source_id, "columns")
            self.journal.made_columns(source_id, [each.title for each in columns or ()])
            self.journal.set_fact(name, "no" if columns is None else "yes")
        return self.journal.fact(name) == "yes"

    def list_rows(self, source_id: str) -> None:
        """Put on record which rows there are of a data source that is not restored."""
        name = f"rows of {source_id}"
        if self.journal.fact(f"outside {source_id}") == "yes" and not self.journal.fact(name):
            self.journal.set_foreign(each.id for each in self.look(source_id, "data_source") or ())
            self.journal.set_fact(name, "yes")
