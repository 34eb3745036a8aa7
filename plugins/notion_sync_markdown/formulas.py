"""TeX between dollars: only what ends at our dollars, and holds nothing that a reader could take for its own.

A reader that finds the end of a formula elsewhere reads the rest as markup.
"""

from __future__ import annotations

import re

_NOT_INERT = re.compile(r"\\[^A-Za-z0-9\s]|[*_`\[\]<>&~|$#\n]|://|[Ww]{3}\.|@")
_TAG = re.compile(r"<(?=\S)")
_ODD_END = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# Fences, boxes and directives of some reader, which come before formulas; and what Docusaurus rewrites anywhere.
_OF_BLOCKS = re.compile(r"~~~|!!!|\?\?\?|///|:::|\{#")


def is_inert(tex: str) -> bool:
    """Whether Markdown reads nothing into TeX."""
    return not _NOT_INERT.search(tex)


def fits_line(tex: str) -> bool:
    """Whether a formula within a line ends at our dollars."""
    return not ("$" in tex or "`" in tex or "\n" in tex or "{#" in tex or (tex[-1:] == "\\" and _ODD_END.search(tex)))


def fits_block(tex: str) -> bool:
    """Whether a formula that stands alone ends at our dollars."""
    return not ("$" in tex or "`" in tex or _OF_BLOCKS.search(tex) or _BLANK_LINE.search(tex))


def without_tags(tex: str) -> str:
    """The same formula, in which nobody finds HTML: blanks mean nothing to TeX."""
    return _TAG.sub("< ", tex)
