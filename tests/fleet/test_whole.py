"""Jobs on a desk in PostgreSQL, with a vault, a worker, and a real process for each turn (``make test-fleet``)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from attrs import define, field

from conftest import Bench, tree
from fleet.desks import ADDRESS, needs_postgres
from notion_sync_core import Stop
from notion_sync_core.plugin import SystemClock
from notion_sync_demo import Emulator, sample_workspace
from notion_sync_demo.build import block
from notion_sync_fleet.connection import Connection, migrate
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.outcome import Rules
from notion_sync_fleet.postgres import PostgresTables
from notion_sync_fleet.process import Launcher
from notion_sync_fleet.values import FleetJob, Tenant
from notion_sync_fleet.worker import Pace, Worker

pytestmark = [needs_postgres]
REQUESTS, WINDOW_S = 60, 10.0
"""What each job may ask for."""
PATIENCE = 600
"""Looks at the desk, each after a tenth of a second."""


@define
class Fleet:
    """A desk, a vault, and jobs that read an emulator each."""

    folder: Path
    connection: Connection
    benches: dict[str, Bench] = field(factory=dict)

    @property
    def desk(self) -> Desk:
        return Desk(PostgresTables(self.connection), Rules(lease_s=30.0))

    def add(self, name: str, emulator: Emulator) -> Bench:
        bench = self.benches[name] = Bench(emulator, self.folder / name)
        bench.folder.mkdir()
        (self.folder / "vault").mkdir(exist_ok=True)
        self.apply(name)
        return bench

    def apply(self, name: str) -> None:
        bench = self.benches[name]
        config = (
            f'[notion]\nbase_url = "{bench.emulator.url}"\n'
            f"[performance]\nrequests = {REQUESTS}\nwindow_s = {WINDOW_S}\n"
            f'[export]\nsinks = [{{use = "fs", path = "{bench.out}", fsync = false}}]\n'
        )
        self.desk.apply(name, Tenant(f"tenant of {name}"), f"env:TOKEN_{name}", 3600.0, config)

    def job(self, name: str) -> FleetJob:
        return next(each for each in self.desk.tables.jobs() if each.id == name)

    @contextmanager
    def worker(self, token: str = "") -> Iterator[Worker]:
        tokens = {f"env:TOKEN_{name}": token or bench.emulator.token for name, bench in self.benches.items()}
        pace = Pace(slots=2)
        launch = Launcher(ADDRESS, str(self.folder / "vault"), pace.grace_s, tokens.__getitem__, os.environ)
        with closing(Connection(ADDRESS)) as connection:
            worker = Worker("one", Desk(PostgresTables(connection), Rules()), launch, SystemClock(), pace)
            stop = Stop()
            thread = threading.Thread(target=worker.run, args=(stop,))
            thread.start()
            try:
                yield worker
            finally:
                stop.request(15)
                thread.join()

    def wait_for(self, fence: int) -> None:
        """Until each job has had so many turns."""
        clock = Stop()
        for _ in range(PATIENCE):
            jobs = list(self.desk.tables.jobs())
            if all(each.fence >= fence and each.standing != "running" for each in jobs):
                return
            clock.wait(0.1)
        raise AssertionError(f"still waiting: {jobs}")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """An empty one."""
    with closing(Connection(ADDRESS)) as connection:
        with connection.transaction() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
        migrate(connection)
        yield Fleet(tmp_path, connection)


def test_jobs_are_mirrored_turn_after_turn_and_no_secret_is_left_anywhere(fleet: Fleet) -> None:
    with ExitStack() as stack:
        for name in ("a", "b", "c"):
            bench = fleet.add(name, stack.enter_context(Emulator(sample_workspace(), token=f"ntn_canary{name * 30}")))
            bench.space.add_page(None, f"Log of {name}", [block("paragraph", "first")])
        with fleet.worker():
            fleet.wait_for(1)
            for name, bench in fleet.benches.items():
                page = next(each for each in bench.space.pages if bench.space.title(each) == f"Log of {name}")
                bench.space.append_block(page, block("paragraph", "second"))
                fleet.desk.release(name)
            fleet.wait_for(2)
        for name, bench in fleet.benches.items():
            job = fleet.job(name)
            assert (job.exit, job.generation, job.died) == (0, 2, 0), job.reason
            assert tree(bench.out) == bench.fresh()
        files = [path for path in (fleet.folder / "vault").rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if b"canary" in path.read_bytes()]
        with psycopg.connect(ADDRESS) as database:
            for table in ("job", "tenant", "config", "ledger", "desk"):
                rows = database.execute(f"SELECT t::text FROM notion_sync_fleet.{table} t").fetchall()  # type: ignore[arg-type]
                assert rows
                assert "canary" not in str(rows)


def test_a_token_that_is_not_valid_parks_one_job_with_what_to_do(fleet: Fleet) -> None:
    with Emulator(sample_workspace()) as emulator:
        fleet.add("a", emulator)
        with fleet.worker("ntn_another"):
            fleet.wait_for(1)
        job = fleet.job("a")
        assert (job.standing, job.exit) == ("parked", 4)
        assert job.remedy
