"""Which tests see a line, and what they say of a mutant."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from attrs import define, frozen
from coverage import CoverageData

from mutation.making import Mutant, lines_of

LOOKED_AT_S = 60.0
"""Tests are tried on a mutant until theirs would be so many seconds of work: a survivor costs no more."""
_USUAL = "not (unmeasured or recorded or web or chaos or disks or official or prometheus or radosgw or deploy)"
SLACK = 8.0
"""A test that takes so many times as long as it did (and some seconds) hangs: that is noticed too."""


@frozen
class Verdict:
    """What became of a mutant."""

    id: str
    outcome: str
    """``killed``, ``hangs``, ``survived`` or ``unseen`` (no test runs the line)."""
    seconds: float
    by: str = ""
    """The last test that was started."""


@define
class Room:
    """A copy of the project, in which mutants live: the project itself is never changed."""

    folder: Path

    @classmethod
    def made(cls, project: Path, folder: Path) -> Room:
        """Copy what git knows or would take."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=project, capture_output=True, check=True,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (project / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(project / name, folder / name)
        return cls(folder)

    def environ(self) -> dict[str, str]:
        """Of processes that see the copy, and not the installed project."""
        return {**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'plugins'}"}

    def put(self, module: str, text: str) -> None:
        """Write a module, and forget what it was compiled to."""
        path = self.folder / module
        path.write_text(text, "utf-8")
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()


@define
class Map:
    """Which tests run which lines, and how long each takes; found out once for each state of the tests."""

    seconds: dict[str, float]
    data: CoverageData
    root: Path
    """The folder that paths in the data begin with."""

    @classmethod
    def load(cls, folder: Path, root: Path) -> Map:
        """:raises OSError: there is none yet."""
        seconds = json.loads((folder / "seconds.json").read_text("utf-8"))
        data = CoverageData(str(folder / "lines.sqlite"))
        data.read()
        return cls(seconds, data, root)

    def tests_of(self, mutant: Mutant, source: str) -> list[str]:
        """The tests that run a mutant's lines, quick ones first; a line of the module itself: those that use it."""
        by_line = self.data.contexts_by_lineno(str(self.root / mutant.module))
        near = {test for line in lines_of(source, mutant.line) for test in by_line.get(line, ())}
        seeing = near - {""} or {test for tests in by_line.values() for test in tests if test}
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(seeing & self.seconds.keys(), key=lambda each: (self.seconds[each], each)):
            spent += self.seconds[test]
            if chosen and spent > LOOKED_AT_S:
                break
            chosen.append(test)
        return chosen


def explore(room: Room, folder: Path, paths: list[str]) -> None:
    """Run tests once in the room and write the map of them.

    :raises SystemExit: they cannot be run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("lines.sqlite", "seconds.json"):
        (folder / old).unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", "--no-header", "-p", "mutation.watching", "-m", _USUAL, *paths],
        cwd=room.folder,
        env=room.environ() | {"PYTHONPATH": room.environ()["PYTHONPATH"] + f"{os.pathsep}{room.folder / 'tests'}",
                              "MUTATION_MAP": str(folder)},
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests cannot be run: pytest ended with {done.returncode}")


def judge(room: Room, mutant: Mutant, source: str, lines: Map) -> Verdict:
    """Run the tests of a mutant's lines until one fails."""
    tests = lines.tests_of(mutant, source)
    if not tests:
        return Verdict(mutant.id, "unseen", 0.0)
    begin = time.monotonic()
    room.put(mutant.module, mutant.source)
    try:
        outcome, last = _run(room, tests, 20 + SLACK * sum(lines.seconds[test] for test in tests))
    finally:
        room.put(mutant.module, source)
    return Verdict(mutant.id, outcome, round(time.monotonic() - begin, 2), last)


def control(room: Room, lines: Map) -> None:
    """Tests say nothing against what is not changed, else they would of all that is.

    :raises SystemExit: they do.
    """
    some = random.Random(0).sample(sorted(lines.seconds), min(20, len(lines.seconds)))
    outcome, last = _run(room, some, 20 + SLACK * sum(lines.seconds[test] for test in some))
    if outcome != "survived":
        said = (room.folder / ".said").read_text("utf-8", "replace")
        raise SystemExit(f"the tests fail without a mutant: {last}\n{said[-4000:]}")


def _run(room: Room, tests: list[str], timeout_s: float) -> tuple[str, str]:
    told = room.folder / ".last-test"
    told.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _be_pytest(room, tests, told)
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            break
        time.sleep(0.02)
    else:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "hangs", told.read_text() if told.exists() else ""
    last = told.read_text() if told.exists() else ""
    return ("survived" if last == "passed" else "killed"), last if last != "passed" else ""


def _be_pytest(room: Room, tests: list[str], told: Path) -> None:
    """In a fork of this process, which has the heavy libraries already: the tests, and no way back."""
    os.setsid()
    status = 1
    try:
        with Path(os.devnull).open("rb") as nothing, (room.folder / ".said").open("wb") as said:
            for handle, file in enumerate((nothing, said, said)):
                os.dup2(file.fileno(), handle)
        os.chdir(room.folder)
        os.environ.update(room.environ(), PYTHONDONTWRITEBYTECODE="1")
        sys.path[:0] = [str(room.folder), str(room.folder / "plugins")]
        sys.dont_write_bytecode = True
        random.seed(0)
        import pytest

        class Tell:
            def pytest_runtest_logstart(self, nodeid: str) -> None:
                told.write_text(nodeid)

        early = "ignore::pytest.PytestAssertRewriteWarning"  # on purpose: this process had them before
        options = ["-x", "-q", "-W", early, "-p", "no:cacheprovider", "-p", "no:xdist"]
        status = int(pytest.main([*options, *tests], plugins=[Tell()]))
        if status == 0:
            told.write_text("passed")
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
