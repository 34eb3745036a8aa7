"""Dates and times as Notion gives them: https://developers.notion.com/reference/page-property-values#date"""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen
class Moment:
    """A date, a time, or a range of them."""

    start: str
    """``YYYY-MM-DD`` or an ISO time, as the API gave it."""
    end: str = ""
    """Empty if this is no range."""
    zone: str = ""
    """The IANA zone, where the times themselves carry no offset; else empty."""

    def __str__(self) -> str:
        both = f"{self.start}/{self.end}" if self.end else self.start
        return f"{both} [{self.zone}]" if self.zone else both


def moment(payload: Any) -> Moment | None:
    """A date object's content. A zone counts only where the times have no offset of their own."""
    if not isinstance(payload, dict) or not payload.get("start"):
        return None
    start, end = str(payload["start"]), str(payload.get("end") or "")
    zone = str(payload.get("time_zone") or "")
    return Moment(start, end, zone if zone and _is_local(start) else "")


def _is_local(stamp: str) -> bool:
    """A time without offset."""
    _, _, clock = stamp.partition("T")
    return bool(clock) and not clock.endswith("Z") and "+" not in clock and "-" not in clock


def date_text(payload: Any) -> str | None:
    """A date, or ``start/end``, as ISO 8601; a zone that the times do not carry is added."""
    found = moment(payload)
    return str(found) if found else None
