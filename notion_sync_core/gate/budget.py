"""The request budget that all processes of a user share: a ledger in a small locked file."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from attrs import frozen

from notion_sync_core.clock import Clock
from notion_sync_core.errors import SinkError
from notion_sync_core.gate.window import BOOT as _BOOT
from notion_sync_core.gate.window import LEASE_S, SPACE, Budget, Entry, LedgerBudget, NoBudget, is_dead
from notion_sync_core.mirror.disk import explained

__all__ = ["Budget", "NoBudget", "Usage", "WindowBudget", "fingerprint", "usage"]


def fingerprint(secret: str) -> str:
    """What everybody calls the budget of a token, and nobody can tell the token from."""
    return hashlib.scrypt(secret.encode(), salt=b"notion-sync budget", n=2**10, r=8, p=1, dklen=12).hex()


class WindowBudget(LedgerBudget):
    """At most ``requests`` in any ``window_s`` seconds, by a ledger file that processes share.

    :param ledger: the file; one for each token and service. Its folder exists.
    """

    def __init__(self, ledger: Path, clock: Clock, requests: int, window_s: float) -> None:
        super().__init__(lambda: _locked(ledger, clock), clock, requests, window_s)


class _locked:  # noqa: N801 - a context manager that reads as a verb
    """The ledger, read under an exclusive lock and written back at the end."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        # The processes of one machine share its monotonic clock, which nobody sets; across a restart, and
        # between machines that share a home, the date has to do.
        self._offset = clock.now() - clock.monotonic()

    @property
    def now(self) -> float:
        """The time by which it counts: that of all processes of a machine."""
        return self._clock.monotonic()

    def __enter__(self) -> _locked:
        with explained(f"the request budget {self._path}"):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            raw = os.read(self._file, 1 << 20)
        data = _understood(raw, self._offset)
        self.data: dict[str, Any] = {**data, "boot": _BOOT, "offset": self._offset}
        return self

    def live_entries(self, now: float, window_s: float) -> list[Entry]:
        """Entries that still count; after a jump of the clock none lies further ahead than it can."""
        latest = now + window_s + LEASE_S
        self.data["entries"] = [
            (owner, count, min(expires, latest)) for owner, count, expires in self.data["entries"] if expires > now
        ]
        entries: list[Entry] = self.data["entries"]
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
    owners = {owner.rpartition(" ")[0] for owner, _ in live if not is_dead(owner)}
    mine = f"{SPACE} {os.getpid()}"
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
    return f"process {process}" if SPACE and space == SPACE else "another machine or container"
