"""The lines of a TOML file in which its keys stand, for messages: the parser does not tell."""

from __future__ import annotations

import re
import tomllib

_LONG = r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}"
_STRING = r'"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
_PIECES = re.compile(rf"(?P<long>{_LONG})|(?:{_STRING})|(?P<comment>#[^\n]*)", re.S)
_PART = rf"(?:[A-Za-z0-9_-]+|{_STRING})"
_NAME = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE = re.compile(rf"[ \t]*\[\[?[ \t]*({_NAME})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_NAME})[ \t]*=")


def lines_of(text: str) -> dict[str, int]:
    """The first line of each key and table, counted from 1, by dotted name.

    :param text: valid TOML.
    """
    found: dict[str, int] = {}
    table: list[str] = []
    for number, line in enumerate(_PIECES.sub(_without_content, text).split("\n"), 1):
        if header := _TABLE.match(line):
            table = parts = _parts(header[1])
        elif key := _KEY.match(line):
            parts = [*table, *_parts(key[1])]
        else:
            continue
        for count in range(1, len(parts) + 1):
            found.setdefault(".".join(parts[:count]), number)
    return found


def line_of(key: str, lines: dict[str, int]) -> int:
    """The line of a key, or of the table in which it stands; 0: nobody knows."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 0)


def _without_content(piece: re.Match[str]) -> str:
    """Long texts and comments may look like keys; what is left of them is their line breaks."""
    if piece["long"] or piece["comment"]:
        return "\n" * piece[0].count("\n")
    return piece[0]


def _parts(name: str) -> list[str]:
    """The parts of a dotted name, as the parser reads them."""
    return [_unquoted(part) for part in re.findall(_PART, name)]


def _unquoted(part: str) -> str:
    return str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part
