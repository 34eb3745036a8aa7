"""The renderer itself: which files a document becomes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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
    properties,
    properties_of,
)
from notion_sync_markdown import database, navigation, walk
from notion_sync_markdown.comments import discussions
from notion_sync_markdown.csv_files import csv_artifacts, suffixes
from notion_sync_markdown.dialects import DIALECTS, Dialect
from notion_sync_markdown.front_matter import EXTRAS, front_matter
from notion_sync_markdown.pen import Pen
from notion_sync_markdown.writers import Writer, to_markdown


@frozen(eq=False)
class MarkdownRenderer:
    """Pages as CommonMark with GitHub's extensions, databases as an index page and CSV."""

    csv: bool = True
    """Whether databases become CSV files as well."""
    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""
    dialect: str = field(default="gfm", validator=validators.in_(list(DIALECTS)))
    """Who reads the files: gfm, obsidian, docusaurus or mkdocs."""
    metadata: list[str] = field(factory=list, validator=validators.deep_iterable(validators.in_(list(EXTRAS))))
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
    def shows_neighbours(self) -> bool:
        """Docusaurus reads a document's place among its siblings from the document."""
        return self.dialect == "docusaurus"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        path = site.path(self.suffix)
        pen = Pen(site, self._dialect, str(path.parent), has_title=self._book is None)
        yield Artifact(path, encoded(self._pieces(document, pen)), "text/markdown")
        if self.csv and document.ref.kind != "page":
            yield from csv_artifacts(document, site)

    @hookimpl
    def render_suffixes(self, sources: list[Ref]) -> list[str]:
        """See :func:`notion_sync_core.hookspecs.render_suffixes`."""
        # A data source whose object was lost with the mirror is not counted when the files are made.
        found = suffixes([(source.id, source.title) for source in sources])
        return list(dict.fromkeys([".csv", *found])) if self.csv else []

    @hookimpl
    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_site`."""
        return navigation.artifacts(self.dialect, tree)

    def _pieces(self, document: Document, pen: Pen) -> Iterator[str]:
        head = front_matter(document, pen, self.metadata)
        title = pen.title(document.ref.title or "Untitled")
        made = self._templated(document, pen, head, title)
        if made is None:
            yield head
            yield pen.dialect.heading(1, title)
            yield from self._body(document, pen)
        else:
            yield from made
        yield "\n"

    def _templated(self, document: Document, pen: Pen, head: str, title: str) -> Iterator[str] | None:
        if self._book is None:
            return None
        ref = document.ref
        kind = "page" if ref.kind == "page" else "database"
        values: dict[str, Any] = {
            "front_matter": head,
            "title": title,
            "body": self._body(document, pen),
            "id": ref.id,
            "url": ref.url,
            "created": ref.created_time,
            "edited": ref.last_edited_time,
            "raw": document.raw,
            "properties": _texts(document, pen) if kind == "page" else {},
        }
        pieces: Iterator[str] | None = self._book.document(kind, values)
        return pieces

    def _body(self, document: Document, pen: Pen) -> Iterator[str]:
        """All below the title, each piece with what separates it from the one before."""
        separator = "\n\n"
        about = document.comments(document.ref.id)
        if about:
            yield separator + discussions(about, pen)
        write: Writer = to_markdown if self._book is None else partial(to_markdown, writers=self._book.writers)
        made = walk.pieces(document, pen, write) if document.ref.kind == "page" else database.pieces(document, pen)
        for text in made:
            yield separator + text if text else ""
            separator = "" if text else separator


def _texts(document: Document, pen: Pen) -> dict[str, str]:
    return {name: properties.text(prop, pen.site) for name, prop in properties_of(document.raw).items()}
