"""The same content and options give the same bytes, whatever the machine's settings are (P6)."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import tree
from faults.campaign import CHAOS
from faults.figures import record
from faults.small import Time, small_workspace
from notion_sync_demo import Emulator

pytestmark = pytest.mark.campaign

WORKERS, SEEDS, ZONES, LOCALES = ("1", "4", "16"), ("0", "1", "2"), ("UTC", "Asia/Kolkata"), ("C", "C.UTF-8")
SETTINGS = list(itertools.product(WORKERS, SEEDS, ZONES, LOCALES))
FEW = [SETTINGS[index] for index in (0, 7, 14, 19, 25, 35)]
"""Each value of each setting at least twice."""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    time = Time()
    with Emulator(small_workspace(time), clock=lambda: time.now + 3600.0) as emulator:
        yield emulator


def fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path, content in tree(folder).items():
        digest.update(b"%s\0%d\0%s" % (path.encode(), len(content), content))
    return digest.hexdigest()


def test_workers_hash_seeds_time_zones_and_locales_change_nothing(server: Emulator, tmp_path: Path) -> None:
    chosen = SETTINGS if CHAOS else FEW
    found = set()
    for number, (workers, seed, zone, locale) in enumerate(chosen):
        words = [sys.executable, "-m", "notion_sync_core", "export", "--quiet", "--to", str(tmp_path / f"out{number}")]
        words += ["--renderer", "markdown", "--renderer", "json", "--set", f"deployment.state_dir={tmp_path}/{number}"]
        words += ["--set", f"notion.base_url={server.url}", "--set", f"performance.workers={workers}"]
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
        environ |= {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "NOTION_TOKEN": server.token}
        done = subprocess.run([*words, "--set", "performance.requests=0"], env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.add(fingerprint(tmp_path / f"out{number}"))
    assert len(found) == 1
    record("workers × hash seeds × time zones × locales", len(chosen), "one tree hash")
