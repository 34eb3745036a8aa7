"""Components, and what their states and the ends of runs say about a process that runs jobs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core import events
from notion_sync_core.content.dates import utc_of
from notion_sync_core.events import Event
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch.components import LONG_PAUSE_S, Component, Components, Observer
from notion_sync_core.watch.verdicts import BEAT_S, Health, HealthCheck, JobHealth, is_well

HOST = "api"


class Watched:
    """A registry, what feeds it, and what it told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told: list[Event] = []
        self.components = Components(self.clock, self.told.append)
        self.hear = Observer(self.components)

    def states(self) -> dict[str, str]:
        return {each.name: each.state for each in self.components.all()}


def test_a_change_is_told_once_with_its_verdict() -> None:
    watched = Watched()
    watched.components.set("source", "ready")
    watched.components.set("source", "degraded", "it is slow", "Wait.")
    watched.components.set("source", "degraded", "still")
    watched.clock.sleep(5)
    watched.components.set("source", "working")
    assert watched.told == [
        events.ComponentChanged("source", "ready", ""),
        events.ComponentChanged("source", "degraded", "it is slow"),
        events.HealthChanged("source", "warn", "it is slow", "Wait."),
        events.ComponentChanged("source", "working", ""),
        events.HealthChanged("source", "pass", "", ""),
    ]
    [source] = watched.components.all()
    assert source == Component("source", "working", utc_of(watched.clock.now()))


def test_the_source_waits_is_degraded_and_works_again_as_its_events_say() -> None:
    watched = Watched()
    watched.components.set("source", "ready")
    watched.hear(events.RequestsBegan(HOST, 180, 60.0))
    seen = []
    for event in (
        events.RequestFinished(HOST, 0.1, True),
        events.Waited(1.0, "budget"),
        events.Waited(20.0, "budget"),
        events.RequestFinished("files", 0.1, True),
        events.RequestFinished(HOST, 0.1, True),
        events.Waited(LONG_PAUSE_S, "rate limit"),
        events.RequestFinished(HOST, 0.1, True),
        events.BreakerChanged("files", "open"),
        events.BreakerChanged(HOST, "open"),
        events.RequestFinished(HOST, 0.1, False),
        events.BreakerChanged(HOST, "closed"),
    ):
        watched.hear(event)
        seen.append(watched.components.state("source"))
    assert seen == [
        *("working", "working", "waiting", "waiting", "working", "degraded", "working", "working", "degraded"),
        *("degraded", "working"),
    ]


def test_at_the_end_what_worked_is_ready_and_what_is_not_well_stays_so() -> None:
    watched = Watched()
    watched.hear(events.RunStarted("job", "sync", 0, "r"))
    watched.hear(events.CheckpointSaved(0.1))
    watched.hear(events.SinkWrote("fs", 1, 0.1, True, 1))
    watched.hear(events.SinkFailed("s3", "gone", "Mend it.", "the run stops"))
    watched.hear(events.PluginFailed("bad", "on_event", "oh", "it goes on"))
    watched.components.rest("failed", "failed: gone")
    assert watched.states() == {
        "run": "failed", "state": "ready", "sink fs": "ready", "sink s3": "failed", "listeners": "degraded",
    }  # fmt: skip


def test_a_registry_can_follow_that_of_a_run() -> None:
    watched, other = Watched(), Components(FakeClock())
    watched.components.set("source", "degraded", "slow")
    watched.components.set("run", "working")
    for event in watched.told:
        other.follow(event)
    other.follow(events.ComponentChanged("source", "strange", ""))
    assert [(each.name, each.state, each.reason) for each in other.all()] == [
        ("source", "degraded", "slow"), ("run", "working", ""),
    ]  # fmt: skip


# -- health


class Judged:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told: list[events.HealthChanged] = []
        self.health = Health(self.clock, self.told.append)  # type: ignore[arg-type]

    def job(self, **given: object) -> JobHealth:
        now = self.clock.now()
        return JobHealth(**{"name": "wiki", "period_s": 900.0, "known_since": now, "last_success": now, **given})  # type: ignore[arg-type]


def status(checks: list[HealthCheck]) -> dict[str, str]:
    return {check.name: check.status for check in checks}


def test_a_loop_that_goes_round_is_alive_and_one_that_stands_still_is_not() -> None:
    judged = Judged()
    for _ in range(10):
        judged.clock.sleep(BEAT_S - 1)
        assert is_well(judged.health.livez())
        judged.health.beat()
    judged.clock.sleep(BEAT_S)
    [check] = judged.health.livez()
    assert (check.status, check.message) == ("fail", "no sign of life for 30 s")
    assert check.fix
    judged.health.beat()
    assert is_well(judged.health.livez())
    assert [(each.check, each.verdict) for each in judged.told] == [("main loop", "fail"), ("main loop", "pass")]


def test_it_is_ready_when_it_has_started_and_until_it_drains() -> None:
    judged = Judged()
    assert not is_well(judged.health.startupz())
    assert not is_well(judged.health.readyz([]))
    judged.health.started = True
    assert is_well(judged.health.startupz())
    assert is_well(judged.health.readyz([judged.job()]))
    judged.health.draining = True
    assert status(judged.health.readyz([]))["draining"] == "fail"
    assert is_well(judged.health.livez()), "who drains is left alone"


@pytest.mark.parametrize(("state", "ready"), [("degraded", True), ("waiting", True), ("failed", False)])
def test_an_open_breaker_warns_and_a_failed_component_is_not_ready(state: str, ready: bool) -> None:
    judged = Judged()
    judged.health.started = True
    source = Component("source", state, "2026-01-01T00:00:00.000Z", "why", "Do this.")
    checks = judged.health.readyz([judged.job(components=(source, Component("run", "failed", "")))])
    assert is_well(checks) is ready
    [check] = [check for check in checks if check.name == "wiki: source"]
    assert check.status == {"degraded": "warn", "waiting": "pass", "failed": "fail"}[state]
    assert (check.since, check.message, check.fix) == (source.since, "why", "Do this.")


def test_a_job_that_has_not_ended_well_for_three_periods_fails_by_name_and_stays_ready() -> None:
    judged = Judged()
    judged.health.started = True
    well, late = judged.job(), judged.job(name="handbook", period_s=600.0)
    judged.clock.sleep(3 * 600)
    judged.health.beat()
    assert is_well(judged.health.healthz([well, late]))
    judged.clock.sleep(1)
    late = judged.job(name="handbook", period_s=600.0, last_success=late.last_success, problem="exit status 7")
    checks = judged.health.healthz([well, late])
    assert [check.name for check in checks if check.status == "fail"] == ["job handbook"]
    [check] = [check for check in checks if check.name == "job handbook"]
    assert "exit status 7" in check.message
    assert check.since == utc_of(late.last_success or 0)
    assert is_well(judged.health.readyz([well, late]))


def test_a_job_that_never_ended_well_has_as_long_and_one_without_a_period_for_ever() -> None:
    judged = Judged()
    new = judged.job(last_success=None)
    asked = judged.job(name="asked", period_s=0.0, last_success=None)
    assert status(judged.health.healthz([new]))["job wiki"] == "pass"
    judged.clock.sleep(3 * 900 + 1)
    found = status(judged.health.healthz([new, asked]))
    assert (found["job wiki"], found["job asked"]) == ("fail", "pass")


def test_a_run_that_failed_is_a_warning_until_the_job_is_overdue() -> None:
    judged = Judged()
    assert status(judged.health.healthz([judged.job(problem="exit status 6")]))["job wiki"] == "warn"


def test_what_the_caller_found_out_is_judged_along() -> None:
    judged = Judged()
    judged.health.started = True
    assert not is_well(judged.health.readyz([], [HealthCheck("configuration", "fail", "", "no such file", "Make it.")]))


@given(st.lists(st.sampled_from(["pass", "warn", "fail"]), min_size=1))
def test_each_change_of_a_verdict_is_told_once_and_dated(verdicts: list[str]) -> None:
    judged = Judged()
    since = ""
    for before, now in zip(["pass", *verdicts], verdicts, strict=False):
        judged.clock.sleep(1)
        [*_, check] = judged.health.readyz([], [HealthCheck("x", now)])
        since = utc_of(judged.clock.now()) if now != before or not since else since
        assert (check.status, check.since) == (now, since)
    changes = [now for before, now in zip(["pass", *verdicts], verdicts, strict=False) if now != before]
    assert [each.verdict for each in judged.told if each.check == "x"] == changes
