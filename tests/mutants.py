"""Change the code a little, and see whether a test notices: ``make mutants``.

A sample of all mutants of the gate, the state and the stages, the same for the same seed. What was judged is kept in
``.mutants/``, so that a campaign that was interrupted goes on, and one that runs again asks only about new mutants.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import importlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from mutation import judging, making
from mutation.keeping import NOTICED, Judged

PROJECT = Path(__file__).parent.parent
ROOMS = ("gate", "state", "stages")
TESTS = ["tests/core", "tests/pipeline", "tests/embedding/test_changes.py"]
"""What looks at the three rooms without a process or a campaign of its own for each look."""
ENOUGH = 85.0
"""Per cent of mutants that tests must notice."""
_AT_ONCE = 8
"""Files of tests that are looked at before what was found out is written down."""
_HEAVY = (
    "cattrs",
    "click",
    "diskcache",
    "hypothesis.strategies",
    "jinja2",
    "orjson",
    "pytest",
    "requests",
    "rich.console",
)


def main() -> int:
    """Judge a sample; 1 if too many survive."""
    given = _arguments()
    folder = PROJECT / ".mutants"
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        room = judging.Room.made(PROJECT, Path(place) / "project")
        lines = _map(room, folder, given.tests or TESTS, again=given.explore)
        _warm_up()
        verdicts = _campaign(given, room, lines, folder)
    return _tell(verdicts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=150, help="how many mutants (150)")
    parser.add_argument("--seed", type=int, default=1, help="which (1)")
    parser.add_argument("--only", default="", help="of modules whose path holds this text")
    parser.add_argument("--look", type=float, default=60.0, help="seconds of tests for one mutant at the most (60)")
    parser.add_argument("--explore", action="store_true", help="find out anew which tests run which lines")
    parser.add_argument("tests", nargs="*", help="other tests than the usual ones (with --explore)")
    return parser.parse_args()


def _map(room: judging.Room, folder: Path, tests: list[str], *, again: bool) -> judging.Map:
    """Which tests run which lines of what stands there now: of tests that changed, or of all when a room did."""
    known = folder / "known.json"
    old = json.loads(known.read_text()) if known.exists() and not again else {}
    rooms = _digest(_modules(""))
    if old.get("rooms") != rooms:
        shutil.rmtree(folder, ignore_errors=True)
        old = {"rooms": rooms, "tests": {}}
    files = [path for each in tests for path in ([PROJECT / each] if each.endswith(".py") else _tests_in(each))]
    now = {path.relative_to(PROJECT).as_posix(): _digest([path]) for path in files}
    new = sorted(name for name, digest in now.items() if old["tests"].get(name) != digest)
    folder.mkdir(exist_ok=True)
    for begin in range(0, len(new), _AT_ONCE):
        some = new[begin : begin + _AT_ONCE]
        print(f"Finding out which lines {len(some)} of {len(new) - begin} files of tests run …", flush=True)
        judging.forget(folder, some)
        judging.explore(room, folder, some)
        old["tests"] |= {name: now[name] for name in some}
        known.write_text(json.dumps({"rooms": rooms, "tests": old["tests"]}))
    return judging.Map.load(folder)


def _tests_in(folder: str) -> list[Path]:
    return sorted((PROJECT / folder).rglob("test_*.py"))


def _digest(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _modules(only: str) -> list[Path]:
    found = (path for each in ROOMS for path in (PROJECT / "notion_sync_core" / each).rglob("*.py"))
    return sorted(path for path in found if only in path.relative_to(PROJECT).as_posix())


def _warm_up() -> None:
    """Import what every test imports and what is not ours, once for all forks."""
    for name in _HEAVY:
        importlib.import_module(name)
    assert not any(name.startswith("notion_sync") for name in sys.modules), "a fork would see the original"


def _campaign(
    given: argparse.Namespace, room: judging.Room, lines: judging.Map, folder: Path
) -> list[tuple[making.Mutant, judging.Verdict]]:
    """Judge each mutant of the sample, but for those whose verdict still stands."""
    judged = Judged(folder / "verdicts.jsonl", json.loads((folder / "known.json").read_text())["tests"])
    judging.control(room, lines)
    told = []
    for mutant in making.sample(_modules(given.only), PROJECT, given.count, given.seed):
        source = (PROJECT / mutant.module).read_text("utf-8")
        tests = lines.tests_of(mutant, source, given.look)
        verdict = judged.of(mutant.id, tests)
        if verdict is None:
            verdict = judging.judge(room, mutant, source, lines, tests)
            judged.keep(verdict, tests)
        told.append((mutant, verdict))
        print(f"{len(told):4} {verdict.outcome:9}{verdict.seconds:7.1f} s  {mutant.id}", flush=True)
    return told


def _tell(verdicts: list[tuple[making.Mutant, judging.Verdict]]) -> int:
    for mutant, verdict in verdicts:
        if verdict.outcome not in NOTICED:
            before = (PROJECT / mutant.module).read_text("utf-8").splitlines()
            change = difflib.unified_diff(
                before, mutant.source.splitlines(), mutant.module, verdict.outcome, n=1, lineterm=""
            )
            print("", *change, sep="\n")
    print()
    noticed: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    for mutant, verdict in verdicts:
        name = mutant.module.split("/")[1]
        everything[name] += 1
        noticed[name] += verdict.outcome in NOTICED
    for name in sorted(everything):
        print(f"{name:8}{noticed[name]:5} of{everything[name]:5}{100 * noticed[name] / everything[name]:7.1f} %")
    share = 100 * noticed.total() / max(1, everything.total())
    print(f"{'all':8}{noticed.total():5} of{everything.total():5}{share:7.1f} %, at least {ENOUGH} % wanted")
    return int(share < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
