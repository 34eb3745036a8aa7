"""Shows progress on stderr."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from attrs import asdict, field, frozen

from notion_sync_core.plugin import (
    Clock,
    Event,
    Progress,
    RequestFinished,
    RunFinished,
    RunStarted,
    StageStarted,
    SystemClock,
    Waited,
    as_json,
    duration,
    hookimpl,
    one_line,
)

_EVERY_S = 5.0
"""Seconds between two plain lines."""
_LIVE_S = 0.1


@frozen(eq=False)
class ConsoleListener:
    """Progress on stderr. Its attributes are the keys of ``[plugins.console]``."""

    style: str = "auto"
    """``bar``, ``plain``, ``json``, or ``auto``: a bar on a terminal, plain lines elsewhere."""
    _stream: TextIO = field(factory=lambda: sys.stderr, init=False, repr=False)
    _clock: Clock = field(factory=SystemClock, init=False, repr=False)
    _progress: Progress = field(init=False, repr=False)
    _view: _View = field(init=False, repr=False)

    @_progress.default
    def _make_progress(self) -> Progress:
        return Progress(self._clock)

    @_view.default
    def _make_view(self) -> _View:
        style = self.style
        if style == "auto":
            style = "bar" if self._stream.isatty() else "plain"
        return {"bar": _Bar, "json": _JsonLines}.get(style, _Plain)(self._stream, self._clock, self._progress)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """See the hook."""
        self._progress(event)
        self._view.show(event)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._view.close()


def status_line(progress: Progress) -> str:
    """Counts, rate, remaining time and the reason of a wait, in one line."""
    parts = [f"{progress.stage}: {progress.done} of {progress.total}"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if rate := progress.rate():
        parts.append(f"{rate:.0f}/min")
    if (left := progress.remaining_s()) is not None:
        parts.append(f"{duration(left)} left")
    parts.append(f"{progress.requests} requests")
    if progress.waiting:
        parts.append(f"waiting ({progress.waiting})")
    # What a source calls a wait or a stage is its own words.
    return one_line(" · ".join(parts))


class _View:
    def __init__(self, stream: TextIO, clock: Clock, progress: Progress) -> None:
        self.stream = stream
        self.clock = clock
        self.progress = progress
        self.last = float("-inf")

    def due(self, every: float) -> bool:
        now = self.clock.monotonic()
        if now - self.last < every:
            return False
        self.last = now
        return True

    def show(self, event: Event) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to leave."""


class _Plain(_View):
    """A line now and then, and one for each stage and each longer wait."""

    _last_wait = ""

    def show(self, event: Event) -> None:
        if isinstance(event, StageStarted | RunFinished) or self._new_wait(event) or self.due(_EVERY_S):
            print(status_line(self.progress), file=self.stream, flush=True)

    def _new_wait(self, event: Event) -> bool:
        """Whether everybody waits for another reason than in the last line about waiting."""
        if not isinstance(event, Waited) or event.seconds < 1 or event.reason == self._last_wait:
            return False
        self._last_wait = event.reason
        return True


class _JsonLines(_View):
    """Every event but single requests, one JSON object a line."""

    def show(self, event: Event) -> None:
        if isinstance(event, RequestFinished):
            return
        line: dict[str, Any] = {"event": type(event).__name__, **asdict(event)}
        print(as_json(line), file=self.stream, flush=True)


class _Bar(_View):
    """One live line."""

    def __init__(self, stream: TextIO, clock: Clock, progress: Progress) -> None:
        super().__init__(stream, clock, progress)
        self._live: Any = None

    def show(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._start()
        if self._live is not None and self.due(_LIVE_S):
            self._live.update(self._renderable(), refresh=True)

    def _start(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(file=self.stream), auto_refresh=False, transient=True)
        self._live.start()

    def _renderable(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        table.add_row(
            ProgressBar(total=max(1, self.progress.total), completed=self.progress.done, width=30),
            Text(status_line(self.progress), no_wrap=True, overflow="ellipsis"),
        )
        return table

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
