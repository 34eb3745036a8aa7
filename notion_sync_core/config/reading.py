"""Reads a configuration file, and says in words what keeps it from being read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from notion_sync_core.errors import ConfigError

_LONGEST = 1 << 20
"""Bytes of a file; a longer one is no configuration."""
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_QUOTED = re.compile(r"'([^']*)'")
_TWICE = "what stands there was said before: give each key, and each table, once"
_HINTS = (
    (r"overwrite|twice|Duplicate|mutate", _TWICE),
    (r"Unescaped|hex value|Illegal|invalid character", "a backslash stands in single quotes: path = 'C:\\backup'"),
    (r"end of document|Unclosed|Unterminated|Expected '\]", "a quote, bracket or brace that was opened is not closed"),
    (
        r"Invalid value|Invalid date|newline or end",
        'texts stand in quotes, as in path = "backup"; true and false do not',
    ),
    (r"statement|Expected '=|initial character", "a line is [SECTION], KEY = VALUE, or begins with #"),
)
"""What the parser says, and what usually is meant."""


def read_toml(file: Path) -> tuple[dict[str, Any], str]:
    """The tables of a configuration file, and its text.

    :raises ConfigError: it is not there, or cannot be understood; with line and column where that is known.
    """
    text = _text(file, _bytes(file))
    try:
        return tomllib.loads(text), text
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = _plain(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is nested too deeply"
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said)), "")
        remedy = f"Correct that line: {hint}." if hint else "Correct that line."
        raise ConfigError(f"{file} is not valid TOML: {said}", remedy) from None


def _plain(error: tomllib.TOMLDecodeError) -> str:
    """What the parser says, with names of tables as a file has them."""
    return re.sub(r"\('[^)]*\)", lambda found: f"[{'.'.join(re.findall(_QUOTED, found[0]))}]", str(error))


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LONGEST + 1)
    except FileNotFoundError:
        raise ConfigError(f"configuration file {file} does not exist", "Check --config.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a null character"
        raise ConfigError(f"{file} cannot be read: {reason}", "Check the path and its permissions.") from None
    if len(raw) > _LONGEST:
        raise ConfigError(f"{file} is larger than 1 MiB, and no configuration", "Check --config.")
    return raw


def _text(file: Path, raw: bytes) -> str:
    """UTF-8; the mark that editors on Windows begin a file with is taken off.

    :raises ConfigError: it is something else.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"it is {_MARKS[raw[:2]]}" if raw[:2] in _MARKS else f"line {line} holds what is no UTF-8"
        raise ConfigError(
            f"{file} is not valid TOML: {what}", "Correct that line, or save the file as UTF-8."
        ) from None
