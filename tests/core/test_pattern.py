"""Paths made of properties: what a pattern says, what it may not say, and what any value makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json
from notion_sync_core.stages.names import MAX_PART, clean, slug
from notion_sync_core.stages.pattern import Pattern
from notion_sync_demo.build import rich, value

ROW = {
    "id": "11111111-1111-4111-8111-111111111111",
    "created_time": "2026-05-06T07:08:00.000Z",
    "last_edited_time": "2026-06-07T08:09:00.000Z",
}


def row(**properties: Json) -> Json:
    return {**ROW, "properties": properties}


POST = row(
    Date=value("date", "Date", {"start": "2026-03-02T23:30:00.000+02:00", "end": "2026-03-04", "time_zone": None}),
    Slug=value("rich_text", "Slug", rich("My Post/2")),
    Kind=value("select", "Kind", {"name": "How-to"}),
    Tags=value("multi_select", "Tags", [{"name": "one"}, {"name": "two"}]),
    None_=value("rich_text", "None_", []),
    Off=value("date", "Off", None),
)


def place(text: str, raw: Json = POST, title: str = "A title", cleaner: Any = clean) -> Any:
    found = Pattern.parse(text, "paths").place(raw, title, cleaner)
    return None if found is None else "/".join((*found[0], found[1]))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("{Slug}", "My Post-2"),
        ("{Slug|title}", "My Post-2"),
        ("{None_|title} {Kind}", "A title How-to"),
        ("_posts/{Date|created}-{Slug|title}", "_posts/2026-03-02-My Post-2"),
        ("_posts/{Off|created}-{title}{Kind}", "_posts/2026-05-06-A titleHow-to"),
        ("{Kind}/{Date:%Y/%m}/{Slug}", "How-to/2026/03/My Post-2"),
        ("{Date:%Y}/{Date:%m-%d} {Slug}", "2026/03-02 My Post-2"),
        ("{Tags}/{Kind}-{id}", "one/How-to-11111111111141118111111111111111"),
        ("{edited} {Kind}", "2026-06-07 How-to"),
        ("{Off}-{None_|Kind}", "How-to"),
        ("{None_}/{Off}/{Slug}", "My Post-2"),
        ("{None_}", "A title"),
    ],
)
def test_what_a_pattern_makes(pattern: str, path: str) -> None:
    assert place(pattern) == path


def test_with_slugs_values_are_slugs_and_what_the_pattern_says_stays() -> None:
    assert place("_posts/{Date}-{Slug|title}", cleaner=slug) == "_posts/2026-03-02-my-post-2"


def test_rows_without_any_such_property_keep_their_names() -> None:
    assert place("{Slug|title}", row(Name=value("title", "Name", rich("x")))) is None
    assert place("{Slug|title}", {"properties": None}) is None
    assert place("{Slug|title}", row(title=value("title", "title", rich("A page of no database")))) is None


def test_a_pattern_without_properties_is_for_every_row() -> None:
    parent = {"type": "data_source_id", "data_source_id": "x"}
    assert place("{created}-{title}", {**row(), "parent": parent}) == "2026-05-06-A title"
    assert place("{created}-{title}", {**row(), "parent": {"type": "page_id", "page_id": "x"}}) is None
    assert place("{created}-{title}", {**row(), "parent": parent}, title="") == "2026-05-06-Untitled"


@pytest.mark.parametrize("text", ["{", "a}b", "{}", "{|Slug}", "plain", "{Slug}/", "/{Slug}", "a//{Slug}", "../{Slug}"])
def test_what_is_no_pattern_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError, match=r"plugins\.x\.paths"):
        Pattern.parse(text, "plugins.x.paths")


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from([clean, slug]))
def test_no_value_leaves_its_folder_or_makes_one_or_is_no_name(first: str, second: str, cleaner: Any) -> None:
    raw = row(A=value("rich_text", "A", rich(first)), B=value("select", "B", {"name": second}))
    found = Pattern.parse("{A}/x {B}/{A|title}{B}", "paths").place(raw, "t", cleaner)
    assert found is not None
    folders, name = found
    assert len(folders) <= 2
    for part in (*folders, name):
        assert part not in ("", ".", "..")
        assert not set(part) & set('/\\<>:"|?*\0')
        assert not part.startswith(".")
        assert len(part.encode()) <= MAX_PART
    assert all("." not in folder for folder in folders)
