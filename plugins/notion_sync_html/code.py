"""Source code with classes for colours, made by Pygments; the colours are in the style sheet."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from notion_sync_html.markup import element, join

LONGEST = 20_000
"""Characters that are coloured; more than that is shown plain."""
LONGEST_BLANK = 400
"""Blanks and line breaks in a row in what is coloured: at longer ones many lexers look again from each of them."""
SECONDS = 0.8
"""CPU time after which code is shown plain.

Code in the language that it is said to be takes a tenth of it. A lexer that takes longer goes over the same text
again and again and would take many times this, so that a faster or slower machine decides the same.
"""
_BLANKS = re.compile(r"\s+")
_PLAIN = frozenset(("", "n", "o", "p", "w"))
"""Names, operators, punctuation and white space have no colour."""
_ALIASES = {
    "ascii art": "",
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "java/c/c++/c#": "java",
    "flow": "javascript",
    "latex": "latex",
    "llvm ir": "llvm",
    "markup": "html",
    "mermaid": "",
    "notion formula": "",
    "objective-c": "objective-c",
    "plain text": "",
    "visual basic": "vbnet",
    "vb.net": "vbnet",
    "webassembly": "wat",
}


def highlighted(source: str, language: str, clock: Callable[[], float] = time.thread_time) -> Markup | None:
    """The code as spans, or ``None`` if the language is not known, or the code is beyond a bound of length or time.

    :param clock: seconds, for :data:`SECONDS`.
    """
    if len(source) > LONGEST or any(len(blank) > LONGEST_BLANK for blank in _BLANKS.findall(source)):
        return None
    lexer = _lexer(language.lower())
    if lexer is None:
        return None
    end = clock() + SECONDS
    pieces = []
    for piece in lexer.get_tokens(source):
        pieces.append(piece)
        if clock() > end:
            return None
    # A lexer that drops or adds something must not change the code.
    if "".join(piece for _, piece in pieces) != source:
        return None
    return join([_span(kind, piece) for kind, piece in pieces])


def _span(kind: Any, piece: str) -> Markup:
    name = _class(kind)
    return Markup.escape(piece) if name in _PLAIN else element("span", piece, class_=name)


@lru_cache(512)
def _class(kind: Any) -> str:
    """Pygments' short name of a kind of token, of the nearest kind above if it has none."""
    from pygments.token import STANDARD_TYPES

    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return str(STANDARD_TYPES[kind])


@lru_cache(128)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    alias = _ALIASES.get(language, language)
    try:
        return get_lexer_by_name(alias, stripnl=False, ensurenl=False) if alias else None
    except ClassNotFound:
        return None
