"""Whether delimiters open and close beside a character. https://spec.commonmark.org/0.31.2/#delimiter-run"""

from __future__ import annotations

import unicodedata


def lets_marks_work(neighbour: str, marks: int) -> bool:
    """Whether delimiters beside that character open and close: CommonMark's flanking rules, read strictly."""
    if not neighbour or is_space(neighbour):
        return True
    if neighbour.isalnum():
        return marks == 1
    return neighbour.isascii() and neighbour not in "*_~\\`$[]<>&="


def is_space(char: str) -> bool:
    """White space as CommonMark has it: Unicode's separators of lines and paragraphs are none."""
    return char in "\t\n\f\r" or unicodedata.category(char) == "Zs"
