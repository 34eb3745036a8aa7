"""R requests in any window of W seconds, by a ledger that all who use one token share.

A slot is free again W seconds after its *answer*, because nobody knows when between question and answer the service
counted. Slots are taken from the ledger in small blocks; what a dead process held comes back by itself. Where a ledger
lies, and by which clock it counts, is not said here: :mod:`~notion_sync_core.gate.budget` has a file.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field

from notion_sync_core.clock import Clock

LEASE_S = 120.0
"""How long after its window a block of a process that died stays taken."""


def _boot_id() -> str:
    """What tells one start of this machine from another; empty where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


BOOT = _boot_id()


def _process_space() -> str:
    """What tells apart whose process numbers mean what: another machine's or container's mean others."""
    try:
        return f"{BOOT}/{Path('/proc/self/ns/pid').readlink()}" if BOOT else ""
    except OSError:
        return ""


SPACE = _process_space()


class Budget(Protocol):
    """Hands out permission to send one request."""

    @property
    def allowed(self) -> tuple[int, float]:
        """Requests, and in how many seconds; 0 requests: any number."""

    @property
    def used(self) -> int:
        """Slots that are taken, by anybody, as of the last look."""

    def take(self) -> float:
        """0 if one request may be sent now, else seconds to wait before asking again."""

    def answered(self) -> None:
        """One request was answered, or given up."""

    def pause(self, seconds: float) -> None:
        """The service asked everybody to be silent that long; also learn to be slower."""

    def close(self) -> None:
        """Give back what was taken and not used."""


class NoBudget:
    """No limit but the pauses the service asks for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = 0.0

    @property
    def allowed(self) -> tuple[int, float]:
        """See :meth:`Budget.allowed`."""
        return 0, 0.0

    @property
    def used(self) -> int:
        """See :meth:`Budget.used`."""
        return 0

    def take(self) -> float:
        """See :meth:`Budget.take`."""
        return max(0.0, self._until - self._clock.monotonic())

    def answered(self) -> None:
        """See :meth:`Budget.answered`."""

    def pause(self, seconds: float) -> None:
        """See :meth:`Budget.pause`."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    def close(self) -> None:
        """See :meth:`Budget.close`."""


Entry = tuple[str, int, float]
"""Who holds slots, how many, and until when they count."""


@define
class _Block:
    id: str
    left: int
    in_flight: int = 0
    last_answer: float = 0.0
    taken: int = 0


class Book(Protocol):
    """A ledger while somebody has it for himself; what he changes is kept when he lets it go."""

    data: dict[str, Any]
    """``entries``; ``pause_until``, when all may speak again; ``limit``, what was learnt, 0: nothing; ``limit_set``,
    when that was. Times are by the ledger's clock."""

    @property
    def now(self) -> float:
        """The time by the ledger's clock, of which all who share it have the same."""

    def live_entries(self, now: float, window_s: float) -> list[Entry]:
        """Entries that still count; what does not is dropped."""


@define
class LedgerBudget:
    """At most ``requests`` in any ``window_s`` seconds.

    :param opened: gives the ledger, and waits until it is free; one for each token and service.
    """

    _opened: Callable[[], AbstractContextManager[Book]]
    _clock: Clock
    _requests: int
    _window_s: float
    _name: str = field(factory=lambda: secrets.token_hex(4), init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _blocks: list[_Block] = field(factory=list, init=False)
    _serial: int = field(default=0, init=False)
    _not_before: float = field(default=0.0, init=False)
    _used: int = field(default=0, init=False)

    @property
    def allowed(self) -> tuple[int, float]:
        """See :meth:`Budget.allowed`."""
        return self._requests, self._window_s

    @property
    def used(self) -> int:
        """See :meth:`Budget.used`."""
        return max(0, self._used - sum(block.left for block in list(self._blocks)))

    def take(self) -> float:
        """See :meth:`Budget.take`."""
        with self._lock:
            now = self._clock.monotonic()
            if now < self._not_before:
                return self._not_before - now
            block = next((block for block in self._blocks if block.left), None)
            if block is None:
                wait = self._take_block(now)
                if wait > 0:
                    return wait
                block = self._blocks[-1]
            block.left -= 1
            block.in_flight += 1
            return 0.0

    def answered(self) -> None:
        """See :meth:`Budget.answered`."""
        with self._lock:
            block = next((block for block in self._blocks if block.in_flight), None)
            if block is None:
                return
            block.in_flight -= 1
            block.last_answer = self._clock.monotonic()
            if not block.left and not block.in_flight:
                self._blocks.remove(block)
                self._settle([block])

    def pause(self, seconds: float) -> None:
        """See :meth:`Budget.pause`."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock.monotonic() + seconds)
            with self._opened() as book:
                now = book.now
                book.data["pause_until"] = max(book.data["pause_until"], now + seconds)
                book.data["limit"] = max(1, int(self._limit(book.data, now) * 0.8))
                book.data["limit_set"] = now

    def close(self) -> None:
        """See :meth:`Budget.close`."""
        with self._lock:
            blocks, self._blocks = self._blocks, []
            if blocks:
                self._settle(blocks)

    def _limit(self, data: dict[str, Any], now: float) -> int:
        """What we learnt, growing back by a tenth of the budget each quiet window."""
        quiet = int(max(0.0, now - data["limit_set"]) // self._window_s)
        return min(self._requests, int(data["limit"] or self._requests) + quiet * max(1, self._requests // 10))

    def _take_block(self, here: float) -> float:
        """Take some slots from the ledger; what :meth:`take` says.

        :param here: the time by the clock of this process.
        """
        with self._opened() as book:
            now = book.now
            entries = _without_dead(book.live_entries(now, self._window_s), now + self._window_s)
            book.data["entries"] = entries
            pause = book.data["pause_until"] - now
            if 0 < pause < 3600:
                self._not_before = here + pause
                return float(pause)
            self._used = sum(count for _, count, _ in entries)
            free = self._limit(book.data, now) - self._used
            if free < 1:
                wait = min((expires for _, _, expires in entries), default=now + 0.05) - now
                open_blocks = {block.id for block in self._blocks}
                if any(owner in open_blocks for owner, _, _ in entries):
                    wait = min(wait, 0.05)  # a block in flight may be answered at any moment
                return max(wait, 0.001)
            count = min(free, max(1, self._requests // 36))
            self._used += count
            self._serial += 1
            block = _Block(f"{SPACE} {os.getpid()} {self._name}.{self._serial}", count, taken=count)
            entries.append((block.id, count, now + self._window_s + LEASE_S))
            self._blocks.append(block)
        return 0.0

    def _settle(self, blocks: list[_Block]) -> None:
        """Tell the ledger when the slots of these blocks come back."""
        ends = {block.id: block for block in blocks}
        here = self._clock.monotonic()  # before the ledger's time: what lies between makes an answer no older
        with self._opened() as book:
            entries = book.live_entries(book.now, self._window_s)
            for index, (owner, count, _) in enumerate(entries):
                if owner in ends:
                    block = ends[owner]
                    # In-flight requests of a closing process may still be counted by the service.
                    end = book.now - (0.0 if block.in_flight else here - block.last_answer)
                    entries[index] = (owner, count - block.left, end + self._window_s)
            book.data["entries"] = [entry for entry in entries if entry[1] > 0]


def _without_dead(entries: list[Entry], settled: float) -> list[Entry]:
    """A process that died sends nothing any more: what it held is free a window from now, not at its lease's end."""
    return [(owner, count, min(ends, settled) if is_dead(owner) else ends) for owner, count, ends in entries]


def is_dead(owner: str) -> bool:
    """Whether the process that holds slots is dead for certain: one of another machine never is."""
    space, _, rest = owner.partition(" ")
    if not SPACE or space != SPACE:
        return False
    try:
        os.kill(int(rest.partition(" ")[0]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        pass
    return False
