"""Content of shapes nobody has documented does no harm: the API adds some all the time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content import properties, rich_text
from notion_sync_core.content.rich_text import clean
from notion_sync_core.model import objects, plain_text
from plugins.rendering import MemorySite

KINDS = (
    *("title", "rich_text", "number", "select", "status", "multi_select", "date", "people", "files", "checkbox", "url"),
    *("email", "phone_number", "formula", "relation", "rollup", "created_time", "created_by", "unique_id", "place"),
    *("verification", "button", "unsupported", "of tomorrow"),
)
KEYS = st.sampled_from(
    [
        *("type", "id", "name", "start", "end", "time_zone", "plain_text", "href", "annotations", "mention", "text"),
        *("equation", "array", "number", "string", "date", "file", "external", "url", "state", "prefix", "object"),
        *("user", "content", "expression", "link"),
    ]
)
WORDS = st.sampled_from(["", "text", "mention", "equation", "array", "date", "file", "user", "page", "number", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(KINDS), JSON)
def test_a_property_of_any_shape_has_a_text(kind: str, payload: object) -> None:
    text = properties.text({"id": "x", "type": kind, kind: payload}, MemorySite())
    assert isinstance(text, str)


@given(JSON)
def test_rich_text_of_any_shape_has_runs(items: object) -> None:
    assert all(isinstance(run.text, str) and run.text for run in rich_text.runs(items, MemorySite()))
    assert isinstance(plain_text(items), str)


def test_only_objects_of_an_array_count() -> None:
    assert objects([{"a": 1}, None, 3, [], {}]) == [{"a": 1}, {}]
    assert objects("text") == objects(None) == objects({"a": 1}) == []


def test_text_has_no_control_characters_and_its_lines_end_with_line_feeds() -> None:
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
    assert clean(controls) == "\t\n\n\x85"  # a carriage return ends a line as well
    assert clean("a\x9b31mb\r\nc\rd\u2028e\u2029f") == "a31mb\nc\nd\u2028e\u2029f"
