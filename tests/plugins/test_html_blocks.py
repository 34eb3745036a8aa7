"""How blocks stand together in HTML: depth, lists, anchors, synced blocks, plugins, comments, long pages."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define

from notion_sync_core.model import Block, Json
from notion_sync_html import HtmlRenderer
from notion_sync_html.walk import MAX_DEPTH
from plugins.html_rendering import body, content_of, main_of, page, text_of, tree
from plugins.html_samples import KID, OTHER, comment, paragraph, sample_site
from plugins.rendering import MemoryDocument, MemorySite, block, content, span, squeezed, table


def deepest(html: str) -> int:
    """How many elements are open at once at most."""
    depth = most = 0
    for tag in re.findall(r"<(/?)[a-z]", html.replace("<br>", "")):
        depth += -1 if tag else 1
        most = max(most, depth)
    return most


@pytest.mark.parametrize("kind", ["bulleted_list_item", "toggle", "quote", "numbered_list_item", "paragraph", "to_do"])
def test_any_depth_is_rendered(kind: str) -> None:
    depth = 3_000
    raw = block(kind, "last")
    for level in range(depth):
        raw = block(kind, f"level{level} ", [raw])

    html = body(raw)

    assert [f"level{level}" in html for level in (0, depth // 2, depth - 1)] == [True] * 3
    assert deepest(html) <= 2 * MAX_DEPTH + 4


def test_deep_text_stays_in_order() -> None:
    raw = block("bulleted_list_item", "end")
    for level in range(200):
        raw = block("bulleted_list_item", f"level{level}", [raw])

    read = text_of(content_of(page(raw))).split()

    assert read == [f"level{level}" for level in reversed(range(200))] + ["end"]


def test_a_synced_copy_shows_its_original() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})

    html = body(copy, listings={"original": [paragraph("shared")]})

    assert html == '<div class="synced">\n<p dir="auto">shared</p>\n</div>\n'


def test_a_synced_block_inside_itself_ends() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})
    site = MemorySite()

    html = body(copy, site=site, listings={"original": [paragraph("once"), copy, copy]})

    assert html.count("once") == 1
    assert "contains itself" in site.warnings[0]


def test_a_heading_that_stands_on_the_page_twice_has_one_anchor() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})
    heading = block("heading_1", "Shared")

    html = page(copy, copy, listings={"original": [heading]})

    assert html.count('id="heading_1id"') == 1
    assert html.count(">Shared") == 2


@pytest.mark.parametrize("is_toggle", [False, True], ids=["plain", "toggle"])
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_heading_that_links_lead_to_keeps_its_id_and_its_line_in_the_contents(level: int, is_toggle: bool) -> None:
    children = [paragraph("inside")] if is_toggle else []
    first, linked = ({**block(f"heading_{level}", text, children), "id": text[0] * 32} for text in ("a one", "b two"))

    html = page(first, linked, linked, site=MemorySite(anchors=frozenset(["b" * 32])))
    outline = next(nav for nav in tree(html).iter("nav") if nav.get("class") == "outline")

    assert html.count(f'id="{"b" * 32}"') == 1
    assert [link.get("href") for link in outline.iter("a")] == ["#" + "a" * 32, "#" + "b" * 32]


def test_a_heading_stands_in_the_contents_before_those_of_its_section() -> None:
    inner = {**block("heading_2", "Inner"), "id": "b" * 32}
    outer = {**block("heading_1", "Outer", [paragraph("text"), inner]), "id": "a" * 32}
    last = {**block("heading_1", "Last"), "id": "c" * 32}

    outline = next(nav for nav in tree(page(outer, last)).iter("nav") if nav.get("class") == "outline")

    assert squeezed(text_of(outline)) == "On this page Outer Inner Last"


def test_a_block_that_links_lead_to_has_its_bare_id() -> None:
    raw = {**paragraph("here"), "id": "11111111-2222-4333-8444-555555555555"}
    site = MemorySite(anchors=frozenset([raw["id"]]))

    assert (
        body(raw, paragraph("there"), site=site).count('<p dir="auto" id="11111111222243338444555555555555">here') == 1
    )


def test_a_page_with_several_headings_has_them_in_front() -> None:
    headings = [{**block(f"heading_{n}", f"Heading {n}"), "id": str(n) * 32} for n in (1, 2, 3)]

    outline = next(nav for nav in tree(page(*headings)).iter("nav") if nav.get("class") == "outline")

    assert [link.get("href") for link in outline.iter("a")] == ["#" + str(n) * 32 for n in (1, 2, 3)]
    assert "outline" not in page(headings[0])


def test_a_long_page_has_its_headings_in_front_too() -> None:
    inside = block("column_list", children=[block("column", children=[{**block("heading_2", "Deep"), "id": "d" * 32}])])
    blocks = [*([paragraph("x" * 2000)] * 300), block("heading_1", "Last"), inside, block("heading_1", "")]

    html = page(*blocks)
    outline = next(nav for nav in tree(html).iter("nav") if nav.get("class") == "outline")

    assert squeezed(text_of(outline)) == "On this page Last Deep"
    assert html.count('<p dir="auto">xxx') == 300


def test_a_table_of_contents_has_at_most_some_hundred_lines() -> None:
    headings = [{**block("heading_1", f"H{n}"), "id": f"{n:032}"} for n in range(700)]

    html = body(block("table_of_contents"), *headings)

    assert html.count('<li class="level-1">') == 500
    assert html.count("<h2") == 700


@define
class Endless(MemoryDocument):
    """A long page whose blocks are made while they are read."""

    length: int = 0

    def blocks(self) -> Iterator[Block]:
        return (Block(paragraph(f"paragraph number {number} " + "x" * 400)) for number in range(self.length))


@pytest.mark.campaign
def test_a_page_of_very_many_blocks_streams() -> None:
    renderer = HtmlRenderer()
    size = 0
    tracemalloc.start()
    for chunk in next(iter(renderer.render_document(Endless(length=30_000), MemorySite()))).chunks:
        size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 12_000_000
    assert peak < 6_000_000


def test_the_same_document_gives_the_same_bytes() -> None:
    from plugins.html_samples import SAMPLES

    blocks = [raw for raws in SAMPLES.values() for raw in raws]

    assert page(*blocks, site=sample_site()) == page(*blocks, site=sample_site())


def test_a_plugin_may_take_over_a_block() -> None:
    site = MemorySite(claims={"code": '<pre class="mermaid">a</pre>', "table": "<p>no table</p>", "to_do": "mine"})

    html = body(block("code", "x"), table(["a"]), block("to_do", "x"), block("to_do", "y"), site=site)

    assert html == (
        '<pre class="mermaid">a</pre><p>no table</p>'
        '<ul class="tasks" dir="auto">\n<li>mine</li>\n<li>mine</li>\n</ul>\n'
    )


def test_a_table_may_stand_inside_a_block() -> None:
    assert "<td>cell</td>" in body(block("toggle", "more", [table(["cell"], header=False)]))


def test_comments_stand_beside_their_block_by_discussion() -> None:
    talk = [comment("first"), comment("answer"), comment("other", "d2", display_name={"resolved_name": "Bot"})]
    site = sample_site()
    raw = [paragraph("text"), block("bulleted_list_item", "item"), table(["cell"])]

    html = body(*raw, site=site, discussions={"paragraph-id": talk, "bulleted_list_item-id": talk, "table-id": talk})

    assert html.count('<ol class="discussion">') == 6
    assert squeezed(text_of(content_of(page(raw[0], site=site, discussions={"paragraph-id": talk})))) == (
        "text Mara Lindqvist 2 March 2026, 09:00 UTC first Mara Lindqvist 2 March 2026, 09:00 UTC answer "
        "Bot 2 March 2026, 09:00 UTC other"
    )
    assert (
        '<li><span class="text">item</span>\n\n<aside' in html or '<li><span class="text">item</span>\n<aside' in html
    )


def test_comments_on_the_page_stand_under_its_title_with_their_files() -> None:
    url = "https://files.example/page.html"
    attachments = [{"category": "pdf", "file": {"url": url}}, {"category": "image", "file": {"url": ""}}]
    document = {"discussions": {MemoryDocument().ref.id: [comment("hello", attachments=attachments)]}}

    main = main_of(page(paragraph("text"), site=sample_site(), **document))

    assert '<a href="assets/45/page.html" download>page.html</a>' in page(site=sample_site(), **document)
    assert squeezed(text_of(main)).startswith("Page Mara Lindqvist 2 March 2026, 09:00 UTC hello page.html image text")


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(0.5, "column w-50"), (1, "column w-100"), (0.001, "column w-1"), (0, "column"), (7, "column"), ("x", "column")],
)
def test_a_columns_width_is_one_of_a_hundred_classes(ratio: Any, shown: str) -> None:
    html = body(block("column_list", children=[block("column", children=KID, width_ratio=ratio)]))

    assert f'<div class="{shown}">' in html


def test_an_icon_outside_is_linked_and_an_unknown_one_is_named() -> None:
    icons: list[Json] = [
        {"type": "external", "external": {"url": "https://a.b/c.png"}},
        {"type": "file", "file": {"url": ""}},
        {"type": "hologram", "hologram": {"name": "cube"}},
        {"type": "hologram", "hologram": None},
        {"type": "custom_emoji", "custom_emoji": {"name": ""}},
    ]

    html = body(*(block("callout", "x", icon=icon) for icon in icons))

    assert html.count('class="icon') == 2
    assert 'href="https://a.b/c.png"' in html
    assert 'aria-label="cube"' in html


@pytest.mark.parametrize(
    ("cover", "html"),
    [
        ({"type": "external", "external": {"url": "https://a.b/c.png"}}, '<a href="https://a.b/c.png" rel="noref'),
        ({"type": "external", "external": {"url": "javascript:x"}}, ""),
        (None, ""),
    ],
)
def test_a_cover_outside_is_linked(cover: Json | None, html: str) -> None:
    found = page(raw={"object": "page", "cover": cover})

    assert html in found
    assert ("cover" in found) == bool(html)


def test_payloads_of_odd_shapes_do_no_harm() -> None:
    odd = [
        {"type": "table_row", "table_row": {"cells": None}},
        {"type": "unsupported", "unsupported": None},
        {},
        {"type": "meeting_notes", "meeting_notes": {"title": {"x": 1}, "calendar_event": {"attendees": 3}}},
        {"type": "hologram", "hologram": {"a": [["x"]], "b": [[span("deep")]], "c": 3}},
        {"type": "link_to_page", "link_to_page": {}},
        {"type": "image", "image": {"type": "external", "external": {"url": "https://[bad"}, "caption": None}},
    ]

    assert "deep" in body(*odd)


def test_without_an_address_in_notion_a_placeholder_is_no_link() -> None:
    from attrs import evolve

    from plugins.rendering import ref

    html = page(block("unsupported"), block("hologram", "x"), ref=evolve(ref(), url=""))

    assert '<p class="placeholder">[unsupported block]</p>' in html
    assert "Open in Notion" not in html


def test_a_document_is_one_artifact_at_its_path() -> None:
    [artifact] = HtmlRenderer().render_document(MemoryDocument(), MemorySite(stem="A/B"))

    assert str(artifact.path) == "A/B.html"
    assert artifact.media_type == "text/html"
    assert content(artifact).startswith("<!DOCTYPE html>")
    assert OTHER not in content(next(iter(HtmlRenderer().render_document(MemoryDocument(), MemorySite()))))
