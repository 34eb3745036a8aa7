"""Whether a row passes the filter of a view. https://developers.notion.com/reference/filter-data-source-entries

A condition that depends on the day (``past_week``), on who looks (``me``), or that nobody here knows, is
not decided: a file says the same whenever and by whomever it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notion_sync_core.content import properties
from notion_sync_core.content.dates import Moment, utc
from notion_sync_core.document import Row, Site
from notion_sync_core.model import Json, fields, objects, properties_of

Test = Callable[[Any, Any], bool]
"""What a row has, and what the condition says."""


class Undecidable(Exception):
    """The filter depends on more than the row."""


def passes(row: Row, condition: Json | None, site: Site) -> bool:
    """Whether a row passes a filter of :attr:`~notion_sync_core.content.views.TableView.filter`.

    :raises Undecidable: nobody can tell from the row alone.
    """
    if not condition:
        return True
    if "and" in condition:
        return all(passes(row, each, site) for each in condition["and"])
    if "or" in condition:
        return any(passes(row, each, site) for each in condition["or"])
    if "timestamp" in condition:
        stamp = condition["timestamp"]
        found = {"created_time": row.ref.created_time, "last_edited_time": row.ref.last_edited_time}.get(stamp)
        if found is None:
            raise Undecidable
        return _decide(found, fields(condition.get(stamp)), _DATES)
    return _property_passes(row, condition, site)


def _property_passes(row: Row, condition: Json, site: Site) -> bool:
    value = properties_of(row.raw).get(condition.get("property") or "")
    kinds = [key for key in condition if key in _TESTS]
    if value is None or len(kinds) != 1:
        raise Undecidable
    tests, read = _TESTS[kinds[0]]
    return _decide(read(value, site), fields(condition[kinds[0]]), tests)


def _decide(found: Any, conditions: Json, tests: Mapping[str, Test]) -> bool:
    if not conditions or not conditions.keys() <= tests.keys():
        raise Undecidable
    try:
        return all(tests[name](found, wanted) for name, wanted in conditions.items())
    except TypeError:  # the condition is about another kind of value
        raise Undecidable from None


# -- what a row has


def _text(value: Json, site: Site) -> str:
    return properties.text(value, site).casefold()


def _plain(value: Json, site: Site) -> Any:
    return properties.typed(value, site)


def _names(value: Json, site: Site) -> list[str]:
    found = properties.value(value, site)
    return [str(each) for each in found] if isinstance(found, list) else [] if found in (None, "") else [str(found)]


def _ids(value: Json, _: Site) -> list[str]:
    payload = value.get(str(value.get("type") or ""))
    return [str(each.get("id")) for each in (objects(payload) or [fields(payload)]) if each.get("id")]


def _date(value: Json, site: Site) -> str:
    found = properties.typed(value, site)
    return found.start if isinstance(found, Moment) else ""


# -- conditions


def _wanted(raw: Any) -> list[str]:
    return [str(each) for each in (raw if isinstance(raw, list) else [raw])]


def _day(raw: Any) -> str:
    """A day or a time that can be compared."""
    if not isinstance(raw, str) or not utc(raw):
        raise Undecidable  # "today"
    return raw if "T" not in raw else utc(raw)


def _compare(found: str, wanted: Any, test: Callable[[str, str], bool]) -> bool:
    """Days are compared with days, whatever the time."""
    day = _day(wanted)
    if not found or not utc(found):
        return False
    own = utc(found) if "T" in found else found
    return test(own[:10], day[:10]) if "T" not in day or "T" not in own else test(own, day)


def _folded(raw: Any) -> str:
    return str(raw).casefold()


def _person(raw: Any) -> str:
    if raw == "me":
        raise Undecidable
    return str(raw)


_EMPTY: Mapping[str, Test] = {
    "is_empty": lambda found, _: found in (None, "", []),
    "is_not_empty": lambda found, _: found not in (None, "", []),
}
_TEXT: Mapping[str, Test] = {
    **_EMPTY,
    "equals": lambda found, wanted: found == _folded(wanted),
    "does_not_equal": lambda found, wanted: found != _folded(wanted),
    "contains": lambda found, wanted: _folded(wanted) in found,
    "does_not_contain": lambda found, wanted: _folded(wanted) not in found,
    "starts_with": lambda found, wanted: found.startswith(_folded(wanted)),
    "ends_with": lambda found, wanted: found.endswith(_folded(wanted)),
}
_NUMBERS: Mapping[str, Test] = {
    **_EMPTY,
    "equals": lambda found, wanted: found == wanted,
    "does_not_equal": lambda found, wanted: found != wanted,
    "greater_than": lambda found, wanted: found is not None and found > wanted,
    "less_than": lambda found, wanted: found is not None and found < wanted,
    "greater_than_or_equal_to": lambda found, wanted: found is not None and found >= wanted,
    "less_than_or_equal_to": lambda found, wanted: found is not None and found <= wanted,
}
_CHECKBOX: Mapping[str, Test] = {
    "equals": lambda found, wanted: bool(found) is bool(wanted),
    "does_not_equal": lambda found, wanted: bool(found) is not bool(wanted),
}
_CHOICES: Mapping[str, Test] = {
    **_EMPTY,
    "equals": lambda found, wanted: any(each in _wanted(wanted) for each in found),
    "does_not_equal": lambda found, wanted: not any(each in _wanted(wanted) for each in found),
    "contains": lambda found, wanted: any(each in _wanted(wanted) for each in found),
    "does_not_contain": lambda found, wanted: not any(each in _wanted(wanted) for each in found),
}
_IDS: Mapping[str, Test] = {
    **_EMPTY,
    "contains": lambda found, wanted: _person(wanted) in found,
    "does_not_contain": lambda found, wanted: _person(wanted) not in found,
}
_DATES: Mapping[str, Test] = {
    **_EMPTY,
    "equals": lambda found, wanted: _compare(found, wanted, lambda own, day: own == day),
    "before": lambda found, wanted: _compare(found, wanted, lambda own, day: own < day),
    "after": lambda found, wanted: _compare(found, wanted, lambda own, day: own > day),
    "on_or_before": lambda found, wanted: _compare(found, wanted, lambda own, day: own <= day),
    "on_or_after": lambda found, wanted: _compare(found, wanted, lambda own, day: own >= day),
}
_Read = Callable[[Json, Site], Any]
_TESTS: Mapping[str, tuple[Mapping[str, Test], _Read]] = {
    **dict.fromkeys(("title", "rich_text", "url", "email", "phone_number"), (_TEXT, _text)),
    "number": (_NUMBERS, _plain),
    "checkbox": (_CHECKBOX, _plain),
    **dict.fromkeys(("select", "status", "multi_select"), (_CHOICES, _names)),
    **dict.fromkeys(("people", "relation", "created_by", "last_edited_by"), (_IDS, _ids)),
    **dict.fromkeys(("date", "created_time", "last_edited_time"), (_DATES, _date)),
    "files": (_EMPTY, _names),
}
