"""Measures what design and README promise: speed, requests, memory. Prints tables; ``--write`` updates the docs.

make bench                    180, 1,000 and 10,000 pages, latency, budget, a page of 100,000 blocks
make bench BENCH=--all        100,000 pages, the real window of the rate limit and 200,000 rows as well (an hour)
make bench-check              what does not depend on the machine, against the recorded figures
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import requests
from attrs import define, frozen

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORDED = HERE / "recorded.json"
SLACK = {"requests": 1.01, "written_bytes": 1.01, "peak_mb": 1.10, "instructions": 1.10}
"""How much worse a recorded figure may become: threads take turns as they like, which memory feels most."""
COUNTED = 180
"""Pages of the run whose instructions are counted, fifty times slower than life."""


@frozen
class Scenario:
    """One measurement."""

    name: str
    pages: int
    latency_s: float = 0.0
    budget: int = 0
    window_s: float = 60.0
    workers: int = 8
    blocks: int = 0
    """Instead of typical pages: one page of so many blocks."""
    rows: int = 0
    """Instead of typical pages: one data source of so many rows."""


@define
class Measured:
    """What came out."""

    scenario: str
    run: str
    pages: int
    seconds: float
    pages_per_minute: float
    requests: int
    least: int
    rate_limited: int
    cpu_s: float
    """Of all our processes, start-up included."""
    peak_mb: float
    """Of all our processes together."""
    first_file_s: float
    written_bytes: int
    stages: dict[str, float]
    """CPU seconds by stage."""
    budget_used: float | None = None
    """The least time that the rate limit allows for so many requests, against the time it took."""


SCENARIOS = [
    Scenario("small", 180),
    Scenario("small, 50 ms latency", 180, latency_s=0.05, workers=16),
    Scenario("no latency", 1_000),
    Scenario("no latency", 10_000),
    Scenario("150 ms latency, 192 workers", 10_000, latency_s=0.15, workers=192),
    Scenario("180 requests in a window of 6 s", 400, latency_s=0.05, budget=180, window_s=6.0),
    Scenario("180 requests in a window of 6 s, 1 worker", 400, latency_s=0.01, budget=180, window_s=6.0, workers=1),
    Scenario("180 requests in a window of 6 s, 32 workers", 400, latency_s=0.05, budget=180, window_s=6.0, workers=32),
    Scenario("one page of 100,000 blocks", 1, blocks=100_000),
]
LARGE = [
    Scenario("no latency", 100_000),
    Scenario("180 requests in 60 s", 400, latency_s=0.1, budget=180),
    Scenario("one data source of 200,000 rows", 200_000, rows=200_000),
]
CHECKED = [Scenario("small", 180), Scenario("no latency", 1_000)]


@contextlib.contextmanager
def serving(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The prepared server in a process of its own; gives its facts."""
    command = [sys.executable, str(HERE / "server.py"), str(scenario.pages), "--latency", str(scenario.latency_s)]
    command += ["--requests", str(scenario.budget), "--window", str(scenario.window_s)]
    command += ["--blocks", str(scenario.blocks), "--rows", str(scenario.rows)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        facts: dict[str, Any] = json.loads(process.stdout.readline())
        yield facts
    finally:
        process.kill()
        process.wait()


def least_requests(facts: dict[str, Any]) -> int:
    """What a full export cannot do without, at 100 objects a request.

    Searches, queries, databases, one listing per 100 children of whatever has any, users once.
    """
    searches = hundreds(facts["pages"] - facts["unlisted"] + facts["data_sources"])
    queries = sum(map(hundreds, facts["rows"]))
    return int(searches + queries + facts["databases"] + facts["listings"] + hundreds(facts["users"]))


def least_unchanged(facts: dict[str, Any]) -> int:
    """The bound of an unchanged sync: N/100, the data sources, ten, and one for each object that no listing returns."""
    objects = facts["pages"] + facts["databases"]
    return int(objects // 100 + facts["data_sources"] + 10 + facts["unlisted"] - facts.get("queried", 0))


def hundreds(count: int) -> int:
    """Requests that list so many; an empty list takes one too."""
    return max(1, -(-count // 100))


def measure(scenario: Scenario) -> list[Measured]:
    """A full export, and a sync with nothing changed."""
    with serving(scenario) as facts, tempfile.TemporaryDirectory() as folder:
        return [_once(scenario, facts, Path(folder), run) for run in ("export", "unchanged sync")]


def _once(scenario: Scenario, facts: dict[str, Any], folder: Path, run: str) -> Measured:
    before = requests.get(f"{facts['url']}/_counts", timeout=60).json()
    begun = time.monotonic()
    process = subprocess.Popen(
        _command("export" if run == "export" else "sync", scenario, facts, folder),
        env={**os.environ, "NOTION_TOKEN": facts["token"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watcher = Watcher(process, folder / "out")
    assert process.stdout is not None
    report = json.loads(process.stdout.read())
    process.wait()
    seconds = time.monotonic() - begun
    watcher.stop()
    if process.returncode != 0:
        raise SystemExit(f"{scenario.name}: exit {process.returncode}: {report['error'] or report['failures'][:3]}")
    after = requests.get(f"{facts['url']}/_counts", timeout=60).json()
    asked = after.get("total", 0) - before.get("total", 0)
    return Measured(
        scenario.name,
        run,
        scenario.pages,
        round(seconds, 2),
        round(report["objects"]["discovered"] / seconds * 60),
        asked,
        least_requests(facts) if run == "export" else least_unchanged(facts),
        after.get("429", 0) - before.get("429", 0),
        round(watcher.cpu_s, 2),
        round(watcher.peak_bytes / 1e6),
        round(watcher.first_file_s, 2),
        report["artifacts"]["bytes"],
        {stage: round(cpu, 2) for stage, cpu in watcher.stages.items()},
        round(least_seconds(scenario, asked) / seconds, 3) if scenario.budget and asked > scenario.budget else None,
    )


def least_seconds(scenario: Scenario, asked: int) -> float:
    """When the rate limit lets the last of so many requests go out: each window's worth in one burst."""
    return (asked - 1) // scenario.budget * scenario.window_s


def _command(verb: str, scenario: Scenario, facts: dict[str, Any], folder: Path) -> list[str]:
    settings = [
        f"notion.base_url={facts['url']}",
        f"deployment.state_dir={folder / 'state'}",
        f"performance.requests={scenario.budget}",
        f"performance.window_s={scenario.window_s}",
        f"performance.workers={scenario.workers}",
    ]
    command = [sys.executable, "-m", "notion_sync_core", verb, "--to", str(folder / "out")]
    command += ["--json", "--progress", "plain"]
    return command + [part for setting in settings for part in ("--set", setting)]


class Watcher:
    """Follows a process and its children: CPU by stage, memory, and when the first page is there."""

    def __init__(self, process: subprocess.Popen[str], out: Path) -> None:
        self.peak_bytes = 0
        self.first_file_s = 0.0
        self.stages: dict[str, float] = {}
        self._begun = time.monotonic()
        self._out = out
        self._stage = "start"
        self._cpu: dict[int, float] = {}
        self._root = psutil.Process(process.pid)
        assert process.stderr is not None
        self._lines = process.stderr
        self._done = threading.Event()
        self._threads = [threading.Thread(target=target) for target in (self._watch, self._listen)]
        for thread in self._threads:
            thread.start()

    @property
    def cpu_s(self) -> float:
        """CPU seconds of all of them."""
        return sum(self._cpu.values())

    def stop(self) -> None:
        """Follow no more."""
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        """Lines of progress begin with the stage."""
        for line in self._lines:
            self._stage = line.partition(":")[0]

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            with contextlib.suppress(psutil.Error):
                self._look()

    def _look(self) -> None:
        total, before = 0, self.cpu_s
        for process in [self._root, *self._root.children(recursive=True)]:
            times = process.cpu_times()
            self._cpu[process.pid] = times.user + times.system
            total += process.memory_info().rss
        self.stages[self._stage] = self.stages.get(self._stage, 0.0) + self.cpu_s - before
        self.peak_bytes = max(self.peak_bytes, total)
        if not self.first_file_s and next(self._out.glob("*.md"), None):
            self.first_file_s = time.monotonic() - self._begun


def growth(results: list[Measured], run: str) -> float | None:
    """The exponent with which time grows: 1 is linear, start-up taken off."""
    sizes = [each for each in results if each.run == run and each.scenario == "no latency"]
    if len(sizes) < 2:
        return None
    small, large = sizes[0], sizes[-1]
    start_up = 0.35
    return math.log((large.seconds - start_up) / (small.seconds - start_up)) / math.log(large.pages / small.pages)


def table(results: list[Measured]) -> Iterator[str]:
    """The results as a Markdown table."""
    yield "| scenario | run | pages | seconds | pages/min | requests | ÷ least | 429 | CPU s | MB | first file s |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for each in results:
        ratio = each.requests / each.least
        yield (
            f"| {each.scenario} | {each.run} | {each.pages:,} | {each.seconds:.1f} | {each.pages_per_minute:,.0f} | "
            f"{each.requests:,} | {ratio:.3f} | {each.rate_limited} | {each.cpu_s:.1f} | {each.peak_mb:.0f} | "
            f"{each.first_file_s:.1f} |"
        )


def stage_table(results: list[Measured]) -> Iterator[str]:
    """CPU seconds for a thousand pages, stage by stage."""
    yield "| pages | start | read | write |"
    yield "| ---: | ---: | ---: | ---: |"
    for each in results:
        if each.run == "export" and each.scenario in ("small", "no latency"):
            shares = " | ".join(
                f"{each.stages.get(stage, 0.0) / each.pages * 1000:.2f}" for stage in ("start", "read", "write")
            )
            yield f"| {each.pages:,} | {shares} |"


def used_budget(results: list[Measured]) -> Iterator[str]:
    """How much of the request budget was spent while there was work."""
    for each in results:
        if each.budget_used is not None:
            yield (
                f"{each.scenario}: {each.requests:,} requests took {1 / each.budget_used:.3f} times the least time the "
                f"limit allows ({each.budget_used:.1%} used); {each.rate_limited} answers were 429."
            )


def instructions() -> float | None:
    """Millions of instructions of an export, in this process and its helpers; ``None`` without valgrind.

    The kernel's are not among them. Each version of Python has its own count; the caller's environment has no part, nor
    what else is installed: stevedore looks at all of it once, and keeps what it found.
    """
    if shutil.which("valgrind") is None:
        return None
    # Whether somebody has run it before must make no difference.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "notion_sync_core", "plugins"], cwd=ROOT, check=True)
    scenario = Scenario("instructions", COUNTED)
    with serving(scenario) as facts, tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], "HOME": folder, "NOTION_TOKEN": facts["token"], "PYTHONHASHSEED": "0"}
        listing = [sys.executable, "-m", "notion_sync_core", "plugins", "list", "--quiet"]
        subprocess.run(listing, env=environ, cwd=ROOT, capture_output=True, check=True)
        counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=yes"]
        done = subprocess.run(
            [*counting, *_command("export", scenario, facts, Path(folder))],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
    return sum(map(int, re.findall(r"Collected : (\d+)", done.stderr))) / 1e6


def record(results: list[Measured]) -> None:
    """Keep what :func:`check` compares with."""
    counted = instructions()
    names = ("scenario", "run", "pages", "requests", "peak_mb", "written_bytes")
    figures = {
        "python": ".".join(map(str, sys.version_info[:2])),
        "instructions": counted and round(counted),
        "runs": [{name: getattr(each, name) for name in names} for each in results],
    }
    RECORDED.write_text(json.dumps(figures, indent=1) + "\n")


def check(results: list[Measured]) -> int:
    """Compare what does not depend on the machine's speed with the recorded figures.

    :returns: how many are worse.
    """
    recorded = json.loads(RECORDED.read_text())
    runs = {(each["scenario"], each["run"], each["pages"]): each for each in recorded["runs"]}
    print("\n".join(table(results)))
    worse = 0
    for each in results:
        old = runs[(each.scenario, each.run, each.pages)]
        for name in ("requests", "peak_mb", "written_bytes"):
            what = f"{each.scenario}, {each.run}, {each.pages} pages: {name}"
            worse += _is_worse(what, name, old[name], getattr(each, name))
    return worse + _more_instructions(recorded)


def _more_instructions(recorded: dict[str, Any]) -> int:
    version = ".".join(map(str, sys.version_info[:2]))
    if not recorded["instructions"] or recorded["python"] != version:
        print(f"Instructions are not compared: recorded with Python {recorded['python']}, this is {version}.")
        return 0
    counted = instructions()
    if counted is None:
        print("Instructions are not compared: valgrind is not installed.")
        return 0
    return _is_worse(f"an export of {COUNTED} pages: instructions", "instructions", recorded["instructions"], counted)


def _is_worse(what: str, name: str, before: float, now: float) -> int:
    worse = now > before * SLACK[name] + 1
    print(f"{'WORSE' if worse else 'fine'}  {what} {before:,.0f} -> {now:,.0f}")
    return int(worse)


def main() -> None:
    """Measure, print, and write or compare if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="100,000 pages, 200,000 rows and a window of 60 s as well")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md and its plots")
    parser.add_argument("--check", action="store_true", help="compare with recorded.json; exit 1 if worse")
    parser.add_argument("--record", action="store_true", help="record what --check compares with")
    given = parser.parse_args()
    scenarios = CHECKED if given.check or given.record else SCENARIOS + (LARGE if given.all else [])
    results = []
    for scenario in scenarios:
        print(f"{scenario.name}, {scenario.pages:,} pages …", file=sys.stderr, flush=True)
        results += measure(scenario)
    if given.check:
        raise SystemExit(1 if check(results) else 0)
    print("\n".join(table(results)))
    print("\n".join([*stage_table(results), *used_budget(results)]))
    for run in ("export", "unchanged sync"):
        exponent = growth(results, run)
        if exponent is not None:
            print(f"Time of {run} grows with the number of pages to the power of {exponent:.2f}.")
    if given.record:
        record(results)
    if given.write:
        from report import write

        write(results, [*table(results)], [*stage_table(results)], [*used_budget(results)], growth(results, "export"))


if __name__ == "__main__":
    main()
