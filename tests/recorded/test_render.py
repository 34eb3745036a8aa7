"""Recorded pages and objects, rendered and read back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.content import properties
from notion_sync_core.model import Block, Json, plain_text
from notion_sync_json import JsonRenderer
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.front_matter import front_matter
from notion_sync_markdown.pen import Pen
from plugins.markdown_reading import DIALECTS, read_file
from plugins.rendering import MemoryDocument, MemorySite, content, page, ref

RECORDED = Path(os.environ.get("NOTION_SYNC_RECORDED") or Path(__file__).parents[2] / ".." / "shared" / "recorded")

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.campaign,  # who has no recorded responses must not miss them
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]
NOT_OURS = ("child_page", "child_database", "unsupported", "link_to_page")


@cache
def records(name: str) -> list[Json]:
    lines = (RECORDED / name).read_text("utf-8").splitlines()
    return [record for record in map(json.loads, lines) if isinstance(record["response"], dict)]


def every_record() -> Iterator[Json]:
    for path in sorted(RECORDED.glob("*.jsonl")):
        yield from records(path.name)


def trees() -> list[Json]:
    path = RECORDED / "trees.json"
    found: list[Json] = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return [tree for tree in found if tree["complete"]]


@cache
def lines_of(name: str) -> list[str]:
    return (RECORDED / name).read_text("utf-8").splitlines()


def parent_of(record: Json) -> str:
    """Whose children a listing shows: named in its path, or by the blocks themselves."""
    if record["path"]:
        return str(record["path"]).split("/blocks/")[1].split("/")[0]
    parent = record["response"]["results"][0].get("parent") or {}
    return str(parent.get(parent.get("type") or "") or "")


def document_of(tree: Json) -> Recorded:
    lines = lines_of(tree["file"])
    raw = json.loads(lines[tree["page_record"] - 1])["response"]
    listings: dict[str, list[Json]] = {}
    for number in tree["children_records"]:
        record = json.loads(lines[number - 1])
        if record["response"]["results"]:
            listings.setdefault(bare(parent_of(record)), []).extend(record["response"]["results"])
    return Recorded(listings.get(bare(tree["page_id"]), []), ref(tree["title"]), raw, listings=listings)


class Recorded(MemoryDocument):
    """A document whose children are found by their parent's id, hyphenated or not."""

    def children(self, block: Any) -> Any:
        found = self.listings.get(bare(block.id))
        source = block.payload.get("synced_from")
        if not found and isinstance(source, dict):
            found = self.listings.get(bare(source.get("block_id") or ""))
        return map(type(block), found or [])


def bare(object_id: str) -> str:
    return object_id.replace("-", "").lower()


def texts(document: Recorded, raws: list[Json]) -> Iterator[str]:
    """All text of the blocks in the order it is read."""
    for raw in raws:
        payload = raw.get(raw["type"])
        payload = payload if isinstance(payload, dict) else {}
        if raw["type"] not in NOT_OURS:
            arrays = [
                *(payload.get(key) or [] for key in ("rich_text", "text", "caption")),
                *(payload.get("cells") or []),
            ]
            yield from (text_of(item) for array in arrays for item in array)
            yield from texts(document, [child.raw for child in document.children(Block(raw))])


def text_of(item: Json) -> str:
    """What the app shows: of a page on the web its title, where the API gives the address."""
    mention = item.get("mention") or {}
    found = mention.get("link_mention") or {}
    return str(found.get("title") or plain_text([item]))


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("tree", trees(), ids=lambda tree: f"{tree['source_repo']}-{tree['page_id'][-6:]}")
def test_a_recorded_page_keeps_all_its_text_in_order(tree: Json, dialect: str) -> None:
    document = document_of(tree)
    site = MemorySite()
    read = letters(read_file(_rendered(document, site, dialect), dialect))
    position = 0
    for text in texts(document, document.nested):
        found = read.find(letters(text), position)
        assert found >= 0, f"{text!r} is missing after …{read[max(0, position - 60) : position]}"
        position = found + len(letters(text))
    assert not site.warnings


def _rendered(document: MemoryDocument, site: MemorySite, dialect: Any = "gfm") -> str:
    return content(next(iter(MarkdownRenderer(dialect=dialect).render_document(document, site))))


def test_recorded_blocks_come_back_from_json() -> None:
    seen = 0
    for record in every_record():
        results = record["response"].get("results") or []
        if not results or any(result.get("object") != "block" for result in results):
            continue
        document = MemoryDocument(results)
        artifact = next(iter(JsonRenderer().render_document(document, MemorySite())))
        for before, after in zip(results, json.loads(content(artifact))["blocks"], strict=True):
            assert {key: after[key] for key in before} == before
            assert set(after) - set(before) <= {"children"}
        seen += 1
    assert seen


def objects(value: Any) -> Iterator[Json]:
    for item in value.get("results", [value]):
        if isinstance(item, dict) and isinstance(item.get("properties"), dict):
            yield item


def test_every_recorded_property_has_a_text() -> None:
    seen = 0
    for record in every_record():
        for found in objects(record["response"]):
            for value in found["properties"].values():
                assert isinstance(properties.text(value, MemorySite()), str)
                seen += 1
            if found.get("object") == "page":
                front_matter(MemoryDocument(raw=found), Pen(MemorySite(), Dialect()))
    assert seen


def test_every_recorded_block_is_rendered_without_a_warning() -> None:
    site = MemorySite()
    for record in every_record():
        for raw in record["response"].get("results") or [record["response"]]:
            if raw.get("object") == "block" and raw.get("type"):
                assert page(raw, site=site)
    assert not site.warnings
