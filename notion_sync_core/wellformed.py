"""Text and JSON as every store and every format can hold them: no half of a surrogate pair, no nesting without end.

https://www.rfc-editor.org/rfc/rfc8259#section-8.2 and section 9: what a reader may limit, and what has no encoding.
"""

from __future__ import annotations

import math
from typing import Any

import orjson

DEEPEST = 200
"""Levels of nesting that are kept: readers and writers of JSON stop at some 250, Python's own at some 900."""
CUT = f"⟦nested deeper than {DEEPEST} levels: cut here⟧"
"""Stands where a value was cut."""
CUT_BYTES = CUT.encode()
_REPLACEMENT = "\ufffd"


_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\x85\u2028\u2029"}
"""What JSON may hold bare, and readers of lines take for an end of one."""


def json_line(value: Any) -> bytes:
    """One line of JSON Lines in UTF-8, its end included; no reader of lines finds another end in it.

    As in Python's ``str.splitlines()``; all other ends are control characters, which JSON escapes.
    """
    line = orjson.dumps(value)
    if not line.isascii():
        for end, escaped in _LINE_ENDS.items():
            line = line.replace(end, escaped)
    return line + b"\n"


def text(raw: str) -> str:
    """The text with an encoding: halves of a surrogate pair that meet are joined, a lone one becomes U+FFFD."""
    if is_text(raw):
        return raw
    return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_text(raw: str) -> bool:
    """Whether a text has an encoding."""
    if raw.isascii():
        return True
    try:
        raw.encode()
    except UnicodeEncodeError:
        return False
    return True


def value(raw: Any, depth: int = 0) -> Any:
    """The same value as JSON in UTF-8 can hold it; what is nested deeper than :data:`DEEPEST` levels is cut, visibly.

    Numbers that JSON or 64 bits cannot hold become text, and so does what is no JSON at all.

    :param depth: levels around it.
    """
    if isinstance(raw, str):
        return text(raw)
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, (int, float)):
        return number(raw)
    if depth >= DEEPEST and isinstance(raw, (dict, list, tuple)):
        return CUT
    if isinstance(raw, dict):
        made: dict[str, Any] = {}
        for key, item in raw.items():
            made[_free(text(str(key)), made)] = value(item, depth + 1)
        return made
    if isinstance(raw, (list, tuple)):
        found = []
        for item in raw:
            found.append(value(item, depth + 1))
        return found
    return text(str(raw))


def number(raw: int | float) -> int | float | str:
    """A number that 64 bits hold, or else its text."""
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else str(raw)
    if -(1 << 63) <= raw < 1 << 64:
        return raw
    return f"{raw:#x}"  # decimal digits of a number without bounds take time that grows with the square


def _free(key: str, taken: dict[str, Any]) -> str:
    """Two keys that differ in what has no encoding stay two."""
    while key in taken:
        key += _REPLACEMENT
    return key
