"""No value of a property and no rich text, whatever JSON it is, makes a reader fail: rows show each other's."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content import properties, rich_text
from notion_sync_core.content.properties import _READERS
from notion_sync_core.model import Block, properties_of
from notion_sync_markdown import yaml_writer
from notion_sync_markdown.csv_files import _cell
from plugins.rendering import MemorySite

KINDS = sorted(_READERS)
MORE = ("annotations", "href", "mention", "color")
KEYS = st.sampled_from(["type", "id", "name", "start", "end", "array", "number", "date", "url", "text", "plain_text"])
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.sampled_from([*KINDS, "", "x", "a\n\0b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.sampled_from([*KINDS, *MORE]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.sampled_from(KINDS) | JSON, JSON)
def test_every_value_of_every_type_of_property_has_a_text(kind: Any, payload: Any) -> None:
    prop = {"type": kind, str(kind): payload}
    site = MemorySite()
    assert isinstance(properties.text(prop, site), str)
    assert isinstance(_cell(prop, site, str), str)
    assert isinstance(yaml_writer.dump({"value": properties.typed(prop, site)}), str)


@given(JSON)
def test_every_value_in_place_of_a_rich_text_has_runs(items: Any) -> None:
    for run in rich_text.runs(items, MemorySite()):
        assert isinstance(run.text, str)


@given(st.dictionaries(st.sampled_from(["id", "type", "paragraph", "has_children", "x"]), JSON))
def test_every_object_in_place_of_a_block_is_one(raw: Any) -> None:
    block = Block(raw)
    assert isinstance(block.id + block.type, str)
    assert all(isinstance(item, dict) for item in (*block.rich_text, *block.caption, block.payload))


@given(JSON)
def test_properties_are_objects_whatever_stands_in_their_place(value: Any) -> None:
    assert all(isinstance(found, dict) for found in properties_of({"properties": value}).values())
