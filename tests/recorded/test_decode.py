"""Every recorded object decodes, and nothing of it is lost on the way to JSON."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from notion_sync_core.model import Block, Json
from notion_sync_notion import decode
from recorded.test_render import RECORDED, every_record

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.campaign,  # who has no recorded responses must not miss them
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]


def objects(value: Any) -> Iterator[Json]:
    """Every API object in an answer."""
    if isinstance(value, dict):
        if value.get("object") in ("page", "database", "data_source", "block") and "id" in value:
            yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_every_page_database_and_data_source_becomes_a_reference() -> None:
    count = 0
    for record in every_record():
        for raw in objects(record["response"]):
            if raw["object"] == "block" or not decode.is_full(raw):
                continue
            ref = decode.ref(raw)
            assert ref.id
            assert ref.kind == raw["object"]
            assert len(ref.last_edited_time) == len("2026-06-18T17:51:00.000Z")
            count += 1
    assert count > 1000


def test_every_block_has_a_type_and_gives_its_text_without_an_error() -> None:
    kinds = set()
    for record in every_record():
        for raw in objects(record["response"]):
            if raw["object"] == "block" and "type" in raw:
                block = Block(raw)
                assert isinstance(block.payload, dict)
                kinds.add(block.type)
    assert len(kinds) > 25


def test_normalising_changes_only_signatures_and_ids_of_requests() -> None:
    for record in every_record():
        before, after = record["response"], copy.deepcopy(record["response"])
        decode.normalise(after)
        same(before, after)
        again = copy.deepcopy(after)
        decode.normalise(again)
        assert again == after


def same(before: Any, after: Any, key: str = "") -> None:
    if isinstance(before, dict):
        assert set(before) - {"request_id"} == set(after) - {"request_id"}
        for name in after:
            same(before[name], after[name], name)
    elif isinstance(before, list):
        assert len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            same(one, other, key)
    elif key == "expiry_time":
        assert after is None
    elif key == "url" and before != after:
        assert before.partition("?")[0].partition("#")[0] == after
    else:
        assert before == after
