"""What a store says of a file, so that no upload runs where somebody opens it straight from the bucket."""

from __future__ import annotations

import re

_UPLOADED = re.compile(r"assets/[0-9a-f]{2}/|(?:[^/]+/)+[0-9a-f]{2}/[0-9a-f]{64}(?![^.])")
"""Where files from the source lie; what else there is was made by renderers."""
_UNKNOWN = "application/octet-stream"
_SHOWN = re.compile(
    r"image/(?:png|jpeg|gif|webp|avif|bmp|tiff|heic|heif|x-icon|vnd\.microsoft\.icon)"
    r"|(?:audio|video)/[\w.-]+|application/pdf|text/(?:plain|csv|markdown)"
)
"""Types that a browser shows and that cannot run anything; all others are saved."""
_SAVED = re.compile(r"image/svg\+xml|application/(?:[\w.-]+|[\w.-]+\+(?:zip|json))|font/[\w.-]+|model/[\w.-]+")
"""Types that stay although the file is to be saved: an SVG is a picture only by its type."""
_MARKUP = re.compile(r"html|xml|script|svg|xsl|mathml")


def shown_as(path: str, media_type: str) -> tuple[str, str]:
    """The ``Content-Type`` and the ``Content-Disposition`` (``""`` for none) of a file.

    :param path: relative to the sink's root.
    :param media_type: as the renderer, or the server it was downloaded from, said; any text at all.
    """
    bare = media_type.partition(";")[0].strip().lower()
    if not _UPLOADED.match(path):
        is_text = bare.startswith("text/") and ";" not in media_type
        return (f"{media_type}; charset=utf-8" if is_text else media_type or _UNKNOWN), ""
    if _SHOWN.fullmatch(bare):
        return (f"{bare}; charset=utf-8" if bare.startswith("text/") else bare), ""
    keeps = bare == "image/svg+xml" or (_SAVED.fullmatch(bare) and not _MARKUP.search(bare))
    return (bare if keeps else _UNKNOWN), "attachment"
