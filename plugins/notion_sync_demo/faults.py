"""Faults on demand: what real networks and services do to clients.

Kinds: any HTTP status as text (``"429"``, ``"500"``, ``"503"``, ``"529"``, ``"401"``, ``"403"``, ``"404"``,
``"400"``, ``"409"``, ``"504"``), and ``html502``, ``html200``, ``empty``, ``bad_json``, ``reset``,
``reset_body``, ``short``, ``hang``.
"""

from __future__ import annotations

import random
import re
import threading

from attrs import define, field

KINDS = (
    *("400", "401", "403", "404", "409", "429", "500", "502", "503", "504", "529"),
    *("html200", "html502", "empty", "bad_json", "reset", "reset_body", "short", "hang"),
)


@define
class Fault:
    """One kind of fault and when it strikes."""

    kind: str = field()
    rate: float = 1.0
    """Share of the requests it strikes."""
    times: int | None = None
    """At most so often; ``None``: for ever."""
    path: str = ""
    """Only requests whose path matches this regular expression."""
    retry_after: str | None = None
    """The ``Retry-After`` header, if it has one."""
    seconds: float = 5.0
    """How long ``hang`` is silent."""

    @kind.validator
    def _known(self, _: object, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")


class Faults:
    """The faults of one server; the first that strikes a request counts."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let a fault strike from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing strike any more."""
        with self._lock:
            self._faults.clear()

    def strike(self, path: str) -> Fault | None:
        """The fault that hits this request, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.times == 0 or (fault.path and not re.search(fault.path, path)):
                    continue
                if self._random.random() < fault.rate:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None
