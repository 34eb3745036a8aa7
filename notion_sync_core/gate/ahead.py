"""Calls begun before their turn, by threads that have nothing else to do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Helpers(Protocol):
    """Threads of which some may have nothing to do."""

    def lend(self, call: Callable[[], T]) -> Future[T] | None:
        """Let an idle thread make a call; ``None`` if none is idle."""

    def give_back(self) -> None:
        """What a lent thread found was taken: it may be lent again."""


class Prefetched(Generic[T]):
    """A call under way. Its owner takes :meth:`result` once, or calls :meth:`cancel`.

    The thread counts as lent until then, so that what nobody has taken yet stays bounded.
    """

    def __init__(self, helpers: Helpers, call: Callable[[], T], future: Future[T]) -> None:
        self._helpers = helpers
        self._call = call
        self._future = future

    def result(self) -> T:
        """What the call gives or raises; made here and now if no thread has begun it."""
        try:
            # So nobody ever waits for a thread that waits for somebody else.
            return self._call() if self._future.cancel() else self._future.result()
        finally:
            self._helpers.give_back()

    def cancel(self) -> None:
        """Nobody wants the answer any more; a thread that is under way is lent until it comes back."""
        self._future.cancel()
        self._future.add_done_callback(lambda _: self._helpers.give_back())


def prefetch(helpers: Helpers, call: Callable[[], T]) -> Prefetched[T] | None:
    """Begin a call, if a thread is idle."""
    future = helpers.lend(call)
    return None if future is None else Prefetched(helpers, call, future)
