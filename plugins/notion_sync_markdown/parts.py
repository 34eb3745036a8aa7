"""What a block's template gets to work with, by the block's type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notion_sync_core.plugin import TAB_ITEM, Block, shown_as
from notion_sync_markdown import blocks, references
from notion_sync_markdown.callouts import kind_of
from notion_sync_markdown.context import Context

_Parts = Callable[[Block, Context], dict[str, Any]]


def parts(block: Block, context: Context) -> dict[str, Any]:
    """The values of one block, all Markdown but where their description says otherwise."""
    kind = shown_as(block, context.parent)
    found = _PARTS.get(kind)
    return {"type": kind, **(found(block, context) if found else {})}


def _text(block: Block, context: Context) -> dict[str, Any]:
    text = context.pen.block(block, in_item=bool(context.marker))
    return {"text": context.anchored(block, text), "marker": context.marker or "-"}


def _to_do(block: Block, context: Context) -> dict[str, Any]:
    text = context.anchored(block, context.pen.to_do(block))
    return {
        **_text(block, context),
        "text": text,
        "box": blocks.box(block),
        "checked": bool(block.payload.get("checked")),
    }


def _heading(block: Block, context: Context) -> dict[str, Any]:
    text = context.pen.block(block, one_line=True)
    level, anchor = context.level(block), context.anchor(block)
    line = context.dialect.anchored_heading(level, text, anchor) if anchor else context.dialect.heading(level, text)
    return {"text": text, "level": level, "line": line}


def _toggle(block: Block, context: Context) -> dict[str, Any]:
    return {"summary": blocks.summary(block, context)}


def _callout(block: Block, context: Context) -> dict[str, Any]:
    pen = context.pen
    text, rest = blocks.callout_text(block, context)
    return {"kind": kind_of(block), "icon": pen.icon(block.payload), "text": text, "rest": rest}


def _code(block: Block, context: Context) -> dict[str, Any]:
    pen = context.pen
    return {
        "code": pen.plain(block.rich_text),
        "language": blocks.language(block),
        "caption": pen.inline(block.caption),
    }


def _equation(block: Block, _: Context) -> dict[str, Any]:
    return {"tex": blocks.tex(block)}


def _column(block: Block, _: Context) -> dict[str, Any]:
    return {"share": blocks.share(block)}


def _tab(block: Block, context: Context) -> dict[str, Any]:
    return {"label": blocks.tab_label(block, context)}


def _image(block: Block, context: Context) -> dict[str, Any]:
    shown, below = references.picture(block, context)
    href = context.pen.picture(block.payload) or context.pen.file(block.payload)[1]
    return {"picture": shown, "below": below, "href": href or "", "caption": context.pen.inline(block.caption)}


def _media(block: Block, context: Context) -> dict[str, Any]:
    _, href, _ = context.pen.file(block.payload)
    return {
        "player": references.player(block, context),
        "href": href or "",
        "caption": context.pen.inline(block.caption),
    }


_PARTS: Mapping[str, _Parts] = {
    **dict.fromkeys(("paragraph", "template", "quote", "bulleted_list_item", "numbered_list_item"), _text),
    **dict.fromkeys(("heading_1", "heading_2", "heading_3", "heading_4"), _heading),
    **dict.fromkeys(("video", "audio", "pdf", "file"), _media),
    "to_do": _to_do,
    "toggle": _toggle,
    "callout": _callout,
    "code": _code,
    "equation": _equation,
    "column": _column,
    TAB_ITEM: _tab,
    "image": _image,
}
