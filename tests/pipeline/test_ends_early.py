"""A run ends at its next safe point when a program asks it to, or when its sinks are no longer its own."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core import passes
from notion_sync_core.clock import Stop, SystemClock
from notion_sync_core.errors import Exit, Interrupted, LockedError, NotionSyncError, SinkError
from notion_sync_core.events import Event, ObjectRead, ObjectWritten, SinkWrote
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugin import hookimpl
from notion_sync_fs.sink import FileSystemSink


@pytest.mark.parametrize("happens", [ObjectRead, ObjectWritten, SinkWrote])
def test_a_stop_with_a_reason_ends_reading_rendering_and_writing(bench: Bench, happens: type[Event]) -> None:
    stop, read = Stop(), 0

    def heard(event: Event) -> None:
        nonlocal read
        read += isinstance(event, ObjectRead)
        if isinstance(event, happens):
            stop.request(15, "the lease of this turn is over")

    report = run(bench.job(), Options(mode="sync"), (heard,), SystemClock(stop))
    assert isinstance(report.error, Interrupted)
    assert report.exit_code == Exit.TERMINATED
    assert "the lease of this turn is over" in report.error.message
    if happens is ObjectRead:
        assert read < len(bench.space.pages)
    else:
        assert not (bench.out / ".notion-sync" / "manifest.jsonl").exists()
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_the_first_reason_counts() -> None:
    stop = Stop()
    with stop.within() as inner:
        stop.request(15, "first")
        stop.request(2, "second")
        with inner.within() as innermost:
            assert (inner.requested, inner.reason) == (15, "first")
            assert (innermost.requested, innermost.reason) == (15, "first")


def test_a_stop_without_a_reason_says_none() -> None:
    assert Interrupted(2).message == "stopped before the end"


LOST = LockedError("another run writes here by now", "Let it finish.")


def lose(monkeypatch: pytest.MonkeyPatch, place: str, after: int, error: NotionSyncError = LOST) -> None:
    """The sink there is this run's no more, after so many looks at it."""
    monkeypatch.setattr(passes, "LOOK_AT_LOCKS_S", 0.0)
    real, calls = FileSystemSink.sink_flush, [0]

    @hookimpl
    def sink_flush(self: FileSystemSink) -> None:
        if self.location.endswith(place):
            calls[0] += 1
            if calls[0] > after:
                raise error
        real(self)

    monkeypatch.setattr(FileSystemSink, "sink_flush", sink_flush)


def test_a_run_whose_sink_is_lost_stops_reading(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, "out", after=3)
    report = bench.run("sync", performance__workers=1)
    assert report.exit_code == Exit.LOCKED
    assert 0 < bench.requests() < 30
    assert not list(bench.out.glob("*.md"))
    monkeypatch.undo()
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_where_one_of_two_sinks_fails_the_reading_goes_on_for_the_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"fs": bench.out, "second": bench.folder / "second"}
    both: dict[str, Any] = {
        "export__sinks": [{"use": "fs", "name": name, "path": str(to), "fsync": False} for name, to in places.items()]
    }
    lose(monkeypatch, "second", 3, SinkError("the second disk is gone"))
    report = bench.run("sync", **both)
    assert report.exit_code == Exit.SINK
    assert report.error is not None
    assert report.error.sink == "second"
    monkeypatch.undo()
    assert tree(bench.out) == bench.fresh()
    bench.good(**both)
    assert tree(bench.folder / "second") == tree(bench.out)


def test_locks_are_looked_at_every_few_seconds_only(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "LOOK_AT_LOCKS_S", 3600.0)
    looks: list[str] = []
    real = FileSystemSink.sink_flush

    @hookimpl
    def sink_flush(self: FileSystemSink) -> None:
        looks.append("look")
        real(self)

    monkeypatch.setattr(FileSystemSink, "sink_flush", sink_flush)
    bench.good()
    rarely = len(looks)
    looks.clear()
    monkeypatch.setattr(passes, "LOOK_AT_LOCKS_S", 0.0)
    bench.run("sync", options={"full": True})
    assert len(looks) > rarely
