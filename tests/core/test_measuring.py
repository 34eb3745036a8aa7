"""Measurements of events, whoever tells them."""

from __future__ import annotations

from notion_sync_core.events import BreakerChanged, Event, RunStarted
from notion_sync_core.plugin import Measuring, Metric, SystemClock


def test_a_breaker_that_opens_while_those_of_the_last_run_are_closed_is_no_fault() -> None:
    meanwhile: list[Event] = []
    told: list[tuple[float, tuple[str, ...]]] = []

    def record(metric: Metric, value: float, labels: tuple[str, ...]) -> None:
        if metric.name == "circuit_state":
            told.append((value, labels))
            if meanwhile:
                measuring(meanwhile.pop())

    measuring = Measuring(record, SystemClock())
    measuring(BreakerChanged("one.example", "open"))
    meanwhile.append(BreakerChanged("other.example", "open"))  # as another thread would
    told.clear()
    measuring(RunStarted("job", "sync", 0))
    assert told[0] == (0, ("one.example",))
