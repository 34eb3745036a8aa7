"""Text stays text: escaping for Markdown, links and code.

https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlsplit

from notion_sync_core.plugin import SAFE_SCHEMES, clean
from notion_sync_markdown import addresses

COMMON = r"[\\`*\[\]<~$|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w*(?:;|\Z))"
"""Markup anywhere in a line. ``_`` inside a word and ``&`` that begins no entity are harmless."""
COMMON_FIRST = "\\`*[]<~$|_&:"
"""What all of that begins with, and the short codes below."""
COMMON_START = r"(\#{1,6}(?=\s|\Z)|[+](?=\s|\Z)|-(?=[\s:|=-]|\Z)|[=:>])|(\d{1,9})([.)])(?=\s|\Z)"
"""What makes a block out of the start of a line: in one group, or behind a number in two."""

CODES = r"(:)(?=(?:[0-9]*[a-z_+-][a-z0-9_+-]*|100|1234):)"
"""What may begin the short code of an emoji, for readers who look for them in what they have read."""
NOTHING = "<span></span>"
"""Keeps two things apart that a reader would take for one."""
_GAP = f":{NOTHING}"
_CODE = re.compile(CODES)
_RUNS = re.compile("`+")
_UNSAFE_IN_URL = re.compile(r"[\s<>()\\|`\"{}\x00-\x1f\x7f]")
_ENTITY = re.compile(r"&(?=\w+;|#)")
_BARE_AND = re.compile("&(?!amp;)")


class Escaper:
    """One dialect's way of keeping text text.

    :param inline: a pattern of what is markup anywhere in a line; in a group, of what begins an emoji's short code.
    :param start: a pattern of what is markup at the start of a line, with groups as :data:`COMMON_START`.
    :param instead: what stands for a character that this dialect's backslash does not escape.
    :param first: what any of ``inline`` begins with: most texts hold none of it, and looking for it is quicker.
    :param gap: what keeps an address from being one, if an entity does not.
    """

    def __init__(
        self,
        inline: str = COMMON,
        start: str = COMMON_START,
        instead: Mapping[str, str] | None = None,
        first: str = COMMON_FIRST,
        gap: str = "",
    ) -> None:
        self._inline = re.compile(inline)
        self._first = re.compile(f"[{re.escape(first)}]")
        self._start = re.compile(rf"^[ \t]*(?:{start})?", re.MULTILINE)
        self._instead = instead or {}
        self._gap = gap

    def text(self, raw: str) -> str:
        """Plain text that no reader takes for inline markup or an address; line breaks stay as they are."""
        escaped = self.markup(raw)
        return addresses.broken(escaped, self._gap) if addresses.are_in(raw) else escaped

    def markup(self, raw: str) -> str:
        """Plain text that no reader takes for inline markup; it is known to hold no address."""
        if not raw.isprintable():
            raw = clean(raw)
        if self._first.search(raw) is None:
            return raw  # almost always
        # A function, for a template is made anew for every text.
        return self._inline.sub(self._replaced, raw)

    def label(self, raw: str) -> str:
        """The same inside a link, where no reader looks for another."""
        escaped = self.markup(raw)
        if "]:" in raw:
            # At the start of a block, "[text]: x" would define a link and not be shown.
            escaped = escaped.replace("]:", "]&#58;")
        return addresses.broken(escaped) if escaped != raw and addresses.are_in(raw) else escaped

    def alt(self, raw: str) -> str:
        """The same as the text of a picture, in which no element is read."""
        return self.label(raw).replace(_GAP, self._instead.get(":", ":"))

    def _replaced(self, found: re.Match[str]) -> str:
        if found.lastindex:
            return _GAP
        return self._instead.get(found[0]) or f"\\{found[0]}"

    def line_start(self, escaped: str) -> str:
        """Escaped text whose lines begin no list, quote, heading or rule."""
        if escaped[:1].isalpha() and "\n" not in escaped and escaped[0] not in self._instead:
            return escaped
        return self._start.sub(self._escape_start, escaped)

    def _escape_start(self, found: re.Match[str]) -> str:
        if found[1]:
            return self._instead.get(found[1][0], f"\\{found[1][0]}") + found[1][1:]
        return f"{found[2]}\\{found[3]}" if found[2] else ""


def longest_run(raw: str) -> int:
    """How many backticks stand in a row at most."""
    return max(map(len, _RUNS.findall(raw)), default=0) if "`" in raw else 0


def code(raw: str) -> str:
    """An inline code span around text of one line."""
    fence = "`" * (longest_run(raw) + 1)
    pad = " " if raw[:1] in "` " or raw[-1:] in "` " else ""
    return f"{fence}{pad}{raw}{pad}{fence}"


def fenced(text: str, info: str, least: int = 3) -> str:
    """A code block whose fence is longer than any inside.

    :param least: backticks of the fence.
    """
    fence = "`" * max(least, longest_run(text) + 1)
    return f"{fence}{info}\n{text}\n{fence}" if text else f"{fence}{info}\n{fence}"


def html(raw: str) -> str:
    """Text inside an HTML element or attribute."""
    raw = raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return raw.replace('"', "&quot;")


def has_code(raw: str) -> bool:
    """Whether something in the text may be an emoji's short code."""
    return _CODE.search(raw) is not None


def html_text(raw: str) -> str:
    """Text of an HTML element in which no short code of an emoji is found."""
    return _CODE.sub(_GAP, html(raw)) if ":" in raw else html(raw)


def attribute(destination: str) -> str:
    """A Markdown destination in an HTML attribute, where ``&`` may not stand alone."""
    return _BARE_AND.sub("&amp;", destination)


def path(relative: str) -> str:
    """A relative path as a link destination; a colon would read as a scheme, so it is encoded as well."""
    return quote(relative, safe="/-._~", errors="replace")


@lru_cache(maxsize=256)
def _encoded(character: str) -> str:
    return quote(character, errors="replace")


def url(raw: str) -> str | None:
    """A URL as a link destination; ``None`` if it is none, or its scheme could run something."""
    raw = raw.strip()
    try:
        scheme = urlsplit(raw).scheme.lower()
    except ValueError:
        return None
    if scheme not in SAFE_SCHEMES:
        return None
    encoded = _UNSAFE_IN_URL.sub(lambda found: _encoded(found[0]), raw)
    return _ENTITY.sub("&amp;", encoded)
