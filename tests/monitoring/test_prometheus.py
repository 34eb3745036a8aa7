"""A real Prometheus that watches real runs: each query of the dashboard has data, each alert fires and ends.

Minutes and days of the rules are seconds here; the rules themselves are those that are shipped.
"""

from __future__ import annotations

import math
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from monitoring.promql import alerts, queries
from monitoring.stand import Served, Stand, until
from notion_sync_core import events
from notion_sync_core.errors import SinkError
from notion_sync_core.job import Job
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_demo import Emulator
from notion_sync_demo.faults import Fault
from pipeline.test_sync import page_id
from plugins.test_serve_process import Process

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(
        not os.environ.get("NOTION_SYNC_PROMETHEUS"), reason="no Prometheus: make test-monitoring starts one"
    ),
]
SERVED, FILE = "notion-sync", "node"


class Watched:
    """A job, seen by Prometheus in both ways."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        files = folder / "textfiles"
        files.mkdir()
        options = {"use": "metrics", "interval_s": 4.0, "every_s": 0.2}
        self.job: Job = bench.job(
            monitoring__listeners=[options],
            monitoring__metrics_file=str(files / "handbook.prom"),
            performance__requests=60,
            performance__window_s=2.0,
            performance__max_attempts=3,
            performance__breaker_threshold=3,
        )
        [self.listener] = self.job.listeners()
        self.served = Served(self.listener)
        (folder / "prometheus").mkdir()
        self.stand = Stand(folder / "prometheus", self.served.port, files)

    def close(self) -> None:
        self.stand.close()
        self.served.close()

    def run(self, *also: Callable[[events.Event], object], **options: Any) -> Report:
        """One run, and both have seen how it ended."""
        report = run(self.job, Options(mode="sync", **options), also)
        ended = self.stand.ask  # the moment differs in each run
        wanted = self.value("last_run_timestamp_seconds")
        until(
            "the run was scraped",
            lambda: (
                {each["job"] for each in ended(f"notion_sync_last_run_timestamp_seconds == {wanted!r}")}
                == {SERVED, FILE}
            ),
        )
        return report

    def value(self, name: str) -> float:
        told = self.listener.exposition()
        assert told is not None
        line = next(line for line in told.body.decode().splitlines() if line.startswith(f"notion_sync_{name}{{"))
        return float(line.rpartition(" ")[2])

    def await_fired(self, *names: str, by: tuple[str, ...] = (SERVED,)) -> None:
        wanted = {(name, place) for name in names for place in by}
        until(lambda: f"{wanted - self.stand.fired()} fired", lambda: wanted <= self.stand.fired())


@pytest.fixture
def watched(bench: Bench, tmp_path: Path) -> Iterator[Watched]:
    made = Watched(bench, tmp_path)
    yield made
    made.close()


def a_first_run(watched: Watched) -> None:
    watched.bench.emulator.faults.add(Fault("404", path="/files/.*bell.wav"))
    assert watched.run().error is None


def a_shaky_service(watched: Watched) -> None:
    """Some of what rises has to be there before: what Prometheus sees first is no rise for it."""
    for kind in ("429", "502"):
        for after, wait in ((2, "1"), (20, "3"), (22, "1"), (24, "1")):
            watched.bench.emulator.faults.add(Fault(kind, times=2, retry_after=wait, after=after, path="/v1/blocks"))
    assert watched.run(full=True).error is None
    watched.await_fired("NotionSyncRateLimited", "NotionSyncRetries", "NotionSyncCheckpointStale")


def pages_that_fail(watched: Watched) -> None:
    page = page_id(watched.bench, "Safety")
    watched.bench.emulator.faults.add(Fault("500", path=f"/v1/blocks/{page}/children"))
    for _ in range(3):
        assert watched.run(full=True).status == "partial"
    watched.await_fired("NotionSyncPartialRuns", by=(SERVED, FILE))
    watched.bench.emulator.faults.clear()


def an_outage(watched: Watched) -> None:
    watched.bench.emulator.faults.add(Fault("503", times=8, after=3, path="/v1/"))
    watched.run(full=True)
    watched.await_fired("NotionSyncBreakerOpen")
    watched.bench.emulator.faults.clear()


def a_sink_that_fails(watched: Watched) -> None:
    def broken(*_: object, **__: object) -> None:
        error = SinkError("the disk is broken", "Mend it.")
        error.sink = "fs"
        raise error

    watched.bench.space.rename(page_id(watched.bench, "Workshop"), "The big workshop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notion_sync_core.plugins.sink.Sink.commit", broken)
        assert watched.run().exit_code == 6


def a_plugin_that_fails(watched: Watched) -> None:
    assert watched.run(lambda _: 1 / 0, full=True).error is None
    watched.await_fired("NotionSyncPluginErrors")


def a_guard(watched: Watched) -> None:
    kept = watched.bench.out.rename(watched.bench.folder / "kept")
    assert watched.run().exit_code == 8
    watched.await_fired("NotionSyncGuardTripped", by=(SERVED, FILE))
    shutil.rmtree(watched.bench.out, ignore_errors=True)
    kept.rename(watched.bench.out)


def a_token_that_is_refused(watched: Watched) -> None:
    watched.bench.emulator.faults.add(Fault("401", path="/v1/"))
    assert watched.run().exit_code == 4
    watched.await_fired("NotionSyncTokenRefused", by=(SERVED, FILE))
    # Nothing is complete any more, for longer than two intervals.
    watched.await_fired("NotionSyncNoSuccess", "NotionSyncLag", by=(SERVED, FILE))
    watched.bench.emulator.faults.clear()


def what_cannot_be_had_here(watched: Watched) -> None:
    """A disk that is nearly full, and a host of files besides that of the API."""
    for event in (
        events.DiskMeasured("state", 5, 100),
        events.RequestFinished("files.example", 0.1, False, "", "5xx"),
    ):
        watched.listener(event)
    watched.await_fired("NotionSyncDiskLow")


def a_process_that_is_gone(watched: Watched) -> None:
    watched.served.close()
    watched.await_fired("NotionSyncDown")
    watched.served.open()


def changes(watched: Watched) -> None:
    space = watched.bench.space
    space.rename(page_id(watched.bench, "Safety"), "Safety first")
    space.trash(page_id(watched.bench, "Bell"))
    assert watched.run().error is None


PROVOKED = (
    *(a_first_run, a_shaky_service, pages_that_fail, an_outage, a_sink_that_fails, a_plugin_that_fails, a_guard),
    *(a_token_that_is_refused, what_cannot_be_had_here, a_process_that_is_gone, changes),
)


def test_each_query_has_data_and_each_alert_fires_and_ends(watched: Watched) -> None:
    for provoke in PROVOKED:
        provoke(watched)
    for name, query in queries().items():
        asked = query.replace("$job_id", ".*").replace("$__rate_interval", "10m").replace("$__interval", "10m")
        values = [each["value"] for each in watched.stand.ask(asked)]
        assert [value for value in values if not math.isnan(value)], f"no data: {name}: {asked}"
    assert {name for name, _ in watched.stand.fired()} == alerts().keys()

    def all_is_well() -> bool:
        assert watched.run().status == "complete"
        return watched.stand.firing() == set()

    until(lambda: f"ended: {watched.stand.firing()}", all_is_well)
    assert watched.stand.ask("node_textfile_scrape_error")[0]["value"] == 0
    one, other = ({**each, "job": "", "instance": ""} for each in watched.stand.ask("notion_sync_last_run_exit_status"))
    assert one == other


def test_serve_is_scraped_from_its_first_run_to_its_end(server: Emulator, tmp_path: Path) -> None:
    for name in ("prometheus", "textfiles"):
        (tmp_path / name).mkdir()
    process = Process(tmp_path, server, NOTION_SYNC_MONITORING__LISTENERS='["metrics"]')
    stand = Stand(tmp_path / "prometheus", int(process.host.rpartition(":")[2]), tmp_path / "textfiles")
    try:
        process.until(lambda: process.job()["last_success"])
        ran = 'notion_sync_runs_total{job="notion-sync", outcome="ok"} == 1'
        until(lambda: "the run was scraped", lambda: bool(stand.ask(ran)))
        [discovered] = stand.ask("sum by (job_id) (notion_sync_pages_total)")
        _, *documents = (tmp_path / "out/.notion-sync/manifest.jsonl").read_text().splitlines()
        assert discovered["value"] == len(documents)
        assert discovered["job_id"]
        until(lambda: f"ended: {stand.firing()}", lambda: stand.firing() == set())
        assert process.end(signal.SIGTERM)[0] == 0
        until(lambda: "told that it is gone", lambda: "NotionSyncDown" in stand.firing())
    finally:
        stand.close()
        process.close()
