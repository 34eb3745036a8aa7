"""JSON Lines: no reader of lines, Python's ``str.splitlines()`` neither, finds an end inside a line."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench
from notion_sync_console import ConsoleListener
from notion_sync_core import events
from notion_sync_core.terminal import as_json
from notion_sync_core.wellformed import json_line

ENDS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029\r\n"
texts = st.text(st.characters(codec="utf-8") | st.sampled_from(ENDS))


@given(st.dictionaries(texts, texts))
def test_a_line_is_one_line_and_says_the_same(value: dict[str, str]) -> None:
    for line in (json_line(value).decode(), as_json(value)):
        assert len(line.splitlines()) == 1
        assert json.loads(line) == value


def test_letters_of_other_languages_stay_readable() -> None:
    assert json_line("Grüße, 日本") == '"Grüße, 日本"\n'.encode()


def test_the_manifest_has_one_line_an_object_whatever_titles_hold(bench: Bench) -> None:
    odd = f"A{ENDS}B"
    bench.space.add_page(None, odd)
    bench.good("sync")
    lines = (bench.out / ".notion-sync" / "manifest.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == 1 + bench.good("sync").objects.discovered
    assert any("\u2028" in entry.get("title", "") for entry in found)


def test_progress_as_json_has_one_line_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    ConsoleListener(style="json").on_event(events.ObjectRead("1", "page", f"A{ENDS}B"))
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["title"] == f"A{ENDS}B"
