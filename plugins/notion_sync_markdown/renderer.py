"""The renderer itself: which files a document becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from attrs import field, frozen, validators

from notion_sync_core.plugin import (
    Artifact,
    Document,
    FilePath,
    Ref,
    Site,
    Tree,
    encoded,
    hookimpl,
)
from notion_sync_markdown.csv_files import csv_artifacts, suffixes
from notion_sync_markdown.dialects import DIALECTS, Dialect
from notion_sync_markdown.extras import KEYS


@frozen(eq=False)
class MarkdownRenderer:
    """Pages as CommonMark with GitHub's extensions, databases as an index page and CSV."""

    csv: bool = True
    """Whether databases become CSV files as well."""
    csv_safe: bool = True
    """Whether text in them that a spreadsheet would run gets an apostrophe; else every value is bare."""
    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""
    dialect: str = field(default="gfm", validator=validators.in_(list(DIALECTS)))
    """Who reads the files: gfm, obsidian, docusaurus or mkdocs."""
    metadata: list[str] = field(factory=list, validator=validators.deep_iterable(validators.in_(list(KEYS))))
    """What else the front matter says: any of id, url, created, edited, icon and cover."""
    math: bool | None = None
    """Whether formulas stand between dollars; by default where the dialect's reader needs no set-up for it."""
    templates: FilePath = ""
    """A folder with your own Jinja2 templates; none by default."""

    _dialect: Dialect = field(init=False, repr=False)
    # A Book or None; the options' types are looked up when they are read, and that is no reason to import it.
    _book: Any = field(init=False, repr=False)

    format: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"
    template_package: ClassVar[str] = "notion_sync_markdown"
    """Its folder ``templates`` holds the originals."""

    @_dialect.default
    def _made_dialect(self) -> Dialect:
        return DIALECTS[self.dialect](self.math)

    @_book.default
    def _opened_book(self) -> Any:
        if not self.templates:
            return None
        # Most exports have no templates: they should not wait for Jinja2.
        from notion_sync_markdown.templating import Book

        return Book(self.templates, self._dialect)

    @property
    def unfit(self) -> str:
        """What Obsidian takes for a heading, a block or another name in a link."""
        return self._dialect.unfit

    @property
    def shows_neighbours(self) -> bool:
        """Docusaurus reads a document's place among its siblings from the document."""
        return self.dialect == "docusaurus"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        # A sync that finds nothing changed renders nothing: it should not wait for what writes.
        from notion_sync_markdown.document import pieces
        from notion_sync_markdown.pen import Pen

        path = site.path(self.suffix)
        pen = Pen(site, self._dialect, str(path.parent), has_title=self._book is None)
        yield Artifact(path, encoded(pieces(document, pen, self.metadata, self._book)), "text/markdown")
        if self.csv and document.ref.kind != "page":
            yield from csv_artifacts(document, site, safe=self.csv_safe)

    @hookimpl
    def render_suffixes(self, sources: list[Ref]) -> list[str]:
        """See :func:`notion_sync_core.hookspecs.render_suffixes`."""
        # A data source whose object was lost with the mirror is not counted when the files are made.
        found = suffixes([(source.id, source.title) for source in sources])
        return list(dict.fromkeys([".csv", *found])) if self.csv else []

    @hookimpl
    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_site`."""
        if self._dialect.has_navigation:
            from notion_sync_markdown import navigation

            yield from navigation.artifacts(self.dialect, tree)
