"""Blocks, one after another, however deep they are nested.

What is nested in an item of a list is a list below it; what is nested in anything else stands in an example block,
whose fences grow with the depth.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field
from notion_sync_core.plugin import (
    Block,
    Depth,
    Document,
    Numbering,
    Step,
    clean,
    destination,
    one_line,
    plain_text,
    to_file,
    to_picture,
    walk,
)

from notion_sync_asciidoc.inline import Pen, address, escaped

_DEEPEST = 4
"""Levels of lists that readers know well; what is deeper follows flat."""
_ADMONITIONS = {"red": "WARNING", "orange": "CAUTION", "yellow": "IMPORTANT", "green": "TIP"}
_LISTED = {"bulleted_list_item": "*", "numbered_list_item": ".", "to_do": "*", "toggle": "*"}
_HEADINGS = {f"heading_{number}": "=" * (number + 1) for number in range(1, 5)}
_STRUCTURE = ("paragraph", "column_list", "column", "synced_block", "breadcrumb", "template", "tab", "table_row")
"""Types that may say nothing by themselves; of any other one without words at least its name is shown."""


@define
class _Level:
    """Blocks within one block."""

    marker: str = ""
    """Of the lists that stand here."""
    close: str = ""
    """Ends it."""
    numbering: Numbering = field(factory=Numbering)
    is_list: bool = False
    """The block before was an item."""


def blocks(document: Document, pen: Pen) -> Iterator[str]:
    """The text of a document."""
    levels = [_Level()]
    for step, block in walk(document, pen.site.warn, depth=Depth(blocks=_DEEPEST), whole=("table",)):
        if step is Step.CLOSE:
            yield levels.pop().close
            continue
        here = levels[-1]
        here.numbering.see(block)
        if here.is_list and block.type not in _LISTED:
            yield "//-\n\n"  # ends the list: what follows is no part of its last item
        here.is_list = block.type in _LISTED
        yield from _shown(block, here, document, pen)
        if step is Step.OPEN:
            opened, level = _opened(block, here, len(levels))
            yield opened
            levels.append(level)


def _opened(block: Block, here: _Level, depth: int) -> tuple[str, _Level]:
    """What comes before the blocks within a block, and where they stand."""
    if block.type in _LISTED:
        return "", _Level(marker=here.marker + _LISTED[block.type], close="")
    if block.type in ("column_list", "synced_block", "template", "tab", *_HEADINGS):
        return "", _Level(marker=here.marker)
    fence = "=" * (4 + depth)
    return f"{fence}\n", _Level(close=f"{fence}\n\n")


def _shown(block: Block, here: _Level, document: Document, pen: Pen) -> Iterator[str]:
    taken = pen.site.render_block(block, "")
    if taken is not None:
        yield f"{taken}\n\n"
        return
    if pen.site.is_anchor(block.id):
        yield f"[[_{block.id.replace('-', '')}]]\n"
    if block.type in _LISTED:
        yield f"{_item(block, here, pen)}\n"
    elif block.type == "table":
        yield from _table(block, document, pen)
    else:
        text = _block(block, pen)
        yield f"{text}\n\n" if text else ""


def _item(block: Block, here: _Level, pen: Pen) -> str:
    marker = here.marker + _LISTED[block.type]
    box = ("[x] " if block.payload.get("checked") else "[ ] ") if block.type == "to_do" else ""
    start = f"[start={here.numbering.number}]\n" if here.numbering.starts and here.numbering.number > 1 else ""
    return f"{start}{marker} {box}{pen.inline(block.rich_text) or '{empty}'}"


def _block(block: Block, pen: Pen) -> str:
    """A block that stands alone."""
    kind, payload = block.type, block.payload
    text = pen.inline(block.rich_text)
    match kind:
        case "heading_1" | "heading_2" | "heading_3" | "heading_4":
            return f"{_HEADINGS[kind]} {pen.flat(block.rich_text) or '{empty}'}"
        case "code":
            return _code(block, pen)
        case "quote":
            return f"[quote]\n____\n{text or '{empty}'}\n____"
        case "callout":
            color = str(payload.get("color") or "").removesuffix("_background")
            return f"[{_ADMONITIONS.get(color, 'NOTE')}]\n====\n{text or '{empty}'}\n===="
        case "equation":
            return _fenced(str(payload.get("expression") or ""), "+", "[stem]\n")
        case "divider":
            return "'''"
        case "child_page" | "child_database":
            return f"* {pen.to(block.id, str(payload.get('title') or ''))}"
        case "link_to_page":
            target = payload.get(str(payload.get("type") or ""))
            return f"* {pen.to(str(target))}" if target else ""
        case "image":
            return _picture(block, pen)
        case "table_of_contents":
            return "toc::[]"
        case "bookmark" | "embed" | "link_preview" | "video" | "audio" | "file" | "pdf":
            return _file(block, pen)
    return text or ("" if kind in _STRUCTURE else f"_{escaped(kind.replace('_', ' '))}_")


def _code(block: Block, pen: Pen) -> str:
    language = "".join(char for char in str(block.payload.get("language") or "") if char.isalnum() or char in "+#-")
    caption = f".{pen.flat(block.caption)}\n" if block.caption and pen.flat(block.caption).strip() else ""
    return _fenced(clean(plain_text(block.rich_text)), "-", f"{caption}[source,{language}]\n")


def _fenced(text: str, char: str, before: str) -> str:
    """A text as it is: within a fence that is longer than any in it."""
    longest = max((len(line.rstrip()) for line in text.split("\n") if set(line.strip()) == {char}), default=3)
    fence = char * max(4, longest + 1)
    return f"{before}{fence}\n{text}\n{fence}"


def _picture(block: Block, pen: Pen) -> str:
    url, _ = to_file(block.payload, pen.site)
    shown = to_picture(url, pen.site) if url else None
    if shown is None:
        return _file(block, pen)
    caption = one_line(plain_text(block.caption))
    return f'image::{address(shown)}["{escaped(clean(caption))}"]'


def _file(block: Block, pen: Pen) -> str:
    """A link to a file, or to an address, with its caption or name."""
    url, to = to_file(block.payload, pen.site)
    name = str(block.payload.get("name") or block.payload.get("url") or url)
    label = pen.flat(block.caption) or escaped(one_line(clean(name))) or "{empty}"
    if isinstance(block.payload.get("url"), str) and not url:
        to = destination(str(block.payload["url"]), pen.site)
    return pen.link(label, to)


def _table(block: Block, document: Document, pen: Pen) -> Iterator[str]:
    width = block.payload.get("table_width")
    columns = width if isinstance(width, int) and width > 0 else 1
    header = "%header," if block.payload.get("has_column_header") else ""
    yield f'[{header}cols="{",".join("1" * columns)}"]\n|===\n'
    for row in document.children(block):
        cells = row.payload.get("cells")
        for number in range(columns):
            items = cells[number] if isinstance(cells, list) and number < len(cells) else []
            yield f"|{pen.inline(items)}\n"
        yield "\n"
    yield "|===\n\n"
