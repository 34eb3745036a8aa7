"""Recorded pages and objects as HTML, read back as a browser does."""

from __future__ import annotations

import json
import re

import pytest

from notion_sync_core.model import Block, Json
from notion_sync_html import HtmlRenderer
from plugins.html_rendering import main_of, render, text_of
from plugins.rendering import MemoryDocument, MemorySite
from recorded import test_render as recorded

pytestmark = recorded.pytestmark
RENDERER = HtmlRenderer()


DATE = re.compile(r"(\d{4}-\d\d-\d\d\S*)(?: → (\S*))?")


def letters(text: str) -> str:
    return "".join(text.split())


def is_dated(text: str, html: str) -> bool:
    """Whether it is a date, which people see in words, and machines as it was."""
    found = DATE.fullmatch(text)
    return found is not None and all(f'datetime="{part}"' in html for part in found.groups() if part)


@pytest.mark.parametrize("tree", recorded.trees(), ids=lambda tree: f"{tree['source_repo']}-{tree['page_id'][-6:]}")
def test_a_recorded_page_keeps_all_its_text_in_order(tree: Json) -> None:
    document = recorded.document_of(tree)
    site = MemorySite()
    html = render(document, site, RENDERER)
    read = letters(text_of(main_of(html)))
    position = 0
    for text in recorded.texts(document, document.nested):
        if is_dated(text, html):
            continue
        found = read.find(letters(text), position)
        assert found >= 0, f"{text!r} is missing after …{read[max(0, position - 60) : position]}"
        position = found + len(letters(text))
    assert not site.warnings


def test_every_recorded_block_is_rendered_with_its_text_and_without_a_warning() -> None:
    site = MemorySite()
    seen = set()
    for record in recorded.every_record():
        for raw in record["response"].get("results") or [record["response"]]:
            # What differs in ids and times alone is rendered once.
            shown = json.dumps([raw.get("type"), raw.get(raw.get("type", "")), raw.get("has_children")])
            if raw.get("object") == "block" and raw.get("type") and shown not in seen:
                seen.add(shown)
                html = render(MemoryDocument([raw]), site, RENDERER)
                read = letters(text_of(main_of(html)))
                own = recorded.texts(MemoryDocument(), [{**raw, "has_children": False}])
                assert [text for text in own if letters(text) not in read and not is_dated(text, html)] == []
                assert Block(raw).type
    assert seen
    assert not site.warnings


def test_every_recorded_page_shows_its_properties() -> None:
    seen = 0
    for record in recorded.every_record():
        for found in recorded.objects(record["response"]):
            if found.get("object") == "page":
                assert "</html>" in render(MemoryDocument(raw=found), MemorySite(), RENDERER)
                seen += 1
    assert seen


def test_every_recorded_schema_is_shown() -> None:
    from plugins.rendering import ref

    seen = 0
    for record in recorded.every_record():
        for found in recorded.objects(record["response"]):
            if found.get("object") in ("data_source", "database"):
                document = MemoryDocument([], ref("D", "database"), found, [found])
                assert "</html>" in render(document, MemorySite(), RENDERER)
                seen += 1
    assert seen
