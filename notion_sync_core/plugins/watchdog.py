"""Notices a plugin that does not come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from notion_sync_core.errors import PluginError
from notion_sync_core.plugins.trace import Trace


class Named(Protocol):
    """What is watched."""

    def names(self) -> str:
        """For messages."""


Stay = tuple[Named, str, float]
"""A plugin, its hook, and since when."""


class Watch:
    """Knows which thread is in which plugin, and since when.

    :param limit_s: seconds one call may take without a sign of life; 0: any number.
    :param trace: where each call is written; mostly nowhere.
    """

    def __init__(self, limit_s: float, trace: Trace | None = None) -> None:
        self._limit_s = limit_s
        self.busy: dict[int, Stay] = {}
        """By thread. Who calls a plugin writes it here himself, as that is done several times for each document."""
        self.told: Callable[[str, str, float], object] | None = None
        """Told of calls that are rare: the plugin, its hook, and seconds."""
        self.trace = trace
        """Told of every call."""

    def beat(self, ahead_s: float = 0.0) -> None:
        """Plugins live: one was just answered, or all wait because they were told to.

        A thread may wait for what another asks, so a sign of one counts for all.

        :param ahead_s: seconds of silence with a good reason.
        """
        now = time.monotonic() + ahead_s
        for thread, (plugin, hook, since) in list(self.busy.items()):
            if since < now and thread in self.busy:
                self.busy[thread] = (plugin, hook, now)

    @contextmanager
    def watching(self, hangs: Callable[[PluginError], object]) -> Iterator[None]:
        """Look, for a while.

        :param hangs: called once, on a thread of its own: Python cannot end the thread that hangs.
        """
        if not self._limit_s:
            yield
            return
        done = threading.Event()

        def look() -> None:
            while not done.wait(min(1.0, self._limit_s / 4)):
                if (error := self._hanging()) is not None:
                    hangs(error)
                    return

        thread = threading.Thread(target=look, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _hanging(self) -> PluginError | None:
        for plugin, hook, since in list(self.busy.values()):
            if time.monotonic() - since > self._limit_s:
                error = PluginError(
                    f"plugin {plugin.names()} hangs in {hook}: no answer in {self._limit_s:g} s",
                    "Report this to its authors. If it only is slow, raise performance.plugin_timeout_s.",
                )
                error.plugin, error.hook = plugin.names(), hook
                return error
        return None
