"""A worker whose clock, desk and processes are the test's."""

from __future__ import annotations

from attrs import define, field

from fleet.desks import Bench
from notion_sync_core.plugin import NotionSyncError, UnreachableError
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.given import Outcome
from notion_sync_fleet.memory import MemoryTables
from notion_sync_fleet.outcome import Rules
from notion_sync_fleet.values import Turn
from notion_sync_fleet.worker import Pace, Worker


@define
class FakeChild:
    """Ends when the test says so."""

    turn: Turn
    token: str
    config: str
    valid_until: float
    obeys: bool = True
    """It ends when it is told to stop."""
    status: int | None = None
    said: list[bytes] = field(factory=list)
    is_stopped: bool = False
    is_cleared: bool = False
    left: Outcome = field(factory=Outcome)

    def ended(self) -> int | None:
        return self.status

    def say(self, line: bytes) -> None:
        self.said.append(line)

    def stop(self) -> None:
        self.is_stopped = True
        if self.obeys and self.status is None:
            self.status = 143

    def kill(self) -> None:
        if self.status is None:
            self.status = -9

    def outcome(self) -> Outcome:
        return self.left

    def clear(self) -> None:
        self.is_cleared = True


class CutTables:
    """Tables behind a way that may be cut."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self.is_cut = False

    def __getattr__(self, name: str) -> object:
        if self.is_cut:
            raise UnreachableError("the desk does not answer: it was cut off")
        return getattr(self._tables, name)


@define
class Site:
    """One worker, and the desk that others share with it."""

    bench: Bench
    pace: Pace = field(factory=Pace)
    name: str = "one"
    children: list[FakeChild] = field(factory=list)
    refuses: NotionSyncError | None = None
    obeys: bool = True
    way: CutTables = field(init=False)
    worker: Worker = field(init=False)

    def __attrs_post_init__(self) -> None:
        assert isinstance(self.bench.tables, MemoryTables)
        self.way = CutTables(self.bench.tables)
        desk = Desk(self.way, Rules(lease_s=self.pace.lease_s))  # type: ignore[arg-type]
        self.worker = Worker(self.name, desk, self.launch, self.bench.clock, self.pace)

    def launch(self, turn: Turn, token: str, config: str, valid_until: float) -> FakeChild:
        if self.refuses is not None:
            raise self.refuses
        self.children.append(FakeChild(turn, token, config, valid_until, self.obeys))
        return self.children[-1]

    def go_on(self, seconds: float, step_s: float = 0.5) -> None:
        """Let time pass, as the worker's loop would."""
        end = self.bench.clock.time + seconds
        while self.bench.clock.time < end:
            self.worker.step()
            self.bench.pass_time(min(step_s, end - self.bench.clock.time))
        self.worker.step()
