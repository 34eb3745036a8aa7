"""Dates and times as Notion gives them: https://developers.notion.com/reference/page-property-values#date"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

_UTC = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)
"""Days that every month has."""


def utc(raw: Any) -> str:
    """Any ISO 8601 time as ``YYYY-MM-DDTHH:MM:SS.mmmZ``, so that text order is time order; without offset it is UTC.

    :returns: ``""`` if it is no time.
    """
    if not isinstance(raw, str):
        return ""
    if _UTC.fullmatch(raw):
        return raw  # almost always
    try:
        time = datetime.fromisoformat(raw)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def utc_of(seconds: float) -> str:
    """Seconds since the epoch in the form of :func:`utc`."""
    return utc(datetime.fromtimestamp(seconds, UTC).isoformat())


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
