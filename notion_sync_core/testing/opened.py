"""A document and its site, for tests that call a renderer themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.document import Document, Site
from notion_sync_core.plugins.hookspecs import hookimpl
from notion_sync_core.testing.drafts import document
from notion_sync_core.testing.examine import fresh
from notion_sync_core.testing.shelf import Shelf


@define
class Opened:
    """What ``render_document`` is given."""

    document: Document
    site: Site
    warnings: list[str] = field(factory=list)
    """What was put into the report by ``site.warn``."""


class Opener:
    """Makes documents with their sites, each on a shelf of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shelves: list[Shelf] = []

    def __call__(self, title: str, *blocks: Any, suffix: str = ".txt", **more: Any) -> Opened:
        """Make one; for the arguments see :func:`~notion_sync_core.testing.drafts.document`."""
        draft = document(title, *blocks, **more)
        shelf = Shelf(fresh(self._folder, "shelf"), [draft])
        self._shelves.append(shelf)
        warnings: list[str] = []
        view, page = shelf.view(_Asks(suffix), draft.id, warnings.append)
        return Opened(view, page, warnings)

    def close(self) -> None:
        """Give the shelves back; documents cannot be read any more."""
        for shelf in self._shelves:
            shelf.close()


@define(eq=False)
class _Asks:
    """In place of the renderer whose suffix counts."""

    suffix: str
    format: str = "opened"

    @hookimpl
    def render_document(self) -> list[Any]:
        """Makes nothing."""
        return []
