"""What watches over a run: a plugin that does not come back is told, wherever that is safe."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from time import monotonic
from typing import Any

import pytest

from notion_sync_core.config import Config
from notion_sync_core.config.tree import PerformanceConfig
from notion_sync_core.errors import PluginError
from notion_sync_core.events import Event, MemoryMeasured, PluginCalled, PluginFailed, Waited
from notion_sync_core.plugins.hooks import single
from notion_sync_core.plugins.hookspecs import hookimpl
from notion_sync_core.supervision import watched
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch import sampler
from notion_sync_core.watch.bus import Bus
from notion_sync_core.watch.sampler import Checkpoints, Sampler

IMPATIENT = Config(performance=PerformanceConfig(plugin_timeout_s=0.02))


class Slow:
    def names(self) -> str:
        return "slow"


@pytest.mark.parametrize("logs", [False, True])
def test_a_renderer_that_hangs_is_told_before_whoever_leaves_because_of_it(
    logs: bool, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []
    done = threading.Event()
    left: list[PluginError] = []

    def leave(error: PluginError) -> None:
        left.append(error)
        done.set()

    class Done(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            done.set()

    logger, handler = logging.getLogger("notion_sync_core.supervision"), Done()
    logger.addHandler(handler)
    with ExitStack() as stack:
        watches = watched(IMPATIENT, Bus((heard.append,)), stack, None if logs else leave, patient=False)
        watches.renderers.busy[1] = (Slow(), "render_document", monotonic() - 1)
        assert done.wait(30)
    logger.removeHandler(handler)
    [told] = [each for each in heard if isinstance(each, PluginFailed)]
    assert (told.plugin, told.hook, told.next) == ("slow", "render_document", "the run stops")
    assert [error.message for error in left] == ([] if logs else [told.reason])
    assert ("plugin slow hangs in render_document" in caplog.text) is logs


def test_a_wait_that_is_announced_is_a_sign_of_life() -> None:
    bus = Bus()
    with ExitStack() as stack:
        watches = watched(IMPATIENT, bus, stack, None, patient=True)
        now = monotonic()
        watches.outside.busy[1] = (Slow(), "source_read", now - 50)
        bus.publish(Waited(100.0, "rate limit"))
        assert watches.outside.busy[1][2] >= now + 100


def test_only_hooks_that_are_called_rarely_are_timed_also_when_they_fail() -> None:
    class Sink:
        @hookimpl
        def sink_flush(self) -> None:
            raise RuntimeError("full")

        @hookimpl
        def sink_stat(self, path: str) -> None:
            """Called for each file."""

    heard: list[Event] = []
    bus = Bus((heard.append,))
    with ExitStack() as stack:
        watches = watched(IMPATIENT, bus, stack, None, patient=True)
        hooks = single(Sink(), "box", watches.outside)
        hooks.call("sink_stat", path="x")
        with pytest.raises(PluginError) as raised:
            hooks.call("sink_flush")
    assert (raised.value.plugin, raised.value.hook) == ("box", "sink_flush")
    [told] = [each for each in heard if isinstance(each, PluginCalled)]
    assert (told.plugin, told.hook) == ("box", "sink_flush")


# -- measurements


def test_measurements_come_at_most_once_a_second() -> None:
    clock, heard = FakeClock(), []
    measures = Sampler(clock, heard.append)
    measures.add(lambda: None)
    for _ in range(35):
        measures.tick()
        clock.sleep(0.1)
    assert [type(each) for each in heard] == [MemoryMeasured] * 4


def test_where_nobody_tells_the_memory_it_is_the_most_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    now = sampler.memory()

    def refuse(*_: Any) -> int:
        raise FileNotFoundError

    monkeypatch.setattr(sampler.os, "open", refuse)
    assert sampler.memory() >= now // 2 > 1_000_000


def test_every_checkpoint_is_counted_and_one_a_second_told() -> None:
    clock, heard = FakeClock(), []
    checkpoints = Checkpoints(clock, heard.append)
    for _ in range(10):
        checkpoints(lambda: clock.sleep(0.25))
    checkpoints.tell()
    checkpoints.tell()
    assert sum(each.count for each in heard) == 10
    assert len(heard) <= 4
    assert {each.seconds for each in heard} == {0.25}
