"""JSON that strict readers refuse is read; what is no JSON is not."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core import wellformed
from notion_sync_core.errors import MissingError, RetryableError
from notion_sync_core.mirror.mirror import packed
from notion_sync_notion.client import Answer, _good, api_error
from notion_sync_notion.lenient import loads

TEXTS = st.text(st.characters() | st.sampled_from("\ud83d\ude00\udfff\ud800"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def text(content: str) -> dict[str, object]:
    return {"type": "text", "text": {"content": content}, "plain_text": content}


@given(VALUES)
def test_whatever_a_writer_of_json_gives_is_read_and_can_be_stored(value: object) -> None:
    found = loads(json.dumps(value).encode())
    assert orjson.loads(orjson.dumps(found)) == found


@given(VALUES)
def test_what_is_stored_is_json_whatever_a_source_gives(value: object) -> None:
    assert orjson.loads(packed({"value": value, "set": {1}, 7: b"x"}))


@given(TEXTS)
def test_a_text_with_an_encoding_stays_as_it_is_and_any_other_gets_one(raw: str) -> None:
    found = wellformed.text(raw)
    assert wellformed.is_text(found)
    assert wellformed.text(found) == found
    if wellformed.is_text(raw):
        assert found == raw


def test_halves_of_a_surrogate_pair_that_meet_are_joined_and_a_lone_one_is_replaced() -> None:
    assert loads(rb'["\ud83d\ude00", "\ud83d", "a\ude00b"]') == ["😀", "�", "a�b"]


def test_halves_that_meet_in_neighbours_of_a_rich_text_are_joined_in_the_first() -> None:
    items = [text("x\ud83d"), text(""), text("\ude00 end"), text("\ud83d")]
    found = loads(json.dumps({"rich_text": items}).encode())["rich_text"]
    assert [item["plain_text"] for item in found] == ["x😀", "", " end", "�"]
    assert [item["text"]["content"] for item in found] == ["x😀", "", " end", "�"]


def test_halves_that_meet_in_the_items_of_a_property_are_joined() -> None:
    items = [{"object": "property_item", "type": "title", "title": text(part)} for part in ("\ud83d", "\ude00")]
    found = loads(json.dumps({"results": items}).encode())["results"]
    assert [item["title"]["plain_text"] for item in found] == ["😀", ""]


def test_two_keys_that_differ_in_a_half_only_stay_two() -> None:
    assert loads(rb'{"a\ud83d": 1, "a\ud83e": 2}') == {"a�": 1, "a��": 2}


def test_numbers_that_no_double_holds_become_text() -> None:
    assert loads(b"[1e999, -1e999, NaN, Infinity, 1.5, 7]") == ["1e999", "-1e999", "NaN", "Infinity", 1.5, 7]
    assert loads(b"[NaN, " + b"9" * 10_000 + b"]")[1] == "9" * 10_000
    assert loads(b"[NaN, 123456789012345678901234567890]")[1] == pytest.approx(1.2345678901234568e29)


@pytest.mark.parametrize("depth", [250, 300, 1_100, 2_000, 100_000])
def test_nesting_without_end_is_cut_where_people_see_it_and_what_follows_is_kept(depth: int) -> None:
    found = loads(b'{"deep": ' + b'{"x": [' * depth + b"]}" * depth + b', "after": "\\"]}"}')
    stored = packed(found)
    assert wellformed.CUT_BYTES in stored
    assert orjson.loads(stored)["after"] == '"]}'


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>[1]</html>", b'{"object": "list"', b"[[", b"[" * 100_000, b'"\xff"', b'{"a": "\xed\xa0\x80"}'),
        *(b'"' + b'\\"' * 100_000, b"[1] [2]", b"{'a': 1}", b"[" * 300 + b"}" * 300),
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    error = _good("GET /v1/pages/x", body)
    assert isinstance(error, RetryableError)
    assert "is a proxy or login page in between" in error.message


def test_an_answer_with_half_a_surrogate_pair_is_no_proxys_page() -> None:
    answer = _good("GET /v1/pages/x", rb'{"object": "page", "title": "\ud83d"}')
    assert isinstance(answer, Answer)
    assert answer.raw["title"] == "�"


def test_a_refusal_with_half_a_surrogate_pair_is_understood() -> None:
    body = rb'{"object": "error", "code": "object_not_found", "message": "no \ud83d here"}'
    error = api_error("GET /v1/pages/x", 404, {}, body)
    assert isinstance(error, MissingError)
    assert "no � here" in error.message
