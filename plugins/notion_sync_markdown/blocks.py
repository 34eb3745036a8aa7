"""Blocks to Markdown, to any depth without recursion.

The tree is walked with a stack of frames; a block is put together when its children are done, and
top-level blocks leave one by one, so that memory holds one of them at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from attrs import define, field

from notion_sync_core.model import Block, Document, Json, Site, plain_text
from notion_sync_markdown import escape
from notion_sync_markdown.media import file_link, image, web_link
from notion_sync_markdown.rich_text import cell, inline, inline_html, link_to

LISTS = {"bulleted_list_item", "numbered_list_item", "to_do"}
_ALWAYS_OPEN = {"synced_block", "meeting_notes", "transcription"}
_CLOSED = {"child_page", "child_database", "unsupported", "table", "link_to_page", "code", "equation", "divider"}
_DEEPEST = 40
"""Levels that are shown by indentation; what lies deeper follows flat."""
_CLOSING_HASHES = re.compile(r"(#+)(\s*)$")


@define
class Frame:
    """The children of one block, while they are put together."""

    block: Block | None
    children: Iterator[Block]
    parts: list[str] = field(factory=list)
    last: str = ""
    """Type of the child that came last."""
    number: int = 0
    """Of the last numbered item."""
    mark: str = "."

    def separator(self, kind: str) -> str:
        """What stands between the last child and one of this type."""
        if not self.last:
            return ""
        return "\n" if kind in LISTS and self.last in LISTS else "\n\n"


class Writer:
    """Writes the blocks of one document."""

    def __init__(self, document: Document, site: Site) -> None:
        self._document = document
        self._site = site
        self._stack: list[Frame] = []
        self._open: set[str] = set()

    def blocks(self, blocks: Iterator[Block]) -> Iterator[str]:
        """The Markdown of sibling blocks, piece by piece."""
        self._stack = [Frame(None, blocks)]
        while True:
            frame = self._stack[-1]
            block = next(frame.children, None)
            if block is not None:
                if self._descends(block):
                    self._open.add(_identity(block))
                    self._stack.append(Frame(block, self._document.children(block)))
                    continue
                yield from self._add(block, "")
                continue
            self._stack.pop()
            if frame.block is None:
                return
            self._open.discard(_identity(frame.block))
            yield from self._add(frame.block, "".join(frame.parts))

    def _descends(self, block: Block) -> bool:
        if block.type in _CLOSED or not (block.has_children or block.type in _ALWAYS_OPEN):
            return False
        return _identity(block) not in self._open  # a synced block inside itself ends here

    def _add(self, block: Block, inner: str) -> Iterator[str]:
        """Put a finished block behind its siblings; at the top it leaves."""
        frame = self._stack[-1]
        text = self._site.render_block(block, inner)
        if text is None:
            text = _WRITERS.get(block.type, Writer._unknown)(self, block, inner)
        if not text:
            return
        separator = frame.separator(block.type)
        frame.last = block.type
        if frame.block is None:
            yield separator + text
        else:
            frame.parts += (separator, text)

    # -- text

    def _text(self, block: Block) -> str:
        return inline(block.rich_text, self._site).strip()

    def _caption(self, block: Block) -> str:
        return inline(block.caption, self._site).strip()

    def _paragraph(self, block: Block, inner: str) -> str:
        return _join(self._text(block) or ("" if inner else "<br>"), inner)

    def _heading(self, block: Block, inner: str) -> str:
        text = inline(block.rich_text, self._site, breaks="<br>").strip()
        text = _CLOSING_HASHES.sub(r"\\\1\2", text)
        return _join(f"{'#' * int(block.type[-1])} {text}".rstrip(), inner)

    def _quote(self, block: Block, inner: str) -> str:
        return _prefixed(_join(self._text(block), inner), "> ")

    def _callout(self, block: Block, inner: str) -> str:
        icon = block.payload.get("icon")
        mark = icon.get("emoji") or "" if isinstance(icon, dict) else ""
        return _prefixed(_join(f"{mark} {self._text(block)}".strip(), inner), "> ")

    def _toggle(self, block: Block, inner: str) -> str:
        summary = inline_html(block.rich_text, self._site)
        return f"<details>\n<summary>{summary}</summary>\n\n{_join(inner, '</details>')}"

    def _code(self, block: Block, _: str) -> str:
        body = _INVISIBLE.sub("", plain_text(block.rich_text).replace("\r\n", "\n").replace("\r", "\n"))
        fence = "`" * max(3, escape.longest_run(body, "`") + 1)
        language = str(block.payload.get("language") or "")
        info = "" if language == "plain text" else re.sub(r"[\s`]+", "-", language)
        return _join(f"{fence}{info}\n{body}\n{fence}", self._caption(block))

    def _equation(self, block: Block, _: str) -> str:
        body = str(block.payload.get("expression") or "")
        fence = "`" * max(3, escape.longest_run(body, "`") + 1)
        return f"{fence}math\n{body}\n{fence}"

    # -- lists

    def _bullet(self, block: Block, inner: str) -> str:
        return self._item("- ", self._text(block), inner)

    def _to_do(self, block: Block, inner: str) -> str:
        mark = "x" if block.payload.get("checked") else " "
        return self._item("- ", f"[{mark}] {self._text(block)}".rstrip(), inner)

    def _numbered(self, block: Block, inner: str) -> str:
        frame = self._stack[-1]
        expected = frame.number + 1 if frame.last == "numbered_list_item" else 1
        start = block.payload.get("list_start_index")
        number = start if isinstance(start, int) and 0 <= start < 10**9 else expected
        if number != expected and frame.last == "numbered_list_item":
            # Readers count on by themselves: only another delimiter begins another list.
            frame.mark = ")" if frame.mark == "." else "."
        frame.number = number
        return self._item(f"{number}{frame.mark} ", self._text(block), inner)

    def _item(self, mark: str, text: str, inner: str) -> str:
        if len(self._stack) > _DEEPEST:
            return _join(f"{mark}{text}", inner)
        # An item may not begin with a blank line: a comment keeps the place of missing text.
        body = text or ("<!-- -->" if inner else "")
        if inner:
            body += ("\n" if text and _begins_with_list(inner) else "\n\n") + inner
        return (mark + _indented(body, len(mark))).rstrip()

    # -- tables and columns

    def _table(self, block: Block, _: str) -> str:
        rows = [self._cells(row) for row in self._document.children(block)]
        width = max([int(block.payload.get("table_width") or 0), *map(len, rows)], default=0)
        if not width:
            return ""
        if not block.payload.get("has_column_header"):
            rows.insert(0, [])
        head, *body = [_row(row, width) for row in rows or [[]]]
        return "\n".join([head, "|" + " --- |" * width, *body])

    def _cells(self, row: Block) -> list[str]:
        return [cell(items, self._site).strip() for items in row.payload.get("cells") or []]

    def _table_row(self, block: Block, _: str) -> str:
        return " · ".join(self._cells(block))

    def _container(self, _: Block, inner: str) -> str:
        return inner

    def _titled(self, block: Block, inner: str) -> str:
        return _join(self._text(block), inner)

    # -- media and links

    def _image(self, block: Block, _: str) -> str:
        return _join(image(block.payload, plain_text(block.caption), self._site), self._caption(block))

    def _file(self, block: Block, _: str) -> str:
        return _join(file_link(block.payload, block.type, self._site), self._caption(block))

    def _bookmark(self, block: Block, _: str) -> str:
        return web_link(str(block.payload.get("url") or ""), self._caption(block), self._site)

    def _embed(self, block: Block, _: str) -> str:
        if not block.payload.get("url") and block.payload.get("file"):
            return self._file(block, "")
        return self._bookmark(block, "")

    def _child(self, block: Block, _: str) -> str:
        return link_to(block.id, self._site, str(block.payload.get("title") or ""))

    def _link_to_page(self, block: Block, _: str) -> str:
        payload = block.payload
        target = payload.get("page_id") or payload.get("database_id")
        if target:
            return link_to(str(target), self._site)
        return f"*Link to a {escape.text(str(payload.get('type') or 'page').removesuffix('_id'))}*"

    # -- what Notion keeps to itself

    def _synced(self, block: Block, inner: str) -> str:
        if inner or not block.payload.get("synced_from"):
            return inner
        return "*Synced block: its original is not shared with this export.*"

    def _meeting(self, block: Block, inner: str) -> str:
        title = block.payload.get("title")
        shown = inline(title, self._site) if isinstance(title, list) else escape.text(str(title or "Meeting notes"))
        status = block.payload.get("status")
        note = "" if inner or not status else f"*{escape.text(str(status).replace('_', ' '))}*"
        return _join(_join(f"**{shown.strip() or 'Meeting notes'}**", note), inner)

    def _nothing(self, _: Block, inner: str) -> str:
        """Breadcrumb and table of contents: the reader's own navigation shows them."""
        return inner

    def _unsupported(self, block: Block, _: str) -> str:
        kind = str(block.payload.get("block_type") or "unknown").replace("_", " ")
        address = escape.url(self._document.ref.url)
        where = f", see it [in Notion]({address})" if address else ""
        return f"*A Notion block of type “{escape.text(kind)}” that the API does not show{where}.*"

    def _unknown(self, block: Block, inner: str) -> str:
        self._site.warn(f"unknown block type {block.type!r} ({block.id}): its text is kept, its look is not")
        parts = [
            f"*A block of the unknown type “{escape.text(block.type)}”.*",
            self._text(block),
            self._caption(block),
            inner,
        ]
        return "\n\n".join(part for part in parts if part)


_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WRITERS: dict[str, Callable[[Writer, Block, str], str]] = {
    "paragraph": Writer._paragraph,
    "heading_1": Writer._heading,
    "heading_2": Writer._heading,
    "heading_3": Writer._heading,
    "heading_4": Writer._heading,
    "bulleted_list_item": Writer._bullet,
    "numbered_list_item": Writer._numbered,
    "to_do": Writer._to_do,
    "toggle": Writer._toggle,
    "quote": Writer._quote,
    "callout": Writer._callout,
    "code": Writer._code,
    "equation": Writer._equation,
    "divider": lambda *_: "---",
    "breadcrumb": Writer._nothing,
    "table_of_contents": Writer._nothing,
    "bookmark": Writer._bookmark,
    "embed": Writer._embed,
    "link_preview": Writer._bookmark,
    "link_to_page": Writer._link_to_page,
    "image": Writer._image,
    "video": Writer._file,
    "audio": Writer._file,
    "pdf": Writer._file,
    "file": Writer._file,
    "child_page": Writer._child,
    "child_database": Writer._child,
    "synced_block": Writer._synced,
    "template": Writer._titled,
    "column_list": Writer._container,
    "column": Writer._container,
    "table": Writer._table,
    "table_row": Writer._table_row,
    "tab": Writer._container,
    "meeting_notes": Writer._meeting,
    "transcription": Writer._meeting,
    "unsupported": Writer._unsupported,
}


def _identity(block: Block) -> str:
    """Copies of one synced block are the same: their content is."""
    source: Json | None = block.payload.get("synced_from") if block.type == "synced_block" else None
    return str(source["block_id"]) if isinstance(source, dict) and source.get("block_id") else block.id


def _join(first: str, second: str) -> str:
    return f"{first}\n\n{second}" if first and second else first or second


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))


def _indented(text: str, width: int) -> str:
    if "\n" not in text:
        return text
    pad = " " * width
    return text.replace("\n", f"\n{pad}").replace(f"\n{pad}\n", "\n\n")


def _begins_with_list(text: str) -> bool:
    return text.startswith("- ") or bool(re.match(r"1[.)] ", text))


def _row(cells: list[str], width: int) -> str:
    return "| " + " | ".join(cells[i] if i < len(cells) else "" for i in range(width)) + " |"
