"""A line ends where it ends, however it says so: CR, CRLF and LF are one thing to every renderer but JSON."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from foreign import Desk, Notes, note
from notion_sync_core.plugin import Listing, Ref
from plugins.test_markdown_database import database, files, prop, row, source

ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
TEXT = "one{0}two{0}{0}three{0}"
KINDS = ("paragraph", "heading_1", "quote", "code", "callout", "to_do", "bulleted_list_item", "toggle")


def rich(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "plain_text": text, "text": {"content": text}}]


def blocks(text: str) -> list[dict[str, Any]]:
    """Every place in which a text can stand."""
    shown: list[dict[str, Any]] = [
        {"id": f"b{number}", "type": kind, "has_children": False, kind: {"rich_text": rich(text)}}
        for number, kind in enumerate(KINDS)
    ]
    picture = {"type": "external", "external": {"url": "https://example.com/a.png"}, "caption": rich(text)}
    formula = {"id": "e", "type": "equation", "has_children": False, "equation": {"expression": text}}
    return [*shown, {"id": "i", "type": "image", "has_children": False, "image": picture}, formula]


def site(folder: Path, renderer: str, end: str) -> dict[str, str]:
    """All that a renderer makes of one page with these line ends."""

    class Lines(Notes):
        refs = (note("page"),)

        def listing(self, ref: Ref) -> Listing:
            return Listing(ref.id, 0, {"results": blocks(TEXT.format(end)), "has_more": False})

    desk = Desk(folder)
    report = desk.run(Lines, export__renderers=[renderer])
    assert report.exit_code == 0, report.failures
    return {
        path.relative_to(desk.out).as_posix(): path.read_bytes().decode()
        for path in desk.out.rglob("*")
        if path.is_file() and ".notion-sync" not in path.parts
    }


@pytest.mark.parametrize("renderer", ["markdown", "html"])
def test_a_page_is_the_same_whatever_ends_its_lines(tmp_path: Path, renderer: str) -> None:
    expected = site(tmp_path / "LF", renderer, "\n")
    assert any("three" in content for content in expected.values())
    for name, end in ENDS.items():
        found = site(tmp_path / f"again {name}", renderer, end)
        assert found == expected, name
        assert not [path for path, content in found.items() if "\r" in content]


def test_json_keeps_what_ended_a_line(tmp_path: Path) -> None:
    for name, end in ENDS.items():
        (content,) = site(tmp_path / name, "json", end).values()
        assert json.dumps(TEXT.format(end)) in content.replace("\\u000d", "\\r")


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_csv_has_as_many_rows_as_there_are(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = prop("rich_text", rich(TEXT.format(end)))
    monkeypatch.setattr("plugins.test_markdown_database.ROWS", rows := [row(1, "One", Age=text), row(2, "Two")])
    document = database(source("Tasks"))
    document.source_rows = {"source1": rows}
    made = files(document)["Tasks.csv"]
    found = list(csv.reader(io.StringIO(made, newline="")))
    assert len(found) == 3
    assert found[1][1] == TEXT.format("\n").rstrip() or found[1][1] == TEXT.format("\n")
