"""Which extension a file gets: its name's, unless its first bytes prove that the name lies."""

from __future__ import annotations

import os.path
import re

import puremagic

HEAD = 4096
"""First bytes of a file that tell what it is."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SAME = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".m4v": ".mp4", ".htm": ".html"}
_PROVABLE = frozenset(
    (
        *(".png", ".jpg", ".gif", ".webp", ".bmp", ".tif", ".ico", ".heic", ".avif", ".svg"),
        *(".pdf", ".mp4", ".mov", ".webm", ".mp3", ".wav", ".ogg", ".flac", ".zip", ".gz", ".html"),
    )
)
"""Formats whose first bytes are not used by others that people name differently."""


def asset_suffix(name: str, head: bytes = b"") -> str:
    """The extension for a file, in lower case with its dot; ``""`` if nothing harmless is known.

    :param name: what people call it.
    :param head: its first bytes (:data:`HEAD` of them, or all).
    """
    found = _SUFFIX.fullmatch(os.path.splitext(name)[1].lower())  # noqa: PTH122 - a name, not a path
    named = found[0] if found else ""
    if named and named not in _PROVABLE and named not in _SAME:
        return named
    proven = _proven(head)
    if not proven or _SAME.get(named, named) in proven:
        return named
    return next((suffix for suffix in proven if suffix in _PROVABLE), named)


def _proven(head: bytes) -> list[str]:
    """Extensions the bytes allow, the likeliest first."""
    if not head:
        return []
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    return [_SAME.get(match.extension, match.extension) for match in matches]
