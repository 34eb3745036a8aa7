"""Documents as AsciiDoc (https://docs.asciidoctor.org/asciidoc/latest/)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from notion_sync_core.plugin import (
    Artifact,
    Document,
    Site,
    clean,
    encoded,
    hookimpl,
    one_line,
    properties,
    properties_of,
)

from notion_sync_asciidoc.blocks import blocks
from notion_sync_asciidoc.inline import Pen, escaped


@frozen(eq=False)
class AsciidocRenderer:
    """Pages and databases as AsciiDoc.

    Its attributes are the keys of ``[plugins.asciidoc]``.
    """

    toc: bool = False
    """Begin each page with a table of its headings."""
    properties: bool = True
    """Show the properties of a row above its text."""
    folder: str = ""
    """Where its files lie in the sink; empty: at the root, or in a folder called like it beside other renderers."""

    api_version = "1.0"
    format = "asciidoc"
    suffix = ".adoc"
    version = "1"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        """One file for each page and each database."""
        yield Artifact(site.path(self.suffix), encoded(self._lines(document, site)), "text/asciidoc")

    def _lines(self, document: Document, site: Site) -> Iterator[str]:
        title = one_line(clean(document.ref.title)).strip() or "Untitled"
        yield f"= {escaped(title)}\n:stem: latexmath\n"
        yield ":toc:\n\n" if self.toc else "\n"
        pen = Pen(site)
        if document.ref.kind == "database":
            yield from _rows(document, pen)
        elif self.properties:
            yield from _properties(document, pen)
        yield from blocks(document, pen)


def _properties(document: Document, pen: Pen) -> Iterator[str]:
    """The properties of a row as a list of terms; its title stands above already."""
    values = properties_of(document.raw)
    names = [name for name in properties.ordered(values) if values[name].get("type") != "title"]
    said = [(name, text) for name in names if (text := properties.text(values[name], pen.site))]
    for name, text in said:
        yield f"{escaped(one_line(clean(name)))}:: {escaped(one_line(clean(text)))}\n"
    if said:
        yield "\n"


def _rows(document: Document, pen: Pen) -> Iterator[str]:
    """The rows of each data source as a table, the title first."""
    for source in document.data_sources():
        names = properties.ordered(properties_of(source))
        yield f'[%header,cols="{",".join("1" * max(len(names), 1))}"]\n|===\n'
        yield "".join(f"|{escaped(one_line(clean(name)))}\n" for name in names) + "\n"
        for row in document.rows(source["id"]):
            values = properties_of(row.raw)
            for name in names:
                value = values.get(name) or {}
                is_title = value.get("type") == "title"
                text = pen.to(row.ref.id, row.ref.title) if is_title else _cell(properties.text(value, pen.site))
                yield f"|{text}\n"
            yield "\n"
        yield "|===\n\n"


def _cell(text: str) -> str:
    return escaped(one_line(clean(text)))
