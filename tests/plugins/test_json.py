"""JSON: the API's objects as read, children nested."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notion_sync_core.model import Json
from notion_sync_json import JsonRenderer
from plugins.rendering import MemoryDocument, MemorySite, block, content, ref


def rendered(document: MemoryDocument) -> str:
    artifact = next(iter(JsonRenderer().render_document(document, MemorySite())))
    assert str(artifact.path) == "Page.json"
    return content(artifact)


def test_every_field_is_kept_and_children_are_nested() -> None:
    kid = {**block("paragraph", "kid"), "new_field": [1, {"x": None}]}
    parent = block("toggle", "parent", [kid])

    found = json.loads(rendered(MemoryDocument([parent, kid])))

    assert found == {
        "schema": 1,
        "notion_version": "2026-03-11",
        "object": {"object": "page", "properties": {}},
        "data_sources": [],
        "blocks": [{**parent, "children": [kid]}, kid],
    }


def test_a_database_has_its_data_sources() -> None:
    document = MemoryDocument([], ref("D", "database"), {"object": "database"}, [{"id": "s", "properties": {}}])

    assert json.loads(rendered(document))["data_sources"] == [{"id": "s", "properties": {}}]


def test_the_same_document_gives_the_same_bytes() -> None:
    document = MemoryDocument([block("toggle", "parent", [block("paragraph", "kid")])])

    assert rendered(document) == rendered(document)


def test_a_synced_block_inside_itself_ends() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})
    document = MemoryDocument([copy], listings={"original": [copy, copy]})

    assert json.loads(rendered(document))["blocks"] == [{**copy, "children": [copy, copy]}]


def test_any_depth_is_rendered() -> None:
    levels: list[Json] = [
        {"type": "toggle", "toggle": {}, "id": str(level), "has_children": True} for level in range(5000)
    ]
    document = MemoryDocument(levels[:1], listings={str(n): levels[n + 1 : n + 2] for n in range(5000)})

    text = rendered(document)

    assert text.count('"children":[') == 5000
    assert text.count("]}") == 5001


@pytest.mark.parametrize("blocks", [[], [{}], [{"type": None}]])
def test_odd_blocks_do_no_harm(blocks: list[Any]) -> None:
    assert json.loads(rendered(MemoryDocument(blocks)))["blocks"] == blocks


def test_comments_stand_with_what_they_are_about() -> None:
    talk = [{"object": "comment", "id": "1", "rich_text": []}]
    document = MemoryDocument([block("paragraph", "text")], discussions={"paragraph-id": talk, ref().id: talk})

    found = json.loads(rendered(document))

    assert found["comments"] == talk
    assert found["blocks"][0]["comments"] == talk


def test_where_the_files_lie_that_a_document_shows_stands_last() -> None:
    def held(name: str) -> Json:
        return {"type": "file", "file": {"url": f"https://files.example/{name}", "expiry_time": None}}

    site = MemorySite(assets={f"https://files.example/{name}": f"../assets/{name}" for name in ("a", "b", "c", "d")})
    about = [{"object": "comment", "id": "1", "rich_text": [], "attachments": [{"file": held("c")["file"]}]}]
    blocks = [block("toggle", "parent", [block("image", **held("a"))]), block("file", **held("not downloaded"))]
    raw = {"object": "page", "icon": held("b"), "properties": {}}
    document = MemoryDocument(blocks, raw=raw, discussions={"toggle-id": about})
    artifact = next(iter(JsonRenderer().render_document(document, site)))

    found = json.loads(content(artifact))

    assert list(found)[-1] == "files"
    assert found["files"] == {f"https://files.example/{name}": f"../assets/{name}" for name in ("a", "b", "c")}
