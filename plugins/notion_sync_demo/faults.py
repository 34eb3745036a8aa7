"""Faults on demand: what real networks and services do to clients.

:data:`KINDS` names them. Most strike on the server. :data:`NETWORK` kinds happen before any server is
reached, so a client has to be wrapped for them: see :meth:`Faults.strike`.
"""

from __future__ import annotations

import random
import re
import threading

from attrs import define, field

STATUSES = ("400", "401", "403", "404", "409", "429", "500", "502", "503", "504", "529")
"""An error of the API with that status."""
LIMITS = ("429_date", "429_bare", "429_huge", "429_blocked")
"""``Retry-After`` as a date, missing, of days; and a connection that Notion blocked for good."""
NETWORK = ("refused", "dns", "connect_timeout")
"""No connection. The server cannot do this to a request; it only keeps the order."""
CONNECTION = ("hang", "reset", "reset_body", "short", "long", "drip", "endless", "claimed", "chunk_damaged")
"""Silence, resets, and bodies that are shorter, longer or slower than they should be."""
BODIES = ("empty", "html200", "html502", "bad_json", "bad_utf8", "gzip_damaged", "gzip_bomb")
SAVED = ("503_saved", "503_committed", "lost")
"""A write is done, and the client does not learn it: a 503 without and one with the ids of what was made; silence."""
REDIRECTS = ("redirect_loop", "redirect_loopback")
KINDS = (*STATUSES, *LIMITS, *NETWORK, *CONNECTION, *BODIES, *REDIRECTS, *SAVED, "cursor_loop")


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
    method: str = ""
    """Only requests with this method."""
    retry_after: str | None = None
    """The ``Retry-After`` header, if it has one."""
    seconds: float = 5.0
    """How long ``hang`` is silent and ``drip`` drips."""
    after: int = 0
    """So many matching requests pass before it begins."""
    sticky: bool = False
    """Once it struck a request it strikes that same one again and again, and no other."""
    struck: int = field(default=0, init=False)
    """How often it struck."""
    _stuck: str | None = field(default=None, init=False)

    @kind.validator
    def _known(self, _: object, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")

    def hits(self, path: str, request: str, chance: float, method: str = "") -> bool:
        """Whether it strikes this request; the caller holds the lock of all faults."""
        if self.times == 0 or (self.path and not re.search(self.path, path)):
            return False
        if self.method and method != self.method:
            return False
        if self._stuck is not None:
            hit = request == self._stuck
        elif self.after > 0:
            self.after -= 1
            hit = False
        else:
            hit = chance < self.rate
        if hit:
            self.struck += 1
            self._stuck = request if self.sticky else None
            if self.times is not None:
                self.times -= 1
        return hit


class Faults:
    """The faults of one server; the first that strikes a request counts."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Let a fault strike from now on."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let nothing strike any more."""
        with self._lock:
            self._faults.clear()

    def strike(self, path: str, request: str = "", *, network: bool = False, method: str = "") -> Fault | None:
        """The fault that hits this request, if any.

        :param request: what tells this request from others to the same path, such as its cursor.
        :param network: ask for faults before the server (:data:`NETWORK`), else for all others.
        """
        with self._lock:
            for fault in self._faults:
                ours = (fault.kind in NETWORK) is network
                if ours and fault.hits(path, f"{path} {request}", self._random.random(), method):
                    return fault
        return None
