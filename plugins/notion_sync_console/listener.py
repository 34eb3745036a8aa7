"""Shows progress on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from attrs import asdict, field, frozen
from attrs.validators import in_

from notion_sync_console.line import status_line
from notion_sync_core.plugin import (
    BudgetMeasured,
    CheckpointSaved,
    Clock,
    Event,
    MemoryMeasured,
    PluginCalled,
    Progress,
    QueueMeasured,
    RequestFinished,
    RunFinished,
    RunStarted,
    SinkWrote,
    StageStarted,
    SystemClock,
    Waited,
    as_json,
    hookimpl,
    one_line,
)

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

_MEASURED = (
    *(RequestFinished, SinkWrote, PluginCalled, CheckpointSaved),
    *(QueueMeasured, MemoryMeasured, BudgetMeasured),
)
"""What is no progress: `monitoring.events_file` has it."""
_EVERY_S = 5.0
"""Seconds between two plain lines."""
_DETAIL = 200
"""Characters of what a service said."""
_PER_SECOND = 4
"""How often the live line is drawn."""
_NARROWEST, _WIDEST = 12, 40
"""Columns of the bar."""


@frozen(eq=False)
class ConsoleListener:
    """Progress on stderr. Its attributes are the keys of ``[plugins.console]``."""

    style: str = field(default="auto", validator=in_(["auto", "bar", "plain", "json"]))
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
            # A terminal that cannot move its cursor gets lines.
            style = "bar" if self._stream.isatty() and os.environ.get("TERM") != "dumb" else "plain"
        return {"bar": _Bar, "json": _JsonLines}.get(style, _Plain)(self._stream, self._clock, self._progress)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """See the hook."""
        self._progress(event)
        self._view.show(event)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._view.close()


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

    _told_until = 0.0
    """When the last wait ends that was told."""

    def show(self, event: Event) -> None:
        knows_some = self.progress.total > 0  # before that, counts say nothing
        if isinstance(event, Waited) and self._waits_anew(event):
            self._say_why()
        elif isinstance(event, StageStarted) or (knows_some and (isinstance(event, RunFinished) or self.due(_EVERY_S))):
            self._say(status_line(self.progress))

    def _waits_anew(self, event: Waited) -> bool:
        """Whether a wait began that the last line about waiting did not tell of."""
        wait = self.progress.wait
        if wait is None or event.seconds < 1 or wait.until < self._told_until + 1:
            return False
        self._told_until = wait.until
        return True

    def _say_why(self) -> None:
        detail = self.progress.wait.detail if self.progress.wait else ""
        self._say(status_line(self.progress) + (f" ({one_line(detail, _DETAIL)})" if detail else ""))

    def _say(self, line: str) -> None:
        self.last = self.clock.monotonic()
        print(line, file=self.stream, flush=True)


class _JsonLines(_View):
    """Every event but measurements and single requests, one JSON object a line."""

    def show(self, event: Event) -> None:
        if isinstance(event, _MEASURED):
            return
        line: dict[str, Any] = {"event": type(event).__name__, **asdict(event)}
        print(as_json(line), file=self.stream, flush=True)


class _Bar(_View):
    """One live line, drawn anew by a thread of its own: a wait counts down though nothing happens."""

    def __init__(self, stream: TextIO, clock: Clock, progress: Progress) -> None:
        super().__init__(stream, clock, progress)
        self._live: Any = None

    def show(self, event: Event) -> None:
        if isinstance(event, RunStarted) and self._live is None:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                console=Console(file=self.stream),
                get_renderable=lambda: _Line(self.progress),
                refresh_per_second=_PER_SECOND,
                transient=True,
            )
            self._live.start()

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class _Line:
    """The line as wide as the terminal is at that moment, and a bar where there is room for one."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        width = options.max_width - 1  # a full line would wrap on some terminals
        line = status_line(self.progress, width)
        room = min(_WIDEST, width - len(line) - 1)
        if room < _NARROWEST:
            yield Text(line, no_wrap=True, overflow="crop")
            return
        table = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, self.progress.total), completed=self.progress.done, width=room)
        table.add_row(Text(line, no_wrap=True), bar)
        yield table
