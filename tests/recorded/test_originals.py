"""Recorded pages and objects as originals: read back from an export, and compared."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from notion_sync_core.model import Json, Parent, Ref, normalise_id
from notion_sync_core.restore.originals.of_export import opened_export
from notion_sync_json import JsonRenderer
from notion_sync_notion import decode
from plugins.rendering import MemorySite, content
from recorded.test_render import RECORDED, Recorded, bare, document_of, every_record, trees
from restore.memory import Memory
from restore.test_compare import change, differences, places

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.campaign,  # who has no recorded responses must not miss them
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]
SOME = 40
"""Changes that are tried of one document."""


def check(was: Memory, seed: str) -> None:
    """It does not differ from itself under other ids, and does as soon as one thing is changed."""
    rng = random.Random(seed)
    where = places(was)
    other, became = was.anew()
    assert differences(was, other, became) == []
    for page, parent, at, path in rng.sample(where, min(SOME, len(where))):
        other, became = was.anew()
        new = became.to_new[parent]
        change(other.raws[new] if at < 0 else other.lists[new][at], path)
        assert differences(was, other, became), (page, at, path)


def exported(tree: Json, folder: Path) -> tuple[Recorded, str]:
    """A recorded page, as the JSON renderer writes it into a folder; and its id."""
    document = document_of(tree)
    # Of some trees only the blocks were recorded.
    if "id" not in document.raw:
        document.raw = {"object": "page", "id": tree["page_id"]}
    decode.normalise(document.raw)
    for blocks in document.listings.values():
        for raw in blocks:
            decode.normalise(raw)
    artifact = next(iter(JsonRenderer().render_document(document, MemorySite())))
    (folder / "Page.json").write_text(content(artifact))
    return document, normalise_id(document.raw["id"]) or ""


@pytest.mark.parametrize("tree", trees(), ids=lambda tree: f"{tree['source_repo']}-{tree['page_id'][-6:]}")
def test_a_recorded_page_comes_back_from_its_export(tree: Json, tmp_path: Path) -> None:
    document, page = exported(tree, tmp_path)
    with opened_export(tmp_path) as export:
        assert export.object(page) == document.raw
        found = list(export.blocks(page))
        expected = document.listings.get(bare(page), [])
        assert [raw["id"] for raw in found] == [raw["id"] for raw in expected]
        assert all({**raw, "has_children": None} == {**one, "has_children": None}
                   for raw, one in zip(found, expected, strict=True))  # fmt: skip
        check(Memory.of(export).with_files(), page)


def recorded_objects() -> list[Json]:
    """Pages, databases and data sources, each once."""
    found: dict[str, Json] = {}
    for record in every_record():
        response = record["response"]
        for raw in [response, *(response.get("results") or ())]:
            is_whole = isinstance(raw, dict) and raw.get("object") in ("page", "data_source") and raw.get("properties")
            if is_whole and normalise_id(raw["id"]):
                found[raw["id"]] = raw
    return list(found.values())


def test_recorded_values_and_columns_are_compared_whole() -> None:
    tried = 0
    for given in recorded_objects():
        raw = json.loads(json.dumps(given))
        decode.normalise(raw)
        kind = raw["object"]
        ref = Ref(raw["id"], kind, "", Parent(), decode.EPOCH, decode.EPOCH)
        check(Memory([ref], {}, {raw["id"]: raw}, {}).with_files(), raw["id"])
        tried += 1
    assert tried > 50
