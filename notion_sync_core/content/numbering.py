"""The numbers of list items: the API does not give them.

https://developers.notion.com/reference/block#numbered-list-item
"""

from __future__ import annotations

from attrs import define

from notion_sync_core.model import Block

HIGHEST = 999_999_999
"""What Markdown and HTML readers accept as a list's first number."""


@define
class Numbering:
    """Counts the numbered siblings seen so far; any other type between them starts anew."""

    number: int = 0
    """Of the sibling seen last; 0 if it is no numbered item."""
    starts: bool = False
    """The sibling seen last begins a list: the first, or one with a start of its own."""
    style: str = "numbers"
    """``numbers``, ``letters`` or ``roman``, as the list's first item says."""

    def see(self, block: Block) -> int:
        """Take in the next sibling.

        :returns: its number, or 0.
        """
        if block.type != "numbered_list_item":
            self.number, self.starts = 0, False
            return 0
        payload = block.payload
        start = payload.get("list_start_index")
        expected = self.number + 1
        self.starts = self.number == 0
        number = start if isinstance(start, int) and not isinstance(start, bool) and start >= 0 else expected
        if self.starts:
            style = payload.get("list_format")
            self.style = style if isinstance(style, str) else "numbers"
        self.starts = self.starts or number != expected
        self.number = min(number, HIGHEST)
        return self.number


def label(number: int, style: str) -> str:
    """A number as people see it: ``3``, ``c`` or ``iii``."""
    if style == "letters" and number > 0:
        return _letters(number)
    if style == "roman" and 0 < number < 4000:
        return _roman(number)
    return str(number)


def _letters(number: int) -> str:
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def _roman(number: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        times, number = divmod(number, worth)
        text += letters * times
    return text
