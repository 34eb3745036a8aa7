"""Transient faults lose nothing; permanent ones hurt one object; wrong tokens and dead servers say so."""

from __future__ import annotations

import socket
import time
from itertools import count
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.clock import SystemClock
from notion_sync_core.errors import Exit
from notion_sync_core.pipeline import Options, run
from notion_sync_demo import Emulator, Fault, ServerBudget, sample_workspace

TRANSIENT = [
    "429",
    "500",
    "502",
    "503",
    "504",
    "529",
    "409",
    "html502",
    "html200",
    "empty",
    "bad_json",
    "reset",
    "reset_body",
    "short",
]


@pytest.fixture
def reference(tmp_path: Path) -> dict[str, bytes]:
    """The tree of an export that nothing disturbed."""
    with Emulator(sample_workspace()) as emulator:
        calm = Bench(emulator, tmp_path / "calm")
        calm.good("export")
        return tree(calm.out)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between retries are hundredths: what is tested is that they happen, not how long they take."""
    monkeypatch.setattr(
        SystemClock, "sleep", lambda self, seconds: self._stop.wait(min(seconds, 0.01)) and self.check()
    )


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("kind", TRANSIENT)
def test_one_fault_in_ten_loses_nothing(bench: Bench, reference: dict[str, bytes], kind: str) -> None:
    # A file's body may be anything: only for the API is an empty or broken one a fault.
    path = "^/v1/" if kind in ("empty", "bad_json") else ""
    retry_after = "0" if kind in ("429", "529") else None
    bench.emulator.faults.add(Fault(kind, rate=0.1, path=path, retry_after=retry_after))
    report = bench.good("export")
    assert tree(bench.out) == reference
    assert report.requests.retried > 0


@pytest.mark.usefixtures("hurried")
def test_all_kinds_at_once_lose_nothing(bench: Bench, reference: dict[str, bytes]) -> None:
    for kind in TRANSIENT:
        bench.emulator.faults.add(Fault(kind, rate=0.01, path="^/v1/"))
    bench.good("export")
    assert tree(bench.out) == reference


@pytest.mark.usefixtures("hurried")
def test_a_page_that_always_fails_is_named_and_the_rest_is_complete(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    bench.space.append_block(page, {"type": "divider", "divider": {}})
    bench.emulator.faults.add(Fault("500", path=f"/v1/blocks/{page}/children"))
    report = bench.run()
    assert report.exit_code == Exit.PARTIAL
    assert report.failures[0]["id"] == page
    assert report.failures[0]["title"] == "Safety"
    assert report.failures[0]["remedy"]
    assert tree(bench.out).keys() == before.keys()
    bench.emulator.faults.clear()
    bench.good()
    assert tree(bench.out) == bench.fresh()


@pytest.mark.usefixtures("hurried")
def test_a_child_page_that_answers_404_while_it_is_read_fails_alone(bench: Bench) -> None:
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    bench.emulator.faults.add(Fault("404", path=f"/v1/blocks/{page}/children"))
    report = bench.run()
    assert report.exit_code == Exit.PARTIAL
    assert [item["id"] for item in report.failures] == [page]


@pytest.mark.usefixtures("hurried")
def test_an_asset_that_cannot_be_had_is_told_and_tried_again(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("404", path="/files/.*bell.wav"))
    report = bench.run()
    assert report.assets.failed == 1
    assert any("bell.wav" in item["message"] for item in report.warnings)
    bench.emulator.faults.clear()
    assert bench.good().assets.downloaded == 1
    assert tree(bench.out) == bench.fresh()


@pytest.mark.usefixtures("hurried")
def test_a_file_url_that_expired_is_renewed_through_the_api(tmp_path: Path) -> None:
    with Emulator(sample_workspace(), expires_s=-1.0) as emulator:
        bench = Bench(emulator, tmp_path)

        def renewals_work(event: object) -> None:
            if emulator.counters.files:
                emulator.expires_s = 3600.0

        report = bench.good(on_event=renewals_work)
        assert report.assets.failed == 0
        assert tree(bench.out) == bench.fresh()


def test_a_wrong_token_exits_4_with_the_way_to_a_new_one(bench: Bench) -> None:
    bench.emulator.token = "another"
    job = bench.job()
    bench.emulator.token = "changed"
    report = run(job, Options())
    assert report.exit_code == Exit.NOT_AUTHORISED
    assert "does not accept the token" in report.error.message
    assert "another" not in str(report.error)
    assert bench.requests() <= 10


@pytest.mark.usefixtures("hurried")
def test_a_server_that_is_down_exits_7(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Emulator(sample_workspace()) as emulator:
        bench = Bench(emulator, tmp_path)
        report = bench.run(notion__base_url=f"http://127.0.0.1:{port}")
    assert report.exit_code == Exit.NETWORK
    assert "connection refused" in report.error.message


@pytest.mark.usefixtures("hurried")
def test_a_server_that_dies_half_way_exits_7_and_the_next_run_goes_on(bench: Bench) -> None:
    seen: list[object] = []

    def die(event: object) -> None:
        seen.append(event)
        if len(seen) == 60:
            bench.emulator.faults.add(Fault("reset"))

    report = bench.run(on_event=die, performance__workers=2, performance__max_attempts=2)
    assert report.exit_code == Exit.NETWORK
    bench.emulator.faults.clear()
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_within_the_budget_no_answer_is_a_429(tmp_path: Path) -> None:
    with Emulator(sample_workspace(), budget=ServerBudget(60, 1.0)) as emulator:
        report = Bench(emulator, tmp_path).good(performance__requests=60, performance__window_s=1.0)
    assert report.requests.rate_limited == 0
    assert report.requests.total > 60


def test_a_budget_smaller_than_we_think_loses_nothing(tmp_path: Path) -> None:
    arrivals = count(1)

    def clock() -> float:
        # The server's time stands still until it has refused one, so a slow machine sees a refusal as well.
        return 0.0 if next(arrivals) <= 41 else time.monotonic()

    with Emulator(sample_workspace(), budget=ServerBudget(40, 0.2, clock)) as emulator:
        bench = Bench(emulator, tmp_path)
        report = bench.good(performance__requests=180)
        assert report.requests.rate_limited > 0
        emulator.budget = ServerBudget(10_000, 1.0)
        assert tree(bench.out) == bench.fresh()
