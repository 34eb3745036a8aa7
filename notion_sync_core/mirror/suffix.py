"""Which extension a file gets: its name's, unless its first bytes prove that the name lies.

A file that a browser would run gets one that no browser runs. From ``file://`` browsers ignore ``download``, and
take the type from the extension or, without a known one, from the first bytes; a web server may run some as its own.
"""

from __future__ import annotations

import os.path
import re

HEAD = 4096
"""First bytes of a file that tell what it is."""
RULE = "2"
"""Changes with the answers of this module: what an earlier rule named is named anew."""
INERT = ".bin"
"""What follows the extension of a file that a browser would run."""
PICTURE = ".svg"
"""The extension of what is shown in place of an SVG."""
PICTURE_RULE = "1"
"""Changes with what :mod:`~notion_sync_core.mirror.svg` writes: pictures of an earlier rule are made anew."""
PICTURE_TYPE = "image/svg+xml"
SVG = f"{PICTURE}{INERT}"
"""The extension of a picture that may hold scripts."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SAME = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".m4v": ".mp4", ".htm": ".html"}
_PROVABLE = frozenset(
    (
        *(".png", ".jpg", ".gif", ".webp", ".bmp", ".tif", ".ico", ".heic", ".avif", ".svg"),
        *(".pdf", ".mp4", ".mov", ".webm", ".mp3", ".wav", ".ogg", ".flac", ".zip", ".gz", ".html"),
    )
)
"""Formats whose first bytes are not used by others that people name differently."""

_RUN_BY_BROWSERS = (
    r"\w*htm\w*|\w*svg\w*|\w*xml\w*|xht|sht|stm|htx|hxt|hta|htc|htt|mht|webarchiv\w*|"
    r"xslt?|xsd|xul|xbl|rss|atom|rdfs?|owl|opml|kml|gpx|gml|wsdl|wadl|wml|vml|mml|smil?|sml|dtd|xaml|xspf|"
    r"xfdf|xdp|x3d|dae|jnlp|rng|fo|fb2|dbk|docbook|xlf|xliff|xmi|tei|ttml|ssml|vxml|meta4|osm"
)
_RUN_BY_SERVERS = r"php\d*|phps|pht|phar|inc|asp|aspx|asa|asax|ascx|ashx|asmx|axd|jspx?|jspf|jhtml|jws|cfml?|cfc|f?cgi"
_RUNS = re.compile(rf"\.(?:{_RUN_BY_BROWSERS}|{_RUN_BY_SERVERS})")
"""Extensions of HTML, SVG and XML, and of programs of web servers. XML by other names is known by its bytes."""

_BLANKS = bytes(range(0x21)) + b"\xef\xbb\xbf\xfe\xff"
"""What may stand before markup: white space, control characters, marks of byte order of UTF-8 and UTF-16."""
_MARKUP = re.compile(rb"<[A-Za-z!?/]|\x4c\x6f\xa7\x94")
"""How HTML and XML begin, the latter in EBCDIC too; browsers look for less."""
_SVG_ROOT = re.compile(
    rb"(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?:[\w-]+:)?svg\b[^\[>]*+(?:\[.*?\]\s*+)?>)*+<(?:[\w-]+:)?svg[\s/>]",
    re.DOTALL,
)


def asset_suffix(name: str, head: bytes = b"") -> str:
    """The extension for a file, in lower case with its dot; ``""`` if nothing harmless is known.

    :param name: what people call it.
    :param head: its first bytes (:data:`HEAD` of them, or all).
    :returns: one that ends in :data:`INERT` for whatever a browser or a web server would run.
    """
    # Without its zeros UTF-16 or UTF-32 of ASCII is ASCII. Most files have many: no expression looks for them.
    text = head.translate(None, b"\0").lstrip(_BLANKS)
    suffix = _suffix(name, head, text)
    is_blank = not text and len(head) >= HEAD and any(head)  # what follows the blanks is not known
    return f"{suffix}{INERT}" if is_blank or _MARKUP.match(text) or _RUNS.fullmatch(suffix) else suffix


def is_inert(path: str) -> bool:
    """Whether that file of the export would run if it still had the extension of its name."""
    return path.endswith(INERT)


def _suffix(name: str, head: bytes, text: bytes) -> str:
    """The extension of what the file is, whether it runs or not.

    :param text: the first bytes without what may stand before markup.
    """
    found = _SUFFIX.fullmatch(os.path.splitext(name)[1].lower())  # noqa: PTH122 - a name, not a path
    named = found[0] if found else ""
    if named and named not in _PROVABLE and named not in _SAME:
        return named
    if _SVG_ROOT.match(text) or (named == ".svg" and _MARKUP.match(text)):
        return ".svg"
    proven = _proven(head)
    if not proven or _SAME.get(named, named) in proven:
        return named
    return next((suffix for suffix in proven if suffix in _PROVABLE), named)


def _proven(head: bytes) -> list[str]:
    """Extensions the bytes allow, the likeliest first."""
    if not head:
        return []
    import puremagic  # a table of thousands of signatures, for those alone who store files

    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    return [_SAME.get(match.extension, match.extension) for match in matches]
