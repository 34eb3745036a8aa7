"""How long a turn has its job, as the process of the turn sees it: by what its worker says, and by the clock.

A worker that is dead says nothing more, and one that was paused says it too late: then the turn ends by itself before
anybody else can have the job.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import threading
from collections.abc import Callable
from typing import BinaryIO, Protocol

from attrs import define, field

from notion_sync_core import Stop
from notion_sync_fleet.given import ENOUGH

LOST = 75
"""Exit status of a turn that lost its job: nobody waits for it, and it is no outcome."""
_LONGEST_S = 60.0
_log = logging.getLogger(__name__)


class Ends(Protocol):
    """Leaves the process at once."""

    def __call__(self, status: int) -> object:
        """Leave; nothing is put away."""


@define
class Hold:
    """Watches over the right to go on.

    :param said: what the worker says, line by line, after the task.
    :param monotonic: the clock of this machine that never goes back.
    :param leave: ends the process.
    """

    said: BinaryIO
    stop: Stop
    valid_until: float
    grace_s: float
    monotonic: Callable[[], float]
    leave: Ends = os._exit
    _ends_at: float | None = field(default=None, init=False)
    """When the process is left, if it has not ended."""
    _is_left: bool = field(default=False, init=False)
    _rest: bytes = field(default=b"", init=False)

    def watch(self) -> None:
        """Begin, beside everything else."""
        threading.Thread(target=self._watch, name="hold", daemon=True).start()

    def _watch(self) -> None:
        try:
            self._listen()
        except Exception:  # nobody else watches: to go on without it is what must not be
            _log.exception("nobody watches any more whether this turn has its job")
            self._leave()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.said, selectors.EVENT_READ)
            while not self._is_left:
                if selector.select(self.left()):
                    self.hear(os.read(self.said.fileno(), 4096))
                self.look()

    def left(self) -> float:
        """Seconds until something may have to be done, if the worker says nothing."""
        end = self.valid_until if self._ends_at is None else self._ends_at
        return min(_LONGEST_S, max(0.0, end - self.monotonic()))

    def hear(self, said: bytes) -> None:
        """The worker said something.

        :param said: empty: it is dead.
        """
        if not said:
            self._leave()
            return
        *lines, self._rest = (self._rest + said).split(b"\n")
        for line in lines:
            if line + b"\n" == ENOUGH:
                self.stop.request(signal.SIGTERM, "others wait for their turn")
            elif self._ends_at is None:
                self.valid_until = max(self.valid_until, float(line))

    def look(self) -> None:
        """See what time it is."""
        now = self.monotonic()
        if self._ends_at is None and now >= self.valid_until:
            self._ends_at = self.valid_until + self.grace_s
            self.stop.request(signal.SIGTERM, "this worker cannot say for certain any more that it has the job")
        if self._ends_at is not None and now >= self._ends_at:
            self._leave()

    def _leave(self) -> None:
        self._is_left = True
        self.leave(LOST)
