"""A document of an opened site."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

from notion_sync_core.content import plain, properties
from notion_sync_core.content.plain import Section
from notion_sync_core.document import Document, Site
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Block, Json, Kind, Ref, properties_of
from notion_sync_core.opened.table import Table, table_of
from notion_sync_core.stages.view import View


class Desk(Protocol):
    """What documents are read with, as long as their site is open."""

    def check(self) -> None:
        """Return, unless the site is closed."""

    def view(self, ref: Ref) -> View:
        """A document as renderers see it."""

    def site(self, document_id: str) -> Site:
        """What stands around it."""

    def rendered(self, renderer: str, document_id: str) -> str:
        """It as a renderer makes it."""


class SiteDocument:
    """A page or database as it was read; valid until its site is closed.

    What is asked of it comes from the mirror at that moment: a large document is never held whole.
    Of what the mirror lost it raises :class:`~notion_sync_core.errors.SkippableError`: the next run reads it again.
    """

    def __init__(self, desk: Desk, ref: Ref, path: str) -> None:
        self._desk = desk
        self.ref = ref
        """Identity, title, parent and times."""
        self.path = path
        """Its place in the tree, without suffix: ``Handbook/Onboarding``."""

    def __repr__(self) -> str:
        return f"SiteDocument({self.ref.kind} {self.path!r})"

    @property
    def id(self) -> str:
        """Hyphenated."""
        return self.ref.id

    @property
    def kind(self) -> Kind:
        """``page`` or ``database``."""
        return self.ref.kind

    @property
    def title(self) -> str:
        """Its title; may be empty."""
        return self.ref.title

    @property
    def url(self) -> str:
        """Its address in Notion."""
        return self.ref.url

    @property
    def raw(self) -> Json:
        """Its API object, normalised."""
        return self._view.raw

    @cached_property
    def _view(self) -> View:
        return self._desk.view(self.ref)

    @cached_property
    def _site(self) -> Site:
        return self._desk.site(self.id)

    @property
    def source(self) -> Document:
        """The document as renderers see it: listings, comments, rows."""
        return self._view

    @property
    def properties(self) -> dict[str, Any]:
        """Of a page: values by name, the title's first: text, number, boolean, list or ``None``; dates as ISO text.

        Of a database it is empty.
        """
        if self.kind != "page":
            return {}
        found = properties_of(self.raw)
        return {name: properties.value(found[name], self._site) for name in properties.ordered(found)}

    def walk(self) -> Iterator[Block]:
        """Its blocks in order, each before what is in it; a child page is one block, and never entered."""
        self._desk.check()
        return plain.blocks(self._view)

    def text(self) -> str:
        """Its text without any format, a line a block; of a database what that says of itself."""
        return plain.whole(self._view, self._site)

    def sections(self, max_chars: int = 1000) -> Iterator[Section]:
        """Its text in pieces for an index: each begins with a heading, or where the one before is full.

        :raises ValueError: ``max_chars`` is too small.
        """
        self._desk.check()
        return plain.sections(self._view, self._site, max_chars)

    def markdown(self) -> str:
        """As the Markdown renderer makes it, with the options that the job has for it."""
        return self._desk.rendered("markdown", self.id)

    def html(self) -> str:
        """As the HTML renderer makes it. What stands around the document is in it, and no part of its changes."""
        return self._desk.rendered("html", self.id)

    def render(self, renderer: str) -> str:
        """As any installed renderer makes it that makes texts.

        :raises ConfigError: none of that name is installed.
        """
        return self._desk.rendered(renderer, self.id)

    def tables(self) -> list[Table]:
        """The tables of a database, one a data source; of a page none."""
        return [table_of(source, self._view, self._site) for source in self._view.data_sources()]

    def table(self, source: str = "") -> Table:
        """The table of a database.

        :param source: the title or id of a data source, where there are several.
        :raises ConfigError: it is no database, or has no such data source, or several and none is named.
        """
        found = self.tables()
        fitting = [table for table in found if not source or source in (table.title, table.id)]
        if len(fitting) == 1:
            return fitting[0]
        if not found:
            raise ConfigError(f"{self.path} has no table: it is a {self.kind}", "Ask documents whose kind is database.")
        raise ConfigError(
            f"{self.path} has {len(fitting)} tables that could be meant",
            f"Name one of its data sources: {', '.join(table.title or table.id for table in found)}.",
        )
