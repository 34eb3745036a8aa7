"""What a block needs besides itself, and what it does with it."""

from __future__ import annotations

from attrs import define

from notion_sync_core.plugin import Block, Destination, Link, Site
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.pen import Pen

_LAST_LEVEL = 6


@define  # not frozen: one is made for each item of a list
class Context:
    """Where a block stands."""

    pen: Pen
    url: str
    """The document's address in Notion."""
    marker: str = ""
    """The list marker, for a list item."""
    parent: str = ""
    """The type of the block around it."""
    has_content: bool = False
    """There are blocks in it, whatever is to be seen of them."""

    @property
    def site(self) -> Site:
        """The rest of the export."""
        return self.pen.site

    @property
    def dialect(self) -> Dialect:
        """Who reads this."""
        return self.pen.dialect

    def level(self, block: Block) -> int:
        """A heading's level in its file: what is moved below the last one stays on it."""
        return min(_LAST_LEVEL, int(block.type[-1]) + self.dialect.shift)

    def anchor(self, block: Block) -> str:
        """The block's anchor if a link leads to it, else ``""``."""
        return block.id.replace("-", "") if self.pen.site.is_anchor(block.id) else ""

    def anchored(self, block: Block, text: str) -> str:
        """A line of text, with an anchor if a link leads to the block."""
        if not self.pen.site.is_anchor(block.id):
            return text
        return self.dialect.anchored(text, block.id.replace("-", ""))

    def placeholder(self, what: str, block: Block) -> str:
        """Something visible for what cannot be shown, with a link to the original."""
        address = f"{self.url}#{block.id.replace('-', '')}" if self.url else ""
        return self.pen.link(Link(f"[{what}]", Destination(address) if address else None))
