"""Counts what a job does, for Prometheus."""

from __future__ import annotations

from typing import Any

import attrs
from attrs import field, frozen

from notion_sync_core.plugin import METRICS, Clock, Event, Exposition, FilePath, SystemClock, hookimpl
from notion_sync_metrics.numbers import Numbers
from notion_sync_metrics.text_file import TextFile, check_place


def _prom(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value and not value.endswith(".prom"):
        raise ValueError(f"a file that ends in .prom: the textfile collector reads no other ({attribute.name})")


def _positive(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if value <= 0:
        raise ValueError(f"a number above 0 ({attribute.name})")


@frozen(eq=False)
class MetricsListener:
    """Numbers for Prometheus. Its attributes are the keys of ``[plugins.metrics]``."""

    metrics_file: FilePath = field(default="", validator=_prom)
    """For node exporter's textfile collector; also ``monitoring.metrics_file``."""
    every_s: float = field(default=5.0, validator=_positive)
    """Seconds between two writes of that file while a run goes on."""
    interval_s: float = field(default=86400.0, validator=_positive)
    """How often runs are meant to be: the alert NotionSyncNoSuccess fires after two such intervals without success.
    Under ``serve`` the schedule says it."""
    _clock: Clock = field(factory=SystemClock, init=False, repr=False)
    _numbers: Numbers = field(init=False, repr=False)
    _file: TextFile | None = field(init=False, repr=False)

    @_numbers.default
    def _make_numbers(self) -> Numbers:
        numbers = Numbers(self._clock)
        numbers.record(METRICS["run_interval_seconds"], self.interval_s, ())
        return numbers

    @_file.default
    def _make_file(self) -> TextFile | None:
        if not self.metrics_file:
            return None
        return TextFile(check_place(self.metrics_file), self._numbers, self._clock, self.every_s)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """See the hook."""
        if self._file is None:
            self._numbers.measuring(event)
            return
        self._file.before(event)
        self._numbers.measuring(event)
        self._file.after(event)

    def exposition(self) -> Exposition:
        """What was counted so far; of the process too."""
        return self._numbers.exposition()
