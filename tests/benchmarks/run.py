"""``make bench``: pages a minute, requests against least, and peak memory, as a table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

SIZES = [int(text) for text in sys.argv[1:]] or [1_000, 10_000]


def main() -> None:
    """Measure each size: a full export, and a sync with nothing changed."""
    print(f"{'pages':>7} {'run':<10} {'seconds':>8} {'pages/min':>10} {'requests':>9} {'least':>7} {'ratio':>6} {'MB':>5}")
    for pages in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measure(pages, Path(folder))


def measure(pages: int, folder: Path) -> None:
    """One generated workspace, served by a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "notion_sync_demo", "--pages", str(pages)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[0].partition("=")[2]
        least = 0
        for run in ("export", "sync again"):
            before = counters(url)["total"]
            report, seconds, peak = run_once(run.split()[0], url, folder)
            requests = counters(url)["total"] - before
            least = least_requests(url, report) if run == "export" else least_unchanged(url, report)
            row = (pages, run, seconds, report["objects"]["discovered"] / seconds * 60, requests, least)
            print(
                f"{row[0]:>7} {row[1]:<10} {row[2]:>8.1f} {row[3]:>10,.0f} {row[4]:>9,} {row[5]:>7,} "
                f"{row[4] / row[5]:>6.3f} {peak / 1e6:>5.0f}",
                flush=True,
            )
    finally:
        server.terminate()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def run_once(command: str, url: str, folder: Path) -> tuple[dict[str, Any], float, int]:
    """One run in a process of its own.

    :returns: its report, its seconds, and the largest memory (resident, in bytes, all its processes together).
    """
    started = time.monotonic()
    with (folder / "report.json").open("w+") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "notion_sync_core", command, "--to", str(folder / "out"), "--json"),
                *("--progress", "none", "--set", "performance.requests=0"),
                *("--set", f"notion.base_url={url}", "--set", f"deployment.state_dir={folder / 'state'}"),
            ],
            env={**os.environ, "NOTION_TOKEN": "demo-token"},
            stdout=out,
        )
        peak = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, memory(watched))
            time.sleep(0.05)
        seconds = time.monotonic() - started
        assert process.returncode == 0, f"exit status {process.returncode}"
        out.seek(0)
        return json.load(out), seconds, peak


def memory(process: psutil.Process) -> int:
    """Resident bytes of a process and its children."""
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def counters(url: str) -> dict[str, Any]:
    """What the server counted."""
    with urllib.request.urlopen(f"{url}/_emulator/counters") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def least_requests(url: str, report: dict[str, Any]) -> int:
    """Searches and queries (100 a request), containers, one listing per 100 children of what has any, users once.

    The server counts the listings of children it could serve: in this workspace no list is longer than 100.
    """
    endpoints: dict[str, int] = counters(url)["endpoints"]
    parents = counters(url)["parents"]
    objects = report["objects"]["discovered"]
    sources = sum(1 for name in endpoints if "/query" in name) and counters(url)["data_sources"]
    rows = counters(url)["rows"]
    return -(-objects // 100) + sum(-(-count // 100) or 1 for count in rows) + sources + parents + 1


def least_unchanged(url: str, report: dict[str, Any]) -> int:
    """The bound of an unchanged sync: a hundredth of the objects, the data sources, and ten."""
    return report["objects"]["discovered"] // 100 + int(counters(url)["data_sources"]) + 10


if __name__ == "__main__":
    main()
