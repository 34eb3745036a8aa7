"""From a title to a file name that every common file system can hold.

Rules: Windows naming (https://learn.microsoft.com/windows/win32/fileio/naming-a-file), 143 bytes a
part (the limit of encrypted file systems), Unicode NFC.
"""

from __future__ import annotations

import re
import unicodedata

MAX_PART = 143
"""Bytes in one part of a path, suffix included."""
_ROOM = 12
"""Bytes kept for the longest suffix a renderer adds."""
MAX_STEM = MAX_PART - _ROOM

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$| )")
_NOT_IN_SLUG = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


def clean(title: str) -> str:
    """A non-empty file name without suffix, at most :data:`MAX_STEM` bytes, for any title at all."""
    text = unicodedata.normalize("NFC", title.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(char for char in text if not _is_invisible(char))
    text = _SPACES.sub(" ", _FORBIDDEN.sub("-", text))
    text = cut(text.strip(" .~"), MAX_STEM).strip(" .")
    if _DEVICES.match(text):
        text = f"_{text}"
    return text or "Untitled"


def slug(title: str) -> str:
    """A name of lower-case words joined by hyphens, for addresses; letters of every script stay."""
    text = unicodedata.normalize("NFKC", title.encode("utf-8", "replace").decode("utf-8")).casefold()
    words = _NOT_IN_SLUG.sub("-", "".join(char for char in text if not _is_invisible(char)))
    return clean(cut(words.strip("-"), MAX_STEM).strip("-") or "untitled")


def cut(text: str, size: int) -> str:
    """As much of the text as fits into ``size`` bytes of UTF-8, never splitting a character."""
    raw = text.encode()
    return text if len(raw) <= size else raw[:size].decode("utf-8", "ignore").rstrip(" .")


def fold(name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).casefold()


def _is_invisible(char: str) -> bool:
    """Bidirectional controls, zero-width characters but the joiner of emoji, lone surrogates, private controls."""
    return unicodedata.category(char) in ("Cf", "Cs", "Cc", "Zl", "Zp") and char not in "\u200d\t\n\r\x00"
