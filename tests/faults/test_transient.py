"""One answer in ten is bad, in every way there is: nothing is lost, exit 0, the tree of a calm export."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conftest import Bench, tree
from faults.matrix import KINDS, PATHS, TIMEOUT_S
from faults.network import unreachable
from notion_sync_core.pipeline import Options, run
from notion_sync_core.report import Report
from notion_sync_core.testing import FakeClock
from notion_sync_demo import Emulator, Fault, generate

pytestmark = pytest.mark.campaign

FOR_GOOD = {"400", "401", "403", "404", "429_huge", "429_blocked", "gzip_bomb", "cursor_loop"}
"""An answer like these is taken at its word: it is no transient fault."""
TRANSIENT = [kind for kind in KINDS if kind not in FOR_GOOD]
FOR_FILES_TOO = [kind for kind in TRANSIENT if kind not in ("empty", "bad_json", "bad_utf8")]


def export(bench: Bench, name: str) -> Report:
    job = bench.job(
        to=bench.folder / name,
        state=f"state-{name}",
        performance__timeout_s=TIMEOUT_S,
        performance__max_attempts=12,
        performance__workers=8,
        # What fails is chance: a row of five must not look like a service that is down.
        performance__breaker_threshold=1000,
    )
    with unreachable(bench.emulator):
        return run(job, Options(mode="export"), (), FakeClock(time.time()))


def expect_nothing_lost(bench: Bench, name: str, calm: dict[str, bytes], *, is_noticed: bool = True) -> None:
    report = export(bench, name)
    assert report.error is None, report.error
    assert report.failures == []
    assert report.exit_code == 0
    assert report.requests.retried > 0 or not is_noticed
    assert tree(bench.folder / name) == calm


def faults(kinds: list[str], rate: float) -> list[Fault]:
    retry = {"429": "1", "529": "1"}
    api = [Fault(kind, rate=rate, path="^/v1/", retry_after=retry.get(kind), seconds=1.0) for kind in kinds]
    files = [Fault(kind, rate=rate, path=PATHS["asset"], seconds=1.0) for kind in kinds if kind in FOR_FILES_TOO]
    return api + files


def test_all_kinds_together_at_one_answer_in_ten_lose_nothing(tmp_path: Path) -> None:
    with Emulator(generate(250, seed=9)) as emulator:
        bench = Bench(emulator, tmp_path)
        export_calm = export(bench, "calm")
        assert export_calm.exit_code == 0
        for fault in faults(TRANSIENT, 0.1 / len(TRANSIENT)):
            emulator.faults.add(fault)
        expect_nothing_lost(bench, "tried", tree(bench.folder / "calm"))


@pytest.mark.chaos
@pytest.mark.parametrize("kind", TRANSIENT)
def test_each_kind_at_one_answer_in_ten_loses_nothing(tmp_path: Path, kind: str) -> None:
    with Emulator(generate(300, seed=10)) as emulator:
        bench = Bench(emulator, tmp_path)
        assert export(bench, "calm").exit_code == 0
        for fault in faults([kind], 0.1):
            emulator.faults.add(fault)
        # What comes after the end of an answer is not read, and its connection not used again.
        expect_nothing_lost(bench, "tried", tree(bench.folder / "calm"), is_noticed=kind != "long")
