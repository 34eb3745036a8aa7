"""A run as a trace: the run, its stages, and some of its requests and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from notion_sync_core.plugin import (
    Clock,
    Event,
    ObjectFailed,
    RequestFailed,
    RequestFinished,
    RunFinished,
    RunStarted,
    SinkWrote,
    StageFinished,
    StageStarted,
    Waited,
)

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AnyValue

_FAILED = ("4xx", "5xx", "none")
_MOST_FAILED = 1000
"""Requests of one run that failed and are all told; of further ones a share, as of the others."""


@define
class Trace:
    """Spans of one job's runs; feed it every event.

    :param share: of requests and writes that become spans of their own; those that fail do always.
    """

    _tracer: Tracer
    _clock: Clock
    _share: float
    _run: Span | None = field(default=None, init=False)
    _stages: dict[str, Span] = field(factory=dict, init=False)
    _owed: float = field(default=0.0, init=False)
    _failed: int = field(default=0, init=False)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case RunStarted():
                self._begin(event)
            case RunFinished():
                self._end(event)
            case StageStarted(stage):
                self._end_stage(stage)
                self._stages[stage] = self._span(stage)
            case StageFinished(stage):
                self._end_stage(stage)
            case RequestFinished():
                self._request(event)
            case SinkWrote():
                self._write(event)
            case RequestFailed() | Waited() | ObjectFailed():
                self._note(event)
            case _:
                pass

    def _begin(self, event: RunStarted) -> None:
        from opentelemetry.context import Context

        self._stages.clear()
        self._failed, self._owed = 0, 0.0
        attributes = {
            "notion_sync.job_id": event.job,
            "notion_sync.run_id": event.run_id,
            "notion_sync.mode": event.mode,
        }
        self._run = self._tracer.start_span("sync.run", Context(), attributes=attributes, start_time=self._now())

    def _end(self, event: RunFinished) -> None:
        from opentelemetry.trace import StatusCode

        if self._run is None:
            return
        for stage in list(self._stages):
            self._end_stage(stage)
        self._run.set_attribute("notion_sync.status", event.status)
        for name, number in event.report.get("objects", {}).items():
            self._run.set_attribute(f"notion_sync.objects.{name}", number)
        if event.status == "failed":
            self._run.set_status(StatusCode.ERROR)
        self._run.end(self._now())
        self._run = None

    def _end_stage(self, stage: str) -> None:
        if stage in self._stages:
            self._stages.pop(stage).end(self._now())

    def _request(self, event: RequestFinished) -> None:
        failed = not event.ok or event.status_class in _FAILED
        if self._is_told(failed):
            attributes = {
                "server.address": event.host,
                "url.template": event.endpoint,
                "notion_sync.status_class": event.status_class,
            }
            self._past("notion.request", event.seconds, attributes, failed=failed)

    def _write(self, event: SinkWrote) -> None:
        if self._is_told(not event.ok):
            attributes = {
                "notion_sync.sink": event.sink,
                "notion_sync.bytes": event.bytes,
                "notion_sync.files": event.files,
            }
            self._past("sink.write", event.seconds, attributes, failed=not event.ok)

    def _is_told(self, failed: bool) -> bool:
        if failed and self._failed < _MOST_FAILED:
            self._failed += 1
            return True
        self._owed += self._share
        if self._owed < 1:
            return False
        self._owed -= 1
        return True

    def _past(self, name: str, seconds: float, attributes: dict[str, Any], *, failed: bool) -> None:
        """A span of what is over."""
        from opentelemetry.trace import SpanKind, StatusCode

        if self._run is None:
            return
        span = self._span(name, attributes, before=seconds, kind=SpanKind.CLIENT)
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(self._now())

    def _span(self, name: str, attributes: dict[str, Any] | None = None, before: float = 0.0, **given: Any) -> Span:
        """A span within the stage that goes on, or the run."""
        from opentelemetry.context import Context
        from opentelemetry.trace import set_span_in_context

        parent = next(reversed(self._stages.values()), self._run)
        context = Context() if parent is None else set_span_in_context(parent, Context())
        start = self._now() - int(before * 1e9)
        return self._tracer.start_span(name, context, attributes=attributes, start_time=start, **given)

    def _note(self, event: RequestFailed | Waited | ObjectFailed) -> None:
        """What happened on the way; no title, and no text of others."""
        if self._run is None:
            return
        attributes: dict[str, AnyValue]
        match event:
            case RequestFailed():
                attributes = {"cause": event.cause, "endpoint": event.endpoint, "attempt": event.attempt}
                self._run.add_event(f"request failed: {event.next}", attributes, self._now())
            case Waited():
                self._run.add_event(f"wait: {event.reason}", {"seconds": event.seconds}, self._now())
            case ObjectFailed():
                self._run.add_event("object failed", {"id": event.id, "cause": event.cause}, self._now())

    def _now(self) -> int:
        return int(self._clock.now() * 1e9)
