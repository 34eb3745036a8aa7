"""How long renderers may take for one document, and how a run that was told to stop leaves their code.

Python cannot end a thread, but in a process that is ours a signal can end what its main thread does: loops,
sleeps, and regular expressions, which look for signals now and then. So the command line and the rendering
process are patient in this way; a program that embeds this package is asked for no signal.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import TypeVar

from notion_sync_core.errors import Interrupted, SkippableError

T = TypeVar("T")

_FOR_EVER = float("inf")
_AGAIN_S = 0.5
"""Between two tries to leave code that holds what it is told back."""
_HALVINGS = 6
"""How often the bound is halved while one document after another is too slow."""


class TooSlow(SkippableError):
    """A renderer was broken off: it took too long for one document."""


class _BrokenOff(BaseException):
    """Raised inside the code of a renderer. Not an ``Exception``: renderers may catch those and go on."""


class Patience:
    """Endless: code of renderers is waited for. The base of what is less patient."""

    def document(self, renderer: str) -> AbstractContextManager[None]:
        """While one renderer makes one document.

        :raises TooSlow: it took too long.
        :raises Interrupted: the run was told to stop meanwhile.
        """
        del renderer
        return nullcontext()

    def stoppable(self) -> AbstractContextManager[None]:
        """While a renderer makes something that may take any time.

        :raises Interrupted: the run was told to stop meanwhile.
        """
        return nullcontext()

    def stop(self, signum: int) -> None:
        """The run was told to stop: leave the code of a renderer, if it is there. For signal handlers."""
        del signum

    def go_on(self) -> None:
        """What was read before the stop is rendered still."""

    def each(self, made: Iterable[T]) -> Iterator[T]:
        """What a renderer gives, piece by piece; only while it works on one may it be broken off."""
        return iter(made)


class SignalPatience(Patience):
    """Bounded by an alarm signal to the main thread.

    :param piece_s: seconds for one piece of a document; 0: any number.
    :param whole_s: seconds of a renderer's own work for a whole document; 0: any number.
    """

    def __init__(self, piece_s: float, whole_s: float) -> None:
        self._piece_s = piece_s or _FOR_EVER
        self._whole_s = whole_s or _FOR_EVER
        self._piece = self._whole = _FOR_EVER
        self._slow_in_a_row: dict[str, int] = {}
        self._inside = False
        self._entered = 0.0
        self._spent = 0.0
        self._stop = 0

    @contextmanager
    def document(self, renderer: str) -> Iterator[None]:
        """See :meth:`Patience.document`.

        A renderer that is too slow for one document after another has ever less time for the next,
        so that one that always hangs does not take the time of all.
        """
        in_a_row = self._slow_in_a_row.get(renderer, 0)
        share = 0.5 ** min(in_a_row, _HALVINGS)
        self._piece, self._whole, self._spent = self._piece_s * share, self._whole_s * share, 0.0
        self._arm(min(self._piece, self._whole))
        try:
            yield
        except _BrokenOff:
            if self._stop:
                raise Interrupted(self._stop) from None
            self._slow_in_a_row[renderer] = in_a_row + 1
            raise self._too_slow(renderer) from None
        else:
            if in_a_row:
                self._slow_in_a_row[renderer] = 0
        finally:
            self._inside = False
            self._piece = self._whole = _FOR_EVER
            self._arm(_FOR_EVER)

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """See :meth:`Patience.stoppable`."""
        try:
            yield
        except _BrokenOff:
            raise Interrupted(self._stop) from None
        finally:
            self._inside = False

    def each(self, made: Iterable[T]) -> Iterator[T]:
        """See :meth:`Patience.each`."""
        pieces: Iterator[T] | None = None
        while True:
            # Many short pieces may never be met by an alarm.
            if self._stop or self._spent > self._whole:
                raise _BrokenOff
            self._entered = time.monotonic()
            self._inside = True
            try:
                pieces = iter(made) if pieces is None else pieces
                piece = next(pieces)
            except StopIteration:
                return
            finally:
                self._inside = False
                self._spent += time.monotonic() - self._entered
            yield piece

    def stop(self, signum: int) -> None:
        """See :meth:`Patience.stop`."""
        self._stop = signum
        if self._inside:
            self._arm(_AGAIN_S)
            raise _BrokenOff

    def go_on(self) -> None:
        """See :meth:`Patience.go_on`."""
        self._stop = 0

    def ring(self, _signum: int, _frame: FrameType | None) -> None:
        """The alarm: leave the code of a renderer whose time is up, or look again when it will be."""
        left = 0.0 if self._stop else self._left()
        if self._inside and left <= 0:
            self._arm(_AGAIN_S)
            raise _BrokenOff
        self._arm(max(left, _AGAIN_S / 10))

    def _left(self) -> float:
        now = time.monotonic() - self._entered if self._inside else 0.0
        return min(self._piece - now, self._whole - self._spent - now)

    @staticmethod
    def _arm(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0 if seconds == _FOR_EVER else max(seconds, 0.001))

    def _too_slow(self, renderer: str) -> TooSlow:
        by_piece = self._spent < self._whole
        seconds = self._piece if by_piece else self._whole
        what = f"gave nothing for {seconds:.3g} s" if by_piece else f"was not done after {seconds:.3g} s"
        key = "render_timeout_s" if by_piece else "plugin_timeout_s"
        return TooSlow(
            f"the renderer {renderer} {what} of work on it, and was broken off",
            f"The last good file is kept. If the renderer only is slow, raise performance.{key}; else report it.",
        )


@contextmanager
def alarmed(piece_s: float, whole_s: float) -> Iterator[Patience]:
    """A patience for this process: bounded in its main thread, endless elsewhere, where no signal arrives."""
    if threading.current_thread() is not threading.main_thread():
        yield Patience()
        return
    patience = SignalPatience(piece_s, whole_s)
    before = signal.signal(signal.SIGALRM, patience.ring)
    try:
        yield patience
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
