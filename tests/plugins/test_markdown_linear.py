"""The work that a text makes grows with its length, whatever is repeated in it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

import notion_sync_markdown
from notion_sync_core.model import Json
from notion_sync_markdown.dialects import DIALECTS as CLASSES
from plugins.markdown_reading import DIALECTS, rendered
from plugins.rendering import block, ref, span, table
from regex_steps import patterns, steps
from units import UNITS, repeated

pytestmark = pytest.mark.campaign

N = 160
MOST = 2.3
"""Growth from n to 2n."""
Work = Callable[[], object]
MODULES = [each.name for each in pkgutil.walk_packages(notion_sync_markdown.__path__, "notion_sync_markdown.")]
PATTERNS = {
    found.pattern: (name, found) for module in MODULES for name, found in patterns(importlib.import_module(module))
}


def test_the_patterns_that_are_looked_at_are_those_in_use() -> None:
    names = {name for name, _ in PATTERNS.values()}

    assert {"notion_sync_markdown.addresses._BARE", "notion_sync_markdown.escape._RUNS"} <= names
    assert {dialect.escaper._inline.pattern for dialect in CLASSES.values()} <= set(PATTERNS)


@pytest.mark.parametrize(("pattern", "text"), [(r"\S*(?:://|www\.)\S*", "*"), (r"[ \t]*\n", " "), (r"(?:a|b)*c", "ab")])
def test_a_pattern_that_begins_anew_at_each_character_is_found(pattern: str, text: str) -> None:
    small, large = (steps(re.compile(pattern), text * n) for n in (N, 2 * N))

    assert large / small > 3


@pytest.mark.parametrize("name", sorted({name for name, _ in PATTERNS.values()}))
def test_no_pattern_looks_at_a_text_again_and_again(name: str) -> None:
    grown = {}
    for unit in UNITS:
        for owner, pattern in PATTERNS.values():
            if owner == name:
                small, large = (steps(pattern, repeated(unit, n)) for n in (N, 2 * N))
                grown[unit, pattern.pattern] = large / small

    assert {key: growth for key, growth in grown.items() if growth > MOST} == {}


def calls(work: Work) -> int:
    """How many functions are called, those of C included."""
    count = 0

    def see(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # the clearing up of what other tests left is no work of this one
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def everywhere(text: str) -> list[Json]:
    """The text wherever a page may have one."""
    tex = {"type": "equation", "equation": {"expression": text}, "plain_text": text, "annotations": {}}
    return [
        block("callout", [span(text), span(text, bold=True), span(text, code=True), tex]),
        block("heading_1", [span(text, "https://a.b"), span(f"\n{text}", color="red")]),
        block("code", text, language=text, caption=[span(text)]),
        block("equation", expression=text),
        block("bookmark", url=f"https://a.b/{text}", caption=[span(text)]),
        block("child_page", title=text),
        table([text, "b"]),
    ]


def page(text: str, dialect: str, math: bool) -> Work:
    properties = {"x": {"type": "rich_text", "rich_text": [span(text)]}}
    given: dict[str, Any] = {"ref": ref(text), "raw": {"properties": properties}}
    return lambda: rendered(*everywhere(text), options={"dialect": dialect, "math": math}, **given)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_twice_the_text_takes_twice_the_calls(dialect: str) -> None:
    grown = {}
    for number, name in enumerate(UNITS):
        if not "\ud800" <= UNITS[name][0] <= "\udfff":
            small, large = (calls(page(repeated(name, n), dialect, bool(number % 2))) for n in (3 * N, 6 * N))
            grown[name] = large / small

    assert {name: growth for name, growth in grown.items() if growth > MOST} == {}
