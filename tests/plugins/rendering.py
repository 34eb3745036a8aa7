"""Documents and sites in memory, and what a Markdown parser reads out of a rendered page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from attrs import define, field
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notion_sync_core.document import Branch, Document, Entry, Row, Target
from notion_sync_core.model import Artifact, Block, Json, Kind, Parent, Ref
from notion_sync_markdown import MarkdownRenderer

PAGE_ID = "11111111-1111-4111-8111-111111111111"
ANNOTATIONS = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False}


def ref(title: str = "Page", kind: Kind = "page", object_id: str = PAGE_ID) -> Ref:
    url = f"https://app.notion.com/p/{object_id.replace('-', '')}"
    return Ref(object_id, kind, title, Parent(), "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", url)


@define
class MemoryDocument:
    """A document built from nested blocks: each may have a list under ``"+"``."""

    nested: list[Json] = field(factory=list)
    ref: Ref = field(factory=ref)
    raw: Json = field(factory=lambda: {"object": "page", "properties": {}})
    sources: list[Json] = field(factory=list)
    source_rows: Mapping[str, list[Row]] = field(factory=dict)
    listings: Mapping[str, list[Json]] = field(factory=dict)
    discussions: Mapping[str, list[Json]] = field(factory=dict)
    source_version: str = "2026-03-11"

    def blocks(self) -> Iterator[Block]:
        return map(Block, self.nested)

    def children(self, block: Block) -> Iterator[Block]:
        source = block.payload.get("synced_from") if block.type == "synced_block" else None
        if isinstance(source, dict) and source.get("block_id") in self.listings:
            return map(Block, self.listings[source["block_id"]])
        return map(Block, block.raw.get("+") or self.listings.get(block.id, []))

    def comments(self, block_id: str) -> list[Json]:
        return list(self.discussions.get(block_id, []))

    def data_sources(self) -> list[Json]:
        return self.sources

    def rows(self, data_source_id: str) -> Iterator[Row]:
        return iter(self.source_rows.get(data_source_id, []))


@define
class MemorySite:
    """A site that knows what it is given."""

    targets: Mapping[str, Target] = field(factory=dict)
    assets: Mapping[str, str] = field(factory=dict)
    users: Mapping[str, str] = field(factory=dict)
    claims: Mapping[str, str] = field(factory=dict)
    warnings: list[str] = field(factory=list)
    stem: str = "Page"
    anchors: frozenset[str] = frozenset()
    gone: frozenset[tuple[str, str]] = frozenset()
    above: list[Target] = field(factory=list)
    beside: list[Target] = field(factory=list)
    below: list[Target] = field(factory=list)
    tree: list[Branch] | None = None
    leading_here: Branch = field(factory=lambda: Branch([]))
    documents: Mapping[str, Document] = field(factory=dict)
    position: int = 1
    notes: list[str] = field(factory=list)

    def path(self, suffix: str) -> PurePosixPath:
        return PurePosixPath(self.stem + suffix)

    @property
    def home(self) -> str:
        return "../" * self.stem.count("/")

    def target(self, object_id: str) -> Target | None:
        return self.targets.get(object_id)

    def asset(self, key: str) -> str | None:
        return self.assets.get(key)

    def picture(self, key: str) -> str | None:
        found = self.assets.get(key)
        return None if found is not None and found.endswith(".bin") else found

    def user(self, user_id: str) -> str | None:
        return self.users.get(user_id)

    def render_block(self, block: Block, inner: str) -> str | None:
        return self.claims.get(block.type)

    def is_anchor(self, block_id: str) -> bool:
        return block_id in self.anchors

    def is_gone(self, object_id: str, block_id: str) -> bool:
        return (object_id, block_id) in self.gone

    def trail(self) -> list[Target]:
        return list(self.above)

    def siblings(self) -> list[Target]:
        return list(self.beside)

    def inside(self) -> list[Target]:
        return list(self.below)

    def branches(self) -> list[Branch]:
        if self.tree is not None:
            return self.tree
        return [*(Branch([each]) for each in self.above), Branch(list(self.beside)), Branch(list(self.below))]

    def backlinks(self) -> Branch:
        return self.leading_here

    def document(self, object_id: str) -> Document | None:
        return self.documents.get(object_id)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, message: str) -> None:
        self.warnings.append(message)


@define
class MemoryTree:
    """A tree of the documents it is given."""

    all: list[Entry] = field(factory=list)

    def path(self, name: str) -> PurePosixPath:
        return PurePosixPath(name)

    def entries(self) -> Iterator[Entry]:
        return iter(self.all)


def span(text: str, href: str | None = None, **annotations: Any) -> Json:
    link = {"url": href} if href else None
    look = {**ANNOTATIONS, "color": "default", **annotations}
    return {
        "type": "text",
        "text": {"content": text, "link": link},
        "annotations": look,
        "plain_text": text,
        "href": href,
    }


def block(kind: str, text: str | list[Json] | None = None, children: list[Json] | None = None, **payload: Any) -> Json:
    if text is not None:
        payload["rich_text"] = [span(text)] if isinstance(text, str) else text
    raw: Json = {"object": "block", "id": f"{kind}-id", "type": kind, kind: payload, "has_children": bool(children)}
    return {**raw, "+": children} if children else raw


def table(*rows: list[str], header: bool = True) -> Json:
    cells = [block("table_row", cells=[[span(cell)] for cell in row]) for row in rows]
    return block("table", children=cells, table_width=len(rows[0]), has_column_header=header)


def content(artifact: Artifact) -> str:
    return b"".join(artifact.chunks).decode()


def page(*nested: Json, site: MemorySite | None = None, **document: Any) -> str:
    """A page's whole Markdown file."""
    made = MemoryDocument(list(nested), **document)
    return content(next(iter(MarkdownRenderer().render_document(made, site or MemorySite()))))


def body(*nested: Json, site: MemorySite | None = None) -> str:
    """A page's Markdown without its title."""
    return page(*nested, site=site).removeprefix("# Page\n").strip("\n")


def parser(preset: str = "commonmark") -> MarkdownIt:
    return MarkdownIt(preset, {"html": True}).enable(["table", "strikethrough"])


def read_text(markdown: str, preset: str = "commonmark") -> str:
    """What a reader sees of a Markdown file, with white space as single spaces."""
    return squeezed(" ".join(_texts(parser(preset).parse(markdown))))


def _texts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_inline(token.children or []))
        elif token.type == "html_block":
            yield _without_tags(token.content)
        elif token.type in ("fence", "code_block"):
            yield token.content


def _inline(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak") or token.content == "<br>":
            yield "\n"
        elif token.type == "image":
            yield "".join(_inline(token.children or []))
        elif token.type != "html_inline":
            yield token.content


def _without_tags(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text.replace("<br>", "\n")))


def squeezed(text: str) -> str:
    return " ".join(text.split())
