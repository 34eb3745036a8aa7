"""Sends a run's trace and its numbers by OTLP."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, field, frozen

from notion_sync_core.plugin import Clock, Event, Measuring, Metric, RunFinished, SystemClock, hookimpl
from notion_sync_otel.providers import Providers, check, from_environment
from notion_sync_otel.trace import Trace

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

_EARLY = 1000
"""Events that may come before it is known which job it is."""
_UNITS = {"_seconds": "s", "_bytes": "By", "_ratio": "1"}
_log = logging.getLogger(__name__)


def _share(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"a number from 0 to 1 ({attribute.name})")


def _positive(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if value <= 0:
        raise ValueError(f"a number above 0 ({attribute.name})")


@frozen(eq=False)
class OtelListener:
    """Traces and metrics by OTLP over HTTP, as the variables OTEL_* say. Its attributes are the keys of
    ``[plugins.otel]``.

    Where no endpoint is named nothing is sent, and nothing is kept.
    """

    sample: float = field(default=0.05, validator=_share)
    """Share of requests and writes that become spans; those that fail always do."""
    flush_s: float = field(default=5.0, validator=_positive)
    """Seconds that the end of a run waits for what was not sent yet."""
    _clock: Clock = field(factory=SystemClock, init=False, repr=False)
    _sender: _Sender = field(init=False, repr=False)

    @_sender.default
    def _make_sender(self) -> _Sender:
        check(os.environ)
        return _Sender(self._clock, self.sample)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """See the hook."""
        self._sender.take(event)
        if isinstance(event, RunFinished) and not self._sender.providers.flush(self.flush_s):
            _log.warning("OpenTelemetry's endpoint did not take everything within %g s; the rest is lost", self.flush_s)


@define
class _Sender:
    """Spans and numbers, from the first event on: whoever only looks at the configuration starts no threads."""

    _clock: Clock
    _share: float
    _ready: Providers | None = field(default=None, init=False)
    _trace: Trace | None = field(default=None, init=False)
    _numbers: Numbers | None = field(default=None, init=False)

    @property
    def providers(self) -> Providers:
        """What the environment asks for."""
        if self._ready is None:
            self.use(from_environment())
        assert self._ready is not None
        return self._ready

    def use(self, providers: Providers) -> None:
        """Send by these."""
        self._ready = providers
        if providers.tracers is not None:
            self._trace = Trace(providers.tracers.get_tracer("notion_sync"), self._clock, self._share)
        if providers.meters is not None:
            self._numbers = Numbers(providers.meters.get_meter("notion_sync"), self._clock)

    def take(self, event: Event) -> None:
        """Take in one event."""
        if self._ready is None:
            self.use(from_environment())
        if self._trace is not None:
            self._trace(event)
        if self._numbers is not None:
            self._numbers(event)


@define
class Numbers:
    """The numbers of one job, as instruments; what comes before its id is known is counted when it is."""

    _meter: Meter
    _clock: Clock
    _measuring: Measuring | None = field(default=None, init=False)
    _early: list[Event] = field(factory=list, init=False)
    _instruments: dict[str, Any] = field(factory=dict, init=False)
    _job: str = field(default="", init=False)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if self._measuring is not None:
            self._measuring(event)
            return
        if len(self._early) < _EARLY or isinstance(event, RunFinished):
            self._early.append(event)
        self._job = str(getattr(event, "job", ""))
        if self._job or isinstance(event, RunFinished):
            self._measuring = Measuring(self._record, self._clock)
            for each in self._early:
                self._measuring(each)
            self._early.clear()

    def _record(self, metric: Metric, value: float, labels: tuple[str, ...]) -> None:
        instrument = self._instruments.get(metric.name)
        if instrument is None:
            instrument = self._instruments[metric.name] = self._made(metric)
        attributes = {"job_id": self._job, **dict(zip(metric.labels, labels, strict=True))}
        if metric.kind == "counter":
            instrument.add(max(0.0, value), attributes)
        elif metric.kind == "gauge":
            instrument.set(value, attributes)
        else:
            instrument.record(value, attributes)

    def _made(self, metric: Metric) -> Any:
        bare = metric.name.removesuffix("_total")
        suffix = next((each for each in _UNITS if bare.endswith(each)), "")
        name, unit = f"notion_sync.{bare.removesuffix(suffix)}", _UNITS.get(suffix, "")
        if metric.kind == "counter":
            return self._meter.create_counter(name, unit, metric.help)
        if metric.kind == "gauge":
            return self._meter.create_gauge(name, unit, metric.help)
        buckets = metric.buckets
        return self._meter.create_histogram(name, unit, metric.help, explicit_bucket_boundaries_advisory=buckets)
