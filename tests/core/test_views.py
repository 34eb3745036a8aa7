"""What views say of rows: columns, filters, sorts and groups."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content.arranged import arranged
from notion_sync_core.content.filters import Undecidable, passes
from notion_sync_core.content.views import Grouping, TableView, views_of
from notion_sync_core.document import Row
from notion_sync_core.model import Json, Parent, Ref
from notion_sync_demo.build import rich, schema
from plugins.rendering import MemorySite

GROUPS = [
    {"id": "g1", "name": "To do", "option_ids": ["o2"]},
    {"id": "g2", "name": "Complete", "option_ids": ["o1", "o3"]},
]
OPTIONS = [{"id": f"o{number}", "name": name} for number, name in enumerate(("Done", "Open", "Left"), 1)]
COLUMNS = {
    "Name": "title", "Hours": "number", "Ready": "checkbox", "Due": "date", "Tags": "multi_select", "State": "status",
    "Who": "people", "Site": "url", "Sum": "formula", "Part": "relation", "Files": "files", "Made": "created_time",
}  # fmt: skip
SOURCE: Json = {"id": "s", "properties": {name: schema(name, kind) for name, kind in COLUMNS.items()}}
SOURCE["properties"]["State"]["status"] = {"options": OPTIONS, "groups": GROUPS}
SOURCE["properties"]["Hours"]["id"] = "a%3Ab"
SITE = MemorySite()


def row(number: int = 1, created: str = "2026-01-01T00:00:00.000Z", **payloads: Any) -> Row:
    values = {name: {"id": name, "type": COLUMNS[name], COLUMNS[name]: payload} for name, payload in payloads.items()}
    ref = Ref(f"{number:032x}", "page", f"Row {number}", Parent(), created, "2026-05-05T00:00:00.000Z")
    return Row(ref, {"properties": values})


def view(raw: Json) -> TableView:
    (found,) = views_of({**SOURCE, "views": [{"id": "v", "name": "V", "type": "table", **raw}]})
    return found


def titles(rows: list[Row], raw: Json) -> list[tuple[str, list[str]]]:
    made = arranged(rows, view(raw), SOURCE, SITE, lambda each: each.ref.title)
    return [(group.title, list(group.rows)) for group in made.groups]


def test_columns_are_those_that_are_visible_in_their_order_with_the_title() -> None:
    listed = [
        {"property_id": "a:b"}, {"property_id": "gone"}, {"property_id": "due", "visible": False},
        {"property_id": quote("site"), "visible": True}, {"property_id": "a%3Ab"},
    ]  # fmt: skip
    assert view({"configuration": {"type": "table", "properties": listed}}).columns == ("Name", "Hours", "Site")


@pytest.mark.parametrize(
    "raw", [{}, {"configuration": None}, {"configuration": {"properties": []}}, {"configuration": {"properties": [3]}}]
)
def test_where_the_api_tells_nothing_all_columns_are_shown(raw: Json) -> None:
    assert set(view(raw).columns) == set(COLUMNS)
    assert view(raw).columns[0] == "Name"


def test_a_data_source_without_views_has_none() -> None:
    assert views_of(SOURCE) == []
    assert views_of({**SOURCE, "views": [{"object": "view", "id": "v"}]}) == []


HAS = row(
    Name=rich("Mend the Gate"), Hours=4, Ready=True, Due={"start": "2026-03-02T10:00:00.000+02:00", "end": None},
    Tags=[{"name": "a"}, {"name": "b"}], State={"name": "Open"}, Who=[{"object": "user", "id": "u1"}],
    Site=None, Part=[{"id": "p1"}], Files=[], Sum={"type": "number", "number": 3}, Made="2026-03-02T10:00:00.000Z",
)  # fmt: skip

FOUR_HOURS = {"property": "Hours", "number": {"equals": 4}}


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ({"property": "title", "title": {"contains": "GATE"}}, True),
        ({"property": "Name", "title": {"starts_with": "gate"}}, False),
        ({"property": "Name", "title": {"ends_with": "gate"}}, True),
        ({"property": "Name", "title": {"does_not_contain": "door"}}, True),
        ({"property": "Name", "rich_text": {"equals": "mend the gate"}}, True),
        ({"property": "a%3Ab", "number": {"greater_than": 3}}, True),
        ({"property": "Hours", "number": {"less_than_or_equal_to": 3}}, False),
        ({"property": "Hours", "number": {"is_empty": True}}, False),
        ({"property": "Ready", "checkbox": {"equals": True}}, True),
        ({"property": "Ready", "checkbox": {"does_not_equal": True}}, False),
        ({"property": "Due", "date": {"equals": "2026-03-02"}}, True),
        ({"property": "Due", "date": {"before": "2026-03-02T08:00:01.000Z"}}, True),
        ({"property": "Due", "date": {"on_or_after": "2026-03-02T08:00:01.000Z"}}, False),
        ({"property": "Tags", "multi_select": {"contains": "b"}}, True),
        ({"property": "Tags", "multi_select": {"does_not_contain": ["b", "c"]}}, False),
        ({"property": "State", "status": {"equals": ["Done", "Open"]}}, True),
        ({"property": "State", "status": {"does_not_equal": "Open"}}, False),
        ({"property": "Who", "people": {"contains": "u1"}}, True),
        ({"property": "Part", "relation": {"is_not_empty": True}}, True),
        ({"property": "Files", "files": {"is_empty": True}}, True),
        ({"property": "Site", "url": {"is_not_empty": True}}, False),
        ({"property": "Made", "created_time": {"after": "2026-03-01"}}, True),
        ({"timestamp": "created_time", "created_time": {"on_or_before": "2026-01-01"}}, True),
        ({"and": [FOUR_HOURS, {"property": "Ready", "checkbox": {"equals": False}}]}, False),
        ({"or": [FOUR_HOURS, {"property": "Due", "date": {"past_week": {}}}]}, True),
        (None, True),
    ],
)  # fmt: skip
def test_a_filter_lets_rows_pass_as_notion_does(condition: Any, result: bool) -> None:
    assert passes(HAS, view({"filter": condition}).filter, SITE) is result


@pytest.mark.parametrize(
    "condition",
    [
        {"property": "Due", "date": {"past_week": {}}},
        {"property": "Due", "date": {"equals": "today"}},
        {"property": "Who", "people": {"contains": "me"}},
        {"property": "gone", "number": {"equals": 4}},
        {"property": "Hours", "number": {"greater_than": "three"}},
        {"property": "Hours", "number": {"of_tomorrow": 3}},
        {"property": "Sum", "formula": {"number": {"equals": 3}}},
        {"timestamp": "visited_time", "visited_time": {"after": "2026-03-01"}},
        {"property": "Hours"},
    ],
)
def test_what_depends_on_more_than_the_row_is_not_decided(condition: Json) -> None:
    with pytest.raises(Undecidable):
        passes(HAS, view({"filter": condition}).filter, SITE)
    made = arranged([HAS], view({"filter": condition}), SOURCE, SITE, lambda each: each)
    assert not made.is_filtered
    assert made.rows == 1


def test_sorts_count_in_their_order_and_nothing_comes_last_in_either_direction() -> None:
    rows = [
        row(1, Hours=2),
        row(2),
        row(3, Hours=9),
        row(4, Hours=2, State={"name": "Done"}),
        row(5, State={"name": "Left"}),
    ]
    up = [{"property": "Hours", "direction": "ascending"}, {"property": "State", "direction": "descending"}]
    assert titles(rows, {"sorts": up}) == [("", ["Row 4", "Row 1", "Row 3", "Row 5", "Row 2"])]
    down = [{"property": "a:b", "direction": "descending"}]
    assert titles(rows, {"sorts": down}) == [("", ["Row 3", "Row 1", "Row 4", "Row 2", "Row 5"])]
    stamp = [{"timestamp": "created_time", "direction": "descending"}]
    assert titles([row(1), row(2, created="2026-02-01T00:00:00.000Z")], {"sorts": stamp}) == [("", ["Row 2", "Row 1"])]


def grouped(rows: list[Row], kind: str, **more: Any) -> list[tuple[str, list[str]]]:
    group = {"type": kind, "property_id": more.pop("by"), "sort": {"type": more.pop("order", "manual")}, **more}
    return titles(rows, {"configuration": {"type": "board", "group_by": group}})


def test_rows_are_grouped_as_each_type_of_property_is() -> None:
    rows = [row(1, State={"name": "Open"}), row(2, State={"name": "Left"}), row(3)]
    found = grouped(rows, "status", by="state", group_by="group", hide_empty_groups=True)
    assert found == [("To do", ["Row 1"]), ("Complete", ["Row 2"]), ("No State", ["Row 3"])]
    found = grouped(rows, "status", by="state", group_by="option", order="descending")
    assert found == [("Left", ["Row 2"]), ("Open", ["Row 1"]), ("Done", []), ("No State", ["Row 3"])]
    tags = [row(1, Tags=[{"name": "b"}, {"name": "a"}]), row(2, Tags=[{"name": "b"}])]
    assert grouped(tags, "multi_select", by="tags") == [("a", ["Row 1"]), ("b", ["Row 1", "Row 2"])]
    hours = [row(1, Hours=12), row(2, Hours=3), row(3, Hours=-1)]
    found = grouped(hours, "number", by="a%3Ab", range_start=0, range_size=10)
    assert found == [("-10–0", ["Row 3"]), ("0–10", ["Row 2"]), ("10–20", ["Row 1"])]
    ready = [row(1, Ready=True), row(2, Ready=False)]
    assert grouped(ready, "checkbox", by="ready") == [("Unchecked", ["Row 2"]), ("Checked", ["Row 1"])]
    due = [row(1, Due={"start": "2026-03-02", "end": None}), row(2, Due={"start": "2026-03-09T10:00:00Z", "end": None})]
    assert grouped(due, "date", by="due", group_by="month") == [("2026-03", ["Row 1", "Row 2"])]
    names = [row(1, Name=rich("beta")), row(2, Name=rich("Alpha")), row(3, Name=rich("bold"))]
    assert grouped(names, "title", by="title", group_by="alphabet_prefix") == [
        ("A", ["Row 2"]),
        ("B", ["Row 1", "Row 3"]),
    ]


def test_a_group_by_a_property_that_is_gone_is_none() -> None:
    assert view({"configuration": {"group_by": {"type": "select", "property_id": "gone"}}}).grouping is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
payload = anything | st.builds(lambda each: [{"name": each, "id": each}], st.text(max_size=3))
some_rows = st.lists(
    st.dictionaries(st.sampled_from(sorted(COLUMNS)), payload, max_size=4).map(lambda given: row(**given)), max_size=5
)
some_group = st.fixed_dictionaries(
    {"property_id": st.sampled_from(["title", "a:b", "due", "tags", "state", "sum", "who"]), "sort": anything},
    optional={"group_by": anything | st.sampled_from(["group", "day", "alphabet_prefix"]), "range_size": anything},
)
keys = st.sampled_from(["property", "number", "date", "and", "or", "title"])
sort = st.builds(lambda name, way: {"property": name, "direction": way}, st.sampled_from(sorted(COLUMNS)), anything)
some_config = st.builds(lambda group, shown: {"group_by": group, "properties": shown}, some_group, anything)
some_view = st.fixed_dictionaries(
    {},
    optional={
        "filter": anything | st.dictionaries(keys, anything | st.just("Hours")),
        "sorts": st.lists(sort, max_size=2),
        "configuration": anything | some_config,
    },
)


@given(some_rows, some_view)
def test_no_row_is_lost_and_none_comes_from_nowhere_whatever_a_view_says(rows: list[Row], raw: Json) -> None:
    for shown in views_of({**SOURCE, "views": [{"type": "table", **raw}]}):
        made = arranged(rows, shown, SOURCE, SITE, lambda each: id(each))
        given = {id(each) for each in rows}
        found = {each for group in made.groups for each in group.rows}
        assert found <= given
        if shown.filter is None or not made.is_filtered:
            assert found == given


def test_a_grouping_says_what_it_is() -> None:
    raw = {"type": "formula", "property_id": "sum", "group_by": {"type": "number", "range_size": 5, "sort": {}}}
    assert view({"configuration": {"group_by": raw}}).grouping == Grouping("Sum", size=5.0)
