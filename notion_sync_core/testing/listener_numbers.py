"""Checks of listeners: what they measured, for whoever scrapes the process or reads their file."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

from notion_sync_core.clock import SystemClock
from notion_sync_core.plugins.listener import Exposition
from notion_sync_core.testing.events import a_run, every_event, odd_events
from notion_sync_core.testing.examine import switching_often
from notion_sync_core.testing.listener_bench import PAPER, ListenerBench, measured
from notion_sync_core.testing.samples import Labels, is_counter, samples_of
from notion_sync_core.watch.measuring import Measuring
from notion_sync_core.watch.metrics import PREFIX, Metric

check = PAPER.check
JOB = "job_id"
"""The label of every number of ours."""
_BY_THE_CLOCK = ("_timestamp_", "_age_", "_lag_", "_wait_seconds_total", "_interval_")
"""In names of what a clock or an option says, and no event."""


@check("exposition")
def an_exposition_is_whole(bench: ListenerBench) -> None:
    """``exposition`` gives an :class:`Exposition` with a content type and bytes, before anything happened and after."""
    listener = bench.listener()
    for happened in ([], [*a_run()], [*every_event(), *odd_events()]):
        bench.tell(listener, happened)
        told = listener.exposition()
        assert isinstance(told, Exposition), "it gives no Exposition"
        assert isinstance(told.body, bytes), "the body of an Exposition is bytes"
        assert "/" in told.content_type, f"{told.content_type!r} is no media type"
        if "text/" in told.content_type:
            told.body.decode()


@check("exposition")
def an_exposition_follows_what_happened(bench: ListenerBench) -> None:
    """What it tells is other numbers after a run than before: somebody looks at them to see whether runs succeed."""
    listener = bench.listener()
    seen = [measured(listener)]
    for run in (1, 2):
        bench.tell(listener, a_run(2 + run, run=run))
        seen.append(measured(listener))
        assert seen[-1] - seen[-2], f"it tells nothing new after run {run}"


@check("exposition")
def an_exposition_may_be_asked_on_any_thread(bench: ListenerBench) -> None:
    """It is asked on the thread of a web server, while events go on."""
    listener = bench.listener()
    bench.tell(listener, a_run(1))
    with switching_often(), ThreadPoolExecutor(2) as pool:
        telling = pool.submit(lambda: [*map(listener, a_run(60, run=2)), *map(listener, a_run(60, run=3))])
        asking = pool.submit(lambda: [listener.exposition() for _ in range(40)])
        telling.result(60)
        assert all(asking.result(60)), "asked from another thread it tells nothing"


@check("exposition")
def an_exposition_can_be_read(bench: ListenerBench) -> None:
    """In Prometheus' text format each line is a sample or a comment, a name has one type, and a histogram adds up: its
    buckets grow to the one without bound, which is its count.
    """
    listener = bench.listener()
    bench.tell(listener, a_run(40))
    before = samples_of(listener.exposition())
    bench.tell(listener, [*every_event(), *odd_events()])
    samples = samples_of(listener.exposition())
    known = {(name, Labels({**labels, "le": ""})) for name, labels in before if name.endswith("_bucket")}
    new = [
        (name, labels["le"])
        for name, labels in samples.keys() - before.keys()
        if name.endswith("_bucket") and (name, Labels({**labels, "le": ""})) in known
    ]
    assert not new, f"{new[0][0] if new else ''} has a bucket {new[0][1] if new else ''} that was not there before"
    series: dict[tuple[str, Labels], dict[float, float]] = {}
    for (name, labels), value in samples.items():
        if name.endswith("_bucket"):
            assert "le" in labels, f"a bucket of {name} has no bound"
            others = Labels({key: each for key, each in labels.items() if key != "le"})
            series.setdefault((name.removesuffix("_bucket"), others), {})[float(labels["le"])] = value
    for (name, others), buckets in series.items():
        counts = [found for _, found in sorted(buckets.items())]
        assert counts == sorted(counts), f"the buckets of {name} do not grow: {counts}"
        whole = samples.get((f"{name}_count", others))
        assert buckets.get(float("inf")) == whole, f"the buckets of {name} end with {counts[-1]}, its count is {whole}"


@check("exposition")
def counts_count_on(bench: ListenerBench) -> None:
    """Counters never fall, and count the same again when the same happens again: two equal runs count twice what one
    does.
    """
    listener = bench.listener()
    seen: list[dict[tuple[str, Labels], float]] = []

    def look() -> None:
        told = samples_of(listener.exposition())
        seen.append({key: value for key, value in told.items() if is_counter(key[0])})

    for also in ((), (*every_event(),)):
        seen.clear()
        look()
        for run in range(1, 5):
            bench.tell(listener, [*also, *a_run(3, run=run)])
            look()
        pairs = itertools.pairwise(seen)
        _grow_alike([{key: after[key] - before.get(key, 0.0) for key in after} for before, after in pairs])


def _grow_alike(grown: list[dict[tuple[str, Labels], float]]) -> None:
    for one, two in itertools.pairwise(grown):
        for (name, labels), value in two.items():
            assert value >= 0, f"{name}{dict(labels)} falls by {-value:g}"
            last = one.get((name, labels), value)  # some things can be told from the second time on
            is_time = name.endswith(("_sum", "_seconds_total"))  # a clock of its own may say how long something took
            assert last == value or is_time, f"{name}{dict(labels)} counts {value:g} of what was {last:g}"


@check("exposition")
def what_is_called_as_ours_is_measured_as_ours(bench: ListenerBench) -> None:
    """Alerts and dashboards ask for ``notion_sync_…``: whoever tells a number by the name of a metric of ours tells
    what that metric says, with its labels and ``job_id``, as :class:`Measuring` takes it from the same events.
    """
    listener, measured_here = bench.listener(), _Sums()
    happened = [*a_run(3), *every_event(), *a_run(2, run=2)]
    measuring = Measuring(measured_here.record, SystemClock())
    bench.tell(listener, happened)
    for each in happened:
        measuring(each)
    for (name, labels), value in samples_of(listener.exposition()).items():
        if name.startswith(PREFIX) and not any(word in name for word in _BY_THE_CLOCK):
            assert labels.get(JOB) == "job", f"{name} does not say its job"
            key = name.removeprefix(PREFIX), without_job(labels)
            wanted = measured_here.values.get(key, 0.0)
            assert value == wanted, f"{name}{dict(labels)} is {value:g}, and what happened makes it {wanted:g}"


class _Sums:
    """Takes measurements as the samples that they are in Prometheus' text format."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, Labels], float] = {}

    def record(self, metric: Metric, value: float, labels: tuple[str, ...]) -> None:
        """Take one."""
        named = dict(zip(metric.labels, labels, strict=True))
        if metric.kind == "gauge":
            self.values[metric.name, Labels(named)] = value
        elif metric.kind == "counter":
            self._rise(metric.name, named, value)
        else:
            self._rise(f"{metric.name}_count", named, 1)
            self._rise(f"{metric.name}_sum", named, value)
            for bound in (*metric.buckets, math.inf):
                le = "+Inf" if bound == math.inf else repr(bound)
                self._rise(f"{metric.name}_bucket", {**named, "le": le}, float(value <= bound))

    def _rise(self, name: str, labels: dict[str, str], value: float) -> None:
        key = name, Labels(labels)
        self.values[key] = self.values.get(key, 0.0) + value


def without_job(labels: Labels) -> Labels:
    """Labels of a number but that of its job."""
    return Labels({name: each for name, each in labels.items() if name != JOB})
