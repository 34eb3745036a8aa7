"""What OpenTelemetry's own variables ask for, and nothing where they name no endpoint.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from notion_sync_core.plugin import ConfigError, PluginError, __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_log = logging.getLogger(__name__)


@frozen
class Providers:
    """Where spans and measurements go; ``None``: nowhere."""

    tracers: TracerProvider | None
    meters: MeterProvider | None

    def flush(self, seconds: float) -> bool:
        """Send what was not sent yet, and wait no longer than so for it.

        The SDK's own time-outs do not hold (``BatchSpanProcessor.force_flush`` ignores its argument), hence a thread.

        :returns: whether all of it was tried in time.
        """
        thread = threading.Thread(target=self._flush, name="otel-flush", daemon=True)
        thread.start()
        thread.join(seconds)
        return not thread.is_alive()

    def _flush(self) -> None:
        try:
            if self.tracers is not None:
                self.tracers.force_flush()
            if self.meters is not None:
                self.meters.force_flush()
        except Exception as error:
            _log.warning("OpenTelemetry could not send what was measured: %s", error)


def check(environ: Mapping[str, str]) -> None:
    """Make sure that what is asked for can be done.

    :raises PluginError: the SDK is not installed.
    :raises ConfigError: another protocol is asked for.
    """
    try:
        for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"):
            importlib.import_module(name)
    except ImportError as error:
        raise PluginError(
            f"the listener otel needs the SDK of OpenTelemetry, which cannot be imported: {error}",
            "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
        ) from error
    for signal in ("TRACES_", "METRICS_", ""):
        name = f"OTEL_EXPORTER_OTLP_{signal}PROTOCOL"
        if environ.get(name, "http/protobuf") != "http/protobuf":
            raise ConfigError(
                f"{name} is {environ[name]!r}, and the listener otel speaks http/protobuf alone",
                f"Set {name}=http/protobuf and name an endpoint for it, usually port 4318.",
            )


def from_environment(environ: Mapping[str, str] | None = None) -> Providers:
    """The providers that the variables ask for."""
    environ = os.environ if environ is None else environ
    traces, metrics = _wants(environ, "TRACES"), _wants(environ, "METRICS")
    if not traces and not metrics:
        return Providers(None, None)
    spans, reader = _spans() if traces else None, _reader() if metrics else None
    return made(spans, reader)


def made(spans: SpanProcessor | None, reader: MetricReader | None) -> Providers:
    """Providers that give to these; they are shut down by nobody, as they hold nothing when a run is over."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.trace import TracerProvider

    resource, tracers, meters = _resource(), None, None
    if spans is not None:
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(spans)
    if reader is not None:
        meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    return Providers(tracers, meters)


def _wants(environ: Mapping[str, str], signal: str) -> bool:
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environ.get(f"OTEL_{signal}_EXPORTER", "otlp") != "otlp":
        return False
    return bool(environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") or environ.get(_ENDPOINT))


def _resource() -> Resource:
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    own = Resource.create({"service.name": "notion-sync", "service.version": __version__})
    return own.merge(OTELResourceDetector().detect())  # what the user calls it wins


def _spans() -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())


def _reader() -> MetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    return PeriodicExportingMetricReader(OTLPMetricExporter())
