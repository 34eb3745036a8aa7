"""What people see on stderr: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from notion_sync_console import ConsoleListener
from notion_sync_console.listener import _Line
from notion_sync_core import events
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch.progress import Progress

STORY = [
    events.RunStarted("job", "sync", 0),
    events.StageStarted("read", None),
    events.ObjectDiscovered("1", "page", "Home", True),
    events.Waited(12.0, "rate limit", "429"),
    events.RequestFinished("host", 0.1, True),
    events.ObjectRead("1", "page", "Home"),
    events.RunFinished("complete", 1.0),
]


def told(style: str, monkeypatch: pytest.MonkeyPatch) -> str:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener(style=style)
    for event in STORY:
        listener.on_event(event)
    listener.close()
    return stream.getvalue()


def test_plain_lines_give_counts_and_the_reason_of_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told("auto", monkeypatch).splitlines()
    assert lines[1] == "waiting 12 s: the rate limit of the service · read: 0 of 1 (429)"
    assert "read: 1 of 1" in lines[-1]


def test_json_lines_are_events_without_single_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.loads(line) for line in told("json", monkeypatch).splitlines()]
    assert [line["event"] for line in lines] == [
        type(event).__name__ for event in STORY if not isinstance(event, events.RequestFinished)
    ]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def drawn(progress: Progress, width: int) -> str:
    """The live line on a terminal of that width."""
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=True, color_system=None).print(_Line(progress), end="")
    return stream.getvalue().rstrip("\n")


def busy(clock: FakeClock) -> Progress:
    """A run that has used up its budget, with a failure."""
    progress = Progress(clock)
    progress(events.RunStarted("job", "sync", 0))
    progress(events.StageStarted("read", None))
    progress(events.RequestsBegan("api", 180, 60.0))
    for number in range(400):
        progress(events.ObjectDiscovered(str(number), "page", "Home", True))
    for number in range(180):
        clock.sleep(0.1)
        progress(events.RequestFinished("api", 0.1, True))
        progress(events.ObjectRead(str(number), "page", "Home"))
    progress(events.ObjectFailed("180", "page", "Home", "", ""))
    progress(events.Waited(42.0, "budget"))
    return progress


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (40, "wait 42 s: budget · 181/400 · ~1m46s"),
        (80, "waiting 42 s: the request budget · read: 181 of 400 · 1m46s left · 1 failed"),
        (
            200,
            "waiting 42 s: the request budget · read: 181 of 400 · 1m46s left · 1 failed · 180 requests " + "━" * 18,
        ),
    ],
)
def test_the_line_fits_the_terminal_and_the_wait_comes_first(width: int, line: str) -> None:
    shown = drawn(busy(FakeClock()), width)
    assert shown.startswith(line)
    assert len(shown) < width


@pytest.mark.parametrize("width", [1, 10, 20, 40, 60, 79, 80, 120, 200])
def test_the_live_line_is_one_line_at_any_width(width: int) -> None:
    clock = FakeClock()
    for progress in (Progress(clock), busy(clock)):
        shown = drawn(progress, width)
        assert "\n" not in shown
        assert len(shown) <= max(1, width - 1)


def test_each_second_of_a_wait_is_another_line_though_nothing_happens() -> None:
    clock = FakeClock()
    progress = busy(clock)
    seen = set()
    for _ in range(42):
        seen.add(drawn(progress, 40))
        clock.sleep(1)
    assert len(seen) == 42


def test_the_live_line_is_drawn_by_its_own_thread_and_leaves_the_terminal_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "100", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener(style="auto")
    listener.on_event(events.RunStarted("job", "sync", 0))
    live = listener._view._live  # type: ignore[attr-defined]
    assert live.auto_refresh
    assert live._refresh_thread.refresh_per_second >= 1
    listener.on_event(events.StageStarted("read", None))
    live.refresh()  # as the thread does
    assert "looking for pages" in stream.getvalue()
    listener.close()
    assert stream.getvalue().endswith("\x1b[2K")


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener()
    for event in STORY:
        listener.on_event(event)
    assert "read: 1 of 1" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_plain_lines_tell_each_wait_once_whatever_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, clock = io.StringIO(), FakeClock()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener(style="plain")
    view: Any = listener._view
    view.progress, view.clock = Progress(clock), clock
    object.__setattr__(listener, "_progress", view.progress)
    for _ in range(3):
        for _worker in range(8):
            listener.on_event(events.Waited(50.0, "budget"))
        clock.sleep(50)
    listener.on_event(events.Waited(2.0, "retry", "HTTP 502"))
    assert [line for line in stream.getvalue().splitlines() if "waiting" in line] == [
        *["waiting 50 s: the request budget"] * 3,
        "waiting 2 s: before another try (HTTP 502)",
    ]


def test_a_run_that_fails_before_it_found_anything_shows_no_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    listener = ConsoleListener(style="plain")
    for event in (events.RunStarted("job", "sync", 0), events.RunFinished("failed", 0.1)):
        listener.on_event(event)
    assert stream.getvalue() == ""
