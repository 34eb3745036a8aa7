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
    per_source,
)
from notion_sync_markdown.csv_files import csv_artifacts
from notion_sync_markdown.dialects import DIALECTS, Dialect
from notion_sync_markdown.extras import COLUMNS, KEYS


@frozen(eq=False)
class MarkdownRenderer:
    """Pages as CommonMark with GitHub's extensions, databases as an index page and CSV."""

    csv: bool = True
    """Whether databases become CSV files as well."""
    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""
    dialect: str = field(default="gfm", validator=validators.in_(list(DIALECTS)))
    """Who reads the files: gfm, obsidian, docusaurus or mkdocs."""
    metadata: list[str] = field(factory=list, validator=validators.deep_iterable(validators.in_(list(KEYS))))
    """What else the front matter says: any of id, url, created, edited, icon, cover, author, editor, public_url and
    locked."""
    csv_metadata: list[str] = field(factory=list, validator=validators.deep_iterable(validators.in_(list(COLUMNS))))
    """What else the CSV files say of each row, in columns of their own: any of the same words but icon and cover."""
    csv_bom: bool = False
    """Whether CSV files begin with a byte order mark: without one, Excel takes them for another encoding."""
    bases: bool = False
    """Whether databases become bases of Obsidian as well, with their views where ``export.views`` reads them."""
    option_descriptions: bool = False
    """Whether the table of columns says what is said about their options."""
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
    def shows_neighbours(self) -> bool:
        """Docusaurus reads a document's place among its siblings from the document."""
        return self.dialect == "docusaurus"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        # A sync that finds nothing changed renders nothing: it should not wait for what writes.
        from notion_sync_markdown.document import Shown, pieces
        from notion_sync_markdown.pen import Pen

        path = site.path(self.suffix)
        pen = Pen(site, self._dialect, str(path.parent), has_title=self._book is None)
        shown = Shown(self.metadata, self.option_descriptions)
        yield Artifact(path, encoded(pieces(document, pen, shown, self._book)), "text/markdown")
        if self.csv and document.ref.kind != "page":
            yield from csv_artifacts(document, site, self.csv_metadata, bom=self.csv_bom)
        if self.bases and document.ref.kind != "page":
            from notion_sync_markdown import bases

            yield from bases.artifacts(document, site)

    @hookimpl
    def render_suffixes(self, sources: list[Ref]) -> list[str]:
        """See :func:`notion_sync_core.hookspecs.render_suffixes`."""
        # A data source whose object was lost with the mirror is not counted when the files are made.
        given = [(source.id, source.title) for source in sources]
        endings = [*([".csv"] if self.csv else ()), *([".base"] if self.bases else ())]
        return list(dict.fromkeys(each for end in endings for each in (end, *per_source(given, end))))

    @hookimpl
    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_site`."""
        if self._dialect.has_navigation:
            from notion_sync_markdown import navigation

            yield from navigation.artifacts(self.dialect, tree)
