"""The renderer itself: which files a document becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from attrs import Attribute, field, frozen, validators

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


def _address(_: object, __: Attribute[Any], value: str) -> None:
    if value and not (value.startswith("/") and not value.startswith("//")):
        raise ValueError("a path on the site, such as /assets")


def _shift(_: object, __: Attribute[Any], value: int | None) -> None:
    if value is not None and not 0 <= value <= 5:
        raise ValueError("a number of levels from 0 to 5")


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
    """Who reads the files: gfm, obsidian, docusaurus, mkdocs, hugo or jekyll."""
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
    keys: dict[str, str] = field(factory=dict)
    """What stands under which key of the front matter: properties, or what every document has."""
    properties: list[str] = field(factory=lambda: ["*"])
    """The properties that the front matter shows under their own names; ``*``: all but those under other keys."""
    without: list[str] = field(factory=list)
    """What it does not show: properties, and keys that the dialect has of its own."""
    empty: bool = True
    """Whether it shows properties without a value."""
    heading: bool | None = None
    """Whether the title stands at the top of the file; by default unless its reader shows it itself."""
    heading_shift: int | None = field(default=None, validator=_shift)
    """How many levels the headings of a page move down; by default as many as its reader needs for one title a page."""
    schema: bool = True
    """Whether a database's page has a table of its columns."""
    home: str = ""
    """The title of a home page that leads to what stands at the top; none by default."""
    paths: str = ""
    """A pattern for the paths of rows, made of their properties."""
    flat: bool = False
    """Whether all files lie at the top, or where ``paths`` says."""
    sections: str = field(validator=validators.in_(["", "index", "_index"]))
    """What the file of a page with pages inside is called in their folder; empty: it lies beside that folder."""
    assets_url: str = field(default="", validator=_address)
    """The address of the assets on your site; empty: they are linked by relative paths."""

    _dialect: Dialect = field(init=False, repr=False)
    # A Book or None; the options' types are looked up when they are read, and that is no reason to import it.
    _book: Any = field(init=False, repr=False)
    _front_matter: Any = field(init=False, repr=False)

    format: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"
    template_package: ClassVar[str] = "notion_sync_markdown"
    """Its folder ``templates`` holds the originals."""

    @sections.default
    def _usual_sections(self) -> str:
        found = DIALECTS.get(self.dialect)
        return found.sections if found is not None else ""

    @_dialect.default
    def _made_dialect(self) -> Dialect:
        made = DIALECTS[self.dialect](self.math)
        made.shift = made.least_shift if self.heading_shift is None else self.heading_shift
        return made

    @_book.default
    def _opened_book(self) -> Any:
        if not self.templates:
            return None
        # Most exports have no templates: they should not wait for Jinja2.
        from notion_sync_markdown.templating import Book

        return Book(self.templates, self._dialect)

    @_front_matter.default
    def _parsed_keys(self) -> Any:
        if not self.keys:
            return None
        from notion_sync_markdown.mapping import Mapped

        return {key: Mapped.parse(key, text) for key, text in self.keys.items()}

    @property
    def has_heading(self) -> bool:
        """The title stands at the top of each file."""
        return self._dialect.has_heading if self.heading is None else self.heading

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
        from notion_sync_markdown.document import Shown, pieces
        from notion_sync_markdown.front_matter import FrontMatter
        from notion_sync_markdown.pen import Pen

        path = site.path(self.suffix)
        has_title = self._book is None and self.has_heading
        pen = Pen(self._seen(site), self._dialect, str(path.parent), has_title=has_title)
        wanted = FrontMatter(self.metadata, self._front_matter or {}, self.properties, self.without, self.empty)
        shown = Shown(wanted, self.has_heading, self.schema, self.option_descriptions)
        yield Artifact(path, encoded(pieces(document, pen, shown, self._book)), "text/markdown")
        if self.csv and document.ref.kind != "page":
            yield from csv_artifacts(document, site, self.csv_metadata, bom=self.csv_bom, safe=self.csv_safe)
        if self.bases and document.ref.kind != "page":
            from notion_sync_markdown import bases

            yield from bases.artifacts(document, site)

    def _seen(self, site: Site) -> Site:
        """The site, its assets where readers of the pages find them."""
        if not self.assets_url:
            return site
        from notion_sync_markdown.published import PublishedSite

        return cast("Site", PublishedSite(site, self.assets_url))

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
        if self._dialect.has_navigation or self.home:
            from notion_sync_markdown import navigation

            yield from navigation.artifacts(self._dialect, tree, self.home, heading=self.has_heading)
