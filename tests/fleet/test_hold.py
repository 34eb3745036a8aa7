"""The process of a turn ends by itself before anybody else can have its job."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from attrs import define, field

from notion_sync_core import Stop
from notion_sync_core.testing import FakeClock
from notion_sync_fleet.given import ENOUGH, Outcome, Task, until
from notion_sync_fleet.hold import LOST, Hold
from notion_sync_fleet.values import Turn


@define
class Held:
    """A hold, and whether the process was left."""

    clock: FakeClock = field(factory=FakeClock)
    stop: Stop = field(factory=Stop)
    left: list[int] = field(factory=list)
    hold: Hold = field(init=False)

    def __attrs_post_init__(self) -> None:
        now = self.clock.monotonic()
        self.hold = Hold(io.BytesIO(), self.stop, now + 24, 3, self.clock.monotonic, self.left.append)

    def at(self, seconds: float) -> None:
        self.clock.time += seconds
        self.hold.look()


@pytest.fixture
def held() -> Held:
    return Held()


def test_a_worker_that_says_nothing_more_has_its_turn_stopped_and_then_ended(held: Held) -> None:
    held.at(23.9)
    assert (held.stop.requested, held.left) == (0, [])
    assert held.hold.left() == pytest.approx(0.1)
    held.at(0.1)
    assert (held.stop.requested, held.left) == (15, [])
    held.at(2.9)
    assert held.left == []
    held.at(0.2)
    assert held.left == [LOST]


def test_what_the_worker_says_counts_whole_lines_and_forward_only(held: Held) -> None:
    now = held.clock.monotonic()
    line = until(now + 50)
    held.hold.hear(line[:5])
    assert held.hold.left() == 24
    held.hold.hear(line[5:] + until(now + 40))
    held.at(49)
    assert held.stop.requested == 0


def test_what_is_said_too_late_does_not_count(held: Held) -> None:
    held.at(25)
    held.hold.hear(until(held.clock.monotonic() + 100))
    held.at(3)
    assert held.left == [LOST]


def test_a_turn_that_has_lasted_long_enough_is_stopped_and_not_ended(held: Held) -> None:
    held.hold.hear(ENOUGH)
    assert (held.stop.requested, held.stop.reason, held.left) == (15, "others wait for their turn", [])
    held.at(20)
    assert held.left == []


def test_with_its_worker_dead_the_process_is_left_at_once(held: Held) -> None:
    held.hold.hear(b"")
    assert held.left == [LOST]


def test_it_listens_to_a_pipe_beside_everything_else(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    is_left = threading.Event()
    stop = Stop()

    with os.fdopen(ours, "rb", buffering=0) as said, os.fdopen(theirs, "wb", buffering=0) as worker:
        Hold(said, stop, 1e12, 1.0, FakeClock().monotonic, lambda _: is_left.set()).watch()
        worker.write(ENOUGH)
        stop.wait(60)
        assert stop.requested == 15
        worker.close()
        assert is_left.wait(60)


TASK = Task(
    Turn("docs", "acme", 3, 2, 0.5),
    "[export]\n",
    "host=x password=hunter22",
    "/vault",
    Path("/t"),
    5.5,
    3.0,
    {"A": "b"},
)


def test_a_task_comes_as_it_was_sent(tmp_path: Path) -> None:
    line = TASK.line()
    assert line.count(b"\n") == 1
    assert Task.of_line(line) == TASK
    assert "hunter22" not in repr(TASK)


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"\xff", b'{"turn": 1}', TASK.line()[:-20]])
def test_what_is_no_task_is_refused_and_not_repeated(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"^no task for a turn$"):
        Task.of_line(line)


OUTCOMES = [b"", b"null", b"{}", b'{"reason": 1}', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("raw", OUTCOMES, ids=len)
def test_an_outcome_that_is_none_says_nothing(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "outcome.json").write_bytes(raw)
    assert Outcome.left_in(tmp_path) == Outcome()


def test_an_outcome_is_found_where_it_was_left(tmp_path: Path) -> None:
    said = Outcome("why", "what to do")
    said.keep(tmp_path)
    assert Outcome.left_in(tmp_path) == said
    assert Outcome.left_in(tmp_path / "elsewhere") == Outcome()
