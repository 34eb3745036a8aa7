"""How siblings stand beside each other: list items get a list around them."""

from __future__ import annotations

from attrs import define, field
from markupsafe import Markup

from notion_sync_core.plugin import Block, Numbering
from notion_sync_html.markup import EMPTY, start

_LISTS = {"bulleted_list_item": "ul", "to_do": "ul", "numbered_list_item": "ol"}
_ENDS = {"ul": Markup("</ul>\n"), "ol": Markup("</ol>\n")}
_STYLES = {"letters": "a", "roman": "i"}


@define
class Siblings:
    """The siblings written so far."""

    index: int = -1
    """Of the sibling entered last."""
    _kind: str = ""
    """The type of the list that is open."""
    _numbering: Numbering = field(factory=Numbering)

    def enter(self, block: Block) -> Markup:
        """What stands before the next sibling: the end of one list, the beginning of another."""
        self.index += 1
        kind = block.type if block.type in _LISTS else ""
        self._numbering.see(block)
        if kind == self._kind and not (kind == "numbered_list_item" and self._numbering.starts):
            return EMPTY
        end = self.end()
        self._kind = kind
        return end + self._start() if kind else end

    def end(self) -> Markup:
        """What stands after the last of them."""
        kind, self._kind = self._kind, ""
        return _ENDS[_LISTS[kind]] if kind else EMPTY

    def _start(self) -> Markup:
        if self._kind == "to_do":
            return start("ul", class_="tasks", dir="auto") + "\n"
        if self._kind == "bulleted_list_item":
            return start("ul", dir="auto") + "\n"
        number = self._numbering.number
        style = _STYLES.get(self._numbering.style)
        return start("ol", start=str(number) if number != 1 else None, type=style, dir="auto") + "\n"
