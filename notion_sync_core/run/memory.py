"""What a source may ask of earlier runs, answered from the state."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.run.lookups import LIVE
from notion_sync_core.store.state import State


class StateCatalog:
    """What the source may ask of earlier runs; see :class:`~notion_sync_core.catalog.Catalog`."""

    def __init__(self, state: State, run: int, *, full: bool) -> None:
        self._state = state
        self._run = run
        self._users: set[str] = set()
        self._since = None if full else state.meta("since") or None

    @property
    def since(self) -> str | None:
        """See :meth:`~notion_sync_core.catalog.Catalog.since`."""
        return self._since

    def edited(self, object_id: str) -> str | None:
        """See :meth:`~notion_sync_core.catalog.Catalog.edited`."""
        found: str | None = self._state.value("SELECT read_edited FROM objects WHERE id=?", (object_id,))
        return found

    def known(self) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.known`."""
        return int(self._state.value("SELECT count(*) FROM objects"))

    def awaited(self) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.awaited`."""
        return int(
            self._state.value(
                "SELECT count(*) FROM objects WHERE kind='page' AND parent_type != 'data_source_id' AND seen!=? "
                "AND status IN ('new', 'read', 'failed')",
                (self._run,),
            )
        )

    def knows(self, object_id: str) -> bool:
        """See :meth:`~notion_sync_core.catalog.Catalog.knows`."""
        return self._state.value(f"SELECT 1 FROM objects WHERE id=? AND status IN {LIVE}", (object_id,)) is not None

    def unseen(self, data_source_id: str) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.unseen`."""
        return int(
            self._state.value(
                "SELECT count(*) FROM objects WHERE parent_id=? AND kind='page' AND seen!=? "
                "AND status IN ('new', 'read', 'failed')",
                (data_source_id, self._run),
            )
        )

    def unread(self, data_source_id: str) -> Iterator[str]:
        """See :meth:`~notion_sync_core.catalog.Catalog.unread`."""
        rows = self._state.pages(
            "SELECT id FROM objects WHERE parent_id=? AND kind='page' AND seen=? AND "
            "(read_edited IS NULL OR read_run=?) AND status IN ('new', 'read', 'failed') {after} ORDER BY id",
            "id",
            (data_source_id, self._run, self._run),
        )
        return (row["id"] for row in rows)

    def has_user(self, user_id: str) -> bool:
        """See :meth:`~notion_sync_core.catalog.Catalog.has_user`."""
        if user_id not in self._users and self._state.value("SELECT 1 FROM users WHERE id=?", (user_id,)):
            # Asked for each person on each page; the state has one lock for all who ask.
            self._users.add(user_id)
        return user_id in self._users
