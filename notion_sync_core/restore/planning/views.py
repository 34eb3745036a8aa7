"""Views of databases as they were read, made into what requests take: with the columns, rows and people of today.

What may be in a request follows the types of the official SDK 5.26.
https://developers.notion.com/guides/data-apis/working-with-views
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from attrs import define, field, frozen

from notion_sync_core.content.views import CREATED, EDITED
from notion_sync_core.model import Json, fields, normalise_id, objects
from notion_sync_core.restore.planning.around import Around
from notion_sync_core.restore.planning.columns import CHOICES, option_name

KINDS = frozenset(("table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map"))
"""Types of views that can be made. A dashboard is made of others, in places that nobody can write."""
NEEDED = {"board": "group_by", "calendar": "date_property_id", "timeline": "date_property_id", "chart": "chart_type"}
"""What a view of that type cannot be without."""
_LISTS = ("properties", "table_properties")
_GROUPS = ("group_by", "sub_group_by", "x_axis", "stack_by")
_IDS = ("date_property_id", "end_date_property_id", "map_by", "x_axis_property_id", "y_axis_property_id")
_HOLDERS = {
    "cover": "property_id",
    "arrows_by": "property_id",
    "y_axis": "property_id",
    "value": "property_id",
    "subtasks": "property_id",
}
"""What names a column in itself, and by which key."""
_NAMES = ("property_name", "date_property_name", "end_date_property_name", "map_by_property_name")
"""What answers say for people, and no request takes."""
_WRITTEN = frozenset(("page_cover", "page_content", "property"))
"""Kinds of covers."""
_PEOPLE = frozenset(("people", "created_by", "last_edited_by"))


@frozen
class Names:
    """Columns of one data source."""

    old: Mapping[str, str]
    """Their names by the ids that they had, and by themselves."""
    new: Mapping[str, str]
    """The ids that they have now, by name."""

    def name(self, key: Any) -> str:
        """The name of a column that something is said about; ``""``: of none."""
        return self.old.get(key) or self.old.get(unquote(key)) or "" if isinstance(key, str) else ""

    def id(self, key: Any) -> str:
        """The id that such a column has now; ``""``: it is not there."""
        return self.new.get(self.name(key), "")


@define
class Plan:
    """What is sent for one view."""

    raw: Json
    names: Names
    around: Around
    name: str = field(init=False)
    body: Json = field(factory=dict, init=False)
    is_possible: bool = field(default=True, init=False)
    """It can be made."""

    @name.default
    def _name(self) -> str:
        return str(self.raw.get("name") or "").strip() or "Untitled"

    def __attrs_post_init__(self) -> None:
        """Plan it; what cannot be written is told."""
        kind = str(self.raw.get("type") or "")
        if kind not in KINDS:
            self._lost(f"a {kind or 'view of no type'} cannot be made")
            self.is_possible = False
            return
        self.body["type"] = kind
        config = self._configuration(kind)
        if kind in NEEDED and NEEDED[kind] not in config:
            self._lost("what it is arranged by is not there: it was left out")
            self.is_possible = False
            return
        if kind == "form":
            self._lost("the questions of a form are not known")
        found = {
            "filter": self._filter(self.raw.get("filter")),
            "sorts": [made for each in objects(self.raw.get("sorts")) if (made := self._sort(each))],
            "quick_filters": self._quick(),
            "configuration": {"type": kind, **config} if config else None,
        }
        self.body |= {key: each for key, each in found.items() if each}

    def bare(self) -> Json:
        """The same with nothing that it can be without, for targets that refuse the rest."""
        kind = self.body["type"]
        config = fields(self.body.get("configuration"))
        needed = {key: each for key, each in config.items() if key == NEEDED.get(kind)}
        return {"type": kind, **({"configuration": {"type": kind, **needed}} if needed else {})}

    def _lost(self, words: str) -> None:
        self.around.note(f"of the view {self.name!r}: {words}")

    # -- which rows, in which order

    def _filter(self, raw: Any) -> Json | None:
        """A filter with the conditions that can be written; ``None``: there is none."""
        given = fields(raw)
        for both in ("and", "or"):
            if both in given:
                made = [each for each in map(self._filter, objects(given[both])) if each]
                return {both: made} if made else None
        stamp = given.get("timestamp")
        if stamp in (CREATED, EDITED):
            return {"timestamp": stamp, str(stamp): given.get(str(stamp))}
        if not given:
            return None
        column = self.names.id(given.get("property"))
        condition = self._condition(given) if column else None
        if condition is None:
            name = self.names.name(given.get("property"))
            self._lost(f"a condition {f'on {name!r} ' if name else ''}cannot be written")
            return None
        return {"property": column, **condition}

    def _condition(self, given: Json) -> Json | None:
        """What a column is asked for; ``None``: it cannot be asked for that."""
        for kind, wanted in given.items():
            if kind in ("property", "type", "id") or not isinstance(wanted, dict):
                continue
            made = {key: self._wanted(kind, each) for key, each in wanted.items()}
            return None if any(each is None for each in made.values()) else {kind: made}
        return None

    def _wanted(self, kind: str, value: Any) -> Any:
        """What a value is compared with; ``None``: what it names is not there."""
        if isinstance(value, list):
            made = [each for each in (self._wanted(kind, one) for one in value) if each is not None]
            return made or None
        if not isinstance(value, str):
            return value
        if kind in CHOICES:
            return option_name(value)
        old = normalise_id(value)
        if old is None or kind not in (*_PEOPLE, "relation"):
            return value
        named = self.around.person(old) if kind in _PEOPLE else self.around.known(old) or self._outside(old)
        return named or None

    def _outside(self, row: str) -> str:
        return row if self.around.is_outside(row) else ""

    def _sort(self, raw: Json) -> Json | None:
        direction = "descending" if raw.get("direction") == "descending" else "ascending"
        if raw.get("timestamp") in (CREATED, EDITED):
            return {"timestamp": raw["timestamp"], "direction": direction}
        column = self.names.id(raw.get("property"))
        if column:
            return {"property": column, "direction": direction}
        self._lost("an order by a column that is not there was left out")
        return None

    def _quick(self) -> Json:
        found = {}
        for key, given in fields(self.raw.get("quick_filters")).items():
            column = self.names.id(key)
            made = self._condition(fields(given)) if column else None
            if made is not None:
                found[column] = made
            else:
                self._lost("a quick filter cannot be written")
        return found

    # -- what of them, and how

    def _configuration(self, kind: str) -> Json:
        made: Json = {}
        config = fields(self.raw.get("configuration"))
        for key, given in config.items():
            if key in ("type", *_NAMES) or given is None:
                continue
            value = next((take(given) for keys, take in self._takers() if key in keys), given)
            if value is not None:
                made[key] = value
            elif kind not in NEEDED or key != NEEDED[kind]:
                self._lost(f"its {key.replace('_', ' ')} cannot be written")
        return made

    def _takers(self) -> tuple[tuple[Any, Callable[[Any], Any]], ...]:
        return (
            (_LISTS, self._columns),
            (_GROUPS, self._with_column),
            (_IDS, lambda given: self.names.id(given) or None),
            (("cover",), self._cover),
            (_HOLDERS, self._with_column),
        )

    def _columns(self, given: Any) -> list[Json] | None:
        """The columns that are there, in their order: who lists some hides all others."""
        found = [made for each in objects(given) if (made := self._with_column(each))]
        return found or None

    def _cover(self, given: Any) -> Json | None:
        return self._with_column(given) if fields(given).get("type") in _WRITTEN else None

    def _with_column(self, given: Any) -> Json | None:
        """An object with the column that it names; ``None``: that is not there."""
        made = {key: each for key, each in fields(given).items() if key not in _NAMES and each is not None}
        for key in ("property_id", "toggle_column_id"):
            if key in made:
                made[key] = self.names.id(made[key])
                if not made[key]:
                    return None
        return made or None
