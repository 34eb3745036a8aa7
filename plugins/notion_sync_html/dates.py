"""Dates and times as people write them: the day in words, the time in UTC unless it is said to be of a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from markupsafe import Markup

from notion_sync_html.markup import EMPTY, element, text

_MACHINES = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?")
_PARTS = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(?::00(?:\.0+)?|(:\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UTC = frozenset(("Z", "+00:00", "-00:00", "+0000"))
ARROW = Markup(" → ")


@frozen
class _Written:
    """A day, and perhaps a time, in words."""

    day: str
    clock: str = ""
    zone: str = ""
    """`` UTC`` for a time that carried an offset."""

    @property
    def whole(self) -> str:
        """All of it on one line."""
        return f"{self.day}, {self.clock}{self.zone}" if self.clock else self.day


def time(date: object, shown: str) -> Markup:
    """A ``<time>`` with a date that machines read, if it is one."""
    valid = isinstance(date, str) and _MACHINES.fullmatch(date)
    return element("time", text(shown), datetime=str(date) if valid else None)


def moment(found: Any) -> Markup:
    """A day or a point in time, to the minute; what is no date is shown as it is."""
    if not isinstance(found, str) or not found:
        return EMPTY
    written = _written(found)
    return time(found, found if written is None else written.whole)


def period(start: Any, end: Any) -> Markup:
    """From one moment to another; a day that both have is said once."""
    if not end or not start:
        return moment(start or end)
    first, last = _written(start), _written(end)
    if first is None or last is None or not (first.clock and last.clock):
        return moment(start) + ARROW + moment(end)
    if (first.day, first.zone) != (last.day, last.zone):
        return moment(start) + ARROW + moment(end)
    return time(start, f"{first.day}, {first.clock}") + ARROW + time(end, f"{last.clock}{last.zone}")


def date(payload: Any) -> Markup:
    """A date object, with its zone where the times carry no offset of their own."""
    if not isinstance(payload, dict) or not payload.get("start"):
        return EMPTY
    start, zone = payload["start"], payload.get("time_zone")
    shown = period(start, payload.get("end"))
    written = _written(start)
    is_said = written is not None and (written.zone or not written.clock)
    return shown + (text(f" ({zone})") if zone and not is_said else EMPTY)


def _written(raw: Any) -> _Written | None:
    found = _PARTS.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        return None
    year, month, day, clock, second, zone = found.groups()
    if not 1 <= int(month) <= 12:
        return None
    if zone and zone not in _UTC:
        moved = _in_utc(raw)
        return None if moved is None else _written(moved)
    shown = f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
    return _Written(shown, f"{clock}{second or ''}" if clock else "", " UTC" if zone else "")


def _in_utc(raw: str) -> str | None:
    try:
        found = datetime.fromisoformat(raw).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found.strftime(f"{found.year:04}-%m-%dT%H:%M:%SZ")
