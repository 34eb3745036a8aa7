"""Makes texts of others inert before people see them: what a terminal would obey, or the eye would misread.

Titles, names and messages come from whoever can write to the workspace. Control characters move the cursor, set
the window's title or answer for the user; direction characters make one text look like another; line
separators forge lines of a log. All are shown as escapes, so that nothing vanishes in silence.

Source: Unicode Standard Annex 9 (directional formatting) and the property ``Default_Ignorable_Code_Point``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_SPACES = "\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029"
"""Controls that mean white space; in one line they are blanks."""
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f"  # C0, delete, C1
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # nothing to see
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u2028\u2029"  # line and paragraph separator
    "\ud800-\udfff"  # no characters, and no terminal takes them
)
_JOINER = "(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
"""Joiners are spelling in Persian, Hindi and emoji; beside ASCII they only forge."""
_WHITE = re.compile(f"[{_SPACES}]")
_ACTIVE = re.compile(f"(?:[{_UNSEEN}]|{_JOINER})+")
_ACTIVE_IN_JSON = re.compile(f"(?:(?!\n)[{_UNSEEN}]|{_JOINER})+")
"""The only raw line break in JSON is our own: those in texts are escaped already."""

MOST = 2000
"""Characters of a line for people, if nobody says otherwise."""


def one_line(text: str, most: int | None = MOST) -> str:
    """A text of others as part of a line for people.

    :param most: characters shown; what is longer ends with ``…``.
    """
    text = bounded(text, most)
    if text.isprintable():  # almost always
        return text
    return _ACTIVE.sub(_python_escape, _WHITE.sub(" ", text))


def sentence(text: str) -> str:
    """A message of anybody with one full stop at its end, so that another sentence may follow."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def counted(number: int, noun: str) -> str:
    """``1 request``, ``2 requests``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_in_words(count: int) -> str:
    """Bytes, for people."""
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def bounded(text: str, most: int | None) -> str:
    """The beginning of a text, and ``…`` if that is not all."""
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def several_lines(text: str) -> str:
    """A text whose line breaks are meant, such as a traceback: all lines but the first are set in.

    So that none of them can be taken for a line of ours.
    """
    return "\n    ".join(one_line(line, None) for line in text.split("\n"))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON for terminals and programs: other languages stay readable, what is unseen is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isascii() and "\x7f" not in text else _ACTIVE_IN_JSON.sub(_json_escape, text)


def _python_escape(found: re.Match[str]) -> str:
    return "".join([_escaped(char, False) for char in found[0]])


def _json_escape(found: re.Match[str]) -> str:
    return "".join([_escaped(char, True) for char in found[0]])


@cache
def _escaped(char: str, in_json: bool) -> str:
    if in_json:
        return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def named(item: Mapping[str, str]) -> str:
    """An object by its title and id; what a listing shows without an id is no object that is counted."""
    if not item["id"]:
        return item["title"] or "What has no id"
    return f"{item['title'] or 'Untitled'} ({item['id']})"
