"""Ways to what is hidden are taken out of content, wherever they stand; all else stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.model import Json
from notion_sync_core.stages.veil import BLANK, Veil
from notion_sync_demo.build import block, mention, page_mention, text

HIDDEN = "aaaaaaaa-0000-4000-8000-000000000001"
SHOWN = "bbbbbbbb-0000-4000-8000-000000000002"
UNKNOWN = "cccccccc-0000-4000-8000-000000000003"
KNOWN = {HIDDEN: True, SHOWN: False}


def bare(object_id: str) -> str:
    return object_id.replace("-", "")


def veil(*rollups: tuple[str, str]) -> Veil:
    return Veil(KNOWN.get, lambda _: rollups)


def seen(item: Json) -> Json:
    found: Json = veil().object({"rich_text": [item]})["rich_text"][0]
    return found


@pytest.mark.parametrize(
    "item",
    [
        page_mention(HIDDEN, "Secret"),
        page_mention(UNKNOWN, "Secret"),
        mention("database", {"id": HIDDEN}, "Secret"),
        mention("link_mention", {"href": f"https://www.notion.so/Secret-{bare(HIDDEN)}", "title": "Secret"}, "Secret"),
        text(f"https://app.notion.com/p/{bare(HIDDEN)}", f"https://app.notion.com/p/{bare(HIDDEN)}"),
        text(f"https://www.notion.so/Secret-{bare(UNKNOWN)}", f"https://www.notion.so/Secret-{bare(UNKNOWN)}"),
        text(f"https://elsewhere.example/Secret-{bare(HIDDEN)}"),
    ],
)
def test_of_a_way_that_says_where_it_leads_a_blank_stays(item: Json) -> None:
    assert seen(item)["plain_text"] == BLANK
    assert seen(item)["href"] is None
    assert "Secret" not in str(seen(item))
    assert bare(HIDDEN) not in str(seen(item)).replace("-", "")


def test_of_a_link_the_words_and_the_look_stay() -> None:
    found = seen(text("read this", f"/{bare(HIDDEN)}?pvs=4", bold=True))
    assert found["plain_text"] == "read this"
    assert found["href"] is None
    assert found["annotations"]["bold"] is True


@pytest.mark.parametrize(
    "item",
    [
        page_mention(SHOWN, "Post"),
        mention("user", {"id": UNKNOWN, "object": "user"}, "@Ann"),
        text("their page", f"https://somebody.notion.site/Page-{bare(UNKNOWN)}"),
        text("md5", f"https://files.example/{bare(UNKNOWN)}"),
        text(bare(UNKNOWN)),
        text("plain"),
    ],
)
def test_what_leads_elsewhere_stays_the_same_object(item: Json) -> None:
    assert seen(item) is item


@pytest.mark.parametrize(
    ("given_block", "stays"),
    [
        ({"id": HIDDEN, "type": "child_page", "child_page": {"title": "Secret"}}, False),
        ({"id": SHOWN, "type": "child_page", "child_page": {"title": "Post"}}, True),
        ({"id": "x", "type": "link_to_page", "link_to_page": {"type": "page_id", "page_id": HIDDEN}}, False),
        ({"id": "x", "type": "link_to_page", "link_to_page": {"type": "page_id", "page_id": SHOWN}}, True),
        ({"id": "x", "type": "bookmark", "bookmark": {"url": f"https://notion.so/S-{bare(HIDDEN)}"}}, False),
        ({"id": "x", "type": "bookmark", "bookmark": {"url": "https://example.com"}}, True),
        (block("paragraph", "text"), True),
    ],
)
def test_blocks_that_are_only_a_way_go(given_block: Json, stays: bool) -> None:
    assert list(veil().listing([given_block])) == ([given_block] if stays else [])


def row(related: list[str], values: list[str], *, through: str = "R") -> Json:
    items = [{"type": "title", "title": [text(value)]} for value in values]
    return {
        "parent": {"type": "data_source_id", "data_source_id": "s"},
        "properties": {
            through: {"type": "relation", "relation": [{"id": each} for each in related]},
            "Up": {"type": "rollup", "rollup": {"type": "array", "array": items}},
            "Link": {"type": "url", "url": f"https://www.notion.so/{bare(HIDDEN)}"},
        },
    }


def test_relations_and_what_looks_through_them_lose_what_is_hidden() -> None:
    found = veil(("Up", "R")).object(row([SHOWN, HIDDEN], ["Post", "Secret"]))["properties"]
    assert found["R"]["relation"] == [{"id": SHOWN}]
    assert [item["title"][0]["plain_text"] for item in found["Up"]["rollup"]["array"]] == ["Post"]
    assert found["Link"]["url"] is None


def test_values_of_which_nobody_can_tell_whose_they_are_go_all() -> None:
    found = veil(("Up", "R")).object(row([SHOWN, HIDDEN], ["one of them"]))["properties"]
    assert found["Up"]["rollup"]["array"] == []
    whole = row([SHOWN], ["Post"])
    assert veil(("Up", "R")).object(whole)["properties"]["Up"] is whole["properties"]["Up"]


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([HIDDEN, SHOWN, bare(HIDDEN)])
)
_KEYS = st.sampled_from(["url", "href", "relation", "type", "plain_text", "mention", "text", "id", "results"])
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=15
)


@given(st.dictionaries(_KEYS, _JSON, max_size=4))
def test_any_content_at_all_can_be_looked_through_and_is_never_changed_in_place(raw: dict[str, Any]) -> None:
    before = repr(raw)
    once = veil().object(raw)
    assert repr(raw) == before
    assert veil().object(once) == once


@pytest.mark.parametrize(
    ("condition", "is_named"),
    [
        ({"property": "R", "relation": {"contains": HIDDEN}}, True),
        ({"or": [{"property": "R", "relation": {"does_not_contain": bare(HIDDEN).upper()}}]}, True),
        ({"property": "Up", "rollup": {"any": {"relation": {"contains": [SHOWN, UNKNOWN]}}}}, True),
        ({"property": "Any", "anything": [HIDDEN]}, True),
        ({"property": "R", "relation": {"contains": SHOWN}}, False),
        ({"property": "Who", "people": {"contains": UNKNOWN}}, False),
        ({"property": "Name", "title": {"equals": "What people type"}}, False),
    ],
)
def test_a_view_names_no_row_that_is_hidden_and_lets_through_nothing_for_its_sake(
    condition: Json, is_named: bool
) -> None:
    source = {"id": SHOWN, "views": [{"id": UNKNOWN, "type": "table", "filter": condition, "quick_filters": condition}]}

    (found,) = veil().object(source)["views"]

    assert (found != source["views"][0]) is is_named
    assert (BLANK in str(found)) is is_named
    assert bare(HIDDEN) not in str(found).replace("-", "").lower()
    assert found["id"] == UNKNOWN
    assert found["filter"].keys() == condition.keys()
