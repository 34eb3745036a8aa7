"""Bombs are capped: the item fails and is named, or streams; the run goes on; memory stays bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from notion_sync_core.errors import Exit
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.assets import png
from notion_sync_demo.build import block, media

RUN = """
import json, re, sys
from notion_sync_core import Job
from notion_sync_core.service import Options, run
import notion_sync_notion.client as client
client.MAX_ASSET_BYTES = 48 << 20
job = Job.load(use_default_file=False, flags=json.loads(sys.argv[1]))
report = run(job, Options(mode="sync"))
# Not ru_maxrss: that begins with what the parent had when it started us.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(json.dumps({**report.to_json(), "exit": int(report.exit_code), "peak": peak}))
"""
PLAIN_KIB = 80 << 10
"""What a run of this size may take at all (P8)."""
JSON_KIB = 3 * (32 << 10)
"""The largest answer that is accepted, its parts and their sum."""


def sync(bench: Bench, timeout_s: float = 1.0, workers: int = 1) -> dict[str, Any]:
    flags = {
        "notion.base_url": bench.emulator.url,
        "performance.requests": 0,
        "performance.timeout_s": timeout_s,
        "performance.max_attempts": 2,
        "performance.workers": workers,
        "deployment.state_dir": str(bench.folder / "state"),
        "export.sinks": [{"use": "fs", "path": str(bench.out), "fsync": False}],
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(flags)],
        env={**os.environ, "NOTION_TOKEN": bench.emulator.token},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def small_space() -> Workspace:
    space = Workspace("Bombs", seed=3)
    home = space.add_page(None, "Home", [block("paragraph", "Welcome")])
    space.add_page(home, "Safe", [block("paragraph", "Sound")])
    picture = space.add_file("picture.png", png(4, 4, (1, 2, 3), (9, 9, 9)), "image/png")
    space.add_page(home, "Victim", [block("paragraph", "Target"), media("image", picture, "A picture")])
    return space


def page(space: Workspace, title: str) -> str:
    return next(each for each in space.pages if space.title(each) == title)


@pytest.mark.parametrize("kind", ["gzip_bomb", "claimed", "endless", "drip"])
@pytest.mark.parametrize("what", ["children", "asset"])
def test_a_bomb_fails_one_item_and_the_run_goes_on_in_bounded_memory(tmp_path: Path, kind: str, what: str) -> None:
    space = small_space()
    victim = page(space, "Victim")
    path = "^/files/" if what == "asset" else f"/blocks/{victim}/children"
    if what == "asset":
        for key, (content, media_type) in space.files.items():
            space.files[key] = (content * 30, media_type)  # long enough to drip
    with Emulator(space) as emulator:
        emulator.faults.add(Fault(kind, path=path, seconds=20.0))
        bench = Bench(emulator, tmp_path)
        report = sync(bench)
        assert report["exit"] == Exit.PARTIAL, report["error"]
        assert {item["title"] for item in report["failures"]} == {"Victim"}
        assert report["failures"][0]["remedy"]
        assert report["peak"] < PLAIN_KIB + (0 if what == "asset" else JSON_KIB)
        assert report["seconds"] < 20
        assert list(bench.out.rglob("Safe.md"))
        if what == "asset":
            assert list(bench.out.rglob("Victim.md"))
            assert sum(each.stat().st_size for each in bench.folder.rglob("*") if each.is_file()) < 10 << 20
        emulator.faults.clear()
        bench.good()
        assert list(bench.out.rglob("Victim.md"))


def test_a_page_of_blocks_within_blocks_ten_thousand_deep_is_read_and_the_run_goes_on(tmp_path: Path) -> None:
    space = small_space()
    parent = page(space, "Victim")
    for depth in range(10_000):
        (parent,) = space.append(parent, [block("toggle", f"Level {depth}")])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        report = sync(bench, timeout_s=10.0)
        assert report["exit"] in (Exit.COMPLETE, Exit.PARTIAL), report["error"]
        assert list(bench.out.rglob("Safe.md"))
        assert {item["title"] for item in report["failures"]} <= {"Victim"}
        if report["exit"] == Exit.COMPLETE:
            text = next(bench.out.rglob("Victim.md")).read_text()
            assert "Level 100" in text
        assert report["peak"] < 4 * PLAIN_KIB


@pytest.mark.parametrize("count", [8_000, pytest.param(100_000, marks=pytest.mark.chaos)])
def test_a_page_of_very_many_blocks_streams(tmp_path: Path, count: int) -> None:
    space = small_space()
    space.append(page(space, "Victim"), [block("paragraph", "One of many")] * count)
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        report = sync(bench, timeout_s=10.0)
        assert report["exit"] == Exit.COMPLETE, report["failures"]
        assert next(bench.out.rglob("Victim.md")).read_text().count("One of many") == count
        assert report["peak"] < (150 << 10 if count > 10_000 else PLAIN_KIB)


def test_a_title_of_five_megabytes_is_cut_in_names_and_kept_in_content(tmp_path: Path) -> None:
    space = small_space()
    long = "A very long title. " * (5 * (1 << 20) // 19)
    home = page(space, "Home")
    space.add_page(home, long, [block("paragraph", "Below the title")])
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        report = sync(bench, timeout_s=10.0)
        assert report["exit"] == Exit.COMPLETE, report["error"]["message"]
        names = [path.name for path in bench.out.rglob("*")]
        assert all(len(name.encode()) <= 143 for name in names)
        assert any(name.startswith("A very long title") for name in names)
        assert report["peak"] < PLAIN_KIB + 20 * (5 << 10)


@pytest.mark.parametrize("odd", [["a", "list"], {"an": "object"}, 7, None, True])
def test_a_title_that_is_no_text_stops_nothing(tmp_path: Path, odd: Any) -> None:
    space = small_space()
    home = page(space, "Home")
    for shown in space.children(home):
        if shown["type"] == "child_page":
            shown["child_page"]["title"] = odd
    title = space.pages[page(space, "Safe")]["properties"]["title"]["title"]
    title[0]["plain_text"] = odd
    with Emulator(space) as emulator:
        report = Bench(emulator, tmp_path).run("sync")
        assert report.exit_code in (Exit.COMPLETE, Exit.PARTIAL), report.error
        assert list((tmp_path / "out").rglob("Victim.md"))
