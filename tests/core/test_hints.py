"""Options are of types that a configuration can say: each is built as it says, or refused with what is expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import field, frozen, validators

from notion_sync_core import Job
from notion_sync_core.config.keys import expect_types
from notion_sync_core.config.loader import parse
from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.plugin import FilePath, Secret, hookimpl
from notion_sync_core.structure import structure


class Colour(Enum):
    RED = "red"
    ONE = 1


@frozen
class Inner:
    depth: int = 0


@frozen(eq=False)
class Rich:
    texts: tuple[str, ...] = ()
    few: frozenset[str] = frozenset()
    some: set[int] = field(factory=set)
    row: Sequence[str] = ()
    listed: list[str] = field(factory=list)
    paths: list[FilePath] = field(factory=list)
    pair: tuple[int, str] = (1, "a")
    either: int | str = 0
    many: str | list[str] | None = None
    colour: Colour = Colour.RED
    colours: tuple[Colour, ...] = ()
    words: list[Literal["a", "b"]] = field(factory=list)
    chosen: tuple[str, ...] = field(default=(), validator=validators.deep_iterable(validators.in_(("x", "y"))))
    numbers: dict[str, int] = field(factory=dict)
    inner: Inner = Inner()
    anything: Any = None
    bare: list = field(factory=list)  # type: ignore[type-arg]
    _clock: Callable[[], float] = float

    @hookimpl
    def on_event(self, event: object) -> None:
        """Look away."""


def built(**options: Any) -> Rich:
    made: Rich = structure(Rich, options, "plugins.rich", {})
    return made


@pytest.mark.parametrize(
    ("name", "given", "becomes"),
    [
        ("texts", ["abc"], ("abc",)),
        ("few", ["a", "b", "a"], frozenset({"a", "b"})),
        ("some", [1, 2], {1, 2}),
        ("row", ["abc"], ("abc",)),
        ("listed", ["abc"], ["abc"]),
        ("paths", ["x"], ["x"]),
        ("pair", [3, "b"], (3, "b")),
        ("either", 7, 7),
        ("either", "seven", "seven"),
        ("many", ["a"], ["a"]),
        ("many", "a", "a"),
        ("many", None, None),
        ("colour", "red", Colour.RED),
        ("colour", 1, Colour.ONE),
        ("colours", ["red", 1], (Colour.RED, Colour.ONE)),
        ("words", ["a"], ["a"]),
        ("chosen", ["x"], ("x",)),
        ("numbers", {"a": 1}, {"a": 1}),
        ("inner", {"depth": 2}, Inner(2)),
        ("anything", [1, {"a": "b"}], [1, {"a": "b"}]),
        ("bare", [1, "a"], [1, "a"]),
    ],
)
def test_a_value_becomes_what_its_type_says(name: str, given: Any, becomes: Any) -> None:
    found = getattr(built(**{name: given}), name)
    assert (found, type(found)) == (becomes, type(becomes))


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("texts", "abc", "a list of texts"),
        ("few", "abc", "a list of texts"),
        ("row", "abc", "a list of texts"),
        ("texts", [1], "a list of texts"),
        ("some", 34, "a list of whole numbers"),
        ("pair", [3], "a list of 2: whole number, text"),
        ("pair", ["b", 3], "a list of 2: whole number, text"),
        ("either", 1.5, "a whole number or text"),
        ("either", True, "a whole number or text"),
        ("colour", "blue", "one of 'red', 1"),
        ("colour", True, "one of 'red', 1"),
        ("colours", ["blue"], "a list of any of 'red', 1"),
        ("words", ["c"], "a list of any of 'a', 'b'"),
        ("chosen", "x", "a list of texts"),
        ("chosen", ["z"], "a list of any of 'x', 'y'"),
        ("numbers", {"a": "b"}, "a table of whole numbers"),
        ("numbers", 3, "a table"),
        (
            "paths",
            ["${HOME}/x"],
            "a list of a path without variables: ${HOME} is not replaced here; write it out, or begin with ~/",
        ),
        ("inner", {"depth": "x"}, "a whole number"),
    ],
)
def test_another_value_is_refused_with_what_is_expected(name: str, given: Any, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        built(**{name: given})
    assert (
        caught.value.message
        == f"configuration: plugins.rich.{name} is {given!r}".replace("True", "true") + f", expected {expected}"
    )


def test_a_text_of_a_command_line_is_a_list_where_one_is_wanted() -> None:
    for wanted in (list[str], tuple[str, ...], frozenset[str], Sequence[str], list[str] | None):
        assert parse("abc", wanted) == ["abc"]
        assert parse("abc, d", wanted) == ["abc", "d"]


def test_what_begins_with_an_underscore_is_no_option() -> None:
    expect_types(Rich, "the listener 'rich'")
    with pytest.raises(ConfigError, match=r"unknown key 'plugins\.rich\._clock'"):
        built(_clock=3)


@frozen(eq=False)
class Strange:
    when: Callable[[], float]


@frozen(eq=False)
class Nested:
    places: dict[str, list[Path]]


@frozen(eq=False)
class Keyed:
    by_number: dict[int, str]


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Strange, "option when has a type"), (Nested, "Path: write FilePath"), (Keyed, "keys that are no texts")],
)
def test_a_type_that_nobody_could_write_is_refused_when_the_plugin_is_loaded(kind: type, said: str) -> None:
    with pytest.raises(PluginError) as caught:
        expect_types(kind, "the listener 'odd' (odd 1.0)")
    assert caught.value.message.startswith("the listener 'odd' (odd 1.0): its option")
    assert said in caught.value.message
    assert "begins with an underscore" in caught.value.remedy


@frozen(eq=False)
class Needy:
    depth: int
    key: Secret
    word: Literal["a", "b"]

    @hookimpl
    def on_event(self, event: object) -> None:
        """Look away."""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "plugins.needy.depth must be given, a whole number"),
        ({"depth": 3, "word": "a"}, "plugins.needy.key must be given, a reference to a secret"),
        ({"depth": 3, "key": Secret("env:X", "x")}, "plugins.needy.word must be given, one of 'a', 'b'"),
    ],
)
def test_an_option_without_a_default_is_asked_for_by_its_name_and_type(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        structure(Needy, options, "plugins.needy", {})
    assert caught.value.message == message
    name = message.split()[0]
    assert f"--set {name}=" in caught.value.remedy
    assert "[plugins.needy]" in caught.value.remedy


def test_a_one_file_plugin_with_a_strange_type_names_its_file(tmp_path: Path) -> None:
    file = tmp_path / "odd.py"
    file.write_text(
        "from datetime import timedelta\nfrom attrs import frozen\nfrom notion_sync_core.plugin import hookimpl\n"
        "@frozen(eq=False)\nclass Odd:\n    every: timedelta = timedelta(1)\n"
        "    @hookimpl\n    def on_event(self, event): pass\n"
    )
    job = Job.load(None, flags={"monitoring.listeners": [f"{file}:Odd"]})
    with pytest.raises(PluginError, match=r"odd\.py.*its option every has a type that options cannot have: timedelta"):
        job.listeners()
