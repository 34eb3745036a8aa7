"""How the command line obeys SIGINT and SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notion_sync_core.cli.voice import Voice
from notion_sync_core.clock import Stop
from notion_sync_core.errors import Exit, NotionSyncError
from notion_sync_core.stages.patience import Patience
from notion_sync_core.terminal import MOST, sentence

GRACE_S = 9.0
"""After a signal the process ends by then, whatever it is waiting for."""


_STOPS = (Exit.INTERRUPTED, Exit.TERMINATED, Exit.LIMIT)
"""Ends that somebody asked for."""


def tell(out: Voice, error: NotionSyncError) -> None:
    """Say on stderr why a command ended; to be stopped is no error."""
    if error.exit_code not in _STOPS:
        out.error(error)
        return
    said = sentence(error.message)
    out.say(said[0].upper() + said[1:], *([f"  {error.remedy}"] if error.remedy else []), err=True, most=MOST)


@contextmanager
def stopping(stop: Stop, patience: Patience | None = None) -> Iterator[None]:
    """The first SIGINT or SIGTERM finishes what is in flight, but for renderers; the second leaves at once."""

    timers: list[threading.Timer] = []

    def handle(signum: int, _: object) -> None:
        stop.request(signum)
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
