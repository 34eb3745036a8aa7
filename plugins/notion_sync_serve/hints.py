"""What webhooks say of objects, gathered until a burst is over: the dirty list."""

from __future__ import annotations

import threading
from typing import Literal

from attrs import define, field

Kind = Literal["page", "database", "data_source"]

QUIET_S = 1.0
"""So long nothing new must come before the list is worked off."""
LONGEST_S = 3.0
"""A few hints wait no longer, whatever comes."""
BURST = 50
"""More hints than that are a burst."""
LONGEST_OF_BURST_S = 30.0
MANY = 100
"""For more objects than that a run of everything is cheaper than one by one."""


@define
class Hints:
    """Objects of one job that changed, each once. Safe to use from several threads; memory is bounded."""

    _objects: dict[str, Kind] = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)
    _first: float = field(default=0.0, init=False)
    _last: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False, eq=False)

    def add(self, object_id: str, kind: Kind, now: float) -> None:
        """An object changed.

        :param now: seconds that never go back.
        """
        with self._lock:
            self._first = self._first if self._count else now
            self._last, self._count = now, self._count + 1
            if len(self._objects) <= MANY:
                self._objects[object_id] = kind

    def __len__(self) -> int:
        """How many hints wait."""
        return self._count

    def due(self) -> float | None:
        """When they should be worked off; ``None`` without any."""
        with self._lock:
            if not self._count:
                return None
            longest = LONGEST_OF_BURST_S if self._count > BURST else LONGEST_S
            return min(self._last + QUIET_S, self._first + longest)

    def take(self) -> dict[str, Kind] | None:
        """All of them, and begin anew; ``None``: so many that everything should be looked at."""
        with self._lock:
            taken, self._objects, self._count = self._objects, {}, 0
        return taken if len(taken) <= MANY else None
