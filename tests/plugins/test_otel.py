"""The listener otel: a run as a trace and its numbers, sent where the variables say, and within bounded time."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from conftest import Bench
from notion_sync_core import events
from notion_sync_core.errors import ConfigError
from notion_sync_core.job import Job
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.watch.metrics import METRICS
from notion_sync_demo.faults import Fault
from notion_sync_otel import OtelListener
from notion_sync_otel.listener import Numbers
from notion_sync_otel.providers import Providers, from_environment, made
from notion_sync_otel.trace import Trace
from pipeline.test_sync import page_id
from plugins.missing import imports, said_without


class Memory:
    """The SDK's own exporters in memory."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.providers = made(SimpleSpanProcessor(self.exporter), self.reader)

    @property
    def spans(self) -> dict[str, list[ReadableSpan]]:
        found: dict[str, list[ReadableSpan]] = {}
        for span in self.exporter.get_finished_spans():
            found.setdefault(span.name, []).append(span)
        return found

    def points(self, name: str) -> list[Any]:
        data = self.reader.get_metrics_data()
        assert data is not None
        metrics = (m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics)
        return [point for metric in metrics if metric.name == name for point in metric.data.data_points]


def of_job(job: Job) -> OtelListener:
    [listener] = [each.plugin for each in job.listeners() if each.name == "otel"]
    assert isinstance(listener, OtelListener)
    return listener


def test_a_run_is_a_trace_and_its_numbers_are_those_of_the_report(bench: Bench) -> None:
    memory = Memory()
    bench.emulator.faults.add(Fault("502", times=2, after=5, path="/v1/"))
    job = bench.job(monitoring__listeners=[{"use": "otel", "sample": 1.0}])
    of_job(job)._sender.use(memory.providers)
    report = run(job, Options(mode="sync"))
    assert report.error is None
    [root] = memory.spans["sync.run"]
    assert root.parent is None
    assert root.attributes is not None
    assert root.attributes["notion_sync.job_id"] == report.job
    assert root.attributes["notion_sync.objects.discovered"] == report.objects.discovered
    stages = [*memory.spans["read"], *memory.spans["write"]]
    assert {span.parent.span_id for span in stages if span.parent} == {root.context.span_id}
    requests = memory.spans["notion.request"]
    assert len(requests) >= report.requests.total
    ids = {span.context.span_id for span in (root, *stages)}
    assert {span.parent.span_id for span in requests if span.parent} <= ids
    assert {span.context.trace_id for spans in memory.spans.values() for span in spans} == {root.context.trace_id}
    assert sum(span.status.status_code is StatusCode.ERROR for span in requests) == 2
    assert [event.name for event in root.events].count("request failed: retry") == 2
    assert "sink.write" in memory.spans
    assert sum(point.value for point in memory.points("notion_sync.pages")) == report.objects.discovered
    retried = [point.value for point in memory.points("notion_sync.retries")]
    assert sum(retried) == report.requests.retried == 2
    durations = memory.points("notion_sync.api_request_duration")
    assert sum(point.count for point in durations) == len(requests)
    assert all(point.attributes["job_id"] == report.job for point in durations)


def test_no_title_and_no_text_of_others_is_in_a_trace(bench: Bench) -> None:
    memory = Memory()
    bench.space.rename(page_id(bench, "Safety"), "CANARY")
    bench.emulator.faults.add(Fault("500", path=f"/v1/blocks/{page_id(bench, 'CANARY')}/children"))
    job = bench.job(monitoring__listeners=[{"use": "otel", "sample": 1.0}], performance__max_attempts=1)
    of_job(job)._sender.use(memory.providers)
    report = run(job, Options(mode="sync"))
    assert [item["title"] for item in report.failures] == ["CANARY"]
    told = [
        (span.name, dict(span.attributes or {}), [(event.name, dict(event.attributes or {})) for event in span.events])
        for spans in memory.spans.values()
        for span in spans
    ]
    failure = {"id": report.failures[0]["id"], "cause": "RetryableError"}
    assert ("object failed", failure) in next(events for name, _, events in told if name == "sync.run")
    assert "CANARY" not in str(told)
    assert bench.emulator.token not in str(told)


def traced(share: float, *seen: events.Event) -> list[ReadableSpan]:
    memory = Memory()
    assert memory.providers.tracers is not None
    trace = Trace(memory.providers.tracers.get_tracer("t"), FakeClock(), share)
    for event in (events.RunStarted("job", "sync", 0, "r"), *seen, events.RunFinished("failed", 1.0, "job", "r")):
        trace(event)
    return list(memory.exporter.get_finished_spans())


def test_a_share_of_the_requests_is_told_and_each_that_failed() -> None:
    good = events.RequestFinished("api", 0.5, True, "search", "2xx")
    bad = events.RequestFinished("api", 0.5, False, "search", "5xx")
    spans = traced(0.05, *[good] * 200, *[bad] * 7)
    requests = [span for span in spans if span.name == "notion.request"]
    assert len(requests) == 17
    assert all(
        span.end_time and span.start_time and span.end_time - span.start_time == 500_000_000 for span in requests
    )
    assert len(traced(0.0, *[bad] * 5000)) == 1001
    assert spans[-1].status.status_code is StatusCode.ERROR


def test_a_stage_that_nobody_ended_ends_with_the_run() -> None:
    spans = traced(1.0, events.StageStarted("read"), events.StageStarted("read"), events.SinkWrote("fs", 1, 0.1, True))
    assert [span.name for span in spans] == ["read", "sink.write", "read", "sync.run"]


def test_what_comes_before_a_run_and_after_it_is_in_no_trace() -> None:
    memory = Memory()
    assert memory.providers.tracers is not None
    trace = Trace(memory.providers.tracers.get_tracer("t"), FakeClock(), 1.0)
    for event in (
        events.RequestFinished("s3", 0.1, True),
        events.Waited(1.0, "retry"),
        events.RunFinished("failed", 0),
    ):
        trace(event)
    assert memory.exporter.get_finished_spans() == ()


def test_numbers_from_before_the_job_is_known_are_counted_when_it_is() -> None:
    memory = Memory()
    assert memory.providers.meters is not None
    numbers = Numbers(memory.providers.meters.get_meter("t"), FakeClock())
    numbers(events.RequestFinished("s3", 0.1, True, "", "2xx"))
    numbers(events.RunStarted("job", "sync", 0))
    numbers(events.RequestFinished("s3", 0.1, True, "", "2xx"))
    [point] = memory.points("notion_sync.other_requests")
    assert (point.value, point.attributes["job_id"]) == (2, "job")


def test_every_metric_has_a_name_of_its_own() -> None:
    memory = Memory()
    assert memory.providers.meters is not None
    numbers = Numbers(memory.providers.meters.get_meter("t"), FakeClock())
    names = {numbers._made(metric).name for metric in METRICS.values()}
    assert len(names) == len(METRICS)


# -- what the variables say


class Collector:
    """A receiver of OTLP over HTTP on loopback."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        self.released = threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.bodies.append((self.path, body))
                collector.released.wait(delay_s)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def at(self, path: str) -> list[bytes]:
        return [body for where, body in self.bodies if where == path]


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent but at the end of a run."""
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "1e9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def ran(bench: Bench, **options: Any) -> Report:
    return run(bench.job(monitoring__listeners=[{"use": "otel", **options}]), Options(mode="sync"))


def test_a_run_is_sent_to_the_endpoint_that_the_variables_name(
    bench: Bench, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "handbook-sync")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    report = ran(bench)
    traces = [ExportTraceServiceRequest.FromString(body) for body in collector.at("/v1/traces")]
    spans = [span for each in traces for r in each.resource_spans for s in r.scope_spans for span in s.spans]
    assert {"sync.run", "read", "write"} <= {span.name for span in spans}
    resource = {each.key: each.value.string_value for each in traces[0].resource_spans[0].resource.attributes}
    assert resource["service.name"] == "handbook-sync"
    sent = [ExportMetricsServiceRequest.FromString(body) for body in collector.at("/v1/metrics")]
    metrics = [m for each in sent for r in each.resource_metrics for s in r.scope_metrics for m in s.metrics]
    pages = [point.as_double for m in metrics if m.name == "notion_sync.pages" for point in m.sum.data_points]
    assert sum(pages) == report.objects.discovered


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "URL"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "URL"},
    ],
    ids=["no endpoint", "disabled", "no exporters"],
)
def test_nothing_is_sent_where_nothing_is_asked_for(
    bench: Bench, collector: Collector, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("URL", collector.url))
    before = set(threading.enumerate())
    assert from_environment() == Providers(None, None)
    assert ran(bench).error is None
    assert collector.bodies == []
    assert not [thread for thread in set(threading.enumerate()) - before if "Otel" in thread.name]


def test_one_signal_may_be_asked_for_alone(monkeypatch: pytest.MonkeyPatch, collector: Collector) -> None:
    only = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{collector.url}/v1/metrics"}
    for name, value in only.items():
        monkeypatch.setenv(name, value)
    providers = from_environment()
    assert (providers.tracers is None, providers.meters is None) == (True, False)


def test_an_endpoint_that_does_not_answer_holds_the_end_of_a_run_no_longer_than_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    silent = Collector(delay_s=60.0)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", silent.url)
    try:
        listener = OtelListener(flush_s=0.2)
        listener.on_event(events.RunStarted("job", "sync", 0))
        began = time.monotonic()
        listener.on_event(events.RunFinished("complete", 1.0, "job", "", Report("job", "sync").to_json()))
        assert time.monotonic() - began < 5
        assert "did not take everything within 0.2 s" in caplog.text
    finally:
        silent.released.set()
        for thread in [each for each in threading.enumerate() if each.name == "otel-flush"]:
            thread.join(10)
        silent.close()


def test_an_endpoint_that_is_not_there_costs_a_warning_and_no_traceback(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    report = ran(bench, flush_s=3.0)
    assert report.status == "complete"
    assert "Traceback" not in caplog.text


def test_another_protocol_is_refused_with_what_to_set(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    error = ran(bench).error
    assert isinstance(error, ConfigError)
    assert "http/protobuf" in error.remedy


@pytest.mark.parametrize("option", [{"sample": 1.5}, {"flush_s": 0.0}])
def test_impossible_options_are_refused(bench: Bench, option: dict[str, float]) -> None:
    assert isinstance(ran(bench, **option).error, ConfigError)


def test_without_its_libraries_the_listener_says_what_to_install() -> None:
    said = said_without("opentelemetry.sdk", "notion_sync_otel", "OtelListener")
    assert "needs the SDK of OpenTelemetry" in said
    assert said.endswith("pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http\n")


def test_the_package_is_imported_without_its_libraries() -> None:
    assert not imports("notion_sync_otel", "opentelemetry")
