"""What each type of block that holds text looks like. https://developers.notion.com/reference/block"""

from __future__ import annotations

import re
from collections.abc import Mapping

from notion_sync_core.plugin import Block, clean
from notion_sync_markdown.callouts import kind_of
from notion_sync_markdown.context import Context
from notion_sync_markdown.layout import quoted, stacked
from notion_sync_markdown.pen import bold, first_line

INFO: Mapping[str, str] = {
    "plain text": "",
    "ascii art": "",
    "notion formula": "",
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "java/c/c++/c#": "java",
    "docker": "dockerfile",
    "vb.net": "vbnet",
    "visual basic": "vb",
    "objective-c": "objectivec",
    "llvm ir": "llvm",
    "markup": "html",
    "webassembly": "wasm",
}
"""Names of languages that readers know by another one."""
_NOT_INFO = re.compile(r"[^\w+#.-]+")


def paragraph(block: Block, inner: str, context: Context) -> str:
    """A paragraph, and what is indented below it."""
    text = context.pen.block(block)
    return stacked(context.anchored(block, text), inner)


def tab(block: Block, inner: str, context: Context) -> str:
    """One tab: its label and its content."""
    return context.dialect.tab(tab_label(block, context), inner)


def tab_label(block: Block, context: Context) -> str:
    """A tab's icon and name, in bold."""
    text = context.pen.inline([bold(item) for item in block.rich_text], one_line=True)
    return f"{context.pen.icon(block.payload)} {text}".strip()


def heading(block: Block, inner: str, context: Context) -> str:
    """A heading, and the section that a toggle heading holds."""
    text = context.pen.block(block, one_line=True)
    anchor, level = context.anchor(block), context.level(block)
    if anchor:
        return stacked(context.dialect.anchored_heading(level, text, anchor), inner)
    return stacked(context.dialect.heading(level, text), inner)


def list_item(block: Block, inner: str, context: Context) -> str:
    """A bulleted or numbered item."""
    text = context.pen.block(block, in_item=True)
    return context.dialect.item(context.marker or "-", context.anchored(block, text), inner)


def to_do(block: Block, inner: str, context: Context) -> str:
    """An item with a box."""
    text = context.anchored(block, context.pen.to_do(block))
    return context.dialect.item(context.marker or "-", f"{box(block)} {text}", inner)


def box(block: Block) -> str:
    """The box of a to-do."""
    return "[x]" if block.payload.get("checked") else "[ ]"


def toggle(block: Block, inner: str, context: Context) -> str:
    """A line that opens and closes what is in it."""
    return context.dialect.toggle(summary(block, context), inner)


def summary(block: Block, context: Context) -> str:
    """A toggle's first line."""
    return context.pen.summary(block.rich_text, block.payload.get("color", ""))


def quote(block: Block, inner: str, context: Context) -> str:
    """A quote with its children inside it."""
    text = stacked(context.anchored(block, context.pen.block(block)), inner)
    return quoted(text) if text else ""


def callout(block: Block, inner: str, context: Context) -> str:
    """A box with an icon."""
    title, rest = callout_text(block, context)
    return context.dialect.callout(kind_of(block), context.pen.icon(block.payload), title, stacked(rest, inner))


def callout_text(block: Block, context: Context) -> tuple[str, str]:
    """The title, and what is below it, where the dialect's callouts have titles; else all is the title."""
    if not context.dialect.titles_callouts:
        return context.pen.inline(block.rich_text), ""
    first, rest = first_line(block.rich_text)
    return context.pen.box_title(first), context.pen.inline(rest)


def code(block: Block, inner: str, context: Context) -> str:
    """A code block with its caption."""
    text = context.dialect.code_block(context.pen.plain(block.rich_text), language(block))
    return stacked(text, context.pen.inline(block.caption), inner)


def language(block: Block) -> str:
    """The language as a fence names it."""
    name = str(block.payload.get("language") or "").lower()
    return INFO.get(name, _NOT_INFO.sub("-", name))


def equation(block: Block, inner: str, context: Context) -> str:
    """A formula that stands alone."""
    text = tex(block)
    return stacked(context.dialect.formula_block(text) if text else "", inner)


def tex(block: Block) -> str:
    """A formula's source."""
    return clean(str(block.payload.get("expression") or "")).strip()


def divider(_: Block, inner: str, context: Context) -> str:
    """A rule."""
    return stacked(context.dialect.rule, inner)


def inside(_: Block, inner: str, __: Context) -> str:
    """Nothing but what is in it."""
    return inner


def contents(_: Block, inner: str, context: Context) -> str:
    """A table of contents, where the reader makes one."""
    return stacked(context.dialect.contents(), inner)


def columns(_: Block, inner: str, context: Context) -> str:
    """Columns side by side."""
    return context.dialect.columns(inner)


def column(block: Block, inner: str, context: Context) -> str:
    """One column."""
    return context.dialect.column(share(block), inner)


def share(block: Block) -> int:
    """A column's share of the width in percent; 0 if the API gives none."""
    ratio = block.payload.get("width_ratio")
    return round(ratio * 100) if isinstance(ratio, (int, float)) and 0 < ratio < 1 else 0


def row(block: Block, inner: str, context: Context) -> str:
    """A row whose table was not there to hold it."""
    found = block.payload.get("cells")
    cells = [context.pen.inline(cell) for cell in found] if isinstance(found, list) else []
    return stacked(" — ".join(filter(None, cells)), inner)
