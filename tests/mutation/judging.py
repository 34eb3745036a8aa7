"""Which tests see a line, and what they say of a mutant."""

from __future__ import annotations

import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from attrs import define, frozen
from coverage import CoverageData

from mutation.making import Mutant, lines_of, runs_at_import

GRACE_S = 20.0
"""More than all that, for a start and for machines that are busy."""
_USUAL = "not (campaign or recorded or web or chaos or disks or official or prometheus or radosgw or deploy)"
SLACK = 8.0
"""A test that takes so many times as long as it did hangs: that is noticed too."""


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

    @classmethod
    def load(cls, folder: Path) -> Map:
        """:raises OSError: there is none yet."""
        seconds = json.loads((folder / "seconds.json").read_text("utf-8"))
        data = CoverageData(str(folder / "lines.sqlite"))
        data.read()
        return cls(seconds, data)

    def tests_of(self, mutant: Mutant, source: str, look_s: float) -> list[str]:
        """The tests that run a mutant's lines, quick ones first; of a line that runs at import: all of its module.

        :param look_s: so many seconds of tests at the most: a survivor costs no more.
        """
        by_line = self.data.contexts_by_lineno(mutant.module)
        near = {test for line in lines_of(source, mutant.line) for test in by_line.get(line, ())}
        seeing = near - {""}
        if not seeing and runs_at_import(source, mutant.line):
            seeing = {test for tests in by_line.values() for test in tests}
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(seeing & self.seconds.keys(), key=lambda each: (self.seconds[each], each)):
            spent += self.seconds[test]
            if chosen and spent > look_s:
                break
            chosen.append(test)
        return chosen


def explore(room: Room, folder: Path, paths: list[str]) -> None:
    """Run tests once in the room and write what they do into the map, which may know others.

    :raises SystemExit: they cannot be run.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", "--no-header", "-p", "mutation.watching", "-m", _USUAL, *paths],
        cwd=room.folder,
        env=room.environ() | {"PYTHONPATH": room.environ()["PYTHONPATH"] + f"{os.pathsep}{room.folder / 'tests'}",
                              "MUTATION_MAP": str(folder)},
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests cannot be run: pytest ended with {done.returncode}")


def forget(folder: Path, files: list[str]) -> None:
    """Take what changed out of the map."""
    place = folder / "seconds.json"
    if place.exists():
        seconds = json.loads(place.read_text("utf-8"))
        left = {test: each for test, each in seconds.items() if test.partition("::")[0] not in files}
        place.write_text(json.dumps(left, indent=0), "utf-8")


def judge(room: Room, mutant: Mutant, source: str, lines: Map, tests: list[str]) -> Verdict:
    """Run the tests of a mutant's lines until one fails."""
    if not tests:
        return Verdict(mutant.id, "unseen", 0.0)
    begin = time.monotonic()
    room.put(mutant.module, mutant.source)
    try:
        outcome, last = _run(room, tests, sum(lines.seconds[test] for test in tests))
    finally:
        room.put(mutant.module, source)
    return Verdict(mutant.id, outcome, round(time.monotonic() - begin, 2), last)


def control(room: Room, lines: Map) -> None:
    """Tests say nothing against what is not changed, else they would of all that is.

    :raises SystemExit: they do.
    """
    some = random.Random(0).sample(sorted(lines.seconds), min(20, len(lines.seconds)))
    outcome, last = _run(room, some, sum(lines.seconds[test] for test in some))
    if outcome != "survived":
        said = (room.folder / ".said").read_text("utf-8", "replace")
        raise SystemExit(f"the tests fail without a mutant: {last}\n{said[-4000:]}")


def _run(room: Room, tests: list[str], seconds: float) -> tuple[str, str]:
    """What tests say that take so many seconds: of the processor they get some times as much, of the clock more."""
    told = room.folder / ".last-test"
    told.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _be_pytest(room, tests, told, math.ceil(GRACE_S / 4 + SLACK * seconds))
    end = time.monotonic() + GRACE_S + 2 * SLACK * seconds
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < end:
        time.sleep(0.02)
    if ended == (0, 0):
        os.killpg(child, signal.SIGKILL)
        ended = os.waitpid(child, 0)
    last = told.read_text("utf-8") if told.exists() else ""
    if os.WIFSIGNALED(ended[1]):
        return "hangs", last
    return ("survived", "") if last == "passed" else ("killed", last)


def _be_pytest(room: Room, tests: list[str], told: Path, limit_s: int) -> None:
    """In a fork of this process, which has the heavy libraries already: the tests, and no way back."""
    os.setsid()
    status = 1
    try:
        with Path(os.devnull).open("rb") as nothing, (room.folder / ".said").open("wb") as said:
            for handle, file in enumerate((nothing, said, said)):
                os.dup2(file.fileno(), handle)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
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
