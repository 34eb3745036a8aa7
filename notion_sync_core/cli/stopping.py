"""How the command line obeys SIGINT and SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notion_sync_core.clock import SystemClock
from notion_sync_core.stages.patience import Patience

GRACE_S = 9.0
"""After a signal the process ends by then, whatever it is waiting for."""


@contextmanager
def stopping(clock: SystemClock, patience: Patience | None = None) -> Iterator[None]:
    """The first SIGINT or SIGTERM finishes what is in flight, but for renderers; the second leaves at once."""

    timers: list[threading.Timer] = []

    def handle(signum: int, _: object) -> None:
        clock.stop(signum)
        # Nothing keeps a run that was told to stop: as after kill -9 the next one goes on from the checkpoint.
        timers.append(threading.Timer(GRACE_S, os._exit, (128 + signum,)))
        timers[0].daemon = True
        timers[0].start()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        if patience is not None:
            patience.stop(signum)

    before = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)
        if not any(thread.name.startswith("read") for thread in threading.enumerate()):
            # Else a worker waits for a silent server, and the interpreter would wait for the worker.
            for timer in timers:
                timer.cancel()
