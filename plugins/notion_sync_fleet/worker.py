"""A worker: takes turns, has each carried out by a process of its own, and says all the while that it is alive.

A turn is held until ``lease_s`` after the *sending* of the last renewal that was confirmed, less a margin, by the clock
of this machine that never goes back. Beyond that its process is stopped, then killed, whether or not the desk can be
reached: who is cut off stops before anybody takes over. The process itself keeps the same rule
(:mod:`~notion_sync_fleet.hold`), should this one be paused or dead.
"""

from __future__ import annotations

import logging
from typing import Protocol

from attrs import define, field, frozen

from notion_sync_core import Stop
from notion_sync_core.plugin import Clock, NotionSyncError, SinkError, UnreachableError
from notion_sync_fleet.desk import Desk, FenceLost
from notion_sync_fleet.given import ENOUGH, Outcome, until
from notion_sync_fleet.hold import LOST
from notion_sync_fleet.values import Turn, Version

STOPPED = 143
"""Exit status of a turn that was told to stop."""
LONGEST_AWAY_S = 600.0
"""A desk that is away for so long ends the worker: somebody has to look."""
DRAINS_S = 12.0
"""So long turns have to end by themselves when the worker is told to stop."""
LEAVES_S = 14.0
"""So long after that the worker is gone, whatever is left."""
_ROUND_S = 0.2
_CLAIM_EVERY_S = 1.0
_OTHERS_EVERY_S = 10.0
_log = logging.getLogger("notion_sync_fleet")


class Child(Protocol):
    """The process of one turn."""

    def ended(self) -> int | None:
        """Its exit status, negative if a signal killed it; ``None``: it is at work."""

    def say(self, line: bytes) -> None:
        """Tell it something; see :mod:`~notion_sync_fleet.given`. Never waits."""

    def stop(self) -> None:
        """Ask it to end, so that it can be gone on with."""

    def kill(self) -> None:
        """End it, with all that it has started."""

    def outcome(self) -> Outcome:
        """What it had to say."""

    def clear(self) -> None:
        """Take away what it has left on this machine."""


class Launch(Protocol):
    """Starts the process of a turn."""

    def __call__(self, turn: Turn, token: str, config: str, valid_until: float) -> Child:
        """Start it.

        :param token: a reference to the job's token.
        :param config: the job's file.
        :raises NotionSyncError: the job's secret is not there, or no process can be started.
        """


@frozen
class Pace:
    """How a worker works."""

    slots: int = 8
    lease_s: float = 30.0
    longest_turn_s: float = 1800.0

    @property
    def margin_s(self) -> float:
        """So long before its end a lease is not relied on any more."""
        return self.lease_s / 5

    @property
    def grace_s(self) -> float:
        """So long a turn has to end by itself when its lease is not valid any more; then it is killed."""
        return self.margin_s / 2

    @property
    def renew_s(self) -> float:
        """How often the worker says that it is alive."""
        return self.lease_s / 4


@define
class Running:
    """A turn under way; times are of the clock that never goes back."""

    turn: Turn
    child: Child
    began: float
    renewed: float
    """When the last renewal was sent that was confirmed, or the claim."""
    tried: float
    """When the last one was sent."""
    asked: float
    """When it was last asked whether others wait."""
    killed_at: float | None = None
    """When it is killed, if it has not ended by then; ``None``: nobody told it to stop."""
    is_told: bool = False
    """It was told that it has lasted long enough."""
    is_refused: bool = False
    """Somebody else has the job."""


@define
class Worker:
    """Takes turns.

    :param name: for people: of the machine, and of the process on it.
    :param version: of this program.
    """

    name: str
    desk: Desk
    launch: Launch
    clock: Clock
    pace: Pace = field(factory=Pace)
    version: Version = ()
    running: list[Running] = field(factory=list, init=False)
    taken: int = field(default=0, init=False)
    """Turns that ended here."""
    _is_idle: bool = field(default=False, init=False)
    """Nothing was due when it was last asked."""
    _next_claim: float = field(default=0.0, init=False)
    _away_since: float | None = field(default=None, init=False)
    _leaves_at: float | None = field(default=None, init=False)

    def run(self, stop: Stop, *, until_idle: bool = False) -> None:
        """Take turns until told to stop; then see to it that those under way end, and are handed back.

        :param until_idle: or until nothing is due, and no turn is under way.
        :raises SinkError: the desk is away, for too long.
        """
        while not stop.requested:
            self.step()
            if until_idle and self._is_idle and not self.running:
                return
            stop.wait(_ROUND_S)
        self.drain()
        while self.running and self.clock.monotonic() < (self._leaves_at or 0.0):
            self.step()
            self.clock.sleep(_ROUND_S)
        for each in self.running:
            each.child.kill()

    def drain(self) -> None:
        """No new turns; those under way are told to stop."""
        now = self.clock.monotonic()
        self._leaves_at = now + LEAVES_S
        for each in self.running:
            self._stop(each, now + DRAINS_S)

    def step(self) -> None:
        """One round: it never waits but for the desk.

        :raises SinkError: the desk is away, for too long.
        """
        try:
            for each in list(self.running):
                self._see_whether_it_ended(each)
            self._keep()
            for each in self.running:
                self._see_whether_it_lasts_too_long(each)
            self._claim()
            self._away_since = None
        except UnreachableError as error:
            self._bear(error)
        finally:
            for each in self.running:
                self._enforce(each)

    # -- turns that begin

    def _claim(self) -> None:
        now = self.clock.monotonic()
        while self._leaves_at is None and len(self.running) < self.pace.slots and now >= self._next_claim:
            turn = self.desk.claim(self.name, self.version)
            self._is_idle = turn is None
            if turn is None:
                self._next_claim = now + _CLAIM_EVERY_S
                return
            self._begin(turn, now)
            now = self.clock.monotonic()

    def _begin(self, turn: Turn, sent: float) -> None:
        """:param sent: when it was claimed: the lease may have begun then."""
        try:
            token, config = self.desk.assignment(turn)
            child = self.launch(turn, token, config, self._valid_until(sent))
        except FenceLost:
            return
        except UnreachableError:
            raise  # the lease passes, and counts as a turn that died
        except NotionSyncError as error:
            self._finish(turn, int(error.exit_code), Outcome(error.message, error.remedy))
            return
        _log.info("%s: turn %d begins, %.0f s after it was due", turn.job, turn.fence, turn.waited_s)
        self.running.append(Running(turn, child, sent, sent, sent, sent))

    # -- turns that go on

    def _valid_until(self, sent: float) -> float:
        return sent + self.pace.lease_s - self.pace.margin_s

    def _keep(self) -> None:
        for each in self.running:
            now = self.clock.monotonic()
            if each.is_refused or now - each.tried < self.pace.renew_s:
                continue
            each.tried = now
            try:
                self.desk.renew(each.turn)
            except FenceLost as error:
                _log.warning("%s: %s", each.turn.job, error.message)
                each.is_refused = True
                self._stop(each, now + self.pace.grace_s)
                continue
            each.renewed = now
            each.child.say(until(self._valid_until(now)))

    def _see_whether_it_lasts_too_long(self, each: Running) -> None:
        now = self.clock.monotonic()
        is_long = now - each.began >= self.pace.longest_turn_s and now - each.asked >= _OTHERS_EVERY_S
        if is_long and not each.is_told and each.killed_at is None:
            each.asked = now
            if self.desk.others_wait(self.version):
                each.is_told = True
                each.child.say(ENOUGH)

    def _enforce(self, each: Running) -> None:
        """End what must not go on, whether or not the desk can be reached."""
        now = self.clock.monotonic()
        if each.killed_at is None and now >= self._valid_until(each.renewed):
            _log.warning("%s: the desk has not confirmed for too long: the turn is stopped", each.turn.job)
            self._stop(each, self._valid_until(each.renewed) + self.pace.grace_s)
        if each.killed_at is not None and now >= each.killed_at:
            each.child.kill()

    def _stop(self, each: Running, killed_at: float) -> None:
        each.child.stop()
        each.killed_at = killed_at if each.killed_at is None else min(each.killed_at, killed_at)

    # -- turns that end

    def _see_whether_it_ended(self, each: Running) -> None:
        status = each.child.ended()
        if status is None:
            return
        if each.is_refused or self._ends(each, status):
            self.running.remove(each)
            each.child.clear()
            self.taken += 1

    def _ends(self, each: Running, status: int) -> bool:
        """Tell the desk; whether that is done.

        :raises UnreachableError: it is tried again in the next round.
        """
        if (status < 0 or status == LOST) and each.killed_at is not None:
            # We did that; what it had put away so far counts.
            return self._finish(each.turn, STOPPED, Outcome("it was stopped, and did not end in time"))
        if status < 0 or status == LOST:
            return self._lose(each.turn, status)
        return self._finish(each.turn, status, each.child.outcome())

    def _finish(self, turn: Turn, status: int, outcome: Outcome) -> bool:
        try:
            after = self.desk.finish(turn, status, outcome.reason, outcome.remedy)
        except FenceLost as error:
            _log.warning("%s: %s", turn.job, error.message)
            return True
        tell = _log.warning if after.standing == "parked" else _log.info
        tell("%s: turn %d ended with %d, the job is %s", turn.job, turn.fence, status, after.standing)
        return True

    def _lose(self, turn: Turn, status: int) -> bool:
        try:
            after = self.desk.lost(turn)
        except FenceLost as error:
            _log.warning("%s: %s", turn.job, error.message)
            return True
        _log.error("%s: the process of turn %d died (%d); the job is %s", turn.job, turn.fence, status, after.standing)
        return True

    # -- a desk that is away

    def _bear(self, error: UnreachableError) -> None:
        now = self.clock.monotonic()
        if self._away_since is None:
            self._away_since = now
            _log.warning("%s", error.message)
        self._next_claim = now + _CLAIM_EVERY_S
        if now - self._away_since >= LONGEST_AWAY_S:
            raise SinkError(f"for {LONGEST_AWAY_S:.0f} s: {error.message}", error.remedy) from error
