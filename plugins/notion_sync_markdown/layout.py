"""Blocks of lines: one below the other, moved to the right, or quoted."""

from __future__ import annotations

import re

_LINES = re.compile(r"\n(?!\n|\Z)")


def stacked(*parts: str) -> str:
    """The parts that are not empty, a blank line between them."""
    return "\n\n".join(filter(None, parts))


def indented(text: str, space: str) -> str:
    """The text with all lines but the first and empty ones moved to the right."""
    return _LINES.sub(f"\n{space}", text)


def quoted(text: str) -> str:
    """The text as a block quote."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))
