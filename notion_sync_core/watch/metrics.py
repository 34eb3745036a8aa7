"""Every metric there is: its name, its kind, its labels, and how many different ones of them it may have.

Names and units are those of Prometheus: base units, counters end in ``_total``, gauges of time in
``_timestamp_seconds``; each exporter adds its prefix. What a label may say is bounded for each metric: the label sets
that come first are kept, and whatever comes later is counted as :data:`OTHER`. No label holds an id or a title.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from notion_sync_core.errors import Exit

OTHER = "other"
"""In place of labels beyond the bound."""
PREFIX = "notion_sync_"
"""Before each name, where Prometheus reads it."""
OUTCOMES = ("ok", "partial", "failed", "guard", "locked", "unauthorised", "interrupted")
"""How a run may end."""
PAGES = ("read", "unchanged", "failed", "unreadable")
"""How it may go with a page or a database: together these are all that were discovered."""

CHANGES = ("created", "updated", "moved", "deleted")
"""What may happen to the files of a page or a database."""
_ENDS = {
    Exit.LOCKED: "locked",
    Exit.GUARD: "guard",
    Exit.NOT_AUTHORISED: "unauthorised",
    Exit.LIMIT: "interrupted",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "interrupted",
}
FILES = ("written", "unchanged", "moved", "deleted")
ASSETS = ("downloaded", "unchanged", "failed")


def outcome_of(status: str, exit_status: int) -> str:
    """One of :data:`OUTCOMES`, of a report's status and the exit status that it stands for."""
    if status == "complete":
        return "ok"
    return "partial" if status == "partial" else _ENDS.get(Exit(exit_status), "failed")


@frozen
class Metric:
    """One metric, whoever keeps its numbers."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    help: str
    labels: tuple[str, ...] = ()
    most: int = 1
    """So many different label sets are kept apart."""
    buckets: tuple[float, ...] = ()
    """Upper bounds, of a histogram."""
    zeros: tuple[tuple[str, ...], ...] = ()
    """Label sets that are there from the start, so that their first rise is seen."""
    lasts: bool = False
    """A gauge that says what an earlier run left, and not how things stand just now."""

    @property
    def series(self) -> int:
        """Time series it makes at most."""
        sets = self.most + 1 if self.labels else 1
        return sets * (len(self.buckets) + 3) if self.kind == "histogram" else sets


def _counter(name: str, text: str, labels: tuple[str, ...] = (), most: int = 1, zeros: tuple[str, ...] = ()) -> Metric:
    starts = tuple((each,) for each in zeros) if labels else ((),)
    return Metric("counter", name, text, labels, most, zeros=starts)


def _gauge(name: str, text: str, labels: tuple[str, ...] = (), most: int = 1) -> Metric:
    return Metric("gauge", name, text, labels, most)


def _lasting(name: str, text: str) -> Metric:
    return Metric("gauge", name, text, lasts=True)


def _histogram(name: str, text: str, labels: tuple[str, ...], most: int, buckets: tuple[float, ...]) -> Metric:
    return Metric("histogram", name, text, labels, most, buckets)


_RUN_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0)
_REQUEST_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WRITE_S = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CALL_S = (0.001, 0.01, 0.1, 1.0, 10.0, 60.0)

_ALL = (
    # -- runs
    _gauge(
        "build_info", "1, by the version of the program and that of its plugin interface.", ("version", "api_version")
    ),
    _gauge("run_info", "1 for the mode of the run that goes on, or of the last one.", ("mode",), 8),
    _gauge("running", "1 while a run goes on."),
    _counter("runs_total", "Runs that ended, by how.", ("outcome",), len(OUTCOMES), OUTCOMES),
    _histogram("run_duration_seconds", "How long runs took, by how they ended.", ("outcome",), len(OUTCOMES), _RUN_S),
    _histogram("stage_duration_seconds", "How long stages of runs took.", ("stage",), 6, _RUN_S),
    _lasting("first_run_timestamp_seconds", "When the first run began that these numbers know of."),
    _lasting("last_run_timestamp_seconds", "When the last run ended, in whatever way."),
    _lasting("last_success_timestamp_seconds", "When the last run ended that read everything and finished whole."),
    _lasting("covered_timestamp_seconds", "When the last such run began: all edits before then are in the sinks."),
    _gauge("sync_lag_seconds", "How old the sinks may be: since covered_timestamp_seconds."),
    _gauge("run_interval_seconds", "How often runs are meant to be."),
    _lasting(
        "last_run_exit_status",
        "Exit status of the last run of everything, or of a later one that failed; 3: objects failed.",
    ),
    _lasting("last_run_failures", "What failed in that run: objects, and files beside them."),
    _lasting("consecutive_partial_runs", "Runs of everything in a row that ended with failed objects."),
    _counter("passes_total", "Times that a run which still read wrote what it had."),
    _counter("checkpoints_total", "Times that all so far was made durable."),
    _gauge("last_checkpoint_timestamp_seconds", "When all so far was last made durable, or the run began."),
    _gauge("last_checkpoint_duration_seconds", "How long that took."),
    _gauge("checkpoint_age_seconds", "Seconds since last_checkpoint_timestamp_seconds while a run goes on, else 0."),
    # -- objects
    _gauge("run_pages", "Pages and databases of the run that goes on, or of the last one.", ("outcome",), 8),
    _counter("pages_total", "Pages and databases at the end of each run.", ("outcome",), 4, PAGES),
    _counter(
        "page_changes_total",
        "Pages and databases whose files were made, made again, moved or deleted.",
        ("outcome",),
        4,
        CHANGES,
    ),
    _counter(
        "files_total",
        "Files at the end of each run.",
        ("outcome",),
        4,
        FILES,
    ),
    _gauge("stale_files", "Files that stand for nothing any more and were left, by the last run."),
    _gauge("kept_edits", "Files that somebody edited and that were left, by the last run."),
    _counter(
        "assets_total",
        "Files that documents refer to.",
        ("outcome",),
        3,
        ASSETS,
    ),
    _counter("asset_bytes_total", "Bytes of files that were downloaded."),
    _counter("warnings_total", "Warnings."),
    _gauge("pending_items", "Objects that still have to be read, or written.", ("stage",), 2),
    # -- requests
    _counter(
        "api_requests_total",
        "Requests to the service that is read.",
        ("endpoint", "status_class", "source"),
        100,
    ),
    _histogram(
        "api_request_duration_seconds",
        "How long they took.",
        ("endpoint",),
        20,
        _REQUEST_S,
    ),
    _counter("other_requests_total", "Requests to other hosts: files, and sinks.", ("status_class",), 8),
    _counter("retries_total", "Requests that failed and were made again.", ("layer", "reason"), 24),
    _counter("given_up_total", "Requests that failed for the last time.", ("layer", "reason"), 24),
    _counter("rate_limited_total", "Answers that asked for silence.", ("layer",), 2, ("source", "other")),
    _counter(
        "rate_limit_wait_seconds_total",
        "Seconds without requests: our own budget, or the service's limit.",
        ("scope",),
        2,
        ("budget", "service"),
    ),
    _counter("retry_wait_seconds_total", "Seconds that some request waited for another try.", ("reason",), 4),
    _gauge("rate_limit_budget_ratio", "Share of the request budget that is taken, by all who share it."),
    _gauge("rate_limit_budget_requests", "Requests allowed in a window; 0: no limit of ours."),
    _gauge("rate_limit_window_seconds", "How long that window is."),
    _gauge("circuit_state", "Of the breaker to a host: 0 closed, 1 half open, 2 open.", ("target",), 16),
    _counter("circuit_transitions_total", "Times that a breaker changed.", ("target", "to"), 48),
    # -- sinks
    _counter("sink_writes_total", "Batches of files brought into a sink.", ("sink", "outcome"), 16),
    _counter("sink_write_files_total", "Files brought into a sink.", ("sink",), 8),
    _counter("sink_write_bytes_total", "Bytes brought into a sink.", ("sink",), 8),
    _histogram("sink_write_duration_seconds", "How long a batch took.", ("sink",), 8, _WRITE_S),
    _counter("sink_failures_total", "Times that a sink could no longer be used in a run.", ("sink",), 8),
    # -- the process
    _gauge("queue_depth", "What waits between two parts of a run.", ("stage",), 6),
    _gauge("memory_bytes", "What the process holds of the machine's memory."),
    _gauge("disk_free_bytes", "Free space where state and sinks lie.", ("place",), 10),
    _gauge("disk_size_bytes", "All space there.", ("place",), 10),
    _gauge("component_state", "1 for the state that a component is in.", ("component", "state"), 56),
    _gauge("health_check_state", "Of a health check: 0 pass, 1 warn, 2 fail.", ("check",), 24),
    _counter(
        "guard_trips_total",
        "Runs that a guard stopped before harm.",
        ("guard",),
        8,
        ("max_delete", "missing", "empty sink"),
    ),
    # -- plugins
    _counter("plugin_errors_total", "Times that a plugin failed.", ("plugin", "hook"), 24),
    _histogram(
        "plugin_call_duration_seconds",
        "How long hooks took that are called a few times a run.",
        ("plugin", "hook"),
        24,
        _CALL_S,
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
"""By name."""
