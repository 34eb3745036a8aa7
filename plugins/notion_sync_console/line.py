"""What a run does right now, in one line that fits where it is shown."""

from __future__ import annotations

import math

from notion_sync_core.plugin import Progress, counted, duration, one_line

_NARROW = 72
"""Below so many columns words are short."""
_REASONS = {
    "budget": ("the request budget", "budget"),
    "rate limit": ("the rate limit of the service", "rate limit"),
    "retry": ("before another try", "retry"),
    "breaker": ("the service does not answer", "no answer"),
}
"""In long and short words."""


def status_line(progress: Progress, width: int | None = None) -> str:
    """The reason of a wait, counts, remaining time, rate: the most important first.

    :param width: columns there are; what does not fit is left out, the least important first.
    """
    short = width is not None and width < _NARROW
    parts = [part for part in _parts(progress, short) if part]
    while width is not None and len(parts) > 1 and len(_joined(parts)) > width:
        parts.pop()
    return _joined(parts)[:width]


def wait_of(progress: Progress, short: bool = False) -> str:
    """Why nothing moves, and for how long still; empty if something does."""
    wait = progress.wait
    if wait is None:
        return ""
    reason = _REASONS.get(wait.reason, (wait.reason, wait.reason))[short]
    return f"{'wait' if short else 'waiting'} {duration(math.ceil(progress.waiting_s()))}: {reason}"


def _parts(progress: Progress, short: bool) -> list[str]:
    left = progress.remaining_s()
    rate = 0 if progress.wait else progress.rate()
    return [
        wait_of(progress, short),
        _counts(progress, short),
        "" if left is None else f"~{_compact(left)}" if short else f"{_compact(left)} left",
        f"{progress.failed} failed" if progress.failed else "",
        f"{rate:.0f}/min" if rate else "",
        counted(progress.requests, "request") if progress.requests else "",
    ]


def _counts(progress: Progress, short: bool) -> str:
    if progress.stage == "look":
        return f"{progress.discovered} found" if short else f"looking for changes: {progress.discovered} found"
    if not progress.total:
        return {"write": "nothing to write", "read": "looking for pages"}.get(progress.stage, progress.stage)
    if short:
        return f"{progress.done}/{progress.total}"
    return f"{progress.stage}: {progress.done} of {progress.total}"


def _compact(seconds: float) -> str:
    """``1m46s``: at most six letters, and as exact as an estimate is."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60}m{whole % 60:02d}s"
    minutes = round(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60}h{minutes % 60:02d}m" if minutes < 600 else f"{minutes / 60:.0f} h"


def _joined(parts: list[str]) -> str:
    # What a source calls a wait or a stage is its own words.
    return one_line(" · ".join(parts))
