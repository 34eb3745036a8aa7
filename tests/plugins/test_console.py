"""What people see on stderr: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import json

import pytest

from notion_sync_console import ConsoleListener
from notion_sync_core import events

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
    assert "waiting (rate limit, 12 s)" in "\n".join(lines)
    assert "1 of 1" in lines[-1]


def test_json_lines_are_events_without_single_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.loads(line) for line in told("json", monkeypatch).splitlines()]
    assert [line["event"] for line in lines] == [
        type(event).__name__ for event in STORY if not isinstance(event, events.RequestFinished)
    ]


def test_the_bar_shows_the_same_line_and_leaves_the_terminal_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    assert "0 requests" in told("bar", monkeypatch)
