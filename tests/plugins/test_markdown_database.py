"""Databases as index pages and CSV, and rows with their properties."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content import properties
from notion_sync_core.document import Row, Target
from notion_sync_core.model import Json, Parent, Ref
from notion_sync_core.stages.names import fold
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.csv_files import suffixes
from plugins.rendering import MemoryDocument, MemorySite, content, page, read_text, ref, span

SCHEMA = {
    "Done": {"type": "checkbox"},
    "Age": {"type": "number"},
    "Name": {"type": "title"},
    "Tags": {"type": "multi_select"},
}


def prop(kind: str, value: Any) -> Json:
    return {"id": "x", "type": kind, kind: value}


def row(number: int, name: str, **others: Json) -> Row:
    raw = {"properties": {**others, "Name": prop("title", [span(name)])}}
    return Row(ref(name, object_id=f"{number:08d}-0000-4000-8000-000000000000"), raw)


def source(name: str, number: int = 1) -> Json:
    return {"object": "data_source", "id": f"source{number}", "title": [span(name)], "properties": SCHEMA}


ROWS = [
    row(1, "=SUM(A1)", Age=prop("number", -4), Done=prop("checkbox", True)),
    row(2, 'say "hi", | you', Tags=prop("multi_select", [{"name": "a"}, {"name": "-b"}])),
]


def database(*sources: Json) -> MemoryDocument:
    raw = {"object": "database", "description": [span("All *tasks*")]}
    return MemoryDocument([], ref("Tasks", "database"), raw, list(sources), {"source1": ROWS})


def files(document: MemoryDocument, renderer: MarkdownRenderer | None = None) -> dict[str, str]:
    target = Target("Row | one", "Tasks/Row one.md", "")
    site = MemorySite({ROWS[0].ref.id: target}, stem="Tasks")
    made = (renderer or MarkdownRenderer()).render_document(document, site)
    return {str(artifact.path): content(artifact) for artifact in made}


def test_rows_become_csv() -> None:
    made = files(database(source("Tasks")))["Tasks.csv"]

    assert made.endswith("\r\n")
    assert list(csv.reader(io.StringIO(made, newline=""))) == [
        ["Name", "Age", "Done", "Tags"],
        ["'=SUM(A1)", "-4", "true", ""],
        ['say "hi", | you', "", "", "a, -b"],
    ]


def test_several_data_sources_become_several_files() -> None:
    made = files(database(source("One/Two"), source("Three", 2)))

    assert list(made) == ["Tasks.md", "Tasks.One-Two.csv", "Tasks.Three.csv"]
    assert "## One/Two" in made["Tasks.md"]


def test_data_sources_of_one_name_get_different_files() -> None:
    assert len(files(database(source("A", 1), source("a", 2)))) == 3


def test_csv_can_be_switched_off() -> None:
    assert list(files(database(source("Tasks")), MarkdownRenderer(csv=False))) == ["Tasks.md"]


def test_the_index_page_lists_schema_and_rows() -> None:
    markdown = files(database(source("Tasks")))["Tasks.md"]

    assert read_text(markdown).startswith("Tasks All *tasks* Property Type Name title Age number")
    assert "| [Row &#124; one](Tasks/Row%20one.md) | -4 | true |  |" in markdown


def test_a_database_without_data_sources_has_a_page() -> None:
    assert files(database()) == {"Tasks.md": "# Tasks\n\nAll \\*tasks\\*\n"}


USER = {"object": "user", "id": "u1"}


@pytest.mark.parametrize(
    ("raw", "value", "text"),
    [
        (prop("title", [span("no")]), "no", "no"),
        (prop("rich_text", [span("a"), span("b")]), "ab", "ab"),
        (prop("number", 0.25), 0.25, "0.25"),
        (prop("number", None), None, ""),
        (prop("checkbox", False), False, "false"),
        (prop("select", {"name": "A"}), "A", "A"),
        (prop("status", None), None, ""),
        (prop("multi_select", [{"name": "A"}, {"name": "B"}]), ["A", "B"], "A, B"),
        (prop("date", {"start": "2026-01-01", "end": None}), "2026-01-01", "2026-01-01"),
        (prop("date", {"start": "2026-01-01", "end": "2026-01-02"}), *["2026-01-01/2026-01-02"] * 2),
        (prop("people", [USER, {"id": "u2", "name": "Bob"}]), ["Ada", "Bob"], "Ada, Bob"),
        (prop("created_by", USER), "Ada", "Ada"),
        (prop("last_edited_by", {"id": "u9"}), "u9", "u9"),
        (prop("files", [{"name": "f", "type": "file", "file": {"url": "key"}}]), ["assets/f"], "assets/f"),
        (prop("url", "https://a.b"), "https://a.b", "https://a.b"),
        (prop("email", None), None, ""),
        (prop("phone_number", "1"), "1", "1"),
        (prop("formula", {"type": "number", "number": 3}), 3, "3"),
        (prop("formula", {"type": "unsupported", "unsupported": {}}), "unsupported", "unsupported"),
        (prop("formula", {"type": "date", "date": {"start": "2026-01-01"}}), "2026-01-01", "2026-01-01"),
        (prop("rollup", {"type": "incomplete", "incomplete": {}}), "unsupported", "unsupported"),
        (prop("rollup", {"type": "array", "array": [prop("number", 1), prop("title", [span("x")])]}), [1, "x"], "1, x"),
        (prop("relation", [{"id": "r1"}, {"id": "r2"}]), ["Row", "r2"], "Row, r2"),
        (prop("unique_id", {"prefix": "T", "number": 3}), "T-3", "T-3"),
        (prop("unique_id", {"prefix": None, "number": 3}), "3", "3"),
        (
            prop("verification", {"state": "verified", "verified_by": USER, "date": None}),
            "verified Ada",
            "verified Ada",
        ),
        (prop("place", {"lat": 1, "lon": 2, "name": "Here"}), "Here (1, 2)", "Here (1, 2)"),
        (prop("button", {}), None, ""),
        (prop("created_time", "2026-01-01T00:00:00.000Z"), *["2026-01-01T00:00:00.000Z"] * 2),
        (prop("location", {"b": 1, "a": ["x"]}), "a: x, b: 1", "a: x, b: 1"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_every_property_has_a_value_and_a_text(raw: Json, value: Any, text: str) -> None:
    site = MemorySite({"r1": Target("Row", None, "")}, {"key": "assets/f"}, {"u1": "Ada"})

    assert properties.value(raw, site) == value
    assert properties.text(raw, site) == text


def test_front_matter_gives_back_typed_values() -> None:
    found = {
        "b": prop("date", {"start": "2026-01-01"}),
        "Z": prop("number", 1.5),
        "a: 'x'": prop("select", {"name": "no"}),
        "t": prop("title", [span("T")]),
        "m": prop("multi_select", [{"name": "1"}, {"name": "ü"}]),
    }

    rendered = page(raw={"properties": found})
    _, head, rest = rendered.split("---\n", 2)
    data = yaml.safe_load(head)

    assert rest == "\n# Page\n"
    assert list(data.items()) == [
        ("t", "T"), ("Z", 1.5), ("a: 'x'", "no"), ("b", date(2026, 1, 1)), ("m", ["1", "ü"]),
    ]  # fmt: skip


def test_a_page_that_is_no_row_has_no_front_matter() -> None:
    assert page(raw={"properties": {"title": prop("title", [span("T")])}}) == "# Page\n"


def test_a_title_with_a_line_break_stays_in_its_cell() -> None:
    document = MemoryDocument([], ref("T", "database"), {}, [source("T")], {"source1": [row(3, "a\nb")]})

    assert "| [a b](https://app.notion.com/p/" in files(document)["Tasks.md"]


def test_odd_properties_do_no_harm() -> None:
    odd: Json = {"a": None, "b": {"type": "people", "people": None}, "c": {"type": "relation", "relation": [None]}}

    assert page(raw={"properties": odd}).startswith("---\n")


@given(st.lists(st.sampled_from(["A", "a", "\u00e9", "e\u0301", "", "A 00000001", "a/b", "x" * 90]), max_size=6))
def test_no_two_data_sources_share_a_csv_file(titles: list[str]) -> None:
    sources = [(f"11111111-0000-4000-8000-{number:012}", title) for number, title in enumerate(titles)]
    found = suffixes(sources)
    assert len({fold(suffix) for suffix in found}) == len(sources)
    assert all(suffix.endswith(".csv") for suffix in found)


def test_the_renderer_says_the_suffixes_of_the_files_it_makes() -> None:
    sources = [Ref(f"id-{title}", "data_source", title, Parent("database_id", "db"), "", "", "") for title in "AB"]
    assert list(MarkdownRenderer().render_suffixes(sources)) == [".csv", ".A.csv", ".B.csv"]
    assert list(MarkdownRenderer().render_suffixes(sources[:1])) == [".csv"]
    assert list(MarkdownRenderer(csv=False).render_suffixes(sources)) == []


def test_the_description_of_the_only_data_source_is_shown_once() -> None:
    one = {**source("Tasks"), "description": [span("What is to do")]}
    assert "What is to do" in files(database(one))["Tasks.md"]
    same = {**one, "description": [span("All *tasks*")]}
    assert files(database(same))["Tasks.md"].count("tasks") == 1


def test_a_relation_says_under_which_name_the_related_rows_show_it() -> None:
    related = {"type": "relation", "relation": {"dual_property": {"synced_property_name": "Parts | all"}}}
    text = files(database({**source("Tasks"), "properties": {**SCHEMA, "Whole": related}}))["Tasks.md"]
    assert "| Whole | relation | shown there as Parts \\| all |" in text.replace("&#124;", "\\|")


def test_what_is_said_about_options_is_shown_on_wish() -> None:
    options = [{"id": "1", "name": "Now", "description": "Today, really"}, {"id": "2", "name": "Then"}]
    groups = [{"name": "Open", "option_ids": ["1", "2"]}]
    columns = {
        "State": {"type": "status", "status": {"options": options, "groups": groups}},
        "Kind": {"type": "select", "select": {"options": options}},
    }
    shown = database({**source("Tasks"), "properties": {**SCHEMA, **columns}})
    assert "Today" not in files(shown)["Tasks.md"]
    text = files(shown, MarkdownRenderer(option_descriptions=True))["Tasks.md"]
    assert "Open: Now (Today, really), Then" in text
    assert "| Kind | select | Now (Today, really), Then |" in text


def test_csv_says_more_of_each_row_on_wish_in_columns_that_no_property_has() -> None:
    wanted = ["id", "url", "created", "edited", "author", "editor", "public_url", "locked"]
    somebody = {"object": "user", "id": "u", "name": "=Ada"}
    about = {"created_by": somebody, "last_edited_by": somebody, "public_url": None, "is_locked": True}
    found = Row(ROWS[0].ref, {**ROWS[0].raw, **about})
    shown = database({**source("Tasks"), "properties": {**SCHEMA, "Notion_URL": {"type": "url"}}})
    shown.source_rows = {"source1": [found]}
    text = files(shown, MarkdownRenderer(csv_metadata=wanted))["Tasks.csv"]
    head, line = csv.reader(io.StringIO(text))
    assert head[-8:] == [
        *("notion_id", "notion_notion_url", "created", "updated", "created_by", "updated_by", "public_url", "locked")
    ]
    time = "2026-01-01T00:00:00.000Z"
    assert line[-8:] == [found.ref.id, found.ref.url, time, time, "'=Ada", "'=Ada", "", "true"]
    assert len(head) == len(line)


def test_csv_begins_with_a_byte_order_mark_on_wish() -> None:
    assert files(database(source("Tasks")), MarkdownRenderer(csv_bom=True))["Tasks.csv"].startswith("\ufeffName,")
    assert files(database(source("Tasks")))["Tasks.csv"].startswith("Name,")


def test_files_say_what_people_call_them_and_where_they_are() -> None:
    hosted = {"type": "file", "name": "plan b.pdf", "file": {"url": "https://files.example.org/1/x.pdf"}}
    elsewhere = {
        "type": "external",
        "name": "https://example.org/a.png",
        "external": {"url": "https://example.org/a.png"},
    }
    named = {"type": "external", "name": "a b.png", "external": {"url": "https://example.org/a%20b.png?raw=1"}}
    raw = {"properties": {"Files": prop("files", [hosted, elsewhere, named]), "Name": prop("title", [span("Row")])}}
    site = MemorySite(assets={"https://files.example.org/1/x.pdf": "../assets/ab/abcd.pdf"})
    head = yaml.safe_load(page(raw=raw, site=site).split("---\n")[1])
    assert head["Files"] == [
        {"name": "plan b.pdf", "file": "../assets/ab/abcd.pdf"},
        "https://example.org/a.png",
        "https://example.org/a%20b.png?raw=1",
    ]
    text = "plan b.pdf (../assets/ab/abcd.pdf), https://example.org/a.png, https://example.org/a%20b.png?raw=1"
    assert properties.text(raw["properties"]["Files"], site) == text


def test_the_front_matter_names_who_wrote_a_page_and_where_it_is_public_on_wish() -> None:
    raw = {
        "properties": {},
        "created_by": {"object": "user", "id": "u1"},
        "last_edited_by": {"object": "user", "id": "u2"},
        "public_url": "https://example.notion.site/Page",
        "is_locked": False,
    }
    made = MarkdownRenderer(metadata=["author", "editor", "public_url", "locked"])
    document = MemoryDocument([], raw=raw)
    text = content(next(iter(made.render_document(document, MemorySite(users={"u1": "Ada"})))))
    assert yaml.safe_load(text.split("---\n")[1]) == {
        "created_by": "Ada",
        "updated_by": "u2",
        "public_url": "https://example.notion.site/Page",
        "locked": False,
    }
