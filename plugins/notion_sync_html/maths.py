"""TeX as MathML, which browsers show without a script; the TeX stays beside it.

latex2mathml does not escape text and lets ``\\href`` and ``\\style`` through, so its tree is written out here, from
lists of what may be in it.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from notion_sync_html.markup import element, join

LONGEST = 4_000
"""Characters of TeX that are tried; Notion takes 1,000."""
_TAGS = frozenset(
    """
    maction math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts
    mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
    """.split()
)
_ATTRIBUTES = frozenset(
    """
    accent accentunder align bevelled columnalign columnlines columnspacing depth displaystyle fence
    form height largeop linethickness lspace mathcolor mathsize mathvariant maxsize minsize
    movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset
    width
    """.split()
)
_VALUE = re.compile(r"[\w.%#+ -]{1,60}")


def inline(tex: str) -> Markup:
    """A formula within a line."""
    return element("span", _shown(tex, "inline"), class_="math", title=tex)


def display(tex: str) -> Markup:
    """A formula of its own."""
    return _shown(tex, "block")


def _shown(tex: str, mode: str) -> Markup:
    found = _mathml(tex, mode)
    return element("code", tex, class_="tex") if found is None else found


@lru_cache(512)
def _mathml(tex: str, mode: str) -> Markup | None:
    """The formula, or ``None`` for TeX that cannot be read."""
    if not tex.strip() or len(tex) > LONGEST:
        return None
    from latex2mathml.converter import convert_to_element

    try:
        inside = join([_written(child) for child in convert_to_element(tex)])
    except Exception:  # the converter raises what it likes on TeX that it does not know
        return None
    note = element("annotation", tex, encoding="application/x-tex")
    attributes = {"xmlns": "http://www.w3.org/1998/Math/MathML", "display": mode}
    return element("math", element("semantics", inside + note), **attributes)


def _written(root: Any) -> Markup:
    """An element as text, without recursion."""
    parts: list[str] = []
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        tag = item.tag if item.tag in _TAGS else "mrow"
        attributes = "".join(
            f' {name}="{escape(value)}"'
            for name, value in item.attrib.items()
            if name in _ATTRIBUTES and _VALUE.fullmatch(value)
        )
        parts.append(f"<{tag}{attributes}>{escape(html.unescape(item.text or ''))}")
        waiting.append(f"</{tag}>{escape(html.unescape(item.tail or ''))}")
        waiting.extend(reversed(list(item)))
    # Each part is escaped above.
    return Markup("".join(parts))  # noqa: S704 # nosec B704
