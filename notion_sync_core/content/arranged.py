"""The rows of a view: those that pass its filter, in its order, in its groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from attrs import Factory, define, frozen

from notion_sync_core.content import properties
from notion_sync_core.content.dates import Moment
from notion_sync_core.content.filters import Undecidable, passes
from notion_sync_core.content.views import Grouping, Sort, TableView
from notion_sync_core.document import Row, Site
from notion_sync_core.model import Json, fields, objects, properties_of

T = TypeVar("T")
Key = tuple[Any, ...]
_LAST: Key = (2,)
"""Of the groups behind all others, whatever their order."""
_DAYS = {"day": 10, "relative": 7, "month": 7, "year": 4}
"""Characters of a date that tell one group from another; of what depends on the day of looking, the month."""


@frozen
class Group(Generic[T]):
    """Rows that belong together."""

    title: str
    """Empty if the view has no groups."""
    rows: tuple[T, ...]


@define
class Arrangement(Generic[T]):
    """What a view shows."""

    groups: list[Group[T]] = Factory(list)
    is_filtered: bool = True
    """Its filter was applied; if not, all rows are shown."""

    @property
    def rows(self) -> int:
        """How many are shown, a row in two groups twice."""
        return sum(len(group.rows) for group in self.groups)


def arranged(
    rows: Iterable[Row], view: TableView, source: Json, site: Site, make: Callable[[Row], T]
) -> Arrangement[T]:
    """The rows of a view.

    :param make: what is kept of each row: all of them together are in memory.
    """
    result: Arrangement[T] = Arrangement()
    kept: list[tuple[list[Key], list[tuple[Key, str]], bool, T]] = []
    schema = properties_of(source)
    for row in rows:
        try:
            shown = passes(row, view.filter, site)
        except Undecidable:
            result.is_filtered, shown = False, False
        keys = [_key(row, sort, schema, site) for sort in view.sorts]
        groups = _groups(row, view.grouping, schema, site) if view.grouping else []
        kept.append((keys, groups, shown, make(row)))
    chosen = [each for each in kept if each[2] or not result.is_filtered]
    # From the last order to the first: sorting is stable. Nothing comes last in either direction.
    for number, sort in reversed(list(enumerate(view.sorts))):
        filled = [each for each in chosen if each[0][number]]
        filled.sort(key=lambda each, at=number: each[0][at], reverse=sort.descending)  # type: ignore[misc]
        chosen = [*filled, *(each for each in chosen if not each[0][number])]
    result.groups = _grouped([(each[1], each[3]) for each in chosen], view.grouping, schema)
    return result


def _key(row: Row, sort: Sort, schema: dict[str, Json], site: Site) -> Key:
    """What a row is sorted by; empty if there is nothing."""
    if sort.is_stamp:
        return (1, 0, getattr(row.ref, sort.by))
    value = properties_of(row.raw).get(sort.by)
    found = properties.typed(value, site) if value else None
    if isinstance(found, list):
        found = found[0] if found else None
    return () if found in (None, "") else _place(found, schema.get(sort.by, {}))


def _place(found: Any, column: Json) -> Key:
    """Numbers before texts, options in their own order."""
    if isinstance(found, bool | int | float):
        return (0, found, "")
    if isinstance(found, Moment):
        return (1, 0, found.start)
    order, text = _order(column), str(found)
    return (1, order.get(text, len(order)), text.casefold())


def _order(column: Json) -> dict[str, int]:
    """The places of options."""
    options = objects(fields(column.get(str(column.get("type") or ""))).get("options"))
    return {str(option.get("name")): number for number, option in enumerate(options)}


# -- groups


def _groups(row: Row, grouping: Grouping, schema: dict[str, Json], site: Site) -> list[tuple[Key, str]]:
    """The groups that a row is in, each with what it is sorted by."""
    value = properties_of(row.raw).get(grouping.by)
    found = properties.typed(value, site) if value else None
    many = found if isinstance(found, list) else [] if found is None or found == "" else [found]
    column = schema.get(grouping.by, {})
    names = [_group_name(each, grouping, column) for each in many]
    return list(dict.fromkeys(names)) or [(_LAST, f"No {grouping.by}")]


def _group_name(found: Any, grouping: Grouping, column: Json) -> tuple[Key, str]:
    if isinstance(found, bool):
        return _place(found, column), "Checked" if found else "Unchecked"
    if isinstance(found, int | float):
        return _range(found, grouping.size)
    if isinstance(found, Moment):
        text = _period(found.start, grouping.how)
        return (1, 0, text), text
    text = str(found)
    if grouping.how == "group":
        return _status_group(text, column)
    if grouping.how == "alphabet_prefix":
        text = text[:1].upper()
    return _place(text, column), text


def _range(number: float, size: float) -> tuple[Key, str]:
    if not size or not math.isfinite(number):
        return (0, number, ""), f"{number:.15g}"
    start = math.floor(number / size) * size
    return (0, start, ""), f"{start:.15g}–{start + size:.15g}"


def _period(start: str, how: str) -> str:
    """The day, month or year of a date; weeks are told by their days."""
    return start[: _DAYS.get(how, 10)]


def _status_group(text: str, column: Json) -> tuple[Key, str]:
    payload = fields(column.get("status"))
    option = next((each for each in objects(payload.get("options")) if each.get("name") == text), {})
    for number, group in enumerate(objects(payload.get("groups"))):
        if option.get("id") in (group.get("option_ids") or ()):
            return (1, number, ""), str(group.get("name") or "")
    return _LAST, text


def _grouped(
    rows: list[tuple[list[tuple[Key, str]], T]], grouping: Grouping | None, schema: dict[str, Json]
) -> list[Group[T]]:
    if grouping is None:
        return [Group("", tuple(each for _, each in rows))]
    found: dict[tuple[Key, str], list[T]] = {}
    if not grouping.hides_empty and grouping.how != "group":
        column = schema.get(grouping.by, {})
        found = {(_place(name, column), name): [] for name in _order(column)}
    for names, row in rows:
        for name in names:
            found.setdefault(name, []).append(row)
    ends = [group for group in found if group[0] == _LAST]
    others = sorted(group for group in found if group[0] != _LAST)
    if grouping.order == "descending":
        others.reverse()
    return [Group(group[1], tuple(found[group])) for group in (*others, *ends)]
