"""How long versions are kept, in words: ``all:7d day:30d``. Which runs of the past can still be looked at follows.

A run that is kept can be shown exactly as it was; a version is kept as long as it is of a run that is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

FOREVER = "forever"
_EVERY = {"all": "", "day": "%Y-%m-%d", "week": "%G-%V", "month": "%Y-%m"}
"""What of a time two runs have in common of which one is kept."""
_SECONDS = {"d": 86_400.0, "w": 7 * 86_400.0, "y": 365 * 86_400.0}
_SPAN = re.compile(rf"({'|'.join(_EVERY)}):(?:([1-9]\d{{0,4}})([dwy])|{FOREVER})")
_MEANT = "spans such as all:7d day:30d (all, day, week, month; for a number of d, w or y, or forever)"


class Span(NamedTuple):
    """Up to some age, of the runs of so long a time one is kept."""

    every: str
    """``all``: each of them; else ``day``, ``week``, ``month``."""
    seconds: float
    """The age."""


class Mark(NamedTuple):
    """A run, as far as it matters how long it is kept."""

    number: int
    time: float
    """Unix."""
    is_whole: bool
    """It came to its end."""


def parse(text: str) -> tuple[Span, ...]:
    """Spans in words, the shortest first.

    :raises ValueError: they are none; with what is expected.
    """
    words, found = text.split(), []
    for word in words:
        match = _SPAN.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is no span: {_MEANT}")
        every, count, unit = match.groups()
        found.append(Span(every, int(count) * _SECONDS[unit] if count else math.inf))
    if not found:
        raise ValueError(_MEANT)
    if sorted({span.seconds for span in found}) != [span.seconds for span in found]:
        raise ValueError("spans go from the shortest to the longest, each longer than the one before it")
    return tuple(found)


def kept(runs: Iterable[Mark], spans: tuple[Span, ...], now: float) -> set[int]:
    """The numbers of the runs that are kept. The last run always is.

    :param now: Unix.
    """
    found: set[int] = set()
    best: dict[tuple[str, str], Mark] = {}
    last: Mark | None = None
    for run in sorted(runs):
        last = run
        span = next((span for span in spans if now - run.time <= span.seconds), None)
        if span is None:
            continue
        if span.every == "all":
            found.add(run.number)
            continue
        period = (span.every, datetime.fromtimestamp(run.time).astimezone().strftime(_EVERY[span.every]))
        other = best.get(period)
        if other is None or run.is_whole >= other.is_whole:
            best[period] = run
    found.update(run.number for run in best.values())
    return found | ({last.number} if last else set())
