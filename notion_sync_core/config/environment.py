"""Variables of the environment that set keys: ``NOTION_SYNC_PERFORMANCE__WORKERS=4``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.errors import ConfigError

PREFIX = "NOTION_SYNC_"


def said_by_environment(
    environ: Mapping[str, str], tell: Callable[[ConfigError], object]
) -> Iterator[tuple[str, str, str]]:
    """Variables that set a key: name, value, dotted key.

    :param tell: told of one that is nearly such a variable: what it says would have no effect.
    """
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        key = name[len(PREFIX) :].lower()
        if "__" in key:
            yield name, text, key.replace("__", ".")
        elif meant := _meant(key):
            tell(
                ConfigError(
                    f"environment variable {name}: between a section and its key stand two underscores",
                    f"Did you mean {PREFIX}{meant.upper().replace('.', '__')}?",
                )
            )


def _meant(name: str) -> str:
    """The key that a variable's name without two underscores means; empty if it means none."""
    name = name.strip("_")
    keys = [(section, each.name) for section, kind in SECTIONS.items() for each in attrs.fields(kind)]
    found = [f"{section}.{key}" for section, key in keys if name in (key, f"{section}_{key}")]
    if not found:
        section, _, rest = name.partition("_")
        found = [f"{section}.{rest}"] if rest and section in (*SECTIONS, "plugins") else []
    return found[0] if found else ""
