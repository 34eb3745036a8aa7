"""How siblings stand beside each other: list markers, numbers and blank lines."""

from __future__ import annotations

import re

from attrs import define

from notion_sync_core.model import Block

_LISTS = {"bulleted_list_item": "bullet", "to_do": "bullet", "numbered_list_item": "number"}
_LINES = re.compile(r"\n(?!\n|\Z)")
_MARKERS = {"bullet": ("-", "*"), "number": (".", ")")}
_HIGHEST = 999_999_999


@define
class Sequence:
    """The siblings written so far.

    Two lists with nothing visible between them take different markers: that is how Markdown knows
    that they are two.
    """

    _run: str = ""
    _number: int = 0
    _shown: str = ""
    _style: int = 0
    _is_first: bool = True
    _is_tight: bool = True

    def marker(self, block: Block) -> str:
        """The list marker of the next sibling, ``""`` if it is no list item."""
        group = _LISTS.get(block.type, "")
        if not group:
            self._run = ""
            return ""
        start = block.payload.get("list_start_index") if group == "number" else None
        expected = self._number + 1 if self._run == group else 1
        number = start if isinstance(start, int) and 0 <= start <= _HIGHEST else expected
        if self._run != group or number != expected:
            self._style = 1 - self._style if self._shown == group else 0
            self._run, self._is_tight = group, False
        self._number = min(number, _HIGHEST)
        style = _MARKERS[group][self._style]
        return style if group == "bullet" else f"{self._number}{style}"

    def add(self, text: str) -> str:
        """The next sibling's text with what separates it from the one before."""
        if not text:
            return ""
        is_tight = "\n\n" not in text
        close = self._run != "" and self._is_tight and is_tight
        separator = "" if self._is_first else "\n" if close else "\n\n"
        self._shown, self._is_first, self._is_tight = self._run, False, is_tight
        return separator + text


def list_item(marker: str, text: str, inner: str) -> str:
    """A list item with its children inside it."""
    space = " " * (len(marker) + 1)
    if not text:
        return f"{marker}\n{indented(space + inner, space)}" if inner else marker
    separator = "\n" if _continues(inner) else "\n\n"
    return f"{marker} {indented(text + separator + inner if inner else text, space)}"


def _continues(inner: str) -> bool:
    """Whether this is a list that may follow a paragraph without a blank line."""
    return inner.startswith(("- ", "* ", "1. ")) and "\n\n" not in inner


def indented(text: str, space: str) -> str:
    """The text with all lines but the first and empty ones moved to the right."""
    return _LINES.sub(f"\n{space}", text)


def quoted(text: str) -> str:
    """The text as a block quote."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))
