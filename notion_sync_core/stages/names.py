"""From a title to a file name that every common file system can hold.

Rules: Windows naming (https://learn.microsoft.com/windows/win32/fileio/naming-a-file), 143 bytes a
part (the limit of encrypted file systems), Unicode NFC.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import islice

MAX_PART = 143
"""Bytes in one part of a path, suffix included."""
_ROOM = 12
"""Bytes kept for the longest suffix a renderer adds."""
MAX_STEM = MAX_PART - _ROOM
_OF_SOURCE = 60
"""Bytes of a data source's name in the name of its file."""
_MOST = 1024
"""Characters of a title that its name is made of: sorting a run of combining marks takes its square."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$| )")
_NOT_IN_SLUG = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_BLANKS = re.compile(r"(?:(?![\x00-\x1f\x7f-\x9f]|[\u2028\u2029])\s)+")
"""White space that is neither a control character nor a line separator. As one set it takes 5 ms to compile."""
_IGNORED = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What names are compared without on HFS+, and on ext4 and f2fs that fold case.

Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt (Default_Ignorable_Code_Point)
"""


def clean(title: str) -> str:
    """A non-empty file name without suffix, at most :data:`MAX_STEM` bytes, for any title at all."""
    text = unicodedata.normalize("NFC", _visible(title))
    text = _SPACES.sub(" ", _FORBIDDEN.sub("-", text))
    text = cut(text.strip(" .~"), MAX_STEM).strip(" .")
    if _DEVICES.match(text):
        text = f"_{text}"
    return text or "Untitled"


def slug(title: str) -> str:
    """A name of lower-case words joined by hyphens, for addresses; letters of every script stay."""
    text = unicodedata.normalize("NFKC", _visible(title)).casefold()
    words = _NOT_IN_SLUG.sub("-", text)
    return clean(cut(words.strip("-"), MAX_STEM).strip("-") or "untitled")


def _visible(title: str) -> str:
    """The part of a title that its name is made of."""
    if len(title) <= _MOST and title.isprintable():
        return title
    text = _BLANKS.sub(" ", title.encode("utf-8", "replace").decode("utf-8")).lstrip(" .~")
    return "".join(islice((char for char in text if not _is_invisible(char)), _MOST))


def cut(text: str, size: int) -> str:
    """As much of the text as fits into ``size`` bytes of UTF-8, never splitting a character."""
    raw = text.encode()
    return text if len(raw) <= size else raw[:size].decode("utf-8", "ignore").rstrip(" .")


def fold(name: str) -> str:
    """Equal for names, and for paths, that some file system takes for the same.

    Some compare lower case, some upper case, composed or decomposed, and without what is not seen.
    """
    if name.isascii():
        return name.lower()
    text = unicodedata.normalize("NFKD", _IGNORED.sub("", name)).upper()
    # Once more: what comes out of folding may come apart, or be folded, again.
    text = unicodedata.normalize("NFKD", text.casefold()).upper()
    return unicodedata.normalize("NFKD", text.casefold())


def per_source(sources: Sequence[tuple[str, str]], ending: str) -> list[str]:
    """What follows a database's name in the names of files of which each data source has one: no two are the same
    file anywhere.

    :param sources: id and title of each data source.
    :param ending: of them all: ``.csv``.
    """
    if len(sources) < 2:
        return [ending] * len(sources)
    names = {each: cut(clean(title), _OF_SOURCE) for each, title in sources}
    seen = Counter(map(fold, names.values()))
    for each, name in names.items():
        if seen[fold(name)] > 1:
            names[each] = f"{name} {each.replace('-', '')[-8:]}"
    # A title may imitate what was added to another.
    seen = Counter(map(fold, names.values()))
    return [
        f".{name}{ending}" if seen[fold(name)] == 1 else f".{each.replace('-', '')}{ending}"
        for each, name in names.items()
    ]


def _is_invisible(char: str) -> bool:
    """Bidirectional controls, zero-width characters but the joiner of emoji, lone surrogates, private controls."""
    return unicodedata.category(char) in ("Cf", "Cs", "Cc", "Zl", "Zp") and char not in "\u200d\t\n\r\x00"
