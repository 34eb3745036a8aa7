"""The numbers of real runs: what faults provoke is counted, and all of it agrees with the report to the unit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from conftest import Bench
from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.events import Event
from notion_sync_core.job import Job
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugin import hookimpl
from notion_sync_core.plugins.build import checked
from notion_sync_core.plugins.listener import Listener
from notion_sync_core.report import Report
from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.watch.metrics import PREFIX
from notion_sync_demo.faults import Fault
from pipeline.test_sync import page_id


class Told:
    """What a text in Prometheus' format says."""

    def __init__(self, text: str) -> None:
        self.samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def sum(self, name: str, **labels: str) -> float:
        """Of all series of that name with these labels."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == PREFIX + name and labels.items() <= sample.labels.items()
        )


def exposed(job: Job) -> Told:
    [listener] = [each for each in job.listeners() if each.name == "metrics"]
    told = listener.exposition()
    assert told is not None
    return Told(told.body.decode())


def agrees(told: Told, reports: list[Report]) -> None:
    """Counters are the sums of what the reports say; gauges of the last run are those of the last."""

    def total(part: str, name: str) -> int:
        return sum(getattr(getattr(report, part), name) for report in reports)

    for outcome in ("read", "unchanged", "failed", "unreadable"):
        assert told.sum("pages_total", outcome=outcome) == total("objects", outcome), outcome
        assert told.sum("run_pages", outcome=outcome) == getattr(reports[-1].objects, outcome), outcome
    assert told.sum("pages_total") == total("objects", "discovered")
    for outcome in ("moved", "deleted"):
        assert told.sum("page_changes_total", outcome=outcome) == total("objects", outcome), outcome
    for outcome in ("written", "unchanged", "moved", "deleted"):
        assert told.sum("files_total", outcome=outcome) == total("artifacts", outcome), outcome
    for outcome in ("downloaded", "unchanged", "failed"):
        assert told.sum("assets_total", outcome=outcome) == total("assets", outcome), outcome
    assert told.sum("asset_bytes_total") == total("assets", "bytes")
    for name in ("api_requests_total", "api_request_duration_seconds_count"):
        # The emulator has its files on the host of its API, and the report does not count those.
        assert told.sum(name) - told.sum(name, endpoint="files") == total("requests", "total"), name
    assert told.sum("retries_total", layer="source") == total("requests", "retried")
    assert told.sum("rate_limited_total", layer="source") == total("requests", "rate_limited")
    assert told.sum("warnings_total") == sum(len(report.warnings) for report in reports)
    assert told.sum("runs_total") == len(reports)
    assert told.sum("run_duration_seconds_count") == len(reports)
    assert told.sum("run_duration_seconds_sum") == pytest.approx(sum(report.seconds for report in reports))
    assert told.sum("last_run_failures") == len(reports[-1].failures)
    assert told.sum("last_run_exit_status") == reports[-1].exit_code
    assert told.sum("stale_files") == reports[-1].artifacts.stale
    assert told.sum("running") == told.sum("pending_items") == 0


def shaky(bench: Bench) -> None:
    faults = bench.emulator.faults
    faults.add(Fault("429", times=3, retry_after="40", after=3, path="/v1/"))
    faults.add(Fault("502", times=4, after=10, path="/v1/"))
    faults.add(Fault("reset", times=2, after=20, path="/v1/"))
    faults.add(Fault("404", path="/files/.*bell.wav"))
    faults.add(Fault("500", path=f"/v1/blocks/{page_id(bench, 'Safety')}/children"))


def recovered(bench: Bench) -> None:
    bench.emulator.faults.clear()
    bench.space.rename(page_id(bench, "Workshop"), "The big workshop")
    bench.space.trash(page_id(bench, "Bell"))


def unshared(bench: Bench) -> None:
    bench.space.unshare(page_id(bench, "Weekly meeting"))


def refused(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("401", path="/v1/"))


def stopped(bench: Bench) -> None:
    bench.emulator.faults.clear()


STEPS: tuple[tuple[Callable[[Bench], None], dict[str, int], str], ...] = (
    (shaky, {}, "partial"),
    (recovered, {}, "ok"),
    (unshared, {}, "ok"),
    (refused, {}, "unauthorised"),
    (stopped, {"max_requests": 2}, "interrupted"),
    (stopped, {}, "ok"),
)
"""What happens to the workspace before each run, the run's limits, and how it ends."""


def test_numbers_of_provoked_runs_agree_with_their_reports_to_the_unit(bench: Bench, tmp_path: Path) -> None:
    file, reports = tmp_path / "handbook.prom", list[Report]()
    given = {"monitoring__metrics_file": str(file), "performance__max_attempts": 3}
    job = bench.job(monitoring__listeners=["metrics"], **given)
    for change, limits, outcome in STEPS:
        change(bench)
        reports.append(run(job, Options(mode="sync", **limits), clock=FakeClock()))
        told = exposed(job)
        agrees(told, reports)
        assert told.sum("runs_total", outcome=outcome) == [step[2] for step in STEPS[: len(reports)]].count(outcome)
        # Each run of a timer has a process of its own, and finds in the file what was before it.
        agrees(Told(file.read_text()), reports)
        job = bench.job(monitoring__listeners=["metrics"], **given)
    assert {name for report in reports for name in report.objects.__slots__ if getattr(report.objects, name)} >= {
        "discovered", "read", "unchanged", "failed", "unreadable", "moved", "deleted",
    }  # fmt: skip
    assert min(told.sum("retries_total"), told.sum("rate_limited_total"), told.sum("given_up_total")) > 0


def test_a_file_of_metrics_alone_switches_its_listener_on(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "handbook.prom"
    assert [each.name for each in bench.job().listeners()] == []
    job = bench.job(monitoring__metrics_file=str(file))
    assert [each.name for each in job.listeners()] == ["metrics"]
    assert not file.exists()
    report = run(job, Options(mode="sync"))
    assert Told(file.read_text()).sum("pages_total") == report.objects.discovered


def test_the_listener_that_was_named_keeps_the_file_and_its_own_options_win(bench: Bench, tmp_path: Path) -> None:
    named = {"use": "metrics", "name": "numbers", "interval_s": 60.0, "metrics_file": str(tmp_path / "own.prom")}
    job = bench.job(monitoring__listeners=[named], monitoring__metrics_file=str(tmp_path / "other.prom"))
    assert [(each.name, each.plugin.metrics_file) for each in job.listeners()] == [
        ("numbers", str(tmp_path / "own.prom"))
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"monitoring__metrics_file": "handbook.txt"}, r"ends in \.prom"),
        ({"monitoring__metrics_file": "none/handbook.prom"}, "does not exist"),
        ({"plugins__metrics__interval_s": 0.0, "monitoring__listeners": ["metrics"]}, "a number above 0"),
    ],
)
def test_what_cannot_be_is_told_before_the_first_request(bench: Bench, given: dict[str, object], said: str) -> None:
    report = run(bench.job(**given), Options(mode="sync"))
    assert isinstance(report.error, ConfigError)
    assert report.exit_code == 2
    with pytest.raises(ConfigError, match=said):
        raise report.error
    assert bench.requests() == 0


def test_two_runs_of_one_job_share_its_listeners_and_two_jobs_do_not(bench: Bench) -> None:
    one, two = (bench.job(monitoring__listeners=["metrics"]) for _ in range(2))
    for _ in range(2):
        assert run(one, Options(mode="sync")).error is None
    assert (exposed(one).sum("runs_total"), exposed(two).sum("runs_total")) == (2, 0)


class Odd:
    """A listener that tells something else than it should, or fails."""

    def __init__(self, told: object) -> None:
        self._told = told

    @hookimpl
    def on_event(self, event: Event) -> None:
        pass

    def exposition(self) -> object:
        if isinstance(self._told, Exception):
            raise self._told
        return self._told


class Silent:
    @hookimpl
    def on_event(self, event: Event) -> None:
        pass


def listening(plugin: object) -> Listener:
    return Listener("odd", plugin, checked("listeners", "odd", plugin, "odd").hooks)


def test_who_measures_nothing_tells_nothing() -> None:
    assert listening(Silent()).exposition() is None


@pytest.mark.parametrize(
    ("told", "said"), [("text", "gives no Exposition, but str"), (ValueError("no"), "ValueError: no")]
)
def test_what_a_listener_tells_wrongly_is_its_own_fault(told: object, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        listening(Odd(told)).exposition()


def test_a_listener_whose_attribute_is_of_another_type_is_refused() -> None:
    odd = Odd("text")
    odd.metrics_file = 3  # type: ignore[attr-defined]
    with pytest.raises(PluginError, match="metrics_file is 3, expected str"):
        listening(odd)
