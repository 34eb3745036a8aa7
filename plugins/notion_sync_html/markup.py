"""HTML that is escaped by construction: only what these functions made is :class:`~markupsafe.Markup`.

A plain ``str`` that reaches them is text and gets escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from markupsafe import Markup, escape

from notion_sync_core.plugin import SAFE_SCHEMES, Destination, clean

EMPTY = Markup()
_BREAK = Markup("<br>")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IGNORED_IN_URL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSAFE_IN_URL = re.compile(r"[\s<>\"'`\\^{|}\ud800-\udfff]")
_HOST = re.compile(r"(?i)https?://(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)")
# Files that would run if they had the extension of their name (the core stores them as .bin), or run elsewhere:
# offered for saving.
_ACTIVE = re.compile(r"(?i)\.(?:bin|x?html?|shtml|xht|svgz?|xml|xslt?|mht(?:ml)?|m?js)$")


def element(name: str, inner: str | Markup = EMPTY, **attributes: str | bool | None) -> Markup:
    """One element.

    :param inner: its content; a plain text is escaped.
    :param attributes: ``True`` gives one without a value, ``None`` and ``False`` leave it out. A trailing ``_``
        is dropped, other ``_`` become ``-``.
    """
    # All is escaped.
    return Markup(f"{start(name, **attributes)}{escape(inner)}</{name}>")  # noqa: S704 # nosec B704


def start(name: str, **attributes: str | bool | None) -> Markup:
    """A start tag; for attributes see :func:`element`."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        shown = key.rstrip("_").replace("_", "-")
        parts.append(f" {shown}" if value is True else f' {shown}="{escape(value)}"')
    # Values are escaped above.
    return Markup("".join(parts) + ">")  # noqa: S704 # nosec B704


def join(parts: Iterable[Markup]) -> Markup:
    """Several pieces in a row."""
    return EMPTY.join(parts)


def text(raw: str) -> Markup:
    """Text without control characters; line breaks become elements."""
    if raw.isprintable():
        return escape(raw)
    return _BREAK.join(clean(raw).split("\n"))


def line(raw: str) -> str:
    """Text of one line, for titles, labels and attributes; not escaped yet."""
    return " ".join(clean(raw).split())


def web_address(raw: str) -> str | None:
    """A URL that may stand in a page; ``None`` if it is none, or its scheme could run something.

    Browsers skip control characters and spaces around a URL, so these are taken out first.
    """
    bare = _IGNORED_IN_URL.sub("", raw).strip()
    scheme = _SCHEME.match(bare)
    if scheme is None or scheme[1].lower() not in SAFE_SCHEMES or len(bare) == scheme.end():
        return None
    return _UNSAFE_IN_URL.sub(lambda found: quote(found[0], errors="replace"), bare)


def path_address(relative: str) -> str:
    """A relative path as an address: a colon would read as a scheme and is encoded, two slashes as a host."""
    return quote(relative.lstrip("/"), safe="/-._~", errors="replace")


def address(to: Destination | None) -> str | None:
    """Where a link leads, as an ``href``; ``None`` if it must not lead anywhere."""
    if to is None:
        return None
    if not to.is_local:
        return web_address(to.href)
    return path_address(to.href) + (f"#{to.fragment}" if to.fragment else "")


def host(url: str) -> str:
    """The host a web address names, for people; else its beginning."""
    found = _HOST.match(url)
    return found[1] if found else url.partition(":")[0]


def is_active(path: str) -> bool:
    """Whether that file of the export is better saved than opened."""
    return bool(_ACTIVE.search(path))
