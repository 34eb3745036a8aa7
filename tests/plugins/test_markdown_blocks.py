"""Each type of block, and how blocks stand together."""

from __future__ import annotations

import pytest

from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from plugins.rendering import MemoryDocument, MemorySite, block, body, content, page, read_text, span, table

URL = "https://a.b/c.png"
EXTERNAL: Json = {"type": "external", "external": {"url": URL}}
KID = [block("paragraph", "kid")]


@pytest.mark.parametrize(
    ("raw", "markdown"),
    [
        (block("paragraph", "text", KID), "text\n\nkid"),
        (block("heading_1", "text"), "# text"),
        (block("heading_4", "a\nb #"), "#### a<br>b \\#"),
        (block("heading_2", "text", KID, is_toggleable=True), "## text\n\nkid"),
        (block("bulleted_list_item", "text", KID), "- text\n\n  kid"),
        (block("numbered_list_item", "text", [block("bulleted_list_item", "kid")]), "1. text\n   - kid"),
        (block("to_do", "text", checked=True), "- [x] text"),
        (block("to_do", "text", checked=False), "- [ ] text"),
        (block("toggle", "a < b", KID), "<details>\n<summary>a &lt; b</summary>\n\nkid\n\n</details>"),
        (block("quote", "one\ntwo", KID), "> one\\\n> two\n>\n> kid"),
        (block("callout", "text", icon={"type": "emoji", "emoji": "💡"}), "> 💡 text"),
        (block("callout", "text", icon=None), "> text"),
        (block("code", "a```b", language="c++"), "````cpp\na```b\n````"),
        (block("code", "x", language="plain text", caption=[span("why")]), "```\nx\n```\n\nwhy"),
        (block("equation", expression="x+y"), "$$x+y$$"),
        (block("equation", expression="a_b"), "```math\na_b\n```"),
        (block("divider"), "---"),
        (block("breadcrumb"), ""),
        (block("table_of_contents", color="default"), ""),
        (block("bookmark", url="https://a.b", caption=[]), "[https://a.b](https://a.b)"),
        (block("bookmark", url="https://a.b", caption=[span("See")]), "[See](https://a.b)"),
        (block("embed", url="javascript:x", caption=[span("See")]), "javascript:x\n\nSee"),
        (block("link_preview", url="https://a.b"), "[https://a.b](https://a.b)"),
        (block("image", caption=[span("A [b]")], **EXTERNAL), f"![A \\[b\\]]({URL})"),
        (block("image", caption=[span("A", bold=True)], **EXTERNAL), f"![]({URL})\n\n**A**"),
        (block("file", name="my_.pdf", caption=[span("C")], **EXTERNAL), f"[my\\_.pdf]({URL})\n\nC"),
        (block("video", caption=[], **EXTERNAL), f"[c.png]({URL})"),
        (block("audio", caption=[], **EXTERNAL), f"[c.png]({URL})"),
        (block("pdf", caption=[], **EXTERNAL), f"[c.png]({URL})"),
        (block("child_page", title="Sub"), "[Sub](https://www.notion.so/child_pageid)"),
        (block("child_database", title=""), "[Untitled](https://www.notion.so/child_databaseid)"),
        (block("link_to_page", type="page_id", page_id="ab"), "[Untitled](https://www.notion.so/ab)"),
        (block("synced_block", children=KID, synced_from=None), "kid"),
        (block("template", "new", KID), "new\n\nkid"),
        (block("tab", children=[block("paragraph", "Label", KID)]), "**Label**\n\nkid"),
        (
            block("meeting_notes", children=KID, title=[span("Weekly")], status="notes_ready"),
            "Weekly (notes ready)\n\nkid",
        ),
        (block("transcription", children=KID, status="transcription_failed"), "failed\n\nkid"),
        (table(["a|b", "c\nd"], ["x"]), "| a&#124;b | c<br>d |\n| --- | --- |\n| x |  |"),
        (table(["a"], header=False), "|  |\n| --- |\n| a |"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_a_block_becomes_markdown(raw: Json, markdown: str) -> None:
    site = MemorySite()

    assert body(raw, site=site) == markdown
    assert not site.warnings


def test_columns_stand_side_by_side() -> None:
    columns = [block("column", children=[block("paragraph", name)]) for name in ("left", "right")]

    markdown = body(block("column_list", children=columns))

    assert markdown.count('<td valign="top">') == 2
    assert read_text(markdown) == "left right"


def test_a_synced_copy_shows_its_original() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})
    document = MemoryDocument([copy], listings={"original": [block("paragraph", "shared")]})

    assert page(copy, listings=document.listings).endswith("\n\nshared\n")


def test_a_synced_block_inside_itself_ends() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})
    site = MemorySite()

    markdown = page(copy, site=site, listings={"original": [block("paragraph", "once"), copy, copy]})

    assert read_text(markdown).count("once") == 1
    assert "contains itself" in site.warnings[0]


def test_an_unsupported_block_is_shown_without_a_warning() -> None:
    site = MemorySite()

    assert "unsupported block: form" in body(block("unsupported", block_type="form"), site=site)
    assert not site.warnings


def test_an_unknown_block_keeps_its_text_and_warns() -> None:
    site = MemorySite()

    markdown = body(block("hologram", "its *text*", KID, title="its title"), site=site)

    assert read_text(markdown) == "[unknown block: hologram] its title its *text* kid"
    assert "hologram" in site.warnings[0]


def test_a_plugin_may_take_over_a_block() -> None:
    site = MemorySite(claims={"code": "<pre>mine</pre>", "table": "no table"})

    assert body(block("code", "x"), table(["a"]), site=site) == "<pre>mine</pre>\n\nno table"


def numbered(text: str, **payload: int) -> Json:
    return block("numbered_list_item", text, **payload)


@pytest.mark.parametrize(
    ("blocks", "markdown"),
    [
        ([numbered("a"), numbered("b")], "1. a\n2. b"),
        ([numbered("a"), block("paragraph", "x"), numbered("b")], "1. a\n\nx\n\n1. b"),
        ([numbered("a"), block("paragraph", ""), numbered("b")], "1. a\n\n1) b"),
        ([numbered("a", list_start_index=7), numbered("b")], "7. a\n8. b"),
        ([numbered("a"), numbered("b", list_start_index=7)], "1. a\n\n7) b"),
        ([block("bulleted_list_item", "a"), block("to_do", "b"), numbered("c")], "- a\n- [ ] b\n\n1. c"),
        ([block("bulleted_list_item", ""), block("bulleted_list_item", "b")], "-\n- b"),
        ([block("bulleted_list_item", "", [block("divider")])], "-\n  ---"),
        ([block("quote", "a"), block("quote", "b")], "> a\n\n> b"),
    ],
)
def test_lists_are_numbered_and_kept_apart(blocks: list[Json], markdown: str) -> None:
    assert body(*blocks) == markdown


def test_what_is_in_a_list_item_stays_in_it() -> None:
    inside = [block("code", "a\n\n b"), block("numbered_list_item", "n", KID), table(["h"], ["c"])]

    assert read_text(body(block("to_do", "x", inside))) == "[ ] x a b n kid h c"


@pytest.mark.parametrize("kind", ["bulleted_list_item", "toggle", "quote", "numbered_list_item", "paragraph"])
def test_any_depth_is_rendered(kind: str) -> None:
    depth = 5_000
    raw = block(kind, "last")
    for level in range(depth):
        raw = block(kind, f"level{level}", [raw])

    markdown = page(raw)

    assert f"level{depth - 1}" in markdown
    assert "last" in markdown


@pytest.mark.parametrize("kind", ["bulleted_list_item", "quote", "callout", "toggle", "numbered_list_item"])
def test_a_parser_that_stops_at_twenty_levels_still_reads_all(kind: str) -> None:
    raw = block(kind, "end")
    for level in range(30):
        raw = block(kind, f"level{level}", [raw])

    read = read_text(body(raw))

    assert read.split() == [f"level{level}" for level in reversed(range(30))] + ["end"]


def test_a_long_page_streams() -> None:
    from notion_sync_markdown import MarkdownRenderer

    document = MemoryDocument([block("paragraph", "x" * 1000)] * 1000)
    artifact = next(iter(MarkdownRenderer().render_document(document, MemorySite())))
    chunks = list(artifact.chunks)

    assert len(chunks) > 10
    assert content(next(iter(MarkdownRenderer().render_document(document, MemorySite())))).encode() == b"".join(chunks)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("dialect", sorted({"gfm", "docusaurus", "mkdocs", "hugo", "jekyll"}))
def test_a_row_of_a_table_that_a_link_leads_to_has_an_anchor_in_its_first_cell(dialect: str, header: bool) -> None:
    raw = table(["Name", "x"], ["one", "y"], header=header)
    for number, each in enumerate(raw["+"]):
        each["id"] = f"row-{number}"
    site = MemorySite(anchors=frozenset(("row-0", "row-1")))

    written = content(next(iter(MarkdownRenderer(dialect=dialect).render_document(MemoryDocument([raw]), site))))

    assert '| <a id="row0"></a>Name | x |' in written
    assert '| <a id="row1"></a>one | y |' in written
    assert site.warnings == []


def test_a_row_of_a_table_without_cells_takes_an_anchor_too() -> None:
    raw = block("table", children=[block("table_row", cells=[])], table_width=0, has_column_header=False)
    written = body(raw, site=MemorySite(anchors=frozenset(("table_row-id",))))
    assert '<a id="table_rowid"></a>' in written


def test_a_link_to_a_row_of_a_table_is_told_where_rows_can_have_no_names() -> None:
    site = MemorySite(anchors=frozenset(("table_row-id",)))
    raw = table(["Name"], ["one"])

    written = content(next(iter(MarkdownRenderer(dialect="obsidian").render_document(MemoryDocument([raw]), site))))

    assert "rowid" not in written
    assert site.warnings[0] == (
        "a link leads to a row of a table, which can have no name in this dialect: it opens the page"
    )
