"""The rest of the export as it is seen where the pages are published: files have an address of their own there."""

from __future__ import annotations

from typing import Any

from notion_sync_core.plugin import Site

_IN_FOLDER = 2
"""Parts of an asset's path within the folder of assets: two letters, and its hash."""


class PublishedSite:
    """A site whose assets lie at a fixed address, whatever file shows them; all else is as it was."""

    def __init__(self, site: Site, address: str) -> None:
        self._site = site
        self._address = address.rstrip("/")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._site, name)

    def asset(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.asset`."""
        return self._at(self._site.asset(key))

    def picture(self, key: str) -> str | None:
        """See :meth:`~notion_sync_core.document.Site.picture`."""
        return self._at(self._site.picture(key))

    def _at(self, path: str | None) -> str | None:
        return None if path is None else "/".join([self._address, *path.split("/")[-_IN_FOLDER:]])
