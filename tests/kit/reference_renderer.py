"""A renderer as small as one can be that has every feature: what the exam of renderers is examined with."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import (
    Artifact,
    Block,
    Document,
    Json,
    Ref,
    Site,
    Step,
    Tree,
    hookimpl,
    objects,
    plain_text,
    properties_of,
    walk,
)


@define(eq=False)
class PlainRenderer:
    """Documents as HTML without any look."""

    password: str = field(default="swordfish", repr=False)
    format = "plain"
    suffix = ".html"
    suffixes = (".txt",)
    sections = "_index"
    shows_neighbours = True

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        yield Artifact(site.path(self.suffix), self._page(document, site), "text/html; charset=utf-8")
        yield Artifact(site.path(".txt"), [document.ref.title.encode()], "text/plain")
        for source in document.data_sources():
            rows = (f"{row.ref.title}\n".encode() for row in document.rows(source["id"]))
            yield Artifact(site.path(".rows.txt"), rows, "text/plain")

    def _page(self, document: Document, site: Site) -> Iterator[bytes]:
        yield f"<title>{_escaped(document.ref.title)}</title>".encode()
        for sibling in site.siblings():
            yield f"<nav>{_escaped(sibling.title)}</nav>".encode()
        for said in document.comments(document.ref.id):
            yield f"<aside>{_escaped(_said(said))}</aside>".encode()
        for name, value in sorted(properties_of(document.raw).items()):
            yield f"<p>{_escaped(name)} {_escaped(_texts(value))}</p>".encode()
        for step, block in walk(document, site.warn):
            if step is not Step.CLOSE:
                yield self._block(block, site).encode()
                for said in document.comments(block.id):
                    yield f"<aside>{_escaped(_said(said))}</aside>".encode()
        yield b"\n"

    def _block(self, block: Block, site: Site) -> str:
        claimed = site.render_block(block, "")
        if claimed is not None:
            return claimed
        shown = "".join(self._item(item, site) for item in [*block.rich_text, *block.caption, *_cells(block)])
        target = site.target(str(block.payload.get("page_id") or block.id))
        if target is not None and target.href:
            shown += f'<a href="{_escaped(target.href)}">{_escaped(target.title)}</a>'
        return f"<p>{shown or _escaped(block.type)} {_escaped(block.payload.get('title') or '')}</p>"

    def _item(self, item: Json, site: Site) -> str:
        text = plain_text([item])
        mention = item.get("mention")
        page = mention.get("page") if isinstance(mention, dict) else None
        target = site.target(str(page.get("id"))) if isinstance(page, dict) else None
        if target is not None:
            return _escaped(target.title)
        href = item.get("href")
        if isinstance(href, str) and href.startswith("https:"):
            return f'<a href="{_escaped(href)}">{_escaped(text)}</a>'
        return _escaped(text)

    @hookimpl
    def render_suffixes(self, sources: list[Ref]) -> list[str]:
        return [".rows.txt"] if sources else []

    @hookimpl
    def render_site(self, tree: Tree) -> Iterator[Artifact]:
        lines = (f"{entry.path} {entry.title}\n".encode() for entry in tree.entries())
        yield Artifact(tree.path("all.txt"), lines, "text/plain")

    @hookimpl
    def render_block(self, format: str, block: Block) -> str | None:
        if format == "html" and block.type == "code":
            return f"<pre>{_escaped(plain_text(block.rich_text))}</pre>"
        return None


def _said(comment: Json) -> str:
    return plain_text(comment.get("rich_text"))


def _texts(value: Json) -> str:
    return plain_text(value.get(str(value.get("type"))))


def _cells(block: Block) -> list[Json]:
    cells = block.payload.get("cells")
    return [item for cell in cells for item in objects(cell)] if isinstance(cells, list) else []


def _escaped(text: Any) -> str:
    return html.escape(str(text))


def make(folder: Path) -> PlainRenderer:
    del folder
    return PlainRenderer()


FEATURES = {"content", "comments", "links", "asks", "blocks", "site", "neighbours", "sections", "suffixes"}
