"""The campaign over mutants itself: what it changes, and that it believes only tests that fail for it."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

import mutants
from mutation import judging
from mutation.judging import Map, Room, Verdict, forget, judge
from mutation.keeping import Judged
from mutation.making import Mutant, lines_of, made, places, runs_at_import, sample

TOY = """\
from __future__ import annotations

def larger(one: int | None, two: int) -> int:
    if one is not None and one > two:
        return one
    return two

def unseen(value: int) -> int:
    return value + 1

def count() -> int:
    number = 0
    while number < 3:
        number += 1
    return number
"""
TESTS = """\
from toy import count, larger

def test_the_larger():
    assert (larger(1, 2), larger(5, 2)) == (2, 5)

def test_count():
    assert count()
"""


def test_the_same_seed_gives_the_same_mutants_each_of_another_place(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(TOY)
    first = list(sample([tmp_path / "toy.py"], tmp_path, 6, 1))
    assert first == list(sample([tmp_path / "toy.py"], tmp_path, 6, 1))
    assert first != list(sample([tmp_path / "toy.py"], tmp_path, 6, 2))
    assert len({(each.line, each.column) for each in first}) == 6
    assert all(each.source != TOY for each in first)


def test_what_nobody_evaluates_is_no_mutant() -> None:
    annotated = [place for place in places("toy.py", TOY) if place.line == 3]
    assert annotated
    assert [made(place, TOY, random.Random(0)) for place in annotated] == [None] * len(annotated)


@pytest.mark.parametrize(("line", "lines"), [(3, (4, 6)), (4, (4, 4)), (5, (5, 5)), (13, (13, 13)), (14, (14, 14))])
def test_lines_that_run_together_are_those_of_a_statement(line: int, lines: tuple[int, int]) -> None:
    assert lines_of(TOY, line) == range(lines[0], lines[1] + 1)


class Known:
    """What coverage found out, made by hand: each test and the lines that it runs."""

    def __init__(self, **lines: set[int]) -> None:
        self.lines = lines

    def contexts_by_lineno(self, module: str) -> dict[int, list[str]]:
        everything = set().union(*self.lines.values())
        named = {f"test_toy.py::test_{name}": lines for name, lines in self.lines.items()}
        return {line: [test for test, lines in named.items() if line in lines] for line in everything}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "toy.py").write_text(TOY)
    (tmp_path / "test_toy.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return Room(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "outcome"),
    [
        ("one > two", "one < two", 4, "killed"),
        ("number < 3", "number < 2", 13, "survived"),
        ("number += 1", "number += 0", 14, "hangs"),
        ("value + 1", "value + 2", 9, "unseen"),
    ],
)
def test_a_mutant_is_judged_by_the_tests_that_run_its_lines(
    room: Room, old: str, new: str, line: int, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mutation.judging.GRACE_S", 8.0)
    data = Known(the_larger={4, 5, 6}, count={12, 13, 14, 15})
    lines = Map({"test_toy.py::test_the_larger": 0.01, "test_toy.py::test_count": 0.01}, data)  # type: ignore[arg-type]
    mutant = Mutant("toy.py", "Some", 0, line, 0, TOY.replace(old, new))

    verdict = judge(room, mutant, TOY, lines, lines.tests_of(mutant, TOY, 60.0))

    assert verdict.outcome == outcome
    assert (room.folder / "toy.py").read_text() == TOY


@pytest.mark.parametrize(("line", "early"), [(1, True), (3, True), (4, False), (9, False), (12, False)])
def test_what_is_in_no_body_runs_at_import(line: int, early: bool) -> None:
    assert runs_at_import(TOY, line) is early


def test_tests_of_a_file_that_changed_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "seconds.json").write_text('{"a.py::one": 1.0, "b.py::two[x::y]": 2.0}')
    forget(tmp_path, ["a.py"])
    assert (tmp_path / "seconds.json").read_text() == '{\n"b.py::two[x::y]": 2.0\n}'


@pytest.mark.parametrize(
    ("outcome", "by", "changed", "stands"),
    [
        ("killed", "a.py::one", {}, True),
        ("hangs", "a.py::one", {}, True),
        ("killed", "a.py::one", {"b.py": "2"}, True),
        ("killed", "a.py::one", {"a.py": "2"}, False),
        ("survived", "", {}, True),
        ("survived", "", {"c.py": "2"}, True),
        ("survived", "", {"b.py": "2"}, False),
    ],
)
def test_a_verdict_stands_until_the_tests_change_that_gave_it(
    tmp_path: Path, outcome: str, by: str, changed: dict[str, str], stands: bool
) -> None:
    digests = {"a.py": "1", "b.py": "1", "c.py": "1"}
    tests = ["a.py::one", "b.py::two"]
    verdict = Verdict("m", outcome, 1.0, by)
    Judged(tmp_path / "verdicts", digests).keep(verdict, tests)

    again = Judged(tmp_path / "verdicts", digests | changed)

    assert again.of("m", tests) == (verdict if stands else None)
    assert again.of("another", tests) is None


def test_a_survivor_is_judged_anew_when_it_has_a_new_test(tmp_path: Path) -> None:
    digests = {"a.py": "1", "b.py": "1"}
    judged = Judged(tmp_path / "verdicts", digests)
    for outcome, by in (("survived", ""), ("killed", "a.py::one")):
        judged.keep(Verdict(outcome, outcome, 1.0, by), ["a.py::one"])

    again = Judged(tmp_path / "verdicts", digests)

    assert again.of("survived", ["a.py::one", "b.py::two"]) is None
    assert again.of("killed", ["a.py::one", "b.py::two"]) is not None


def test_a_look_at_the_tests_that_was_interrupted_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (tmp_path / f"test_{number:02}.py").write_text(f"# {number}")
    asked: list[list[str]] = []

    def explore(room: Room, folder: Path, files: list[str]) -> None:
        if len(asked) == 1:
            asked.append([])
            raise KeyboardInterrupt
        asked.append(files)

    monkeypatch.setattr(mutants, "PROJECT", tmp_path)
    monkeypatch.setattr(judging, "explore", explore)
    monkeypatch.setattr(Map, "load", lambda folder: folder)
    look = partial(mutants._map, Room(tmp_path), tmp_path / ".mutants", ["."], again=False)

    with pytest.raises(KeyboardInterrupt):
        look()
    look()

    assert sorted(file for files in asked for file in files) == sorted(path.name for path in tmp_path.glob("test_*.py"))
    look()
    assert len(asked) == 4
