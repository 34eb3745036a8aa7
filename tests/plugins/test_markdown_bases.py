"""Databases as bases of Obsidian."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench, tree
from notion_sync_core.document import Row, Target
from notion_sync_core.model import Json
from notion_sync_demo.build import rich, schema
from notion_sync_markdown import MarkdownRenderer
from plugins.rendering import MemoryDocument, MemorySite, content, ref

KINDS = {
    "Name": "title",
    "Hours": "number",
    "Part of": "relation",
    "State": "status",
    "Tags": "multi_select",
    "Due": "date",
}
SOURCE: Json = {
    "id": "s",
    "title": rich("Tasks"),
    "properties": {name: schema(name, kind) for name, kind in KINDS.items()},
}
ROW = Row(ref("Paint", object_id="00000001-0000-4000-8000-000000000000"), {"properties": {}})


def base(*views: Json, source: Json = SOURCE, rows: tuple[Row, ...] = (ROW,), where: str = "Tasks/Paint.md") -> Json:
    shown = (
        {**source, "views": [{"id": "v", "name": "V", "type": "table", **each} for each in views]} if views else source
    )
    document = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [shown], {"s": list(rows)})
    site = MemorySite({ROW.ref.id: Target("Paint", where, "")}, stem="Area/Tasks")
    renderer = MarkdownRenderer(dialect="obsidian", csv=False, bases=True)
    _, made = renderer.render_document(document, site)
    assert str(made.path) == "Area/Tasks.base"
    found = yaml.safe_load(content(made))
    assert isinstance(found, dict)
    return found


def test_a_base_shows_the_files_of_the_rows_and_no_others() -> None:
    assert base()["filters"] == {"and": [{"or": ['file.inFolder("Area/Tasks")']}, '!note["Name"].isEmpty()']}
    assert base(where="Elsewhere/Paint.md")["filters"]["and"][0] == {"or": ['file.inFolder("Area/Elsewhere")']}
    assert base(where="../Paint.md")["filters"]["and"][0] == {"or": ['file.inFolder("/")']}
    assert base(rows=())["filters"]["and"][0] == {"or": ['file.inFolder("Area/Tasks")']}


def test_without_views_there_is_one_table_of_all_columns() -> None:
    (view,) = base()["views"]
    order = ["file.name", "note.Due", "note.Hours", "note.Part of", "note.State", "note.Tags"]
    assert view == {"type": "table", "name": "Table", "order": order}


def test_views_keep_columns_sorts_groups_and_filters() -> None:
    shown = [{"property_id": "state"}, {"property_id": "title"}, {"property_id": "hours", "visible": False}]
    group = {"type": "status", "property_id": "state", "sort": {"type": "descending"}}
    condition = {
        "and": [
            {"property": "hours", "number": {"greater_than": 3}},
            {"property": "due", "date": {"before": "2026-03-01"}},
        ]
    }
    sorts = [{"property": "Hours", "direction": "descending"}, {"timestamp": "created_time", "direction": "ascending"}]
    gallery, rest = base(
        {
            "type": "gallery",
            "configuration": {"properties": shown, "group_by": group},
            "filter": condition,
            "sorts": sorts,
        }
    )["views"]
    assert gallery == {
        "type": "cards",
        "name": "V",
        "filters": {"and": ['note["Hours"] > 3', 'note["Due"] < date("2026-03-01")']},
        "groupBy": {"property": "note.State", "direction": "DESC"},
        "order": ["note.State", "file.name"],
        "sort": [{"property": "note.Hours", "direction": "DESC"}, {"property": "file.ctime", "direction": "ASC"}],
    }
    assert rest["name"] == "All rows"


NEITHER = ['note["State"] != "a"', 'note["State"] != "b"']
LAST_WEEK = {"property": "Due", "date": {"past_week": {}}}


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        ({"property": "State", "status": {"equals": 'a "b"'}}, {"and": ['note["State"] == "a \\"b\\""']}),
        (
            {"property": "State", "status": {"equals": ["a", "b"]}},
            {"or": ['note["State"] == "a"', 'note["State"] == "b"']},
        ),
        ({"property": "Tags", "multi_select": {"does_not_contain": "x"}}, {"and": ['!note["Tags"].contains("x")']}),
        ({"property": "Due", "date": {"is_empty": True}}, {"and": ['note["Due"].isEmpty()']}),
        ({"property": "State", "status": {"does_not_equal": ["a", "b"]}}, {"and": NEITHER}),
        (LAST_WEEK, None),
        ({"property": "Part of", "relation": {"contains": "id"}}, None),
        (
            {"or": [{"property": "Hours", "number": {"equals": 1}}, {"property": "Due", "date": {"past_week": {}}}]},
            None,
        ),
    ],
)
def test_a_filter_that_has_no_words_in_obsidian_is_left_out(condition: Json, written: Any) -> None:
    assert base({"filter": condition})["views"][0].get("filters") == written


def test_charts_have_no_place_in_a_base() -> None:
    assert [view["name"] for view in base({"type": "chart", "name": "Sums"})["views"]] == ["Table"]


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))
def test_no_name_and_no_value_ends_its_text(name: str, value: str) -> None:
    source = {**SOURCE, "properties": {name: schema(name, "title"), f"{name}2": {**schema(name, "select"), "id": "x"}}}
    found = base({"name": name, "filter": {"property": "x", "select": {"equals": value}}}, source=source)
    (text,) = found["views"][0]["filters"]["and"]
    decoder = json.JSONDecoder()
    shown, end = decoder.raw_decode(text, len("note["))
    assert shown == f"{name}2"
    assert text[end : end + 5] == "] == "
    assert decoder.raw_decode(text, end + 5) == (value, len(text))


def test_an_export_with_bases_is_that_of_a_fresh_one_and_without_them_there_are_none(bench: Bench) -> None:
    wanted = {"export__renderers": [{"use": "markdown", "dialect": "obsidian", "bases": True}]}
    bench.good(**wanted)
    assert list(bench.out.rglob("*.base"))
    source = next(each for each in bench.space.data_sources if any(True for _ in bench.space.rows(each)))
    bench.space.rename(bench.space.data_sources[source]["parent"]["database_id"], "Another name")
    bench.good(**wanted)
    assert tree(bench.out) == bench.fresh(**wanted)
    bench.good()
    assert not list(bench.out.rglob("*.base"))
