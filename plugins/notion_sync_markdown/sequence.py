"""How siblings stand beside each other: list markers, numbers and blank lines."""

from __future__ import annotations

from typing import NamedTuple

from attrs import define, field

from notion_sync_core.plugin import Block, Numbering
from notion_sync_markdown.dialects import Dialect

_LISTS = {"bulleted_list_item": "bullet", "to_do": "bullet", "numbered_list_item": "number"}
_HTML = "html"
_BOX = "box"


class Tail(NamedTuple):
    """What the text before ends with, if something of its kind would be taken for a part of it."""

    group: str = ""
    """A kind of list, or a quote."""
    style: int = 0
    """Which marker the list has."""


NOTHING_BEFORE = Tail()
QUOTE = Tail("quote")


@define
class Sequence:
    """The siblings written so far.

    Two lists with nothing visible between them take different markers: that is how Markdown knows
    that they are two. It does not matter to it whose children they are.
    """

    _dialect: Dialect
    tail: Tail = NOTHING_BEFORE
    """What the last of them ends with."""
    splits_boxes: bool = False
    """Two boxes beside each other are kept apart."""
    _numbers: Numbering = field(factory=Numbering)
    _run: str = ""
    _kind: str = ""
    """What the next sibling is, besides a list item, that its like before it could take in."""
    _before: str = ""
    """What the next text needs in front of it: the start of an HTML list, or what splits two lists."""
    _open: bool = False
    """An HTML list waits for its end."""
    _is_first: bool = True
    _is_tight: bool = True

    def marker(self, block: Block) -> str:
        """The list marker of the next sibling, ``""`` if it is no list item."""
        group = _LISTS.get(block.type, "")
        number = self._numbers.see(block) if group == "number" or self._numbers.number else 0
        self._kind = self._joining(block.type)
        if not group:
            self._run = ""
            return ""
        if group == "number" and self._numbers.style in ("letters", "roman") and self._dialect.html_lists:
            group = _HTML
        if self._run != group or (number and self._numbers.starts):
            self._begin(group, number)
        if group == _HTML:
            return "<li>"
        style = self._dialect.markers[group][self.tail.style]
        return style if group == "bullet" else f"{number}{style}"

    def _begin(self, group: str, number: int) -> None:
        follows = self.tail.group == group
        self.tail = Tail(self.tail.group, 1 - self.tail.style if follows and group != _HTML else 0)
        self._before = self._dialect.list_split if follows else ""
        if group == _HTML:
            self._before = f"{self._dialect.list_start(number, self._numbers.style)}\n"
        self._run, self._is_tight = group, False

    def add(self, text: str, tail: Tail = NOTHING_BEFORE) -> str:
        """The next sibling's text with what separates it from the one before.

        :param tail: what it ends with, if its children stand at its own level.
        """
        if not text:
            return ""
        if self._kind:
            self._before = self._dialect.list_split if self.tail.group == self._kind else ""
            tail = Tail(self._kind)
        is_tight = self._run == _HTML or "\n\n" not in text
        close = self._run != "" and self._is_tight and is_tight
        separator = "" if self._is_first else "\n" if close else "\n\n"
        if self._open and (self._before or self._run != _HTML):
            separator = f"\n</ol>{separator}"
            self._open = False
        separator += self._before
        self._open = self._open or self._run == _HTML
        if not self._run:
            self.tail = tail
        elif self.tail.group != self._run:
            self.tail = Tail(self._run, self.tail.style)
        self._before = ""
        self._kind = ""
        self._is_first, self._is_tight = False, is_tight
        return separator + text

    def _joining(self, kind: str) -> str:
        if kind == "quote" and self._dialect.joins_quotes:
            return kind
        return _BOX if self.splits_boxes and kind in ("callout", "toggle") else ""

    def end(self) -> str:
        """What stands behind the last sibling."""
        return "\n</ol>" if self._open else ""
