"""Which function writes which type of block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from notion_sync_core.plugin import MEETING_SECTION, TAB_ITEM, Block, shown_as
from notion_sync_markdown import blocks, references
from notion_sync_markdown.context import Context

Writer = Callable[[Block, str, Context], str]
"""Takes a block, its children as Markdown, and where it stands."""

_ANCHORED = frozenset(
    (
        *("paragraph", "template", "quote", "to_do", "bulleted_list_item", "numbered_list_item"),
        *("heading_1", "heading_2", "heading_3", "heading_4", "meeting_notes", "transcription"),
    )
)
"""Their anchor stands in their text."""

WRITERS: Mapping[str, Writer] = {
    "paragraph": blocks.paragraph,
    "template": blocks.paragraph,
    "heading_1": blocks.heading,
    "heading_2": blocks.heading,
    "heading_3": blocks.heading,
    "heading_4": blocks.heading,
    "bulleted_list_item": blocks.list_item,
    "numbered_list_item": blocks.list_item,
    "to_do": blocks.to_do,
    "toggle": blocks.toggle,
    "quote": blocks.quote,
    "callout": blocks.callout,
    "code": blocks.code,
    "equation": blocks.equation,
    "divider": blocks.divider,
    "breadcrumb": blocks.inside,
    "table_of_contents": blocks.contents,
    "column_list": blocks.columns,
    "column": blocks.column,
    "tab": blocks.inside,
    TAB_ITEM: blocks.tab,
    "table": blocks.inside,
    "table_row": blocks.row,
    "synced_block": references.synced,
    "bookmark": references.web_link,
    "embed": references.web_link,
    "link_preview": references.web_link,
    "image": references.image,
    "video": references.media,
    "audio": references.media,
    "pdf": references.media,
    "file": references.media,
    "child_page": references.child,
    "child_database": references.child,
    "link_to_page": references.link_to_page,
    "meeting_notes": references.meeting,
    MEETING_SECTION: references.meeting_section,
    "transcription": references.meeting,
    "unsupported": references.unsupported,
}


def to_markdown(block: Block, inner: str, context: Context, writers: Mapping[str, Writer] = WRITERS) -> str:
    """One block as Markdown without a line break at its end.

    :param inner: its children, already rendered.
    :param writers: where to look for the one that knows its type.
    """
    kind = shown_as(block, context.parent)
    claimed = context.pen.site.render_block(block, inner)
    if claimed is None:
        text = writers.get(kind, references.unknown)(block, inner, context)
        if kind in _ANCHORED:
            return text
    else:
        text = claimed.strip("\n")
    anchor = context.anchor(block)
    return context.dialect.anchored_block(text, anchor) if anchor else text
