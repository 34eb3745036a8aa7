"""When: a run's number, a date or a time, or how long ago."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from notion_sync_core.errors import ConfigError, StateError
from notion_sync_core.history.records import Run

_AGO = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_MEANT = (
    "Write the number of a run (12), a date (2026-11-01: its end, local time), a time (2026-11-01T09:30), "
    "or how long ago (3d; m, h, d, w)."
)


def find_run(when: str, runs: list[Run], last: int, now: float) -> Run:
    """The run whose tree is meant: the last one not after a moment.

    :param runs: those in which something changed, in their order.
    :param last: the number of the last run of all.
    :param now: Unix.
    :raises ConfigError: it is no moment, or no run has that number.
    :raises StateError: nothing is kept of that time.
    """
    if not runs:
        raise StateError("nothing is kept yet", "Versions are kept from the next export or sync on.")
    if when.isascii() and when.isdigit():
        number = int(when)
        if number > max(last, runs[-1].number):
            raise ConfigError(f"there is no run {number} yet: the last one was {last}", _MEANT)
        found = [run for run in runs if run.number <= number]
    else:
        moment = seconds_of(when, now)
        found = [run for run in runs if run.time <= moment]
    if not found:
        raise StateError(
            f"nothing is kept of {when}: history begins with run {runs[0].number}, {told(runs[0].time)}",
            "`notion-sync history` lists the runs.",
        )
    return found[-1]


def seconds_of(when: str, now: float) -> float:
    """A moment in Unix time; of a date its end, in local time.

    :raises ConfigError: it is none.
    """
    if match := _AGO.fullmatch(when):
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", when):
            return datetime.combine(date.fromisoformat(when) + timedelta(days=1), time()).astimezone().timestamp()
        return datetime.fromisoformat(when).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"{when!r:.80} is no moment", _MEANT) from None


def told(seconds: float) -> str:
    """A moment for people, in local time."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
