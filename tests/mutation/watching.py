"""A plugin of pytest that writes which lines each test runs, and how long it takes: ``-p mutation.watching``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage

_FOLDER = Path(os.environ["MUTATION_MAP"])
_SECONDS: dict[str, float] = {}
_FAILED: set[str] = set()
_LOOKED_AT = ("gate", "state", "stages")
_COVERAGE = Coverage(
    data_file=str(_FOLDER / "lines.sqlite"),
    config_file=False,
    branch=False,
    include=[f"notion_sync_core/{room}/*" for room in _LOOKED_AT],
)
# The room is another folder each time.
_COVERAGE.set_option("run:relative_files", True)


def pytest_sessionstart() -> None:
    """Begin before anything of ours is imported, with what is known of other tests."""
    _COVERAGE.load()
    _COVERAGE.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Lines that run while a test does are that test's, whatever thread they run on."""
    begin = time.process_time()
    _COVERAGE.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _COVERAGE.switch_context("")
        _SECONDS[item.nodeid] = round(time.process_time() - begin, 3)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test that fails without a mutant says nothing of one; one that is left out neither."""
    if report.outcome != "passed":
        _FAILED.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write both."""
    _COVERAGE.stop()
    _COVERAGE.save()
    place = _FOLDER / "seconds.json"
    known = json.loads(place.read_text()) if place.exists() else {}
    known |= {test: seconds for test, seconds in _SECONDS.items() if test not in _FAILED}
    place.write_text(json.dumps(known, indent=0))
