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

from notion_sync_demo import Workspace, generate

SIZES = [int(text) for text in sys.argv[1:]] or [1_000, 10_000]


def main() -> None:
    """Measure each size: a full export, and a sync with nothing changed."""
    print("  pages run         seconds  pages/min  requests   least  ratio    MB")
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
        space = generate(pages)
        for run in ("export", "sync again"):
            before = counters(url)["total"]
            report, seconds, peak = run_once(run.split()[0], url, folder)
            requests = counters(url)["total"] - before
            least = least_requests(space) if run == "export" else least_unchanged(space)
            pace = report["objects"]["discovered"] / seconds * 60
            print(
                f"{pages:>7} {run:<10} {seconds:>8.1f} {pace:>10,.0f} {requests:>9,} {least:>7,} "
                f"{requests / least:>6.3f} {peak / 1e6:>5.0f}",
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


def least_requests(space: Workspace) -> int:
    """What a full export cannot do without, at 100 objects a request.

    Searches, queries, databases, one listing per 100 children of each page and each block that has any, users.
    """
    searches = hundreds(len(space.pages) + len(space.data_sources))
    queries = sum(hundreds(sum(1 for _ in space.rows(source))) for source in space.data_sources)
    listings = 0
    for page in space.pages:
        todo = [page]
        while todo:
            children = space.children(todo.pop())
            listings += hundreds(len(children))
            todo += [
                each["id"]
                for each in children
                if each["has_children"] and each["type"] not in ("child_page", "child_database")
            ]
    return searches + queries + len(space.databases) + listings + hundreds(len(space.users))


def hundreds(count: int) -> int:
    """Requests that list so many; an empty list takes one too."""
    return max(1, -(-count // 100))


def least_unchanged(space: Workspace) -> int:
    """The bound of an unchanged sync: a hundredth of the objects, the data sources, and ten."""
    return (len(space.pages) + len(space.databases)) // 100 + len(space.data_sources) + 10


if __name__ == "__main__":
    main()
