"""Asking the desk again while it is away for a moment: it is restarted now and then, and no turn should die of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from notion_sync_core.plugin import Clock, UnreachableError

T = TypeVar("T")

EVERY_S = 1.0


def patiently(ask: Callable[[], T], clock: Clock, seconds: float) -> T:
    """What somebody answers who may be away for a moment; what is asked may be done twice.

    :param seconds: so long it is asked again.
    :raises UnreachableError: it is away for longer.
    """
    end = clock.monotonic() + seconds
    while True:
        try:
            return ask()
        except UnreachableError:
            if clock.monotonic() >= end:
                raise
            clock.sleep(EVERY_S)
