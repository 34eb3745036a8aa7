"""Markdown as blocks: renderers know those of Notion's API, so a source says what it has in their words.

https://developers.notion.com/reference/block
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from attrs import define, field
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from notion_sync_core.plugin import Json, clean

_MOST = 2000
"""Characters of one piece of text, as in the API."""
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_LOOKS = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_ALIKE = {"blockquote": "quote", "bullet_list": "bulleted_list_item", "ordered_list": "numbered_list_item"}

Meaning = Callable[[str], tuple[str, str]]
"""What an address leads to: the id of a note, or the path of a file."""


@define
class Tree:
    """A block and what is in it."""

    block: Json
    inside: list[Tree] = field(factory=list)


@define
class Content:
    """What a note holds."""

    trees: list[Tree]
    links: list[str]
    """Ids of the notes it leads to."""
    files: list[str]
    """Files that it shows or leads to."""


def read(text: str, note_id: str, meaning: Meaning) -> Content:
    """The blocks of a note; the first heading is its title already."""
    reader = _Reader(uuid.UUID(note_id), meaning)
    nodes = SyntaxTreeNode(_PARSER.parse(clean(text))).children
    if nodes and nodes[0].type == "heading" and nodes[0].tag == "h1":
        nodes = nodes[1:]
    trees = [tree for node in nodes for tree in reader.trees(node)]
    return Content(trees, list(dict.fromkeys(reader.links)), list(dict.fromkeys(reader.files)))


class _Reader:
    """Goes over one note.

    :param namespace: of the ids of its blocks.
    """

    def __init__(self, namespace: uuid.UUID, meaning: Meaning) -> None:
        self.links: list[str] = []
        self.files: list[str] = []
        self._namespace = namespace
        self._meaning = meaning
        self._number = count()

    def trees(self, node: SyntaxTreeNode) -> Iterator[Tree]:
        """The blocks that a node of Markdown becomes."""
        kind = node.type
        if kind == "paragraph":
            yield from self._paragraph(node)
        elif kind == "heading":
            yield self._block(f"heading_{min(int(node.tag[1:]), 4)}", self._rich(node), is_toggleable=False)
        elif kind in ("bullet_list", "ordered_list"):
            yield from self._list(node)
        elif kind == "blockquote":
            yield self._holder("quote", node.children)
        elif kind in ("fence", "code_block"):
            language = node.info.split()[0] if node.info.split() else "plain text"
            yield self._block("code", _texts(node.content.rstrip("\n")), language=language, caption=[])
        elif kind == "hr":
            yield self._bare("divider")
        elif kind == "table":
            yield self._table(node)
        elif node.content:
            yield self._block("paragraph", _texts(node.content))

    def _paragraph(self, node: SyntaxTreeNode) -> Iterator[Tree]:
        """A picture alone is a block of its own."""
        inline = node.children[0].children
        if len(inline) == 1 and inline[0].type == "image":
            yield self._picture(inline[0])
        else:
            yield self._block("paragraph", self._rich(node))

    def _list(self, node: SyntaxTreeNode) -> Iterator[Tree]:
        start = int(str(node.attrs.get("start", 1)))
        for number, item in enumerate(node.children):
            more = {"list_start_index": start} if node.type == "ordered_list" and number == 0 and start != 1 else {}
            yield self._holder(_ALIKE[node.type], item.children, **more)

    def _holder(self, kind: str, nodes: list[SyntaxTreeNode], **payload: Any) -> Tree:
        """A block whose text is its first paragraph; the rest is inside it."""
        text = self._rich(nodes[0]) if nodes and nodes[0].type == "paragraph" else []
        rest = nodes[1:] if nodes and nodes[0].type == "paragraph" else nodes
        held = self._block(kind, text, **payload)
        held.inside = [tree for node in rest for tree in self.trees(node)]
        held.block["has_children"] = bool(held.inside)
        return held

    def _table(self, node: SyntaxTreeNode) -> Tree:
        rows = [row for part in node.children for row in part.children]
        cells = [[self._rich(cell) for cell in row.children] for row in rows]
        table = self._bare("table", table_width=len(cells[0]), has_column_header=True, has_row_header=False)
        table.inside = [self._bare("table_row", cells=each) for each in cells]
        table.block["has_children"] = True
        return table

    def _picture(self, node: SyntaxTreeNode) -> Tree:
        url, caption = self._address(str(node.attrs["src"])), _texts(node.content)
        if url in self.files:
            return self._bare("image", type="file", file={"url": url}, caption=caption)
        return self._bare("image", type="external", external={"url": url}, caption=caption)

    def _address(self, href: str) -> str:
        """An address as renderers resolve it: of a note by its id, of a file by its path."""
        note_id, file = self._meaning(href)
        if note_id:
            self.links.append(note_id)
            return f"/{note_id.replace('-', '')}"
        if file:
            self.files.append(file)
        return file or href

    def _rich(self, node: SyntaxTreeNode) -> list[Json]:
        """The text of a paragraph, a heading or a cell."""
        return [piece for child in node.children for piece in self._pieces(child, {}, None)]

    def _pieces(self, node: SyntaxTreeNode, look: dict[str, bool], href: str | None) -> Iterator[Json]:
        kind = node.type
        if kind == "image":
            picture = self._address(str(node.attrs["src"]))
            yield from _texts(node.content or picture, look, picture)
        elif kind in ("softbreak", "hardbreak"):
            yield from _texts(" " if kind == "softbreak" else "\n", look, href)
        elif kind == "code_inline":
            yield from _texts(node.content, {**look, "code": True}, href)
        elif node.children or kind in ("inline", "link", *_LOOKS):
            inner = {**look, _LOOKS[kind]: True} if kind in _LOOKS else look
            address = self._address(str(node.attrs["href"])) if kind == "link" else href
            for child in node.children:
                yield from self._pieces(child, inner, address)
        else:
            yield from _texts(node.content, look, href)

    def _block(self, kind: str, rich_text: list[Json], **payload: Any) -> Tree:
        return self._bare(kind, rich_text=rich_text, color="default", **payload)

    def _bare(self, kind: str, **payload: Any) -> Tree:
        block_id = str(uuid.uuid5(self._namespace, str(next(self._number))))
        return Tree({"object": "block", "id": block_id, "type": kind, "has_children": False, kind: payload})


def _texts(text: str, look: dict[str, bool] | None = None, href: str | None = None) -> list[Json]:
    """Rich text of one look, in pieces of at most two thousand characters."""
    plain = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False}
    annotations = {**plain, "color": "default", **(look or {})}
    pieces = [text[start : start + _MOST] for start in range(0, len(text), _MOST)]
    return [
        {
            "type": "text",
            "text": {"content": piece, "link": {"url": href} if href else None},
            "annotations": dict(annotations),
            "plain_text": piece,
            "href": href,
        }
        for piece in pieces
    ]
