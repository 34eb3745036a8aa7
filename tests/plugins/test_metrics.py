"""The metrics listener: its names, its bounds, its file, and that its numbers are those of the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from notion_sync_core import events
from notion_sync_core.errors import ConfigError
from notion_sync_core.report import Report
from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.watch.metrics import METRICS, PREFIX, Metric
from notion_sync_metrics import MetricsListener
from notion_sync_metrics.numbers import Numbers
from notion_sync_metrics.text_file import TextFile, check_place
from plugins.missing import imports, said_without

ROOT = Path(__file__).parent.parent.parent
JOB = "handbook"
STARTED = events.RunStarted(JOB, "sync", 3, "run1")
Samples = dict[str, float]


def finished(status: str = "complete", exit_status: int = 0, **parts: dict[str, int]) -> events.RunFinished:
    report = Report(JOB, "sync", status).to_json()
    for part, numbers in parts.items():
        report[part] |= numbers
    if exit_status:
        report["error"] = {"message": "m", "remedy": "r", "exit": exit_status}
    return events.RunFinished(status, 2.0, JOB, "run1", report)


EVERY_KIND = [
    STARTED,
    events.StageStarted("read"),
    events.ObjectDiscovered("1", "page", "A", True),
    events.ObjectDiscovered("2", "page", "B", False),
    events.ObjectUnchanged("2", "page", "B"),
    events.ObjectRead("1", "page", "A"),
    events.ObjectFailed("3", "page", "C", "r", "r"),
    events.ObjectUnreadable("4", "page", "D", "r"),
    events.RequestsBegan("api", 180, 60.0),
    events.RequestFinished("api", 0.2, True, "search", "2xx"),
    events.RequestFinished("files", 0.2, True, "", "2xx"),
    events.RequestFailed("api", "search", "rate limit", 1, "retry"),
    events.RequestFailed("api", "search", "HTTP 502", 2, "give up"),
    events.BudgetMeasured(90, 180, 60.0),
    events.Waited(5.0, "budget"),
    events.Waited(2.0, "retry", "HTTP 502"),
    events.BreakerChanged("api", "open"),
    events.AssetDownloaded("k", 10),
    events.AssetFailed("k", "r"),
    events.StageFinished("read", 3.0, 2),
    events.StageStarted("write", 1),
    events.ObjectWritten("1", "A", ("a.md",), 10, "created"),
    events.SinkWrote("fs", 10, 0.1, True, 1),
    events.SinkFailed("s3", "r", "r", "the run stops"),
    events.PassPublished(1.0),
    events.CheckpointSaved(0.01),
    events.QueueMeasured("read", 4),
    events.MemoryMeasured(50_000_000),
    events.DiskMeasured("state", 5, 100),
    events.ComponentChanged("source", "ready"),
    events.ComponentChanged("source", "failed"),
    events.HealthChanged("disk", "warn"),
    events.GuardRefused("max_delete", "r", "r"),
    events.PluginFailed("mermaid", "render_block", "r", "n"),
    events.PluginCalled("fs", "sink_open", 0.02),
    events.Warned("w"),
    finished(),
]


def numbers_of(seen: Iterable[events.Event], clock: FakeClock | None = None) -> Numbers:
    numbers = Numbers(clock or FakeClock())
    for event in seen:
        numbers.measuring(event)
    return numbers


def samples(text: bytes) -> Samples:
    """Each sample by its name and labels, as it is written; a name that is there twice is an error."""
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    found = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
    assert len(found) == len(lines)
    return found


def at(found: Samples, name: str, **labels: str) -> float:
    written = ",".join(f'{key}="{value}"' for key, value in sorted({"job_id": JOB, **labels}.items()))
    return found[f"{PREFIX}{name}{{{written}}}"]


# -- the table


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_names_and_texts_follow_the_rules_of_prometheus(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+|running", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert not re.search(r"_(ms|millis|minutes|hours|kb|mb|percent)(_|$)", metric.name), "base units alone"
    assert ("When " in metric.help) == metric.name.endswith("_timestamp_seconds")
    assert metric.kind != "histogram" or metric.name.endswith("_seconds")
    assert metric.help.endswith(".")
    assert "\n" not in metric.help
    assert len(metric.help) > 5
    assert not set(metric.labels) & {"job", "instance", "id", "title", "le"}
    assert all(len(zero) == len(metric.labels) for zero in metric.zeros)
    assert metric.most >= max(1, len(metric.zeros) - (not metric.labels))


def test_there_are_at_most_two_thousand_series() -> None:
    assert sum(metric.series for metric in METRICS.values()) <= 2000


def test_every_metric_is_measured_by_some_event() -> None:
    numbers = numbers_of(EVERY_KIND)
    measured = {family.name.removeprefix(PREFIX) for family in numbers.collect() if family.samples}
    told_by_options = {"run_interval_seconds"}
    assert {name.removesuffix("_total") for name in METRICS} - told_by_options == measured


def test_every_metric_stands_in_the_documentation() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text()
    for metric in METRICS.values():
        row = next((line for line in text.splitlines() if line.startswith(f"| `{PREFIX}{metric.name}`")), "")
        assert f"| {metric.kind} |" in row, metric.name
        assert all(f"`{label}`" in row for label in metric.labels), metric.name
        assert metric.help.rstrip(".") in row, metric.name
    named = set(re.findall(rf"^\| `{PREFIX}(\w+)`", text, re.M))
    assert named == set(METRICS)


# -- bounds

hostile = st.text(max_size=200) | st.sampled_from(["a\nb", 'x"} 1\n# TYPE y counter', "\ud800", "other", "", "\\"])


def everything_hostile(names: list[str]) -> list[events.Event]:
    return [
        event
        for name in names
        for event in (
            events.RequestFinished("api", 0.1, True, name, name),
            events.RequestFinished(name, 0.1, True, name, name),
            events.RequestFailed("api", name, name, 1, "retry"),
            events.RequestFailed("api", name, name, 1, name),
            events.Waited(1.0, name),
            events.BreakerChanged(name, name),
            events.StageStarted(name),
            events.StageFinished(name, 1.0),
            events.ObjectWritten(name, name, (name,), 1, name),
            events.SinkWrote(name, 1, 0.1, True, 1),
            events.SinkFailed(name, name, name, name),
            events.QueueMeasured(name, 1),
            events.ComponentChanged(name, name),
            events.HealthChanged(name, name),
            events.GuardRefused(name, name, name),
            events.PluginFailed(name, name, name, name),
            events.PluginCalled(name, name, 0.1),
        )
    ]


@settings(max_examples=40)
@given(st.lists(hostile, min_size=1, max_size=20))
def test_hostile_names_make_lines_that_can_be_read(names: list[str]) -> None:
    begun = [STARTED, events.RequestsBegan("api", 1, 1.0)]
    text = numbers_of([*begun, *everything_hostile(names), finished()]).text()
    families = list(text_string_to_metric_families(text.decode()))
    assert sum(len(family.samples) for family in families) == len(samples(text))
    assert {name for family in families for sample in family.samples for name in sample.labels} <= {
        "job_id", "le", *(label for metric in METRICS.values() for label in metric.labels),
    }  # fmt: skip


def test_however_many_names_there_are_the_series_stay_within_the_bound() -> None:
    names = [f"name {number} {'x' * (number % 90)}" for number in range(300)]
    begun = [STARTED, events.RequestsBegan("api", 1, 1.0)]
    numbers = numbers_of([*begun, *everything_hostile(names), finished()])
    found = samples(numbers.text())
    assert 500 < len(found) <= 2000
    assert at(found, "sink_write_bytes_total", sink="other") == 300 - METRICS["sink_write_bytes_total"].most
    again = Numbers(FakeClock())
    assert again.resume(numbers.text().decode(), JOB)
    for event in everything_hostile([name[::-1] for name in names]):
        again.measuring(event)
    assert len(samples(again.text())) <= 2000


# -- what events come to


def test_the_numbers_of_a_run() -> None:
    found = samples(numbers_of(EVERY_KIND[:-1]).text())
    assert at(found, "running") == 1
    assert at(found, "run_pages", outcome="discovered") == 2
    assert at(found, "api_requests_total", endpoint="search", status_class="2xx", source="api") == 1
    assert at(found, "other_requests_total", status_class="2xx") == 1
    assert at(found, "rate_limited_total", layer="source") == 1
    assert at(found, "retries_total", layer="source", reason="rate limit") == 1
    assert at(found, "given_up_total", layer="source", reason="HTTP 502") == 1
    assert at(found, "rate_limit_budget_ratio") == 0.5
    assert at(found, "circuit_state", target="api") == 2
    assert at(found, "component_state", component="source", state="ready") == 0
    assert at(found, "component_state", component="source", state="failed") == 1
    assert at(found, "health_check_state", check="disk") == 1
    assert at(found, "plugin_errors_total", plugin="mermaid", hook="render_block") == 1
    assert at(found, "api_request_duration_seconds_bucket", endpoint="search", le="0.25") == 1


def test_workers_that_wait_side_by_side_wait_once() -> None:
    clock = FakeClock()
    numbers = numbers_of([STARTED, events.Waited(10.0, "budget"), events.Waited(10.0, "budget")], clock)
    clock.sleep(4)
    numbers.measuring(events.Waited(10.0, "budget"))
    clock.sleep(60)
    numbers.measuring(events.Waited(1.0, "budget"))
    assert at(samples(numbers.text()), "rate_limit_wait_seconds_total", scope="budget") == 15


@pytest.mark.parametrize(
    ("status", "exit_status", "outcome"),
    [
        ("complete", 0, "ok"),
        ("partial", 0, "partial"),
        ("failed", 4, "unauthorised"),
        ("failed", 5, "locked"),
        ("failed", 6, "failed"),
        ("failed", 8, "guard"),
        ("interrupted", 12, "interrupted"),
        ("interrupted", 143, "interrupted"),
    ],
)
def test_a_run_ends_in_one_way(status: str, exit_status: int, outcome: str) -> None:
    found = samples(numbers_of([STARTED, finished(status, exit_status)]).text())
    ended = {key: value for key, value in found.items() if key.startswith(f"{PREFIX}runs_total")}
    assert [key for key, value in ended.items() if value] == [
        f'{PREFIX}runs_total{{job_id="{JOB}",outcome="{outcome}"}}'
    ]
    assert len(ended) == 7
    assert at(found, "running") == 0
    assert (f'{PREFIX}last_success_timestamp_seconds{{job_id="{JOB}"}}' in found) == (outcome == "ok")
    if outcome not in ("ok", "locked"):
        assert at(found, "last_run_exit_status") == (exit_status or 3)


def test_success_lag_and_checkpoint_grow_old() -> None:
    clock = FakeClock()
    numbers = numbers_of([STARTED], clock)
    clock.sleep(30)
    assert at(samples(numbers.text()), "checkpoint_age_seconds") == 30
    numbers.measuring(events.CheckpointSaved(0.1))
    numbers.measuring(finished())
    clock.sleep(70)
    found = samples(numbers.text())
    assert at(found, "checkpoint_age_seconds") == 0
    assert at(found, "sync_lag_seconds") == 100
    assert at(found, "last_success_timestamp_seconds") == clock.now() - 70
    assert at(found, "covered_timestamp_seconds") == clock.now() - 100


def test_rendering_again_brings_no_edits_and_counts_as_no_success() -> None:
    found = samples(numbers_of([events.RunStarted(JOB, "render", 3), finished()]).text())
    assert not any("last_success" in key or "covered_timestamp" in key for key in found)
    assert at(found, "runs_total", outcome="ok") == 1


def test_a_run_of_a_few_objects_may_say_that_a_job_is_not_well_and_never_that_it_is() -> None:
    hint = events.RunStarted(JOB, "hint", 3)
    numbers = numbers_of(
        [STARTED, finished("partial"), hint, finished(), STARTED, finished("failed", 8), hint, finished()]
    )
    found = samples(numbers.text())
    assert at(found, "last_run_exit_status") == 8
    assert at(found, "consecutive_partial_runs") == 1
    assert at(found, "runs_total", outcome="ok") == 2
    assert not any("last_success" in key for key in found)
    numbers.measuring(hint)
    numbers.measuring(finished("failed", 4))
    assert at(samples(numbers.text()), "last_run_exit_status") == 4


def test_a_breaker_is_open_no_longer_than_its_run() -> None:
    numbers = numbers_of([STARTED, events.BreakerChanged("api", "open")])
    assert at(samples(numbers.text()), "circuit_state", target="api") == 2
    numbers.measuring(finished("failed", 7))
    assert at(samples(numbers.text()), "circuit_state", target="api") == 0


def test_partial_runs_in_a_row_are_counted_until_a_complete_one() -> None:
    numbers = numbers_of([STARTED, finished("partial"), finished("partial"), finished("failed", 7)])
    assert at(samples(numbers.text()), "consecutive_partial_runs") == 2
    numbers.measuring(finished())
    assert at(samples(numbers.text()), "consecutive_partial_runs") == 0


def test_the_exposition_has_the_process_and_the_file_has_not() -> None:
    numbers = numbers_of([STARTED])
    told = numbers.exposition()
    assert told.content_type.startswith("text/plain; version=0.0.4")
    assert b"\nprocess_resident_memory_bytes " in told.body
    assert b"process_" not in numbers.text()
    assert b"_created" not in told.body


# -- the file


class Kept:
    """A text file and the process that keeps it, under a clock that a test moves."""

    def __init__(self, path: Path, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.numbers = Numbers(self.clock)
        self.file = TextFile(path, self.numbers, self.clock, 5.0)

    def see(self, *seen: events.Event) -> Kept:
        for event in seen:
            self.file.before(event)
            self.numbers.measuring(event)
            self.file.after(event)
        return self

    def read(self) -> Samples:
        return samples(self.file.path.read_bytes())


def test_counters_go_on_where_the_last_run_ended(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    clock = FakeClock()
    first = Kept(path, clock).see(*EVERY_KIND).read()
    clock.sleep(1000)
    second = Kept(path, clock).see(*EVERY_KIND).read()
    for key, value in first.items():
        metric = METRICS.get(name := key.removeprefix(PREFIX).partition("{")[0])
        if name.endswith(("_total", "_bucket", "_sum", "_count")):
            assert second[key] == pytest.approx(2 * value), key
        elif metric is not None and metric.lasts and metric.name not in ("first_run_timestamp_seconds",):
            assert second[key] in (value, value + 1000), key
    assert at(first, "first_run_timestamp_seconds") == at(second, "first_run_timestamp_seconds")


def test_a_success_is_remembered_while_runs_fail(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    success = at(Kept(path).see(STARTED, finished()).read(), "last_success_timestamp_seconds")
    clock = FakeClock(2_000_000.0)
    found = Kept(path, clock).see(STARTED, finished("failed", 7)).read()
    assert at(found, "last_success_timestamp_seconds") == success
    assert at(found, "sync_lag_seconds") == 1_000_000
    assert at(found, "last_run_exit_status") == 7


def test_the_file_is_written_at_both_ends_and_every_few_seconds_between(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "m.prom").see(STARTED)
    assert at(kept.read(), "running") == 1
    kept.see(events.Warned("a"))
    assert at(kept.read(), "warnings_total") == 0
    kept.clock.sleep(5)
    kept.see(events.Warned("b"))
    assert at(kept.read(), "warnings_total") == 2
    kept.see(events.Warned("c"), finished())
    assert at(kept.read(), "warnings_total") == 3
    assert at(kept.read(), "running") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["m.prom"]


def test_a_run_that_found_another_at_work_leaves_its_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    before = Kept(path).see(STARTED).file.path.read_bytes()
    Kept(path).see(finished("failed", 5))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "left", [b"", b"\xff\xfe", b'# HELP notion_sync_x y\nnotion_sync_x{le="', b"notion_sync_ 1 2 3\n"]
)
def test_a_file_that_was_cut_off_begins_anew(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "m.prom"
    path.write_bytes(left)
    assert at(Kept(path).see(STARTED, finished()).read(), "runs_total", outcome="ok") == 1


def test_another_jobs_numbers_are_not_taken_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "m.prom"
    Kept(path).see(STARTED, finished())
    other = attrs.evolve(STARTED, job="other"), attrs.evolve(finished(), job="other")
    found = Kept(path).see(*other).read()
    assert found[f'{PREFIX}runs_total{{job_id="other",outcome="ok"}}'] == 1
    assert "give each job a file of its own" in caplog.text


def test_a_run_that_fails_before_its_job_is_known_goes_on_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    Kept(path).see(STARTED, finished())
    found = Kept(path).see(attrs.evolve(finished("failed", 4), job="")).read()
    assert at(found, "runs_total", outcome="ok") == 1
    assert at(found, "runs_total", outcome="unauthorised") == 1
    assert at(found, "last_run_exit_status") == 4


def test_histograms_with_other_buckets_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "m.prom"
    Kept(path).see(STARTED, finished())
    path.write_text(path.read_text().replace('le="1.0"', 'le="1.5"'))
    found = Kept(path).see(STARTED, finished()).read()
    assert at(found, "run_duration_seconds_count", outcome="ok") == 1
    assert at(found, "runs_total", outcome="ok") == 2


def test_a_full_disk_is_told_once_and_harms_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept(tmp_path / "gone" / "m.prom").see(STARTED)
    kept.clock.sleep(6)
    kept.see(events.Warned("a"), finished())
    assert caplog.text.count("cannot be written") == 1
    assert "Traceback" not in caplog.text
    kept.file.path.parent.mkdir()
    kept.see(STARTED)
    assert at(kept.read(), "warnings_total") == 1


def test_only_a_place_for_such_a_file_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        check_place(str(tmp_path / "none" / "m.prom"))
    (tmp_path / "mine.prom").write_text("somebody's")
    with pytest.raises(ConfigError, match="was not written by this program"):
        check_place(str(tmp_path / "mine.prom"))
    (tmp_path / "folder.prom").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        check_place(str(tmp_path / "folder.prom"))
    (tmp_path / "empty.prom").touch()
    assert check_place(str(tmp_path / "empty.prom")) == tmp_path / "empty.prom"


def test_without_its_library_the_listener_says_what_to_install() -> None:
    said = said_without("prometheus_client", "notion_sync_metrics", "MetricsListener")
    assert "needs prometheus-client" in said
    assert said.endswith("pip install prometheus-client\n")


def test_the_package_is_imported_without_its_library() -> None:
    assert not imports("notion_sync_metrics", "prometheus_client")


def test_a_listener_keeps_its_numbers_for_itself() -> None:
    one, two = MetricsListener(), MetricsListener(interval_s=60)
    one.on_event(events.Warned("w"))
    assert b"notion_sync_warnings_total 1.0" in one.exposition().body
    assert b"notion_sync_warnings_total 0.0" in two.exposition().body
    assert b"notion_sync_run_interval_seconds 60.0" in two.exposition().body
