"""Databases: columns, rows, values."""

from __future__ import annotations

from typing import Any

import pytest

from notion_sync_core.model import Json
from notion_sync_html import numbers
from plugins.html_rendering import render, squeezed_cells, tree
from plugins.html_samples import PROPERTIES, SOURCE, prop, row, sample_database, sample_row, sample_site, schema
from plugins.rendering import MemoryDocument, MemorySite, ref, span


def test_rows_lead_to_their_pages_and_show_every_value() -> None:
    cells = squeezed_cells(render(sample_database(), sample_site()), "rows")
    names, first = cells[0], dict(zip(cells[0], cells[1], strict=True))

    assert names == ["Name", *sorted(set(PROPERTIES) - {"Name"})]
    assert first["Name"] == "A row"
    assert first["Number"] == "25%"
    assert first["Date"] == "2 March 2026, 08:00 UTC → 5 March 2026"
    assert first["Zoned"] == "2 March 2026, 09:00 (Europe/Paris)"
    assert first["Edited"] == "2 March 2026, 09:00:12 UTC"
    assert first["Relation"] == "Other: page, 99999999-9999-4999-8999-999999999999"
    assert first["Formula none"] == first["Unsupported"] == "unsupported"
    assert first["New type"] == "depth: 3, name: x"
    assert [each[0] for each in cells[1:]] == ["A row", "b row", "C <row>", "Untitled"]


def test_a_row_has_its_properties_but_the_title() -> None:
    cells = dict(squeezed_cells(render(sample_row(), sample_site()), "properties"))

    assert set(cells) == set(PROPERTIES) - {"Name"}
    assert cells["People"] == "Mara Lindqvist, Team"
    assert cells["Rollup list"] == "One, 2"
    assert cells["Verified"] == "verified 1 January 2026 Mara Lindqvist"
    assert cells["No select"] == "–"


def test_a_page_that_is_no_row_has_no_properties() -> None:
    raw = {"object": "page", "properties": {"title": prop("title", [span("x")])}}

    assert '<table class="properties"' not in render(MemoryDocument(raw=raw))


def test_a_database_with_several_sources_shows_each() -> None:
    sources = [
        {"id": f"{n}-1", "title": [span(name)], "properties": {"Name": schema("Name", "title")}}
        for n, name in enumerate(["Bikes", "Extras"])
    ]
    document = MemoryDocument(
        [], ref("Catalogue", "database"), {"object": "database"}, sources, {"1-1": [row(1, "Bell")]}
    )

    html = render(document, MemorySite())

    assert [h.text for h in tree(html).iter("h2")] == ["Bikes", "Extras"]
    assert [h.get("id") for h in tree(html).iter("h2")] == ["01", "11"]
    assert "On this page" in html


def test_a_database_of_an_old_version_is_its_own_source() -> None:
    raw = {"object": "database", "id": SOURCE, "title": [], "properties": {"Name": schema("Name", "title")}}

    html = render(MemoryDocument([], ref("Old", "database"), raw, [], {SOURCE: [row(1, "Row")]}), MemorySite())

    assert ">Row</a>" in html


def test_a_database_without_columns_has_no_table() -> None:
    document = MemoryDocument([], ref("Empty", "database"), {}, [{"id": "x", "properties": {}}])

    assert "<table" not in render(document, MemorySite())


@pytest.mark.parametrize(
    ("number", "style", "shown"),
    [
        (0.25, "percent", "25%"),
        (0.28, "percent", "28%"),
        (1234567.5, "number_with_commas", "1,234,567.5"),
        (-790, "euro", "-€790"),
        (790.0, "dollar", "$790"),
        (1e300, "dollar", "$1e+300"),
        (12, "number", "12"),
        (12, "klingon_darsek", "12"),
        (float("inf"), "percent", "inf"),
    ],
)
def test_numbers_look_as_their_column_says(number: float, style: str, shown: str) -> None:
    assert numbers.formatted(number, style) == shown


def keys(prop_: Json) -> Any:
    columns = {"Name": schema("Name", "title"), "X": schema("X", prop_["type"])}
    source = {"id": SOURCE, "properties": columns}
    document = MemoryDocument([], ref("D", "database"), {}, [source], {SOURCE: [row(1, "r", X=prop_)]})
    body = next(table for table in tree(render(document, sample_site())).iter("div") if table.get("class") == "rows")
    return next(iter(body.iter("td"))).get("data-key")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (PROPERTIES["Number"], "0.25"),
        (PROPERTIES["Done"], "1"),
        (PROPERTIES["Created"], "2026-03-02T09:00:00.000Z"),
        (PROPERTIES["Zoned"], "2026-03-02T09:00:00"),
        (PROPERTIES["Rollup"], "3"),
        (PROPERTIES["Text"], None),
        (PROPERTIES["No select"], None),
    ],
)
def test_rows_are_sorted_by_value_not_by_look(value: Json, key: str | None) -> None:
    assert keys(value) == key


@pytest.mark.parametrize("payload", [None, [], {}, "x", 3, [None], {"type": "date"}, {"type": "array", "array": [3]}])
@pytest.mark.parametrize("kind", sorted({value["type"] for value in PROPERTIES.values()}))
def test_values_of_odd_shapes_do_no_harm(kind: str, payload: Any) -> None:
    raw = {"object": "page", "properties": {"X": {"type": kind, kind: payload}}}

    assert "</html>" in render(MemoryDocument(raw=raw), sample_site())


def test_a_rollup_of_rollups_ends() -> None:
    value = prop("number", 1)
    for _ in range(50):
        value = prop("rollup", {"type": "array", "array": [value]})

    assert "</html>" in render(MemoryDocument(raw={"properties": {"X": value}}))
