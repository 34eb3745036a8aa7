"""Blocks as plain text, and as sections for an index: what a reader reads, without any format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from notion_sync_core.content.rich_text import runs
from notion_sync_core.content.walk import MEETING_SECTION, Step, walk
from notion_sync_core.document import Document, Site
from notion_sync_core.model import Block

_HEADING = "heading_"
_FILES = ("image", "file", "pdf", "video", "audio", "bookmark", "embed", "link_preview")
SMALLEST = 20
"""Characters that a section may be asked to have at most."""


@frozen
class Section:
    """A stretch of a document's text under one heading."""

    text: str
    """Lines of plain text, the heading among them."""
    headings: tuple[str, ...]
    """The headings that it stands under, the outermost first, its own last."""
    block_id: str
    """The block that it begins with, hyphenated; empty for what a database says of itself."""
    url: str
    """The address of that block in Notion."""


def text_of(block: Block, site: Site) -> str:
    """A block's own text, without what is in it; ``""`` if it has none. Rows of a table have tabs between cells."""
    kind, payload = block.type, block.payload
    if kind in ("child_page", "child_database"):
        return _title(site, block.id) or str(payload.get("title") or "")
    if kind == "link_to_page":
        return next((_title(site, each) for each in payload.values() if isinstance(each, str) and "-" in each), "")
    if kind == "equation":
        return str(payload.get("expression") or "")
    if kind == "table_row":
        cells = payload.get("cells")
        return "\t".join(_joined(cell, site) for cell in cells) if isinstance(cells, list) else ""
    if kind == MEETING_SECTION:
        return str(payload.get("title") or "")
    own = _joined(block.rich_text, site)
    if kind in _FILES:
        return " ".join(filter(None, (own or str(payload.get("name") or ""), _joined(block.caption, site)))) or str(
            payload.get("url") or ""
        )
    return "\n".join(filter(None, (own, _joined(block.caption, site))))


def _joined(items: Any, site: Site) -> str:
    return "".join(run.text for run in runs(items, site))


def _title(site: Site, object_id: str) -> str:
    found = site.target(object_id)
    return found.title if found else ""


def blocks(document: Document) -> Iterator[Block]:
    """A document's blocks in its order, each before what is in it; never those of another document."""
    return (block for step, block in walk(document, _nobody) if step is not Step.CLOSE)


def _nobody(_: str) -> None:
    """A synced block that contains itself is shown once; that is told where it is rendered."""


def lines(document: Document, site: Site) -> Iterator[tuple[Block, str]]:
    """Each block that has a text, with it."""
    for block in blocks(document):
        if found := text_of(block, site).strip("\n"):
            yield block, found


def sections(document: Document, site: Site, max_chars: int) -> Iterator[Section]:
    """The document's text in sections: each begins with a heading, or where the one before is full.

    :param max_chars: of a section; a block that is longer is split between words, if it has any.
    :raises ValueError: fewer than :data:`SMALLEST`.
    """
    if max_chars < SMALLEST:
        raise ValueError(f"max_chars is {max_chars}, and has to be at least {SMALLEST}")
    headings: list[tuple[int, str]] = []
    waiting: list[str] = []
    first, size = "", 0

    def section() -> Section:
        address = f"{document.ref.url}#{first.replace('-', '')}" if first else document.ref.url
        return Section("\n".join(waiting), tuple(each for _, each in headings), first, address)

    for block, text in _described(document, site):
        level = _level(block)
        for number, part in enumerate(_split(text, max_chars)):
            begins = bool(level) and number == 0
            if waiting and (begins or size + 1 + len(part) > max_chars):
                yield section()
                waiting.clear()
            if begins:
                headings = [each for each in headings if each[0] < level]
                headings.append((level, text))
            size = size + 1 + len(part) if waiting else len(part)
            first = first if waiting else block.id
            waiting.append(part)
    if waiting:
        yield section()


def _described(document: Document, site: Site) -> Iterator[tuple[Block, str]]:
    """What there is to read: of a database what it says of itself."""
    said = _joined(document.raw.get("description"), site) if document.ref.kind == "database" else ""
    if said:
        yield Block({"type": "paragraph"}), said
    yield from lines(document, site)


def whole(document: Document, site: Site) -> str:
    """The document's text, a line a block."""
    return "\n".join(text for _, text in _described(document, site))


def _level(block: Block) -> int:
    """1 for the largest heading; 0: it is none."""
    number = block.type.removeprefix(_HEADING)
    return int(number) if number != block.type and number.isdigit() else 0


def _split(text: str, most: int) -> Iterator[str]:
    """A text in parts, between words where there are any."""
    while len(text) > most:
        at = max(text.rfind(" ", 0, most + 1), text.rfind("\n", 0, most + 1))
        at = at if at > 0 else most
        yield text[:at]
        text = text[at:].lstrip()
    if text:
        yield text
