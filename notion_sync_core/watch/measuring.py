"""What events say in numbers: which metric rises, or stands at what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from notion_sync_core import events
from notion_sync_core._version import __version__
from notion_sync_core.clock import Clock
from notion_sync_core.errors import Exit
from notion_sync_core.plugins.hookspecs import API_VERSION
from notion_sync_core.terminal import one_line
from notion_sync_core.watch.metrics import CHANGES, FILES, METRICS, OTHER, PAGES, Metric, outcome_of

Labels = tuple[str, ...]
Record = Callable[[Metric, float, Labels], object]
"""Takes one measurement: what a counter rises by, where a gauge stands, what a histogram saw."""

_LONGEST = 60
"""Characters of a label."""
_READING = ("export", "sync")
"""Modes whose success says that the sinks hold what the source does."""
_BREAKERS = {"closed": 0, "half-open": 1, "open": 2}
_VERDICTS = {"pass": 0, "warn": 1, "fail": 2}


class Measuring:
    """Turns the events of one job into measurements; feed it every event, one at a time.

    What a report says at the end of a run is what counters of pages and files rise by, so that they agree with it.

    :param record: takes each measurement.
    """

    def __init__(self, record: Record, clock: Clock) -> None:
        self.job = ""
        """The job's id, as soon as it is known."""
        self._record = record
        self._clock = clock
        self._known: dict[str, set[Labels]] = {name: set() for name in METRICS}
        self._stands: dict[str, float] = {}
        """Gauges without labels, as they were last told."""
        self._run: dict[str, int] = {}
        self._pending = {"read": 0, "write": 0}
        self._began = 0.0
        self._mode = ""
        self._host = ""
        self._waits_until: dict[str, float] = {}
        self._components: dict[str, str] = {}
        self._open: set[str] = set()
        """Hosts whose breaker is not closed."""
        self._handlers = self._all_handlers()
        for metric in METRICS.values():
            for labels in metric.zeros:
                self._put(metric.name, 0, *labels)
        self._put("build_info", 1, __version__, str(API_VERSION))
        self._put("running", 0)

    def __call__(self, event: events.Event) -> None:
        """Take in one event."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def resume(self, name: str, value: float, labels: Labels) -> Labels:
        """Go on from what an earlier process of this job left.

        :returns: the labels under which it is kept.
        """
        metric = METRICS[name]
        labels = self._bounded(metric, labels)
        if metric.kind == "gauge":
            self._stands[name] = value
            self._record(metric, value, labels)
        return labels

    def ages(self) -> Iterator[tuple[Metric, float]]:
        """Gauges that grow by themselves, as they stand now."""
        now = self._clock.now()
        if "covered_timestamp_seconds" in self._stands:
            yield METRICS["sync_lag_seconds"], max(0.0, now - self._stands["covered_timestamp_seconds"])
        since = self._stands.get("last_checkpoint_timestamp_seconds", now) if self._stands["running"] else now
        yield METRICS["checkpoint_age_seconds"], max(0.0, now - since)

    def _all_handlers(self) -> dict[type[events.Event], Callable[[Any], object]]:
        add = self._put
        return {
            events.RunStarted: self._run_started,
            events.RunFinished: self._run_finished,
            events.StageStarted: self._stage_started,
            events.StageFinished: lambda event: add("stage_duration_seconds", event.seconds, event.stage),
            events.PassPublished: lambda _: add("passes_total", 1),
            events.CheckpointSaved: self._saved,
            events.ObjectDiscovered: self._discovered,
            events.ObjectRead: lambda _: self._handled("read"),
            events.ObjectUnchanged: lambda _: self._count("unchanged"),
            events.ObjectFailed: lambda _: self._handled("failed"),
            events.ObjectUnreadable: lambda _: self._count("unreadable"),
            events.ObjectWritten: self._written,
            events.AssetDownloaded: self._downloaded,
            events.AssetFailed: lambda _: add("assets_total", 1, "failed"),
            events.Warned: lambda _: add("warnings_total", 1),
            events.RequestsBegan: self._requests_began,
            events.RequestFinished: self._request_finished,
            events.RequestFailed: self._request_failed,
            events.Waited: self._waited,
            events.BudgetMeasured: self._budget,
            events.BreakerChanged: self._breaker,
            events.SinkWrote: self._sink_wrote,
            events.SinkFailed: lambda event: add("sink_failures_total", 1, event.sink),
            events.QueueMeasured: lambda event: add("queue_depth", event.depth, event.stage),
            events.MemoryMeasured: self._memory,
            events.DiskMeasured: self._disk,
            events.ComponentChanged: self._component,
            events.RunScheduled: lambda event: self._put("run_interval_seconds", event.period_s),
            events.HealthChanged: lambda event: add("health_check_state", _VERDICTS.get(event.verdict, 2), event.check),
            events.GuardRefused: lambda event: add("guard_trips_total", 1, event.guard),
            events.PluginFailed: lambda event: add("plugin_errors_total", 1, event.plugin, event.hook),
            events.PluginCalled: lambda event: add(
                "plugin_call_duration_seconds", event.seconds, event.plugin, event.hook
            ),
        }

    def _put(self, name: str, value: float, *labels: str) -> None:
        metric = METRICS[name]
        if not labels and metric.kind == "gauge":
            self._stands[name] = value
        self._record(metric, value, self._bounded(metric, labels))

    def _bounded(self, metric: Metric, labels: Labels) -> Labels:
        """Labels of others, so that there are never too many of them, nor anything but short lines in them."""
        known = self._known[metric.name]
        if not labels or labels in known:
            return labels
        labels = tuple(one_line(label, _LONGEST) for label in labels)
        if labels not in known:
            if len(known) >= metric.most:
                return (OTHER,) * len(labels)
            known.add(labels)
        return labels

    # -- runs

    def _run_started(self, event: events.RunStarted) -> None:
        self.job, self._began = event.job, self._clock.now()
        if self._mode:
            self._put("run_info", 0, self._mode)
        self._mode = event.mode
        self._put("run_info", 1, event.mode)
        self._put("running", 1)
        if "first_run_timestamp_seconds" not in self._stands:
            self._put("first_run_timestamp_seconds", self._began)
        # What lies there is durable.
        self._put("last_checkpoint_timestamp_seconds", self._began)
        self._close_breakers()
        self._run = dict.fromkeys(("discovered", "written", *PAGES), 0)
        self._pending = {"read": 0, "write": 0}
        self._tell_counts()

    def _run_finished(self, event: events.RunFinished) -> None:
        self.job = event.job or self.job
        report, error = event.report, event.report.get("error")
        status = int(error["exit"]) if error else Exit.PARTIAL if event.status == "partial" else Exit.COMPLETE
        outcome = outcome_of(event.status, status)
        self._put("runs_total", 1, outcome)
        self._put("run_duration_seconds", event.seconds, outcome)
        self._put("running", 0)
        self._pending = {"read": 0, "write": 0}
        self._tell_counts()
        self._close_breakers()
        if outcome == "locked":
            return  # the other run tells how it is
        self._put("last_run_timestamp_seconds", self._clock.now())
        if self._mode in _READING or outcome not in ("ok", "partial"):
            self._judge(outcome, status, report)
        self._take(report)

    def _judge(self, outcome: str, status: int, report: Mapping[str, Any]) -> None:
        """How the job is; a run of a few objects, or one that reads nothing, never says that all is well."""
        self._put("last_run_exit_status", status)
        self._put("last_run_failures", len(report.get("failures", ())))
        if outcome == "ok":
            self._put("last_success_timestamp_seconds", self._clock.now())
            self._put("covered_timestamp_seconds", self._began)
        in_a_row = self._stands.get("consecutive_partial_runs", 0) + 1 if outcome == "partial" else 0
        if outcome in ("ok", "partial"):
            self._put("consecutive_partial_runs", in_a_row)

    def _take(self, report: Mapping[str, Any]) -> None:
        """What the whole run came to."""
        objects, artifacts, assets = (report.get(part, {}) for part in ("objects", "artifacts", "assets"))
        for outcome in PAGES:
            self._put("pages_total", objects.get(outcome, 0), outcome)
        for outcome in ("discovered", *PAGES):
            self._put("run_pages", objects.get(outcome, 0), outcome)
        for outcome in CHANGES[2:]:
            self._put("page_changes_total", objects.get(outcome, 0), outcome)
        for outcome in FILES:
            self._put("files_total", artifacts.get(outcome, 0), outcome)
        self._put("stale_files", artifacts.get("stale", 0))
        self._put("kept_edits", artifacts.get("kept_edits", 0))
        self._put("assets_total", assets.get("unchanged", 0), "unchanged")

    def _stage_started(self, event: events.StageStarted) -> None:
        if event.stage == "write":
            self._pends("write", event.total or 0)
        self._tell_counts()

    def _saved(self, event: events.CheckpointSaved) -> None:
        self._put("checkpoints_total", event.count)
        self._put("last_checkpoint_timestamp_seconds", self._clock.now())
        self._put("last_checkpoint_duration_seconds", event.seconds)

    # -- objects

    def _count(self, outcome: str) -> None:
        self._run[outcome] = self._run.get(outcome, 0) + 1

    def _pends(self, stage: str, number: int) -> None:
        self._pending[stage] = max(0, number)

    def _tell_counts(self) -> None:
        """How far the run is: told now and then, as there are several events for each object."""
        for outcome, number in self._run.items():
            self._put("run_pages", number, outcome)
        for stage, number in self._pending.items():
            self._put("pending_items", number, stage)

    def _discovered(self, event: events.ObjectDiscovered) -> None:
        self._count("discovered")
        if event.pending:
            self._pends("read", self._pending["read"] + 1)

    def _handled(self, outcome: str) -> None:
        self._count(outcome)
        self._pends("read", self._pending["read"] - 1)

    def _written(self, event: events.ObjectWritten) -> None:
        self._count("written")
        self._put("page_changes_total", 1, event.outcome)
        self._pends("write", self._pending["write"] - 1)

    def _downloaded(self, event: events.AssetDownloaded) -> None:
        self._put("assets_total", 1, "downloaded")
        self._put("asset_bytes_total", event.bytes)

    # -- requests

    def _layer(self, host: str) -> str:
        return "source" if host == self._host else "other"

    def _requests_began(self, event: events.RequestsBegan) -> None:
        self._host = event.target
        self._put("rate_limit_budget_requests", event.allowed)
        self._put("rate_limit_window_seconds", event.window_s)

    def _request_finished(self, event: events.RequestFinished) -> None:
        answer = event.status_class or ("2xx" if event.ok else "none")
        if self._layer(event.host) == "other":
            self._put("other_requests_total", 1, answer)
            return
        self._put("api_requests_total", 1, event.endpoint, answer, event.host)
        self._put("api_request_duration_seconds", event.seconds, event.endpoint)

    def _request_failed(self, event: events.RequestFailed) -> None:
        layer = self._layer(event.host)
        if event.cause == "rate limit":
            self._put("rate_limited_total", 1, layer)
        self._put("retries_total" if event.next == "retry" else "given_up_total", 1, layer, event.cause)

    def _waited(self, event: events.Waited) -> None:
        """Workers wait side by side: each second counts once."""
        now = self._clock.monotonic()
        until = max(now, self._waits_until.get(event.reason, now))
        more = max(0.0, now + event.seconds - until)
        self._waits_until[event.reason] = until + more
        scope = {"budget": "budget", "rate limit": "service"}.get(event.reason)
        name = "rate_limit_wait_seconds_total" if scope else "retry_wait_seconds_total"
        self._put(name, more, scope or event.reason)

    def _budget(self, event: events.BudgetMeasured) -> None:
        self._put("rate_limit_budget_requests", event.allowed)
        self._put("rate_limit_window_seconds", event.window_s)
        self._put("rate_limit_budget_ratio", event.used / event.allowed if event.allowed else 0.0)

    def _breaker(self, event: events.BreakerChanged) -> None:
        self._put("circuit_state", _BREAKERS.get(event.state, 2), event.target)
        self._put("circuit_transitions_total", 1, event.target, event.state)
        if event.state == "closed":
            self._open.discard(event.target)
        elif len(self._open) < METRICS["circuit_state"].most:
            self._open.add(event.target)

    def _close_breakers(self) -> None:
        """Each run has breakers of its own, closed at first."""
        for target in tuple(self._open):  # whoever tells it events from several threads may open another meanwhile
            self._put("circuit_state", 0, target)
        self._open.clear()

    # -- sinks, components

    def _sink_wrote(self, event: events.SinkWrote) -> None:
        self._put("sink_writes_total", 1, event.sink, "ok" if event.ok else "failed")
        self._put("sink_write_files_total", event.files, event.sink)
        self._put("sink_write_bytes_total", event.bytes, event.sink)
        self._put("sink_write_duration_seconds", event.seconds, event.sink)

    def _memory(self, event: events.MemoryMeasured) -> None:
        self._put("memory_bytes", event.bytes)
        self._tell_counts()  # it comes once a second

    def _disk(self, event: events.DiskMeasured) -> None:
        self._put("disk_free_bytes", event.free, event.place)
        self._put("disk_size_bytes", event.size, event.place)

    def _component(self, event: events.ComponentChanged) -> None:
        before = self._components.get(event.component)
        if before is not None:
            self._put("component_state", 0, event.component, before)
        self._put("component_state", 1, event.component, event.state)
        if before is not None or len(self._components) < METRICS["component_state"].most:
            self._components[event.component] = event.state
