"""The bus, the log, the lock, the secrets and the progress."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from notion_sync_core import events
from notion_sync_core.config import NotionConfig
from notion_sync_core.config.secrets import find_token
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
    assert seen == [events.StageStarted("write", 3)]
    assert "a listener failed on StageStarted" in caplog.text


def test_a_json_log_line_has_time_level_message_and_error() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "f", 1, "it %s", ("broke",), sys.exc_info())
    record.created = 0.0
    line = json.loads(JsonFormatter().format(record))
    assert (line["ts"], line["level"], line["msg"]) == ("1970-01-01T00:00:00.000Z", "error", "it broke")
    assert "ValueError: why" in line["error"]


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
    assert find_token(NotionConfig(), {"NOTION_TOKEN": " ntn_1\n"}) == "ntn_1"
    file = tmp_path / "token"
    file.write_text("ntn_2\n")
    file.chmod(0o600)
    assert find_token(NotionConfig(token_file=str(file)), {}) == "ntn_2"
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="can be read by others"):
        find_token(NotionConfig(token_file=str(file)), {})
    with pytest.raises(ConfigError, match="cannot be read"):
        find_token(NotionConfig(token_file=str(tmp_path / "none")), {})


@pytest.mark.parametrize("token", ["", "  ", "two words", "ntn_ü", "ntn_\x00"])
def test_no_token_or_an_impossible_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(NotAuthorisedError) as raised:
        find_token(NotionConfig(), {"NOTION_TOKEN": token})
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
    progress(events.Waited(30, "rate limit"))
    assert progress.waiting == "rate limit, 30 s"
    clock.sleep(61)
    assert progress.rate() == 0


def test_durations_are_for_people() -> None:
    assert [duration(s) for s in (5, 75, 600, 7300)] == ["5 s", "75 s", "10 min 0 s", "2 h 1 min"]
