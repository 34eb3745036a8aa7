"""Places as people say them: where to write, a folder or a URL whose scheme names the sink; and what to export."""

from __future__ import annotations

import re
from collections.abc import Iterable

from notion_sync_core.errors import ConfigError

_LIKE_A_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/{0,2})(.*)", re.DOTALL)
"""Two letters at least: one is a drive of Windows."""


def scheme_of(place: str) -> str:
    """The scheme of a URL; empty for a folder.

    What only looks like a URL is no folder either: a folder called ``S3:`` is never what was meant.

    :raises ConfigError: it is empty, an option, or a URL that is none.
    """
    if not place.strip():
        raise ConfigError("the place to write to is empty", "Name a folder, or a URL such as s3://bucket/prefix.")
    if place.strip().startswith("-"):
        raise ConfigError(
            f"the place to write to is {place!r}, which looks like an option",
            f"Name a folder after --to; one that is called so is './{place}'.",
        )
    found = _LIKE_A_URL.fullmatch(place.strip())
    if found is None:
        return ""
    scheme, slashes, rest = found.groups()
    if slashes == "//" and scheme == scheme.lower():
        return str(scheme)
    meant = f"{scheme.lower()}://{'/' if scheme.lower() == 'file' else ''}{rest.lstrip('/')}"
    raise ConfigError(
        f"{place!r} looks like a URL and is none",
        f"A URL has a scheme in lower case and two slashes, as in {meant!r}, and leads to a sink that is installed "
        f"(`notion-sync plugins list` shows them); a folder of that name is './{place}'.",
    )


def sinks_of(to: Iterable[str]) -> list[dict[str, str]]:
    """Each place as an entry of ``export.sinks``: a folder, or a URL whose scheme names the sink.

    The first of a kind goes by the plugin's own name, and so has the options of its table.
    """
    entries: list[dict[str, str]] = []
    schemes: set[str] = set()
    for number, place in enumerate(to, 1):
        scheme = scheme_of(place)
        entry = {"url": place} if scheme else {"use": "fs", "path": place}
        kind = scheme or "file"
        entries.append({**entry, "name": f"sink{number}"} if kind in schemes else entry)
        schemes.add(kind)
    return entries


def no_root(written: str) -> ConfigError:
    """The error of a root that nobody can make sense of."""
    return ConfigError(
        f"{written!r} is neither a Notion id nor a Notion URL", "Copy the link of the page in Notion (••• → Copy link)."
    )
