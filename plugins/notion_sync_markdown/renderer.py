"""The renderer plugin: pages and databases as Markdown files, rows also as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import yaml
from attrs import frozen

from notion_sync_core.hookspecs import hookimpl
from notion_sync_core.model import Artifact, Document, Site
from notion_sync_markdown import escape
from notion_sync_markdown.blocks import Writer
from notion_sync_markdown.database import csv_artifacts, index_page
from notion_sync_markdown.properties import ordered, value

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@frozen(eq=False)
class MarkdownRenderer:
    """Markdown files. Its attributes are the keys of ``[plugins.markdown]``."""

    csv: bool = True
    """Write the rows of each data source as CSV too."""
    folder: str = ""
    """Folder in the sink; by default none, or ``markdown`` as soon as there are two renderers."""

    format: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterable[Artifact]:
        """See the hook."""
        if document.ref.kind == "database":
            yield Artifact(site.path(self.suffix), index_page(document, site), "text/markdown")
            if self.csv:
                yield from csv_artifacts(document, site)
        else:
            yield Artifact(site.path(self.suffix), _page(document, site), "text/markdown")


def _page(document: Document, site: Site) -> Iterator[bytes]:
    """A page: front matter if it has properties, its title, its blocks."""
    title = escape.text(" ".join(document.ref.title.split())) or "Untitled"
    yield f"{front_matter(document, site)}# {title}\n".encode()
    empty = True
    for piece in Writer(document, site).blocks(document.blocks()):
        yield (("\n" if empty else "") + piece).encode("utf-8", "replace")
        empty = False
    if not empty:
        yield b"\n"


def front_matter(document: Document, site: Site) -> str:
    """The properties of a row as YAML; nothing for a page that has a title only."""
    properties = document.raw.get("properties") or {}
    if len(properties) < 2:
        return ""
    values = {name: value(properties[name], site) for name in ordered(properties) if isinstance(properties[name], dict)}
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{text}---\n\n"
