"""The bus, the log, the lock, the secrets and the progress."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from notion_sync_core import events
from notion_sync_core.config import NotionConfig
from notion_sync_core.config.secrets import Secrets
from notion_sync_core.errors import ConfigError, LockedError, NotAuthorisedError
from notion_sync_core.lock import job_lock
from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.watch.bus import Bus
from notion_sync_core.watch.logs import JsonFormatter
from notion_sync_core.watch.progress import Progress, duration


def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []
    bus = Bus((lambda event: 1 / 0,))
    bus.subscribe(seen.append)
    bus.publish(events.StageStarted("write", 3))
    bus.publish(events.StageStarted("look"))
    told = [event for event in seen if isinstance(event, events.PluginFailed)]
    assert [event for event in seen if event not in told] == [
        events.StageStarted("write", 3),
        events.StageStarted("look"),
    ]
    assert [(each.hook, each.reason) for each in told] == [
        ("on_event", "a listener failed on StageStarted: ZeroDivisionError: division by zero")
    ]
    assert "a listener failed on StageStarted" in caplog.text


def test_a_json_log_line_has_time_level_message_and_error() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "f", 1, "it %s", ("broke",), sys.exc_info())
    record.created = 0.0
    line = json.loads(JsonFormatter().format(record))
    assert (line["ts"], line["level"], line["msg"]) == ("1970-01-01T00:00:00.000Z", "error", "it broke")
    assert (line["error"]["type"], line["error"]["message"]) == ("ValueError", "why")
    assert line["error"]["stack"].startswith("Traceback")


def test_a_second_holder_waits_and_then_names_the_first(tmp_path: Path) -> None:
    clock = FakeClock()
    with job_lock(tmp_path / "lock", clock), pytest.raises(LockedError, match=r"process \d+"):
        began = clock.monotonic()
        try:
            with job_lock(tmp_path / "lock", clock, timeout_s=5):
                pass
        finally:
            assert 5 <= clock.monotonic() - began < 6
    with job_lock(tmp_path / "lock", clock):
        pass


def test_a_token_comes_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    assert Secrets(NotionConfig(), {"NOTION_TOKEN": " ntn_1\n"}).token() == "ntn_1"
    file = tmp_path / "token"
    file.write_text("ntn_2\n")
    file.chmod(0o600)
    assert Secrets(NotionConfig(token_file=str(file)), {}).token() == "ntn_2"
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="can be read by others"):
        Secrets(NotionConfig(token_file=str(file)), {}).token()
    with pytest.raises(ConfigError, match="cannot be read"):
        Secrets(NotionConfig(token_file=str(tmp_path / "none")), {}).token()


@pytest.mark.parametrize("token", ["", "  ", "two words", "ntn_ü", "ntn_\x00"])
def test_no_token_or_an_impossible_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(NotAuthorisedError) as raised:
        Secrets(NotionConfig(), {"NOTION_TOKEN": token}).token()
    assert not token.strip() or token not in raised.value.message


def test_progress_counts_rates_and_says_what_is_left() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(events.RunStarted("job", "sync", 0))
    progress(events.StageStarted("read", 0))
    for number in range(10):
        progress(events.ObjectDiscovered(str(number), "page", "", True))
    assert progress.remaining_s() is None
    for number in range(5):
        clock.sleep(1)
        progress(events.ObjectRead(str(number), "page", ""))
    assert (progress.done, progress.total) == (5, 10)
    assert progress.rate() == pytest.approx(60)
    assert progress.remaining_s() == pytest.approx(5)
    clock.sleep(61)
    assert progress.rate() == 0


def told(progress: Progress, clock: FakeClock, requests: int = 1, host: str = "api") -> None:
    """So many requests, a second each."""
    for _ in range(requests):
        clock.sleep(1)
        progress(events.RequestFinished(host, 1.0, True))


def test_a_wait_counts_down_and_is_over_when_its_time_is_up() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(events.Waited(41, "budget"))
    clock.sleep(11)
    assert (progress.waiting_s(), progress.waiting) == (30, "budget, 30 s")
    clock.sleep(30)
    assert (progress.wait, progress.waiting_s(), progress.waiting) == (None, 0, "")


def test_a_wait_outlasts_answers_that_were_under_way_when_it_began() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(events.RequestsBegan("api", 180, 60.0))
    progress(events.Waited(41, "budget"))
    clock.sleep(1)
    progress(events.RequestFinished("api", 3.0, True))
    told(progress, clock, host="files")
    assert progress.wait is not None
    told(progress, clock, host="api")
    assert progress.wait is None


def test_the_wait_that_holds_everybody_is_told_before_that_of_one_request() -> None:
    progress = Progress(FakeClock())
    progress(events.Waited(50, "retry", "HTTP 502"))
    progress(events.Waited(20, "rate limit", "HTTP 429"))
    progress(events.Waited(20, "budget"))
    progress(events.Waited(60, "retry", "HTTP 502"))
    assert progress.wait is not None
    assert progress.wait.reason == "rate limit"


@pytest.mark.parametrize("allowed", [180, 60])
def test_the_remaining_time_is_that_of_the_budget_not_of_the_burst(allowed: int) -> None:
    """400 requests in bursts, each of one second; the estimate a minute after the start is within a fifth."""
    clock = FakeClock()
    progress, sent, estimates = Progress(clock), [0.0] * 0, {}
    started = clock.monotonic()
    progress(events.StageStarted("read"))
    progress(events.RequestsBegan("api", 180, 60.0))
    for number in range(200):
        progress(events.ObjectDiscovered(str(number), "page", "", True))
    for number in range(400):
        now = clock.monotonic()
        if len(sent) >= allowed and (left := sent[-allowed] + 60 - now) > 0:
            progress(events.Waited(left, "budget"))
            for _ in range(int(left)):
                clock.sleep(1)
                estimates[clock.monotonic() - started] = progress.remaining_s()
            clock.sleep(left - int(left))
        clock.sleep(1 / 180)
        progress(events.RequestFinished("api", 1 / 180, True))
        sent.append(clock.monotonic())
        if number % 2:
            progress(events.ObjectRead(str(number), "page", ""))
    took = clock.monotonic() - started
    after_a_minute = {at: left for at, left in estimates.items() if at >= 60}
    assert len(after_a_minute) > 50
    for at, left in after_a_minute.items():
        assert left == pytest.approx(took - at, rel=0.2), at


def test_without_a_budget_the_remaining_time_is_that_of_the_requests_so_far() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(events.RequestsBegan("api", 0, 0.0))
    for number in range(10):
        progress(events.ObjectDiscovered(str(number), "page", "", True))
    assert progress.remaining_s() is None
    for number in range(5):
        told(progress, clock, 2)
        progress(events.ObjectRead(str(number), "page", ""))
    assert progress.remaining_s() == pytest.approx(10)


def test_durations_are_for_people() -> None:
    assert [duration(s) for s in (5, 75, 600, 7300)] == ["5 s", "75 s", "10 min 0 s", "2 h 1 min"]
