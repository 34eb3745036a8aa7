"""The renderer itself: which files a document becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from notion_sync_core.hookspecs import hookimpl
from notion_sync_core.model import Artifact, Document, Site
from notion_sync_markdown import database, escape, walk
from notion_sync_markdown.blocks import heading
from notion_sync_markdown.front_matter import front_matter

_CHUNK = 1 << 16


@frozen(eq=False)
class MarkdownRenderer:
    """Pages as CommonMark with GitHub's extensions, databases as an index page and CSV."""

    csv: bool = True
    """Whether databases become CSV files as well."""
    folder: str = ""
    """Where the files go within a sink; by default its root, or the renderer's name if there are several."""

    format: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """See :func:`notion_sync_core.hookspecs.render_document`."""
        yield Artifact(site.path(self.suffix), _chunks(document, site), "text/markdown")
        if self.csv and document.ref.kind != "page":
            yield from database.csv_artifacts(document, site)


def _chunks(document: Document, site: Site) -> Iterator[bytes]:
    """The file in pieces of a size that is cheap to write."""
    waiting: list[str] = []
    size = 0
    for text in _pieces(document, site):
        waiting.append(text)
        size += len(text)
        if size >= _CHUNK:
            yield "".join(waiting).encode("utf-8", "replace")
            waiting.clear()
            size = 0
    yield "".join(waiting).encode("utf-8", "replace")


def _pieces(document: Document, site: Site) -> Iterator[str]:
    yield front_matter(document.raw, site) if document.ref.kind == "page" else ""
    title = escape.text(" ".join((document.ref.title or "Untitled").split()))
    yield heading(1, title)
    body = walk.pieces(document, site) if document.ref.kind == "page" else database.pieces(document, site)
    separator = "\n\n"
    for text in body:
        yield separator + text
        separator = ""
    yield "\n"
