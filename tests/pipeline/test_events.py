"""Every event there is comes from some real run, and stands in the reference with each of its fields."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from conftest import Bench
from events_reference import documented, kinds, reference
from notion_sync_core import events
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import SinkError
from notion_sync_core.events import Event
from notion_sync_core.pipeline import Options, run
from notion_sync_core.preview import preview
from notion_sync_core.report import Report
from notion_sync_core.testing import FakeClock
from notion_sync_demo import Fault
from notion_sync_demo.build import block
from pipeline.test_sync import page_id
from pipeline.test_two_sinks import both, break_second

DOCS = Path(__file__).parent.parent.parent / "docs" / "events.md"
"""Its reference is written anew with EVENTS=write."""
_BEGIN, _END = "<!-- reference -->\n", "<!-- end of the reference -->\n"


class Ear:
    """Hears runs."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.heard: list[Event] = []

    def run(
        self, command: str = "sync", *, clock: Any = None, also: Any = (), mode: str = "sync", **given: Any
    ) -> Report:
        options = Options(mode=mode, command=command)
        return run(self.bench.job(**given), options, (self.heard.append, *also), clock or FakeClock())

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.heard if type(event) is kind]

    def one(self, kind: type[Any], **expected: Any) -> Any:
        """The event of this kind that has these values."""
        for event in self.of(kind):
            if all(getattr(event, name) == value for name, value in expected.items()):
                return event
        raise AssertionError(f"no {kind.__name__} with {expected} among {self.of(kind)}")


@pytest.fixture
def ear(bench: Bench) -> Ear:
    return Ear(bench)


def first_export(ear: Ear) -> None:
    report = ear.run(performance__requests=1000, export__publish_every_s=1e-9, clock=SystemClock())
    assert report.error is None
    began, ended = ear.one(events.RunStarted), ear.one(events.RunFinished)
    assert (began.job, began.run_id, began.mode) == (ended.job, ended.run_id, "sync")
    assert ended.report == report.to_json()
    assert ear.heard.index(ear.one(events.CommandStarted, command="sync")) < ear.heard.index(began)
    assert ear.heard[-1] == events.CommandFinished("sync", 0, report.seconds)
    assert sum(each.objects for each in ear.of(events.StageFinished) if each.stage == "read") == report.objects.read
    assert sum(each.files for each in ear.of(events.SinkWrote)) >= report.artifacts.written
    assert {each.endpoint for each in ear.of(events.RequestFinished)} >= {"search", "blocks/{id}/children", "files"}
    assert {each.status_class for each in ear.of(events.RequestFinished)} == {"2xx"}
    budget = ear.one(events.BudgetMeasured, allowed=1000)
    assert 0 < budget.used <= 1000
    assert ear.of(events.MemoryMeasured)[0].bytes > 10_000_000
    assert "created" in {each.outcome for each in ear.of(events.ObjectWritten)}
    assert {"source_workspace", "sink_open", "sink_flush"} <= {each.hook for each in ear.of(events.PluginCalled)}
    assert ear.of(events.PassPublished)
    assert ear.of(events.AssetDownloaded)
    assert sum(each.count for each in ear.of(events.CheckpointSaved)) > 1
    ear.one(events.QueueMeasured, stage="read")
    ear.one(events.ComponentChanged, component="run", state="stopped", reason="complete")


def changes(ear: Ear) -> None:
    ear.bench.good()
    ear.bench.space.append_block(page_id(ear.bench, "Safety"), block("paragraph", "More"))
    ear.bench.space.rename(page_id(ear.bench, "Workshop"), "The big workshop")
    ear.bench.space.trash(page_id(ear.bench, "Bell"))
    ear.bench.space.unshare(page_id(ear.bench, "Weekly meeting"))
    ear.run()
    moved = [each for each in ear.of(events.ObjectMoved) if each.old.endswith("Workshop.md")]
    assert [each.new for each in moved] == [moved[0].old.replace("Workshop.md", "The big workshop.md")]
    assert {each.outcome for each in ear.of(events.ObjectWritten)} == {"updated"}
    assert ear.of(events.ObjectUnchanged)
    assert any(each.path.endswith("Bell.md") for each in ear.of(events.ObjectDeleted))
    assert ear.of(events.Warned)


def a_shaky_service(ear: Ear) -> None:
    ear.bench.space.unshare(page_id(ear.bench, "Weekly meeting"))
    page = page_id(ear.bench, "Safety")
    ear.bench.emulator.faults.add(Fault("429", times=1, retry_after="40", path="/v1/search"))
    ear.bench.emulator.faults.add(Fault("500", path=f"/v1/blocks/{page}/children"))
    ear.bench.emulator.faults.add(Fault("404", path="/files/.*bell.wav"))
    ear.run(performance__max_attempts=2, performance__breaker_threshold=1)
    failed = ear.one(events.ObjectFailed, id=page)
    assert (failed.cause, failed.attempts, failed.next) == ("RetryableError", 2, "the next run tries it first")
    assert failed.request_id
    tries = [each for each in ear.of(events.RequestFailed) if each.status == 500]
    assert [(each.endpoint, each.attempt, each.next, each.cause) for each in tries] == [
        ("blocks/{id}/children", 1, "retry", "HTTP 500"),
        ("blocks/{id}/children", 2, "give up", "HTTP 500"),
    ]
    assert tries[0].wait_s > 0
    ear.one(events.RequestFailed, cause="rate limit", next="retry")
    assert {"4xx", "5xx", "2xx"} <= {each.status_class for each in ear.of(events.RequestFinished)}
    ear.one(events.BreakerChanged, state="open")
    ear.one(events.Waited, seconds=40.0, reason="rate limit")
    ear.one(events.ComponentChanged, component="source", state="degraded")
    ear.one(events.HealthChanged, check="source", verdict="warn")
    ear.one(events.HealthChanged, check="source", verdict="pass")
    assert ear.of(events.AssetFailed)


def a_guard(ear: Ear) -> None:
    ear.bench.good()
    shutil.rmtree(ear.bench.out)
    assert ear.run().exit_code == 8
    refused = ear.one(events.GuardRefused, guard="empty sink")
    assert "is its disk mounted?" in refused.reason
    assert ear.one(events.ComponentChanged, component="run", state="failed").reason.startswith("failed: ")


def a_broken_sink(ear: Ear) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_second(patch, "sink_commit", 3, SinkError("the second disk is broken", "Mend it."))
        ear.run(**both(ear.bench))
    [lost] = ear.of(events.SinkFailed)
    assert (lost.sink, lost.reason, lost.next) == (
        "second", "the second disk is broken", "the others are finished without it",
    )  # fmt: skip
    ear.one(events.SinkWrote, sink="second", ok=False)
    ear.one(events.ComponentChanged, component="sink second", state="failed")


def the_only_sink_breaks(ear: Ear) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_second(patch, "sink_open", 0, SinkError("the disk is broken", "Mend it."))
        ear.run(to=ear.bench.folder / "second")
    ear.one(events.SinkFailed, sink="fs", next="the run stops")


def a_broken_listener(ear: Ear) -> None:
    ear.run(also=(lambda event: 1 / 0,))
    [told] = ear.of(events.PluginFailed)
    assert (told.hook, told.next) == ("on_event", "it is called again for the next event")
    ear.one(events.ComponentChanged, component="listeners", state="degraded")


def a_signal(ear: Ear) -> None:
    clock = SystemClock()

    def stop(event: Event) -> None:
        if isinstance(event, events.ObjectRead):
            clock.stop(15)

    assert ear.run(clock=clock, also=(stop,)).exit_code == 143
    ear.one(events.CommandInterrupted, signal="SIGTERM")
    ear.one(events.CommandFinished, exit_code=143)


def a_plan(ear: Ear) -> None:
    preview(ear.bench.job(), (ear.heard.append,), FakeClock())
    ear.one(events.RunStarted, mode="plan")
    assert ear.one(events.StageFinished, stage="look").objects == len(ear.of(events.ObjectDiscovered)) > 0


PROVOKED: tuple[Callable[[Ear], None], ...] = (
    *(first_export, changes, a_shaky_service, a_guard, a_broken_sink, the_only_sink_breaks),
    *(a_broken_listener, a_signal, a_plan),
)
FROM: dict[str, set[str]] = {
    "first_export": {
        *("RunStarted", "StageStarted", "StageFinished", "ObjectDiscovered", "ObjectRead", "ObjectWritten"),
        *("CheckpointSaved", "PassPublished", "RunFinished", "CommandStarted", "CommandFinished", "ComponentChanged"),
        *("RequestsBegan", "RequestFinished", "SinkWrote", "QueueMeasured", "MemoryMeasured", "BudgetMeasured"),
        *("PluginCalled", "AssetDownloaded", "DiskMeasured"),
    },
    "changes": {"ObjectMoved", "ObjectDeleted", "ObjectUnchanged", "Warned"},
    "a_shaky_service": {
        *("ObjectFailed", "RequestFailed", "AssetFailed", "BreakerChanged", "Waited", "HealthChanged"),
        "ObjectUnreadable",
    },
    "a_guard": {"GuardRefused"},
    "a_broken_sink": {"SinkFailed"},
    "a_broken_listener": {"PluginFailed"},
    "a_signal": {"CommandInterrupted"},
}
"""What each provoked run must show; together all there is."""
BY_WHO_RUNS_JOBS = {"RunScheduled"}
"""Told between runs: ``tests/plugins/test_serve_service.py``."""


@pytest.mark.parametrize("provoked", PROVOKED, ids=lambda each: each.__name__)
def test_a_run_tells_what_happens_to_it(ear: Ear, provoked: Callable[[Ear], None]) -> None:
    provoked(ear)
    seen = {type(event).__name__ for event in ear.heard}
    assert FROM.get(provoked.__name__, set()) <= seen


def test_no_event_is_left_that_no_run_tells() -> None:
    assert set().union(*FROM.values(), BY_WHO_RUNS_JOBS) == {kind.__name__ for kind in kinds()}
    assert set(FROM) <= {each.__name__ for each in PROVOKED}


def test_every_event_and_field_is_in_the_reference() -> None:
    text = DOCS.read_text("utf-8")
    head, rest = text.split(_BEGIN)
    made = "\n".join(reference())
    if os.environ.get("EVENTS") == "write":
        text = f"{head}{_BEGIN}\n{made}\n{_END}{rest.split(_END)[1]}"
        DOCS.write_text(text, "utf-8")
    assert text == f"{head}{_BEGIN}\n{made}\n{_END}{rest.split(_END)[1]}"
    for kind in kinds():
        assert f"**`{kind.__name__}`**" in made
        assert set(documented(kind)) == {each.name for each in attrs.fields(kind)}


def test_an_unchanged_object_costs_two_events_as_ever(ear: Ear) -> None:
    ear.bench.good()
    report = ear.run()
    each = [event for event in ear.heard if hasattr(event, "id")]
    assert len(each) == 2 * report.objects.discovered
    assert len(ear.heard) - len(each) < 60
