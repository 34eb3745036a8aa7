"""Notion's colours as style sheets write them."""

from __future__ import annotations

_COLORS = {
    "gray": "gray",
    "brown": "#976d57",
    "orange": "#cc782f",
    "yellow": "#c29343",
    "green": "#548164",
    "blue": "#487ca5",
    "purple": "#8a67ab",
    "pink": "#b35488",
    "red": "#c4554d",
}
_BACKGROUNDS = {
    "gray": "#f1f1ef",
    "brown": "#f3eeee",
    "orange": "#f8ecdf",
    "yellow": "#faf3dd",
    "green": "#eef3ed",
    "blue": "#e9f3f7",
    "purple": "#f6f3f8",
    "pink": "#f9f2f5",
    "red": "#faecec",
}


def css(color: str) -> str:
    """A colour, or a background named ``red_background``; ``inherit`` for one that nobody knows."""
    bare = color.removesuffix("_background")
    return (_BACKGROUNDS if bare != color else _COLORS).get(bare, "inherit")
