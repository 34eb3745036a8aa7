"""What a program provides in place of files of this machine, so that runs on many machines share it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench, tree
from notion_sync_core import Host, Job, LockedError, SinkError
from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.events import Event, SinkWrote
from notion_sync_core.gate.budget import Budget, NoBudget, WindowBudget
from notion_sync_core.model import Parent, Ref
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.state import Intent
from notion_sync_demo.build import block


@define
class Shared:
    """Budgets and locks that are no files, as a service has them."""

    asked: list[tuple[str, int, float]] = field(factory=list)
    held: set[str] = field(factory=set)
    taken: int = 0

    def budget(self, name: str, clock: Clock, requests: int, window_s: float) -> Budget:
        self.asked.append((name, requests, window_s))
        return Counting(clock, self)

    @contextlib.contextmanager
    def lock(self, path: Path, clock: Clock, timeout_s: float) -> Iterator[None]:
        job = path.parent.name
        if job in self.held:
            raise LockedError(f"{job} runs on another machine")
        self.held.add(job)
        try:
            yield
        finally:
            self.held.remove(job)


class Counting(NoBudget):
    """Any number of requests, counted."""

    def __init__(self, clock: Clock, shared: Shared) -> None:
        super().__init__(clock)
        self._shared = shared

    def take(self) -> float:
        self._shared.taken += 1
        return super().take()


@define
class Log:
    """Intents that outlive a machine."""

    rows: list[str] = field(factory=list)
    refuses: bool = False

    def note(self, intents: Sequence[Intent]) -> None:
        if self.refuses:
            raise SinkError("the vault is away")
        self.rows += [json.dumps(each.row()) for each in intents]

    def left(self) -> Iterable[Intent]:
        return [Intent.of_row(json.loads(row)) for row in self.rows]


def synced(bench: Bench, host: Host, **given: Any) -> Report:
    return run(evolve(bench.job(**given), host=host), Options(mode="sync"))


def test_each_request_is_allowed_by_the_budget_of_the_host(bench: Bench) -> None:
    shared = Shared()
    report = synced(bench, Host(budget=shared.budget), performance__requests=180)
    assert report.status == "complete"
    assert shared.taken >= report.requests.total > 0
    assert {asked[1:] for asked in shared.asked} == {(180, 60.0)}
    assert not list((bench.folder / "state").rglob("budgets"))


def test_a_budget_is_called_by_what_tells_nothing_of_the_token(bench: Bench) -> None:
    shared = Shared()
    synced(bench, Host(budget=shared.budget), performance__requests=180)
    synced(bench, Host(), performance__requests=180)
    (name,) = {asked[0] for asked in shared.asked}
    assert bench.emulator.token not in name
    (ledger,) = (bench.folder / "state" / "budgets").iterdir()
    assert ledger.stem == name, "the same token is the same budget, wherever it is kept"


def test_without_a_limit_nobody_asks_for_a_budget(bench: Bench) -> None:
    shared = Shared()
    assert synced(bench, Host(budget=shared.budget)).status == "complete"
    assert not shared.asked


def test_a_job_that_another_machine_runs_is_not_run_here(bench: Bench) -> None:
    shared = Shared()
    host = Host(lock=shared.lock)
    assert synced(bench, host).status == "complete"
    assert not shared.held
    before = bench.requests()
    shared.held.add(bench.job().id)
    error = synced(bench, host).error
    assert isinstance(error, LockedError)
    assert "another machine" in error.message
    assert bench.requests() == before


def test_a_program_says_where_its_job_runs(bench: Bench) -> None:
    shared = Shared()
    job = Job.of(
        token=bench.emulator.token, base_url=bench.emulator.url, to=bench.out, state_dir=bench.folder / "state"
    ).on(Host(budget=shared.budget, lock=shared.lock))
    assert job.sync().status == "complete"
    assert shared.asked
    held = job.host.lock(job.folder() / "lock", SystemClock(), 0.0)
    with held, pytest.raises(LockedError):
        job.sync()


def test_files_of_this_machine_are_what_is_shared_unless_somebody_says_otherwise(bench: Bench) -> None:
    job = bench.job(performance__requests=180)
    assert isinstance(job.budget(job.source(), SystemClock()), WindowBudget)


# -- intents


def cut_short(bench: Bench, host: Host, state: str) -> None:
    """A sync that ends right after it has written some files, before anything else tells of them."""
    clock = SystemClock()

    def heard(event: Event) -> None:
        if isinstance(event, SinkWrote):
            clock.stop(15)

    report = run(evolve(bench.job(state=state), host=host), Options(mode="sync"), (heard,), clock)
    assert report.status == "interrupted"
    assert report.error is not None


@pytest.fixture
def older(bench: Bench) -> Bench:
    """A job that is edited after its state was put away as it is now, under ``kept``."""
    bench.space.add_page(None, "Log", [block("paragraph", "first")])
    bench.good()
    shutil.copytree(bench.folder / "state", bench.folder / "kept")
    return bench


def edit(bench: Bench, text: str) -> None:
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Log")
    bench.space.append_block(page, block("paragraph", text))


def test_what_a_lost_machine_wrote_is_no_hand_edit(older: Bench) -> None:
    log = Log()
    edit(older, "second")
    cut_short(older, Host(intents=log), "state")
    assert b"second" in (older.out / "Log.md").read_bytes()
    edit(older, "third")
    report = synced(older, Host(intents=log), state="kept")
    assert report.status == "complete"
    assert report.artifacts.kept_edits == 0
    assert tree(older.out) == older.fresh()


def test_without_its_intents_the_page_would_be_frozen(older: Bench) -> None:
    edit(older, "second")
    cut_short(older, Host(), "state")
    edit(older, "third")
    report = synced(older, Host(), state="kept")
    assert report.artifacts.kept_edits == 1
    assert b"third" not in (older.out / "Log.md").read_bytes()


def test_several_machines_may_be_lost_one_after_the_other(older: Bench) -> None:
    log = Log()
    for turn in range(3):
        edit(older, f"of turn {turn}")
        shutil.copytree(older.folder / "kept", older.folder / f"turn-{turn}")
        cut_short(older, Host(intents=log), f"turn-{turn}")
    assert synced(older, Host(intents=log), state="kept").artifacts.kept_edits == 0
    assert tree(older.out) == older.fresh()


def test_a_page_that_only_the_lost_machine_knew_and_that_is_gone_leaves_no_file(older: Bench) -> None:
    log = Log()
    new = older.space.add_page(None, "Brief", [block("paragraph", "soon gone")])
    cut_short(older, Host(intents=log), "state")
    assert (older.out / "Brief.md").exists()
    older.space.trash(new)
    assert synced(older, Host(intents=log), state="kept").status == "complete"
    assert tree(older.out) == older.fresh()


def test_what_somebody_edits_after_the_machine_was_lost_is_kept(older: Bench) -> None:
    log = Log()
    edit(older, "second")
    cut_short(older, Host(intents=log), "state")
    (older.out / "Log.md").write_text("mine", "utf-8")
    report = synced(older, Host(intents=log), state="kept")
    assert report.artifacts.kept_edits == 1
    assert (older.out / "Log.md").read_text("utf-8") == "mine"


def shown(bench: Bench) -> dict[str, bytes]:
    """What readers see in the folder."""
    return {path: content for path, content in tree(bench.out).items() if "/staging/" not in path}


def test_nothing_is_written_whose_intent_is_not_kept(older: Bench) -> None:
    edit(older, "second")
    before = shown(older)
    error = synced(older, Host(intents=Log(refuses=True))).error
    assert isinstance(error, SinkError)
    assert "the vault is away" in error.message
    assert shown(older) == before
    assert synced(older, Host()).status == "complete"
    assert tree(older.out) == older.fresh()


TEXTS = st.text(max_size=8)
REFS = st.builds(
    Ref, TEXTS, st.sampled_from(["page", "database", "data_source"]), TEXTS,
    st.builds(Parent, TEXTS, st.none() | TEXTS), TEXTS, TEXTS, TEXTS,
)  # fmt: skip


@given(st.builds(Intent, *[TEXTS] * 6, st.booleans(), TEXTS, st.none() | REFS))
def test_an_intent_survives_as_json(intent: Intent) -> None:
    assert Intent.of_row(json.loads(json.dumps(intent.row()))) == intent


@pytest.mark.parametrize("row", [[], ["sink"], ["s", "p", "d", "r", "", "", False, "", ["id"]], ["s"] * 9, ["s"] * 10])
def test_what_is_no_intent_is_refused(row: list[Any]) -> None:
    with pytest.raises(ValueError, match="no intent"):
        Intent.of_row(row)
