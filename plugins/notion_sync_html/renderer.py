"""The renderer itself: which files a document becomes, and which the whole export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from attrs import field, frozen

from notion_sync_core.plugin import (
    Artifact,
    ConfigError,
    Document,
    FilePath,
    Site,
    Tree,
    encoded,
    hookimpl,
    id_from_url,
    normalise_id,
)
from notion_sync_html import page
from notion_sync_html.look import Look
from notion_sync_html.site import ASSETS, PAGES, files

_CHUNK = 1 << 16
_UNKNOWN = "application/octet-stream"
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@frozen(eq=False)
class HtmlRenderer:
    """A site to browse without a server: one file a document, an index, a search."""

    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""
    templates: FilePath = ""
    """A folder with templates of your own; what is not in it is taken from the built-in ones."""
    name: str = ""
    """What the site is called at the top of each page."""
    language: str = "en"
    """The language of the content, as in ``<html lang>``."""
    search: bool = True
    """Whether the site has a search."""
    search_characters: int = 20_000
    """How much of each document's text can be searched."""
    home: str = ""
    """The page that opens first, by its id or address; by default that is the tree of all pages."""
    _home_id: str | None = field(init=False, repr=False)
    _frame: page.Frame = field(init=False, repr=False)

    format: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"
    shows_neighbours: ClassVar[bool] = True
    template_package: ClassVar[str] = "notion_sync_html"

    @_home_id.default
    def _find_home(self) -> str | None:
        found = (id_from_url(self.home) or normalise_id(self.home)) if self.home else None
        if self.home and found is None:
            raise ConfigError(
                f"plugins.html.home is {self.home!r}, expected the id or the address of a page",
                'In Notion: the menu of the page, "Copy link".',
            )
        return found

    @_frame.default
    def _make_frame(self) -> page.Frame:
        if self.search_characters < 1:
            raise ConfigError(
                f"plugins.html.search_characters is {self.search_characters}, expected at least 1",
                "`search = false` makes a site without search.",
            )
        room = self.search_characters if self.search else 0
        all_pages = PAGES if self.home else "index.html"
        return page.Frame(Look(self.templates), self.name, self.language, room, all_pages)

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        path = site.path(self.suffix)
        yield Artifact(path, encoded(page.pieces(document, site, self._frame)), "text/html")
        if document.ref.id == self._home_id and not site.home:
            again = page.pieces(document, site, self._frame, noted=False)
            yield Artifact(path.with_name("index.html"), encoded(again), "text/html")

    @hookimpl
    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_site`."""
        for path, pieces, media_type in files(tree, self._frame, self._home_id):
            yield Artifact(tree.path(path), encoded(pieces), media_type)
        for name, own in self._frame.look.extras():
            yield Artifact(tree.path(f"{ASSETS}/{name}"), _copied(own), _TYPES.get(own.suffix, _UNKNOWN))


def _copied(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
