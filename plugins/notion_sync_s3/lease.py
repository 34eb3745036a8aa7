"""The lock of a sink: numbered objects, each made once, and a lease that its holder renews.

Whoever makes ``lock/N+1`` while ``lock/N`` is free holds the lock, and ``N+1`` is the fencing number:
of all requests to make one object, ``If-None-Match: *`` lets one through. A lock is free if it was
given back, if nobody has renewed it for the length of the lease by the *store's* clock, or if its
holder ran on this machine and is dead. A holder that finds its own lease lapsed may not renew it: it
has to win the next number like anybody else, or stop. See ``docs/decisions/0004-s3-sink.md``.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Sequence
from typing import Protocol

from notion_sync_core.plugin import Clock, LockedError, NotionSyncError, SinkError
from notion_sync_s3.errors import Refused
from notion_sync_s3.holder import Holder

LEASE_S = 15.0
"""Seconds after which a lock that nobody renewed is free."""
RENEW_S = 5.0
MARGIN_S = 3.0
"""The holder counts its lease as shorter by so much: the store tells whole seconds, and not all clocks run alike."""
_NAME = re.compile(r"\d{10}")
_log = logging.getLogger(__name__)


class LockStore(Protocol):
    """What a lock needs of a store."""

    def create(self, key: str, body: bytes) -> bool:
        """Make an object; ``False`` if there is one."""

    def put(self, key: str, body: bytes) -> None:
        """Write an object."""

    def get(self, key: str) -> bytes | None:
        """Read an object."""

    def ages(self, prefix: str) -> dict[str, float]:
        """Keys, and seconds since each was written."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects."""


class Lease:
    """One sink's lock, held by this process or not.

    :param folder: the keys' prefix, ending with ``/``.
    :param place: the sink's location, for messages.
    :param single_writer: the user says that nobody else writes here: go on where the store has no conditions.
    """

    def __init__(
        self, store: LockStore, folder: str, place: str, holder: Holder, clock: Clock, *, single_writer: bool = False
    ) -> None:
        self._store = store
        self._folder = folder
        self._place = place
        self._holder = holder
        self._clock = clock
        self._single_writer = single_writer
        self._guard = threading.RLock()
        self._until = (0.0, 0.0)
        self._lost: LockedError | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.number = 0
        """The fencing number; 0 while the lock is not held."""

    # -- taking

    def acquire(self, timeout_s: float = 0.0) -> None:
        """Take the lock.

        :param timeout_s: how long to wait for another holder.
        :raises LockedError: somebody else holds it; the message says who.
        :raises SinkError: the store has no conditions, and nobody said that there is a single writer.
        """
        deadline = self._clock.monotonic() + timeout_s
        while not self._try():
            if self._clock.monotonic() >= deadline:
                raise self._locked()
            self._clock.sleep(1.0)
        self._probe()

    def _try(self) -> bool:
        last, age = self._last()
        return (last == 0 or self._is_free(last, age)) and self._take(last + 1)

    def _numbers(self) -> dict[int, float]:
        """The locks there are, each with its age."""
        found = {key.removeprefix(self._folder): age for key, age in self._store.ages(self._folder).items()}
        return {int(name): age for name, age in found.items() if _NAME.fullmatch(name)}

    def _last(self) -> tuple[int, float]:
        """The highest number there is, and its age; 0 if there is none."""
        return max(self._numbers().items(), default=(0, 0.0))

    def _is_free(self, number: int, age: float) -> bool:
        holder = self._reader(number)
        if holder is not None and (holder.released or holder.is_dead()):
            return True
        return age > LEASE_S

    def _reader(self, number: int) -> Holder | None:
        return Holder.parse(self._store.get(self._key(number)) or b"")

    def _take(self, number: int) -> bool:
        """Make the lock with this number; ``False`` if somebody else was faster."""
        sent = self._now()
        if not self._create(number):
            holder = self._reader(number)
            if holder is None or holder.token != self._holder.token:
                return False
        numbers = self._numbers()
        if max(numbers, default=0) > number:
            # We looked, slept, and others took the lock, gave it back and cleared up meanwhile.
            self._delete([number])
            return False
        self.number = number
        self._until = self._end(sent)
        self._delete([each for each in numbers if each < number])
        return True

    def _create(self, number: int) -> bool:
        key, record = self._key(number), self._holder.record()
        try:
            return self._store.create(key, record)
        except Refused as error:
            if error.status != 501 and error.code != "NotImplemented":
                raise
            self._store.put(key, record)
            return True

    def _probe(self) -> None:
        """Make our own lock a second time: a store that lets us do so would let anybody.

        :raises SinkError: it does, and nobody said that there is a single writer.
        """
        if not self._create(self.number):
            return
        if not self._single_writer:
            self._delete([self.number])
            self.number = 0
            raise SinkError(
                f"{self._place}: this store ignores If-None-Match, so two runs at once could not be kept apart",
                "If you make sure yourself that one run at a time writes here, set single_writer = true.",
            )
        _log.warning(
            "%s: this store ignores If-None-Match; its lock only works because single_writer is set", self._place
        )

    def _delete(self, numbers: list[int]) -> None:
        # Lower numbers are harmless: a key without the permission to delete need not remove them.
        if numbers:
            with contextlib.suppress(NotionSyncError):
                self._store.delete([self._key(number) for number in numbers])

    # -- holding

    def start(self) -> None:
        """Renew the lease from now on, in a thread of its own."""
        self._thread = threading.Thread(target=self._beat, name="notion-sync-s3-lease", daemon=True)
        self._thread.start()

    def _beat(self) -> None:
        while not self._stop.wait(RENEW_S):
            try:
                self.renew()
            except LockedError:
                return  # the next check says so
            except NotionSyncError as error:
                _log.warning("the lock could not be renewed: %s", error.message)

    def renew(self) -> None:
        """Write the lock again, in time; a lapsed lease has to be won again.

        :raises LockedError: somebody else won.
        """
        with self._guard:
            if self._lost is not None:
                raise self._lost
            sent = self._now()
            if self._is_valid():
                self._store.put(self._key(self.number), self._holder.record())
            if self._is_valid():
                self._until = self._end(sent)
            else:
                self._win_again()

    def check(self) -> None:
        """Return at once while the lease runs; else make sure of it. To be called before each write.

        :raises LockedError: the lock is somebody else's by now; nothing may be written.
        """
        if self._lost is None and self._is_valid():
            return
        with self._guard:
            if self._lost is not None:
                raise self._lost
            if not self._is_valid():
                self._win_again()

    def _win_again(self) -> None:
        last, _ = self._last()
        if last <= self.number and self._take(self.number + 1):
            return
        self._lost = self._locked()
        raise self._lost

    # -- giving back

    def release(self) -> None:
        """Stop renewing, and say that the lock is free. The record stays, for the numbers to go on from."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(RENEW_S)
        with self._guard:
            if self.number and self._lost is None and self._is_valid():
                with contextlib.suppress(NotionSyncError):
                    self._store.put(self._key(self.number), self._holder.done().record())
            self.number = 0

    # -- helpers

    def _key(self, number: int) -> str:
        return f"{self._folder}{number:010d}"

    def _now(self) -> tuple[float, float]:
        """Both clocks: one stands still while the machine sleeps, the other may be set back."""
        return self._clock.monotonic(), self._clock.now()

    def _end(self, sent: tuple[float, float]) -> tuple[float, float]:
        length = LEASE_S - MARGIN_S
        return sent[0] + length, sent[1] + length

    def _is_valid(self) -> bool:
        now = self._now()
        return now[0] < self._until[0] and now[1] < self._until[1]

    def _locked(self) -> LockedError:
        last, age = self._last()
        holder = self._reader(last) if last else None
        return LockedError(
            f"another run writes to {self._place} ({holder or 'unknown'}, lock {last}, seen {max(0.0, age):.0f} s ago)",
            f"Wait until it has finished. If it is dead, its lock is free {LEASE_S:.0f} s after it was last seen.",
        )
