"""Only what a spreadsheet would run gets an apostrophe."""

from __future__ import annotations

import csv
import io

import pytest

from notion_sync_core.document import Row
from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.csv_safety import defused
from plugins.rendering import MemoryDocument, MemorySite, content, ref, span

EXECUTABLE = [
    *("=1+1", "=", "\t=1+1", "\r=x", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-2+3+cmd|'/C calc'!A0", "@SUM(1+9)"),
    *("+SUM(A1:A9)", '-HYPERLINK("http://x.example";"y")', "@WEBSERVICE(A1)", "＝1+1", "＋SUM(1)", "-LOG10(5)"),
    *("- cmd|'x'!y", "+'http://x.example/[f.xls]S'!A1", "-1+[f.xls]S!A1", "+Sheet2!$A$1"),
]
HARMLESS = [
    *("+49 30 123", "+49 (30) 123-45", "+1(800)555", "-5", "-5.20 €", "- milk", "- milk\n- eggs (2 l)", "-a, +b, @c"),
    *("@home, @work", "@ada", "-", "+", "--", "-> next", "+1", "a=b", "x", "", " =1+1", "- wow! Next", "+/- 3", "\tx"),
    *("-A1", "@", "- a / b", "'=1", "+ 20 %", "-- (see below)"),
]


@pytest.mark.parametrize("text", EXECUTABLE)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_none_would_run_keeps_its_letters(text: str) -> None:
    assert defused(text) == text


def cells(value: Json, name: str = "V", **options: bool) -> list[list[str]]:
    kind = value["type"]
    source: Json = {"id": "s", "title": [], "properties": {"T": {"type": "title"}, name: {"type": kind}}}
    row = Row(ref("R"), {"properties": {"T": {"type": "title", "title": [span("R")]}, name: value}})
    document = MemoryDocument([], ref("D", "database"), {}, [source], {"s": [row]})
    made = content(list(MarkdownRenderer(**options).render_document(document, MemorySite()))[1])
    return list(csv.reader(io.StringIO(made, newline="")))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"type": "phone_number", "phone_number": "+49 30 123"}, "+49 30 123"),
        ({"type": "multi_select", "multi_select": [{"name": "-a"}, {"name": "+b"}]}, "-a, +b"),
        ({"type": "rich_text", "rich_text": [span("=1+1")]}, "'=1+1"),
        ({"type": "number", "number": -5}, "-5"),
    ],
)
def test_a_cell_is_what_people_wrote_unless_it_would_run(value: Json, shown: str) -> None:
    assert cells(value)[1] == ["R", shown]


def test_the_name_of_a_column_is_what_people_wrote_unless_it_would_run() -> None:
    value: Json = {"type": "number", "number": 1}

    assert cells(value, "+/-")[0] == ["T", "+/-"]
    assert cells(value, "=SUM(A1)")[0] == ["T", "'=SUM(A1)"]


def test_who_reads_csv_by_a_program_can_have_every_value_bare() -> None:
    value: Json = {"type": "rich_text", "rich_text": [span("=1+1")]}

    assert cells(value, "=x", csv_safe=False) == [["T", "=x"], ["R", "=1+1"]]
