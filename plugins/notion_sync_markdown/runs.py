"""A line's runs as Markdown: looks that run through neighbours stand around all of them.

Nothing is written between a delimiter and what a reader looks at beside it before it is known what that is.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from notion_sync_core.plugin import Run
from notion_sync_markdown.escape import NOTHING
from notion_sync_markdown.marks import Mark, Span, Token

LINK, COLOR, UNDERLINE = "link", "color", "underline"
_FENCES = ("`", "$")
_OPENING = (*_FENCES, "[")


_NO_STYLES: dict[str, object] = {}


@define
class Atom:
    """A run on its way: its text without the blanks around it, and the looks around that."""

    run: Run
    lead: str = ""
    body: str = ""
    """Markdown; of a run without looks, the blanks included."""
    trail: str = ""
    styles: dict[str, object] = _NO_STYLES
    """From the outermost to the innermost: the kind of look, and which of its kind."""


def chain(atoms: Sequence[Atom], first: int) -> int:
    """Where the atoms with looks end that touch each other."""
    last = first + 1
    while last < len(atoms) and atoms[last].styles and not (atoms[last - 1].trail or atoms[last].lead):
        last += 1
    return last


def spread(atoms: Sequence[Atom], first: int, last: int, done: frozenset[str]) -> tuple[str, int]:
    """The look of the first atom that spans most of those behind it, and where it ends; ``""`` for none.

    :param done: the looks that stand around all of them.
    """
    best, reach = "", first
    for kind, value in atoms[first].styles.items():
        if kind in done:
            continue
        end = first + 1
        while end < last and kind in atoms[end].styles and atoms[end].styles[kind] == value:
            end += 1
        if end > reach:
            best, reach = kind, end
    return best, reach


def around(span: Span, inner: Sequence[Token]) -> list[Token]:
    """What stands within a span, and its two ends."""
    return [Mark(span, True), *inner, Mark(span, False)]


def are_elements(tokens: Sequence[Token]) -> bool:
    """Whether there is nothing but elements and blanks: MDX makes no paragraph of those."""
    depth, waits, has_any = 0, False, False
    for token in tokens:
        text = str(token)
        if isinstance(token, str) and not text.strip():
            # A line break, unless nothing else follows or has been.
            waits = waits or (has_any and not depth and "\n" in text)
            continue
        has_any = True
        if not depth and (waits or text[0] != "<"):
            return False
        is_element = text[0] == "<" and text[-1] == ">" and "</" not in text[1:]
        depth += (-1 if text[1] == "/" else 1) if is_element else 0
    return has_any


def joined(tokens: Sequence[Token], digits_undo_math: bool) -> str:
    """The tokens beside each other, kept apart where a reader would take two for one."""
    out: list[str] = []
    for token in tokens:
        piece = token if isinstance(token, str) else str(token)
        if not piece:
            continue
        if out and (digits_undo_math or piece[0] in _OPENING):
            if piece[0] == "[":
                if out[-1].endswith("!"):
                    out[-1] = f"{out[-1][:-1]}\\!"
            elif _would_join(out[-1], piece, digits_undo_math):
                out.append(NOTHING)
        out.append(piece)
    return "".join(out)


def _would_join(before: str, piece: str, digits_undo_math: bool) -> bool:
    if piece[0] in _FENCES:
        return before[-1] == piece[0] or (digits_undo_math and piece[0] == "$" and before[-1].isdigit())
    return digits_undo_math and before[-1] == "$" and piece[0].isdigit() and before[-2:] != "\\$"
