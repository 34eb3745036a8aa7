"""How faults are tried: each in a process of its own, and words for errors are none that an exam could find."""

from __future__ import annotations

import ast
import os
import time

import pytest

from kit import faults, tries


def _breaks() -> str:
    raise ValueError("broken")


def _dies() -> str:
    print("last words", flush=True)
    os._exit(9)


def test_each_is_told_by_its_number_with_what_it_found() -> None:
    told = dict(tries.tried([lambda: "found it", lambda: "", _breaks, _dies], 60, 2))
    assert told[0] == "found it"
    assert told[1] == ""
    assert "ValueError: broken" in told[2]
    assert told[3]


def test_what_hangs_is_ended_and_counts_as_found() -> None:
    ((_, words),) = tries.tried([lambda: time.sleep(600) or ""], 0.1, 1)  # type: ignore[func-returns-value]
    assert words == "it hangs"


SOURCE = """
def checked(raw, what, name):
    if not raw:
        raise ValueError(f"{what}: nothing")
    return f"{raw}{name}"


def other(raw):
    return checked(raw, f"of {raw}", "kept")
"""


@pytest.mark.parametrize(("text", "is_left_out"), [("of ", True), ("kept", False), (": nothing", True)])
def test_words_that_end_in_an_error_are_left_out(text: str, is_left_out: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "source_of", lambda _: SOURCE)
    assert any(isinstance(node, ast.Constant) and node.value == text for node in ast.walk(ast.parse(SOURCE)))
    changed = [site.what for site in faults.sites("mine") if repr(text) in site.what and "constant" in site.what]
    assert (changed == []) == is_left_out
