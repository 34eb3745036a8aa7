"""One job's numbers, in a registry of prometheus-client; they may go on from what an earlier process left."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from notion_sync_core.plugin import METRICS, Clock, Exposition, Measuring, Metric, PluginError

if TYPE_CHECKING:
    from prometheus_client import Counter, Gauge, Histogram
    from prometheus_client import Metric as Family
    from prometheus_client.samples import Sample

PREFIX = "notion_sync_"
JOB = "job_id"
"""The label of every number. ``job`` is what Prometheus itself calls what it scrapes."""
_Key = tuple[str, tuple[tuple[str, str], ...]]
"""A sample's name and labels."""


def library() -> Any:
    """prometheus-client, imported when it is needed.

    :raises PluginError: it is not installed.
    """
    try:
        import prometheus_client
        import prometheus_client.parser
    except ImportError as error:
        raise PluginError(
            f"the listener metrics needs prometheus-client, which cannot be imported: {error}",
            "pip install prometheus-client",
        ) from error
    return prometheus_client


class Numbers:
    """Feed :attr:`measuring` every event; :meth:`text` and :meth:`exposition` say what came of them.

    :raises PluginError: prometheus-client is not installed.
    """

    def __init__(self, clock: Clock) -> None:
        self._client = library()
        self._registry = self._client.CollectorRegistry()
        self._process = self._client.CollectorRegistry()
        self._client.ProcessCollector(registry=self._process)
        self._families: dict[str, Any] = {}
        self._children: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._making = threading.Lock()
        """Two threads may be the first to tell of a metric."""
        self._left: dict[str, Family] = {}
        """What an earlier process left: added to what this one counts."""
        self.measuring = Measuring(self.record, clock)

    def record(self, metric: Metric, value: float, labels: tuple[str, ...]) -> None:
        """Take one measurement."""
        child = self._children.get((metric.name, labels))
        if child is None:
            child = self._children[metric.name, labels] = self._child(metric, labels)
        if metric.kind == "counter":
            child.inc(max(0.0, value))
        elif metric.kind == "gauge":
            child.set(value)
        else:
            child.observe(value)

    def _child(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        # Made when there is something to tell: a gauge that nobody has set would say 0.
        with self._making:
            family = self._families.get(metric.name)
            if family is None:
                family = self._families[metric.name] = self._family(metric)
        return family.labels(*labels) if labels else family

    def _family(self, metric: Metric) -> Counter | Gauge | Histogram:
        given: dict[str, Any] = {"labelnames": metric.labels, "registry": self._registry}
        if metric.kind == "histogram":
            given["buckets"] = metric.buckets
        kind = {"counter": "Counter", "gauge": "Gauge", "histogram": "Histogram"}[metric.kind]
        made: Counter | Gauge | Histogram = getattr(self._client, kind)(PREFIX + metric.name, metric.help, **given)
        return made

    # -- what is told

    def text(self) -> bytes:
        """Every number but those of the process itself, in Prometheus' text format."""
        told: bytes = self._client.generate_latest(self)
        return told

    def exposition(self) -> Exposition:
        """Every number, for those who scrape the running process."""
        body = self.text() + self._client.generate_latest(self._process)
        return Exposition("text/plain; version=0.0.4; charset=utf-8", body)

    def collect(self) -> Iterator[Family]:
        """See prometheus-client's ``Collector``."""
        here = {family.name: family for family in self._registry.collect()}
        for family in (*here.values(), *(left for left in self._left.values() if left.name not in here)):
            yield self._told(family)
        for metric, value in self.measuring.ages():
            age = self._client.Metric(PREFIX + metric.name, metric.help, "gauge")
            age.add_sample(age.name, self._with_job({}), value)
            yield age

    def _told(self, family: Family) -> Family:
        told: Family = self._client.Metric(family.name, family.documentation, family.type)
        values: dict[_Key, float] = {}
        for sample in (*family.samples, *self._left_of(family)):
            if not sample.name.endswith("_created"):
                key = sample.name, tuple(sorted(sample.labels.items()))
                values[key] = values.get(key, 0.0) + sample.value
        for (name, labels), value in values.items():
            told.add_sample(name, self._with_job(dict(labels)), value)
        return told

    def _left_of(self, family: Family) -> list[Sample]:
        left = self._left.get(family.name)
        return left.samples if left is not None and left is not family else []

    def _with_job(self, labels: dict[str, str]) -> dict[str, str]:
        return {JOB: self.measuring.job, **labels} if self.measuring.job else labels

    # -- what was left

    def resume(self, text: str, job: str) -> bool:
        """Go on from what an earlier process of this job wrote.

        :param job: its id; empty: it is not known, and whosever the numbers are, they are taken for ours.
        :returns: whether they were of this job, or of none.
        """
        try:
            families = list(self._client.parser.text_string_to_metric_families(text))
        except ValueError:
            return False  # cut off by a full disk, or written by something else
        jobs = {sample.labels.get(JOB, "") for family in families for sample in family.samples} - {""}
        if len(jobs) > 1 or (job and jobs - {job}):
            return False
        self.measuring.job = job or next(iter(jobs), "")
        for family in families:
            self._take_over(family)
        return True

    def _take_over(self, family: Family) -> None:
        name = family.name.removeprefix(PREFIX)
        metric = METRICS.get(name) or METRICS.get(f"{name}_total")
        if metric is None or metric.kind != family.type or (metric.kind == "gauge" and not metric.lasts):
            return
        bounds = {sample.labels["le"] for sample in family.samples if "le" in sample.labels}
        if metric.kind == "histogram" and bounds != {_bound(each) for each in (*metric.buckets, math.inf)}:
            return
        left = self._client.Metric(family.name, metric.help, metric.kind)
        for sample in family.samples:
            plain = {label: value for label, value in sample.labels.items() if label not in (JOB, "le")}
            if set(plain) != set(metric.labels) or not 0 <= sample.value < math.inf:
                continue
            labels = self.measuring.resume(metric.name, sample.value, tuple(plain[each] for each in metric.labels))
            if metric.kind != "gauge":
                kept = dict(zip(metric.labels, labels, strict=True))
                kept |= {"le": sample.labels["le"]} if "le" in sample.labels else {}
                left.add_sample(sample.name, kept, sample.value)
        if left.samples:
            self._left[family.name] = left


def _bound(value: float) -> str:
    return "+Inf" if value == math.inf else repr(value)
