"""The request budget: R requests in any window of W seconds, shared by every process of this user.

A slot is free again W seconds after its *answer*, because nobody knows when between question and
answer the service counted. Slots are taken from the ledger in small blocks; what a dead process
held comes back by itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen

from notion_sync_core.clock import Clock
from notion_sync_core.errors import SinkError
from notion_sync_core.mirror.disk import explained

LEASE_S = 120.0
"""How long after its window a block of a process that died stays taken."""


def _boot_id() -> str:
    """What tells one start of this machine from another; empty where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


_BOOT = _boot_id()


def _process_space() -> str:
    """What tells apart whose process numbers mean what: another machine's or container's mean others."""
    try:
        return f"{_BOOT}/{Path('/proc/self/ns/pid').readlink()}" if _BOOT else ""
    except OSError:
        return ""


_SPACE = _process_space()


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


_Entry = tuple[str, int, float]
"""Who holds slots, how many, and until when they count."""


@define
class _Block:
    id: str
    left: int
    in_flight: int = 0
    last_answer: float = 0.0
    taken: int = 0


@define
class WindowBudget:
    """At most ``requests`` in any ``window_s`` seconds, by a ledger file that processes share.

    :param ledger: the file; one for each token and service. Its folder exists.
    """

    _ledger: Path
    _clock: Clock
    _requests: int
    _window_s: float
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
            now = self._clock.monotonic()
            self._not_before = max(self._not_before, now + seconds)
            with _locked(self._ledger, self._clock) as book:
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

    def _take_block(self, now: float) -> float:
        with _locked(self._ledger, self._clock) as book:
            entries = _without_dead(book.live_entries(now, self._window_s), now + self._window_s)
            book.data["entries"] = entries
            pause = book.data["pause_until"] - now
            if 0 < pause < 3600:
                self._not_before = now + pause
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
            block = _Block(f"{_SPACE} {os.getpid()} {id(self):x}.{self._serial}", count, taken=count)
            entries.append((block.id, count, now + self._window_s + LEASE_S))
            self._blocks.append(block)
        return 0.0

    def _settle(self, blocks: list[_Block]) -> None:
        """Tell the ledger when the slots of these blocks come back."""
        ends = {block.id: block for block in blocks}
        with _locked(self._ledger, self._clock) as book:
            entries = book.live_entries(self._clock.monotonic(), self._window_s)
            for index, (owner, count, _) in enumerate(entries):
                if owner in ends:
                    block = ends[owner]
                    # In-flight requests of a closing process may still be counted by the service.
                    end = self._clock.monotonic() if block.in_flight else block.last_answer
                    entries[index] = (owner, count - block.left, end + self._window_s)
            book.data["entries"] = [entry for entry in entries if entry[1] > 0]


def _without_dead(entries: list[_Entry], settled: float) -> list[_Entry]:
    """A process that died sends nothing any more: what it held is free a window from now, not at its lease's end."""
    return [(owner, count, min(ends, settled) if _is_dead(owner) else ends) for owner, count, ends in entries]


def _is_dead(owner: str) -> bool:
    space, _, rest = owner.partition(" ")
    if not _SPACE or space != _SPACE:
        return False
    try:
        os.kill(int(rest.partition(" ")[0]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        pass
    return False


class _locked:  # noqa: N801 - a context manager that reads as a verb
    """The ledger, read under an exclusive lock and written back at the end."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        # The processes of one machine share its monotonic clock, which nobody sets; across a restart, and
        # between machines that share a home, the date has to do.
        self._offset = clock.now() - clock.monotonic()

    def __enter__(self) -> _locked:
        with explained(f"the request budget {self._path}"):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            raw = os.read(self._file, 1 << 20)
        data = _understood(raw, self._offset)
        self.data: dict[str, Any] = {**data, "boot": _BOOT, "offset": self._offset}
        return self

    def live_entries(self, now: float, window_s: float) -> list[_Entry]:
        """Entries that still count; after a jump of the clock none lies further ahead than it can."""
        latest = now + window_s + LEASE_S
        self.data["entries"] = [
            (owner, count, min(expires, latest)) for owner, count, expires in self.data["entries"] if expires > now
        ]
        entries: list[_Entry] = self.data["entries"]
        return entries

    def __exit__(self, *_: object) -> None:
        raw = json.dumps(self.data).encode()
        try:
            with explained(f"the request budget {self._path}"):
                os.pwrite(self._file, raw, 0)
                os.ftruncate(self._file, len(raw))
        finally:
            os.close(self._file)


def _understood(raw: bytes, offset: float) -> dict[str, Any]:
    """What a ledger says, by this process's clock; an empty one if it cannot be understood."""
    try:
        # A process killed before it cut the file leaves the tail of a longer text behind.
        found = json.JSONDecoder().raw_decode(raw.decode())[0]
        data = {key: found[key] for key in ("entries", "pause_until", "limit", "limit_set")}
        if not _BOOT or found.get("boot") != _BOOT:
            shift = float(found.get("offset", 0.0)) - offset
            data["entries"] = [(owner, count, expires + shift) for owner, count, expires in data["entries"]]
            data["pause_until"] += shift
            data["limit_set"] += shift
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"entries": [], "pause_until": 0.0, "limit": 0, "limit_set": 0.0}
    return data


@frozen
class Usage:
    """What a ledger tells of everybody who shares a budget, at one moment."""

    taken: int = 0
    """Requests that count in this window."""
    processes: tuple[str, ...] = ()
    """Who else holds some and is alive: ``process 123``, ``another machine or container``."""
    pause_s: float = 0.0
    """How long the service still wants everybody to be silent."""
    limit: int = 0
    """What it taught us to allow ourselves for now; 0: all that is configured."""


def usage(ledger: Path, clock: Clock, requests: int, window_s: float) -> Usage:
    """Look at a ledger, without taking or changing anything.

    :raises SinkError: it is there and cannot be read.
    """
    try:
        with explained(f"the request budget {ledger}"):
            raw = ledger.read_bytes()
    except SinkError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return Usage()
        raise
    now = clock.monotonic()
    data = _understood(raw, clock.now() - now)
    live = [(owner, count) for owner, count, expires in data["entries"] if expires > now]
    owners = {owner.rpartition(" ")[0] for owner, _ in live if not _is_dead(owner)}
    mine = f"{_SPACE} {os.getpid()}"
    others = {_named(owner) for owner in owners if owner != mine}
    quiet = int(max(0.0, now - data["limit_set"]) // window_s)
    learnt = int(data["limit"]) + quiet * max(1, requests // 10) if data["limit"] else requests
    return Usage(
        sum(count for _, count in live),
        tuple(sorted(others)),
        max(0.0, data["pause_until"] - now) if data["pause_until"] - now < 3600 else 0.0,
        learnt if learnt < requests else 0,
    )


def _named(owner: str) -> str:
    space, _, process = owner.rpartition(" ")
    return f"process {process}" if _SPACE and space == _SPACE else "another machine or container"
