"""Text stays text: escaping for Markdown, links and code.

https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

# Everything that opens inline markup anywhere, including GitHub's maths and autolinks with "@".
_INLINE = re.compile(r"[\\`*_\[\]<>&~$|]")
# What makes a block out of the start of a line.
_BLOCK = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=](?=[\s=-]|$)|\d{1,9}[.)](?=\s|$)|:(?=\s|-))", re.MULTILINE)
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BARE_URL = re.compile(r"(?i)(https?:|ftp:)(?=//)|(www)(?=\.)|(?<=[\w.+-])@(?=[\w-])")
_SAFE_SCHEMES = {"http", "https", "mailto", "notion", "tel", ""}
_PATH_SAFE = "/-._~!$'+,;=:@%"


def text(raw: str) -> str:
    """Plain text that no Markdown reader takes for markup; line breaks stay as they are."""
    raw = _INVISIBLE.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return _BARE_URL.sub(_break_autolink, _INLINE.sub(r"\\\g<0>", raw))


def _break_autolink(found: re.Match[str]) -> str:
    """GitHub links bare addresses; an entity in them stops that and reads the same."""
    word = found[0]
    return "&#64;" if word == "@" else f"{word[:-1]}&#{ord(word[-1])};"


def line_start(raw: str) -> str:
    """Escaped text whose lines begin no list, heading or rule."""
    return _BLOCK.sub(_escape_start, raw)


def _escape_start(found: re.Match[str]) -> str:
    space, mark = found[1], found[2]
    if mark[0].isdigit():
        return f"{space}{mark[:-1]}\\{mark[-1]}"
    return f"{space}\\{mark}"


def code(raw: str) -> str:
    """An inline code span around any text."""
    raw = raw.replace("\r", "").replace("\n", " ")
    fence = "`" * (longest_run(raw, "`") + 1)
    pad = (
        " "
        if raw.startswith("`") or raw.endswith("`") or (raw.startswith(" ") and raw.endswith(" ") and raw.strip())
        else ""
    )
    return f"{fence}{pad}{raw}{pad}{fence}"


def longest_run(raw: str, char: str) -> int:
    """How many of ``char`` stand in a row at most."""
    return max((len(run) for run in re.findall(f"{re.escape(char)}+", raw)), default=0)


def html(raw: str) -> str:
    """Text inside an HTML element or attribute."""
    return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def path(relative: str) -> str:
    """A relative path as a link destination."""
    quoted = quote(relative, safe="/-._~")
    # A first part with a colon would read as a scheme; quoting has taken care of it.
    return quoted or "."


def url(raw: str) -> str | None:
    """A URL as a link destination; ``None`` if its scheme could run something."""
    raw = raw.strip()
    try:
        scheme = urlsplit(raw).scheme.lower()
    except ValueError:
        return None
    if not raw or scheme not in _SAFE_SCHEMES or any(ord(char) < 32 for char in raw):
        return None
    return quote(raw, safe=_PATH_SAFE + "?&#").replace("&", "&amp;")
