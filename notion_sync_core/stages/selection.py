"""Which rows are exported: by the values of their properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from notion_sync_core.document import NOWHERE, Site
from notion_sync_core.model import Json, Ref, properties_of


class Selection:
    """What ``export.only`` says.

    :param only: accepted values by the name of a property; one alone need not be in a list.
    """

    def __init__(self, only: Mapping[str, Any]) -> None:
        given = {name: values if isinstance(values, list) else [values] for name, values in only.items()}
        self._accepted = {name: frozenset(map(_key, values)) for name, values in given.items()}
        self.text = json.dumps(given, sort_keys=True) if given else ""
        """The same for the same choice; ``""``: everything is chosen."""

    def __bool__(self) -> bool:
        """Whether anything may be left out."""
        return bool(self._accepted)

    def against(self, ref: Ref) -> str:
        """Why an object is left out; ``""``: it is not. Only rows that have the property can be."""
        if ref.kind != "page" or ref.parent.type != "data_source_id" or not ref.raw:
            return ""
        found = properties_of(ref.raw)
        for name, accepted in self._accepted.items():
            if name in found and accepted.isdisjoint(_keys(found[name])):
                return f"export.only leaves it out: its {name} is none of the values asked for"
        return ""

    def unknown(self, schemas: list[Json]) -> list[str]:
        """What of it no data source has: a slip in it would publish, or delete, far too much.

        :param schemas: the data sources as the service shows them.
        """
        told = []
        for name, accepted in self._accepted.items():
            columns = [found[name] for found in map(properties_of, schemas) if name in found]
            if not columns:
                told.append(f"export.only names the property {name!r}, which no database has: it leaves nothing out")
                continue
            options = [_options(column) for column in columns]
            if all(each is not None for each in options):
                known = {option for each in options for option in each or ()}
                lost = sorted(text for kind, text in accepted if text and text not in known)
                told += [f"export.only names {each!r}, which is no option of any {name!r}" for each in lost]
        return told


def _keys(prop: Json) -> set[tuple[str, str]]:
    """The values of a property as they are compared; of an empty one the empty text."""
    # Most jobs choose nothing: they should not wait for what reads values.
    from notion_sync_core.content.properties import typed

    found = typed(prop, cast("Site", NOWHERE))
    several = found if isinstance(found, list) else [found]
    return set(map(_key, several)) or {_key("")}


def _key(value: Any) -> tuple[str, str]:
    """Numbers are compared by value, booleans with booleans only, all else as text."""
    if isinstance(value, bool):
        return "boolean", str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "text", "" if value is None else str(value)


def _options(column: Json) -> set[str] | None:
    """What a column offers; ``None`` if it may hold anything."""
    kind = str(column.get("type") or "")
    payload = column.get(kind)
    if kind not in ("select", "multi_select", "status") or not isinstance(payload, dict):
        return None
    return {str(option.get("name") or "") for option in payload.get("options") or () if isinstance(option, dict)}
