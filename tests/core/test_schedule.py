"""When a job is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.config import load
from notion_sync_core.errors import ConfigError
from notion_sync_core.schedule import Schedule


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "zone", "expected"),
    [
        ("every 15m", "UTC", "2026-03-27T12:15:30"),
        ("Every 2 H", "UTC", "2026-03-27T14:00:30"),
        ("every 1d", "UTC", "2026-03-28T12:00:30"),
        ("*/15 * * * *", "UTC", "2026-03-27T12:15:00"),
        ("0 6 * * 1-5", "UTC", "2026-03-30T06:00:00"),
        ("0 6 * * 1-5", "Europe/Vienna", "2026-03-30T04:00:00"),
        # The clock goes from 2 to 3: what is due in the hour that is not there is due after it.
        ("30 2 29 3 *", "Europe/Vienna", "2026-03-29T01:00:00"),
    ],
)
def test_a_schedule_says_when_it_is_due_next(schedule: str, zone: str, expected: str) -> None:
    assert Schedule(schedule, zone).after(at("2026-03-27T12:00:30")) == at(expected)


@pytest.mark.parametrize(
    ("schedule", "seconds"), [("every 90s", 90), ("*/15 * * * *", 900), ("0 6 * * 1-5", 3 * 86_400), ("@", None)]
)
def test_the_period_is_the_longest_pause(schedule: str, seconds: float | None) -> None:
    if seconds is None:
        with pytest.raises(ValueError, match="five fields"):
            Schedule(schedule)
    else:
        assert Schedule(schedule).period_s == seconds


@given(st.sampled_from(["every 7m", "*/5 * * * *", "0 6 * * 1-5", "3 1,13 * * *"]), st.floats(1e9, 2e9))
def test_the_next_moment_is_later_and_nothing_is_due_between(schedule: str, moment: float) -> None:
    due = Schedule(schedule).after(moment)
    assert moment < due <= moment + Schedule(schedule).period_s + 1
    assert Schedule(schedule).missed(moment, due) == 0


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("deployment.schedule=every 15", "'every 15', expected a text like \"every 15m\""),
        ("deployment.schedule=every 1s", "at most every 5 seconds"),
        ("deployment.schedule=99 * * * *", "here: bad minute"),
        ("deployment.schedule=0 0 31 2 *", "here: bad day-of-month"),
        ("deployment.schedule=* * *", "five fields of cron"),
        ("deployment.timezone=Europe/Nowhere", "name of a time zone"),
        ("monitoring.address=8787", '"127.0.0.1:8787"'),
        ("monitoring.address=127.0.0.1:99999", '"127.0.0.1:8787"'),
        ("monitoring.token=hunter22", "must not hold a secret"),
        ("deployment.jobs=[1]", "a list of a path"),
    ],
)
def test_a_setting_of_serve_that_cannot_be_is_told_with_its_key(setting: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, environ={}, settings=[setting], use_default_file=False)
    assert told in caught.value.message
    assert setting.partition("=")[0] in caught.value.message
    assert "hunter22" not in str(caught.value)


def test_a_secret_in_the_environment_where_a_reference_belongs_is_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, environ={"NOTION_SYNC_MONITORING__TOKEN": "hunter22"}, use_default_file=False)
    assert "hunter22" not in str(caught.value)
    assert "env:NAME" in caught.value.remedy


def test_files_of_jobs_are_relative_to_the_file_that_names_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "main.toml").write_text('deployment.jobs = ["a.toml", "jobs/", "/else/b.toml"]\n')
    jobs = load(tmp_path / "main.toml", environ={}).deployment.jobs
    assert jobs == [str(tmp_path / "a.toml"), str(tmp_path / "jobs"), "/else/b.toml"]
