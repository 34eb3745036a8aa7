"""Rows as JSON Lines: types that data tools understand, and nothing of a value lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Bench, tree
from notion_sync_core.document import Row, Target
from notion_sync_core.model import Json, Parent, Ref
from notion_sync_demo.build import mention, rich, schema, text
from notion_sync_json import JsonRenderer
from plugins.reading_rows import joined, restored
from plugins.rendering import MemoryDocument, MemorySite, content, ref

OPTIONS = [
    {"id": "o1", "name": "Open", "color": "red", "description": None},
    {"id": "o2", "name": "Done", "color": "green", "description": "For good"},
]
COLUMNS = [
    *(schema("Name", "title"), schema("Hours", "number", format="number"), schema("Ready", "checkbox")),
    *(
        schema("Due", "date"),
        schema("Tags", "multi_select", options=OPTIONS),
        schema("State", "status", options=OPTIONS),
    ),
    *(schema("Who", "people"), schema("Part of", "relation"), schema("Files", "files"), schema("Sum", "formula")),
    *(schema("Roll", "rollup"), schema("Key", "unique_id", prefix="T"), schema("Notes", "rich_text")),
    *(schema("Place", "place"), schema("Seal", "verification"), schema("Push", "button"), schema("Site", "url")),
    *(schema("By", "created_by"), schema("Made", "created_time"), schema("Odd", "of_tomorrow")),
]
SOURCE: Json = {"object": "data_source", "id": "source", "title": rich("Tasks"), "description": rich("To do")}
SOURCE["properties"] = {column["name"]: column for column in COLUMNS}
OTHER = "22222222-2222-4222-8222-222222222222"


def document(*rows: Json, source: Json = SOURCE) -> MemoryDocument:
    made = [Row(_ref(number), {"object": "page", "properties": row}) for number, row in enumerate(rows, 1)]
    return MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [source], {source["id"]: made})


def _ref(number: int) -> Ref:
    time = "2026-01-01T00:00:00.000Z"
    return Ref(f"{number:08d}-0000-4000-8000-000000000000", "page", "Row", Parent(), time, time, "https://n.example/1")


def value(name: str, payload: Any, source: Json = SOURCE) -> Json:
    column = source["properties"][name]
    return {"id": column["id"], "type": column["type"], column["type"]: payload}


def files(made: MemoryDocument, site: MemorySite | None = None) -> dict[str, str]:
    artifacts = JsonRenderer(rows=True).render_document(made, site or MemorySite(stem="Tasks"))
    return {str(artifact.path): content(artifact) for artifact in artifacts}


def read(made: MemoryDocument, site: MemorySite | None = None) -> tuple[list[Json], Json]:
    found = files(made, site)
    about = json.loads(found["Tasks.schema.json"])
    return [json.loads(line) for line in found["Tasks.jsonl"].splitlines()], about


FULL = {
    "Name": value("Name", rich("Mend it")),
    "Hours": value("Hours", 2.5),
    "Ready": value("Ready", True),
    "Due": value("Due", {"start": "2026-03-02", "end": "2026-03-05", "time_zone": None}),
    "Tags": value("Tags", [{key: OPTIONS[0][key] for key in ("id", "name", "color")}]),
    "Part of": {**value("Part of", [{"id": OTHER}]), "has_more": False},
    "Who": value("Who", [{"object": "user", "id": "u1"}]),
    "Key": value("Key", {"prefix": "T", "number": 7}),
    "Place": value("Place", {"lat": 1.5, "lon": -2.25, "name": "Here", "address": None, "aws_place_id": "aws"}),
    "Sum": value("Sum", {"type": "number", "number": 3}),
    "Notes": value("Notes", [text("All "), text("bold", bold=True)]),
}


def test_each_property_has_columns_of_one_type_and_ids_stand_beside_titles() -> None:
    site = MemorySite({OTHER: Target("House", None, "")}, users={"u1": "Ada"}, stem="Tasks")
    ((line,), about) = read(document(FULL), site)
    assert line["notion_id"] == _ref(1).id
    assert (line["notion_url"], line["created"]) == ("https://n.example/1", "2026-01-01T00:00:00.000Z")
    assert (line["Name"], line["Hours"], line["Ready"], line["Tags"]) == ("Mend it", 2.5, True, ["Open"])
    assert (line["Due"], line["Due.end"], line["Due.time_zone"]) == ("2026-03-02", "2026-03-05", None)
    assert (line["Part of"], line["Part of.ids"]) == (["House"], [OTHER])
    assert (line["Who"], line["Who.ids"]) == (["Ada"], ["u1"])
    assert (line["Key"], line["Key.number"]) == ("T-7", 7)
    assert (line["Place.lat"], line["Place.lon"]) == (1.5, -2.25)
    assert (line["Sum"], line["Notes"], line["State"]) == (3, "All bold", None)
    assert line["properties"]["Place"]["place"]["aws_place_id"] == "aws"
    assert set(line["properties"]) == {"Who", "Place", "Notes"}
    assert about["properties"]["Hours"] == {"type": ["number", "null"], "x-notion-property": "Hours"}


def test_the_schema_beside_it_is_one_and_each_line_fits_it() -> None:
    lines, about = read(document(FULL, {}, {"Name": value("Name", rich("Other"))}))
    jsonschema.Draft202012Validator.check_schema(about)
    for line in lines:
        jsonschema.validate(line, about, jsonschema.Draft202012Validator)
    assert about["title"] == "Tasks"
    assert about["x-notion"]["properties"] == SOURCE["properties"]


def test_it_is_off_by_default_and_no_page_has_rows() -> None:
    assert [str(each.path) for each in JsonRenderer().render_document(document(FULL), MemorySite())] == ["Page.json"]
    assert JsonRenderer().render_suffixes([ref("Tasks", "data_source")]) == []
    page = MemoryDocument([], raw={"object": "page", "properties": {}})
    assert [str(each.path) for each in JsonRenderer(rows=True).render_document(page, MemorySite())] == ["Page.json"]


def test_several_data_sources_have_files_of_their_own_and_the_renderer_says_which() -> None:
    sources = [{**SOURCE, "id": f"{number}" * 32, "title": rich(name)} for number, name in ((1, "Old"), (2, "New"))]
    made = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, sources)
    assert list(files(made)) == [
        *("Tasks.json", "Tasks.Old.jsonl", "Tasks.Old.schema.json", "Tasks.New.jsonl", "Tasks.New.schema.json")
    ]
    said = JsonRenderer(rows=True).render_suffixes([ref(each, "data_source", each * 8) for each in ("Old1", "New2")])
    assert set(said) == {
        *(".jsonl", ".schema.json", ".Old1.jsonl", ".Old1.schema.json", ".New2.jsonl", ".New2.schema.json")
    }


def test_no_two_columns_have_one_name_in_whatever_case() -> None:
    odd = [
        schema("NOTION_ID", "title"),
        schema("Due", "date"),
        schema("Due.END", "number"),
        schema("Properties", "url"),
    ]
    source = {**SOURCE, "properties": {column["name"]: column for column in odd}}
    ((line,), about) = read(document({"Properties": value("Properties", "https://x", source)}, source=source))
    names = [name.casefold() for name in line]
    assert len(set(names)) == len(names)
    assert line["Properties"] == "https://x"
    assert list(line)[-1] == "notion_properties"
    assert list(about["properties"]) == list(line)


def test_no_reader_of_lines_finds_an_end_within_one() -> None:
    found = files(document({"Name": value("Name", rich("a\u2028b\x85c\nd"))}))["Tasks.jsonl"]
    assert len(found.splitlines()) == 1


ids = st.sampled_from(["o1", "o2", "o9"])
words = st.text(st.characters(codec="utf-8"), max_size=12)
maybe = st.none() | words
option = st.builds(
    lambda each, name, color: {"id": each, "name": name, "color": color},
    ids,
    st.sampled_from(["Open", "Done", "Gone"]),
    st.sampled_from(["red", "green"]),
)
user = st.builds(
    lambda each, extra: {"object": "user", "id": each, **extra}, words, st.sampled_from([{}, {"name": "A"}])
)
number = st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
span = st.builds(
    lambda shown, bold, href: text(shown, href, bold=bold), words, st.booleans(), st.sampled_from([None, "https://x"])
) | st.builds(lambda shown: mention("user", {"object": "user", "id": "u"}, shown), words)
date = st.none() | st.builds(lambda a, b, c: {"start": a, "end": b, "time_zone": c}, words, maybe, maybe)
PAYLOADS: dict[str, st.SearchStrategy[Any]] = {
    "Name": st.lists(span, max_size=3),
    "Notes": st.lists(span, max_size=3),
    "Hours": number | words,
    "Ready": st.booleans(),
    "Due": date,
    "Tags": st.lists(option, max_size=3),
    "State": st.none() | option,
    "Who": st.lists(user, max_size=2),
    "Part of": st.lists(st.builds(lambda each: {"id": each}, words), max_size=2),
    "Files": st.lists(
        st.builds(lambda a, b: {"type": "external", "name": a, "external": {"url": b}}, words, words), max_size=2
    ),
    "Sum": st.sampled_from([{"type": "number", "number": None}, {"type": "unsupported", "unsupported": {}}])
    | st.builds(lambda each: {"type": "number", "number": each}, number)
    | st.builds(lambda each: {"type": "string", "string": each}, maybe)
    | st.builds(lambda each: {"type": "boolean", "boolean": each}, st.none() | st.booleans())
    | st.builds(lambda each: {"type": "date", "date": each}, date),
    "Roll": st.builds(lambda each: {"type": "number", "number": each, "function": "sum"}, number),
    "Key": st.builds(
        lambda a, b: {"prefix": a, "number": b}, st.sampled_from([None, "T", "U", ""]), st.none() | st.integers(0, 99)
    ),
    "Place": st.none() | st.builds(lambda a, b: {"lat": a, "lon": b}, st.floats(-90, 90), st.floats(-180, 180)),
    "Seal": st.none() | st.builds(lambda a, b: {"state": a, "date": b, "verified_by": None}, words, date),
    "Push": st.just({}),
    "Site": maybe,
    "By": user,
    "Made": words,
    "Odd": st.none() | words | st.dictionaries(words, st.integers(0, 9), max_size=2),
}
rows = st.fixed_dictionaries(
    {}, optional={name: st.builds(value, st.just(name), each) for name, each in PAYLOADS.items()}
)


@given(rows)
def test_nothing_of_a_value_is_lost_against_the_json_renderers(row: Json) -> None:
    ((line,), about) = read(document(row))
    jsonschema.validate(line, about, jsonschema.Draft202012Validator)
    for name, found in row.items():
        assert joined(restored(line, about, name)) == joined(found)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)
odd_value = st.builds(
    lambda name, payload, more: {**value(name, payload), **more},
    st.sampled_from(sorted(PAYLOADS)),
    anything,
    st.sampled_from([{}, {"id": "another"}, {"has_more": True}, {"new": 1}, {"type": "of_tomorrow"}]),
)


@given(st.sampled_from(sorted(PAYLOADS)), odd_value | anything)
def test_a_value_that_is_none_of_its_type_stands_whole_in_its_line(name: str, found: Any) -> None:
    ((line,), about) = read(document({name: found}))
    columns = {key: kind for key, kind in about["properties"].items() if kind.get("x-notion-property") == name}
    jsonschema.validate({key: line[key] for key in columns}, {"properties": columns})
    if isinstance(found, dict) and found.get("type") == SOURCE["properties"][name]["type"]:
        assert joined(restored(line, about, name)) == joined(found)
    else:
        assert line["properties"] == {name: found}


def test_pandas_and_duckdb_see_the_types(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    other = {**FULL, "Hours": value("Hours", 4), "Ready": value("Ready", False), "Due": value("Due", None)}
    path = tmp_path / "Tasks.jsonl"
    path.write_text(files(document(FULL, other, {"Name": value("Name", rich("Empty"))}))["Tasks.jsonl"])

    frame = pandas.read_json(path, lines=True)
    assert frame["Hours"].dtype == "float64"
    assert frame["Hours"].sum() == 6.5
    assert frame["Ready"][0] == True  # noqa: E712 - of numpy's own type
    assert list(frame["Tags"][0]) == ["Open"]
    assert pandas.to_datetime(frame["Due"]).dt.day.tolist()[0] == 2
    assert pandas.to_datetime(frame["created"], utc=True).notna().all()

    types = {name: str(kind) for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
    assert (types["Hours"], types["Ready"], types["Due"]) == ("DOUBLE", "BOOLEAN", "DATE")
    assert (types["Tags"], types["Part of.ids"]) == ("VARCHAR[]", "UUID[]")
    assert types["created"] == "TIMESTAMP WITH TIME ZONE"
    assert duckdb.sql(f"SELECT sum(Hours) FROM '{path}' WHERE Ready").fetchall() == [(2.5,)]


def test_an_export_with_rows_is_that_of_a_fresh_one_after_changes(bench: Bench) -> None:
    wanted = {"export__renderers": [{"use": "json", "rows": True}]}
    bench.good(**wanted)
    lines = sorted(path.name for path in bench.out.rglob("*.jsonl") if path.name != "manifest.jsonl")
    assert lines
    source = next(each for each in bench.space.data_sources if any(True for _ in bench.space.rows(each)))
    bench.space.rename(next(bench.space.rows(source))["id"], "Another name")
    bench.good(**wanted)
    assert tree(bench.out) == bench.fresh(**wanted)
    bench.good(export__renderers=["json"])
    assert not [path for path in bench.out.rglob("*.jsonl") if path.name != "manifest.jsonl"]
