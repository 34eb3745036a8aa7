"""What a source may ask of earlier runs, answered from the state."""

from __future__ import annotations

from collections.abc import Iterator

from notion_sync_core.state import State


class StateCatalog:
    """What the source may ask of earlier runs; see :class:`~notion_sync_core.catalog.Catalog`."""

    def __init__(self, state: State, *, full: bool) -> None:
        self._lookups = state.lookups
        self._objects = state.objects
        self._findings = state.findings
        self._users: set[str] = set()
        self._since = None if full else state.facts.since or None

    @property
    def since(self) -> str | None:
        """See :meth:`~notion_sync_core.catalog.Catalog.since`."""
        return self._since

    def edited(self, object_id: str) -> str | None:
        """See :meth:`~notion_sync_core.catalog.Catalog.edited`."""
        return self._lookups.edited(object_id)

    def known(self) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.known`."""
        return self._objects.count()

    def awaited(self) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.awaited`."""
        return self._lookups.pages_awaited()

    def knows(self, object_id: str) -> bool:
        """See :meth:`~notion_sync_core.catalog.Catalog.knows`."""
        return self._lookups.is_known(object_id)

    def unseen(self, data_source_id: str) -> int:
        """See :meth:`~notion_sync_core.catalog.Catalog.unseen`."""
        return self._lookups.rows_awaited(data_source_id)

    def unread(self, data_source_id: str) -> Iterator[str]:
        """See :meth:`~notion_sync_core.catalog.Catalog.unread`."""
        return self._lookups.rows_unread(data_source_id)

    def has_user(self, user_id: str) -> bool:
        """See :meth:`~notion_sync_core.catalog.Catalog.has_user`."""
        if user_id not in self._users and self._findings.has_user(user_id):
            # Asked for each person on each page; the state has one lock for all who ask.
            self._users.add(user_id)
        return user_id in self._users
