"""The properties of a row as YAML at the head of its file."""

from __future__ import annotations

from typing import Any

import yaml

from notion_sync_core.content import properties
from notion_sync_core.model import Json, Site

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def front_matter(raw: Json, site: Site) -> str:
    """YAML between two lines of dashes; ``""`` for a page that is no row."""
    found = {name: prop for name, prop in (raw.get("properties") or {}).items() if isinstance(prop, dict)}
    if all(prop.get("type") == "title" for prop in found.values()):
        return ""
    data = {name: properties.value(found[name], site) for name in properties.ordered(found)}
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1 << 20)
    return f"---\n{text}---\n\n"
