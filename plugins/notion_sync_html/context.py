"""What every part of a document needs while it is written."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from notion_sync_core.plugin import Document, Site
from notion_sync_html.digest import Digest
from notion_sync_html.look import Look


@define
class Context:
    """One document on its way to HTML."""

    document: Document
    site: Site
    look: Look
    digest: Digest
    headings: list[Heading] = field(factory=list)
    """Those written so far, for the table of contents; at most :data:`MOST_HEADINGS`."""
    labels: Counter[str] = field(factory=Counter)
    """What is called so on the page where nobody sees it, and how many are."""
    _anchors: set[str] = field(factory=set)

    def label(self, name: str) -> str:
        """What a part of the page is called where it cannot be seen: no two share a name."""
        self.labels[name] += 1
        return name if self.labels[name] == 1 else self.label(f"{name} ({self.labels[name]})")

    def anchor(self, block_id: str, *, wanted: bool = False) -> str | None:
        """The ``id`` attribute of a block: its bare id if a link leads there.

        :param wanted: whether it gets one in any case, as headings do.
        """
        if not block_id or not (wanted or self.site.is_anchor(block_id)):
            return None
        bare = block_id.replace("-", "")
        if bare in self._anchors:  # a synced block that stands on the page twice
            return None
        self._anchors.add(bare)
        return bare


MOST_HEADINGS = 500


@define
class Heading:
    """A line of the table of contents."""

    level: int
    """1 to 4."""
    anchor: str
    text: str
