"""What the readers of Markdown want beyond blocks: front matter, navigation, links, formulas."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from notion_sync_core.content import numbering
from notion_sync_core.document import Entry, Row, Target
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json
from notion_sync_core.structure import structure
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.front_matter import slug
from plugins.markdown_reading import body, read, rendered
from plugins.rendering import MemoryDocument, MemorySite, MemoryTree, block, content, page, ref, span
from plugins.test_markdown_database import prop

OTHER = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ROW: Json = {
    "icon": {"type": "emoji", "emoji": "🚲"},
    "cover": {"type": "external", "external": {"url": "https://a.b/c.png"}},
    "properties": {
        "Name": prop("title", [span("T")]),
        "id": prop("number", 5),
        "created": prop("select", {"name": "no"}),
        "Blocks": prop("relation", [{"id": OTHER}, {"id": "gone"}]),
        "When": prop("date", {"start": "2026-03-02T09:00:00", "time_zone": "Europe/Berlin"}),
    },
}


def head(site: MemorySite | None = None, **options: Any) -> Any:
    site = site or MemorySite({OTHER: Target("Row one", "Tasks/Row one.md", "")}, stem="T")
    made = rendered(site=site, options=options, raw=ROW, ref=ref("T"))
    return yaml.safe_load(made.split("---\n", 2)[1])


def test_gfm_has_the_properties_and_nothing_else() -> None:
    assert head() == {
        "Name": "T",
        "Blocks": ["Row one", "gone"],
        "When": "2026-03-02T09:00:00 [Europe/Berlin]",
        "created": "no",
        "id": 5,
    }


def test_metadata_is_added_where_it_is_asked_for() -> None:
    found = head(metadata=["id", "url", "created", "edited", "icon", "cover"])

    assert list(found)[5:] == ["notion_id", "notion_url", "notion_created", "updated", "icon", "cover"]
    assert found["updated"].isoformat() == "2026-01-01T00:00:00+00:00"
    assert (found["icon"], found["cover"]) == ("🚲", "https://a.b/c.png")


@pytest.mark.parametrize(
    ("icon", "shown"),
    [
        ({"type": "custom_emoji", "custom_emoji": {"name": "bufo", "url": "https://e.b/x"}}, ":bufo:"),
        ({"type": "icon", "icon": {"name": "pizza", "color": "red"}}, ":pizza:"),
        ({"type": "external", "external": {"url": "https://a.b/i.svg"}}, "https://a.b/i.svg"),
    ],
)
def test_every_kind_of_icon_can_stand_in_the_front_matter(icon: Json, shown: str) -> None:
    made = rendered(options={"metadata": ["icon", "cover"]}, raw={"icon": icon, "properties": {}})

    assert yaml.safe_load(made.split("---\n", 2)[1]) == {"icon": shown}


def test_unknown_metadata_is_refused() -> None:
    with pytest.raises(ConfigError, match="metadata"):
        structure(MarkdownRenderer, {"metadata": ["colour"]}, "plugins.markdown", {})


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ConfigError, match="dialect"):
        structure(MarkdownRenderer, {"dialect": "word"}, "plugins.markdown", {})


def test_obsidian_gets_links_in_its_properties() -> None:
    assert head(dialect="obsidian")["Blocks"] == ["[[Tasks/Row one|Row one]]", "gone"]


def test_obsidian_knows_a_page_by_its_title_where_the_file_cannot_carry_it() -> None:
    made = rendered(site=MemorySite(stem="A-B"), options={"dialect": "obsidian"}, ref=ref("A/B"))

    assert made.startswith("---\naliases:\n- A/B\n---\n")


def test_docusaurus_reads_identity_place_and_address() -> None:
    site = MemorySite({OTHER: Target("Row one", "x.md", "")}, stem="Fix the door", position=3)

    found = head(site, dialect="docusaurus")

    properties = found.pop("properties")
    assert found == {
        "id": "1" * 12 + "4111" + "8" + "1" * 15,
        "title": "T",
        "slug": "fix-the-door",
        "sidebar_position": 3,
    }
    assert properties["id"] == 5
    assert MarkdownRenderer(dialect="docusaurus").shows_neighbours
    assert not MarkdownRenderer().shows_neighbours


@pytest.mark.parametrize(
    ("stem", "made"),
    [
        ("A b_c", "a-b_c"),
        ("A-b", "a-b-111111"),
        ("Über uns", "über-uns"),
        ("!!!", "111111"),
        ("🚴 ride", "ride-111111"),
    ],
)
def test_slugs_of_different_names_differ(stem: str, made: str) -> None:
    assert slug(stem, "1" * 32) == made


def test_mkdocs_keeps_properties_apart_from_its_own_keys() -> None:
    assert list(head(dialect="mkdocs")) == ["properties"]


def entry(title: str, path: str, depth: int, inside: bool = False) -> Entry:
    return Entry(f"{len(path):032}", "page", title, PurePosixPath(path), depth, inside)


ENTRIES = [
    entry('A: "b" #\n🚲\x7f', "A.md", 0, True),
    entry("Inner", "A/Inner.md", 1, True),
    entry("Deep", "A/Inner/Deep.md", 2),
    entry("Next", "A/Next.md", 1),
    entry("", "Last.md", 0),
]


def navigation(dialect: Any, entries: list[Entry]) -> tuple[str, str]:
    [made] = MarkdownRenderer(dialect=dialect).render_site(MemoryTree(entries))
    return str(made.path), content(made)


def test_mkdocs_gets_a_navigation_to_inherit() -> None:
    path, text = navigation("mkdocs", ENTRIES)

    title = 'A: "b" # 🚲\ufffd'
    assert path == ".notion-sync/mkdocs-nav.yml"
    assert yaml.safe_load(text)["nav"] == [
        {title: ["A.md", {"Inner": ["A/Inner.md", {"Deep": "A/Inner/Deep.md"}]}, {"Next": "A/Next.md"}]},
        {"Untitled": "Last.md"},
    ]
    assert "admonition" in yaml.safe_load(text)["markdown_extensions"]


def test_docusaurus_gets_the_items_of_a_sidebar() -> None:
    path, text = navigation("docusaurus", ENTRIES)

    made = json.loads(text)
    assert path == ".notion-sync/docusaurus-sidebar.json"
    assert [item["type"] for item in made] == ["category", "doc"]
    assert made[0]["link"] == {"type": "doc", "id": f"{4:032}"}
    assert [item["label"] for item in made[0]["items"]] == ["Inner", "Next"]
    assert made[0]["items"][0]["items"] == [{"type": "doc", "id": f"A/Inner/{15:032}", "label": "Deep"}]


def test_an_empty_export_has_an_empty_navigation() -> None:
    assert yaml.safe_load(navigation("mkdocs", [])[1])["nav"] == []
    assert json.loads(navigation("docusaurus", [])[1]) == []


@pytest.mark.parametrize("dialect", ["gfm", "obsidian"])
def test_readers_that_see_the_folder_need_no_navigation(dialect: Any) -> None:
    assert list(MarkdownRenderer(dialect=dialect).render_site(MemoryTree(ENTRIES))) == []


@pytest.mark.parametrize(
    ("title", "path", "markdown"),
    [
        ("Plain", "Sub/Plain.md", "[[Sub/Plain|Plain]]"),
        ("a|b", "Sub/a-b.md", "[a\\|b](Sub/a-b.md)"),
        ("Plain", "Sub/C#.md", "[Plain](Sub/C%23.md)"),
        ("Issue #12", "Issue -12.md", "[[Issue -12|Issue #12]]"),
        ("up ^12", "up -12.md", "[[up -12|up ^12]]"),
        ("[draft]", "-draft-.md", "[\\[draft\\]](-draft-.md)"),
        ("a\\ #b", "a.md", "[a\\\\ \\#b](a.md)"),
    ],
)
def test_a_wikilink_stands_where_obsidian_can_read_it(title: str, path: str, markdown: str) -> None:
    site = MemorySite({OTHER: Target(title, path, "", id=OTHER)})

    assert body({**block("child_page", title="x"), "id": OTHER}, dialect="obsidian", site=site) == markdown


def test_a_wikilink_is_a_path_of_the_vault() -> None:
    site = MemorySite({OTHER: Target("Up", "../Up.md", "", id=OTHER)}, stem="Folder/Page")
    link = block("link_to_page", type="page_id", page_id=OTHER)

    assert body(link, dialect="obsidian", site=site) == "[[Up|Up]]"


def test_no_wikilink_stands_in_a_table() -> None:
    site = MemorySite({OTHER: Target("Up", "Up.md", "", id=OTHER)})
    row = block("table_row", cells=[[span("see", f"/{OTHER.replace('-', '')}")]])

    assert "| [see](Up.md) |" in body(block("table", children=[row]), dialect="obsidian", site=site)


BLOCK = "bbbbbbbbbbbb4bbb8bbbbbbbbbbbbbbb"


@pytest.mark.parametrize("kind", ["heading_2", "toggle", "callout", "table", "paragraph"])
@pytest.mark.parametrize("dialect", ["obsidian", "gfm"])
def test_a_link_to_a_block_names_it_as_its_reader_does(kind: str, dialect: Any) -> None:
    site = MemorySite({OTHER: Target("Up", "Up.md", "", id=OTHER)})
    items = [span("see", f"/{OTHER.replace('-', '')}#{BLOCK}")]
    row = block("table_row", cells=[items])
    made = block("table", children=[row]) if kind == "table" else block(kind, items)

    found = body(made, dialect=dialect, site=site)

    assert (f"#^{BLOCK}" in found, f"#{BLOCK}" in found) == (dialect == "obsidian", dialect == "gfm")


EQUATION: Json = {"type": "equation", "equation": {"expression": "a_b"}, "plain_text": "a_b"}


@pytest.mark.parametrize(
    ("dialect", "math", "markdown"),
    [
        ("gfm", None, "$`a_b`$\n\n```math\na_b\n```"),
        ("gfm", False, "`a_b`\n\n```math\na_b\n```"),
        ("obsidian", None, "$a_b$\n\n$$\na_b\n$$"),
        ("docusaurus", None, "`a_b`\n\n```math\na_b\n```"),
        ("docusaurus", True, "$a_b$\n\n$$\na_b\n$$"),
        ("mkdocs", True, "$a_b$\n\n$$\na_b\n$$"),
    ],
)
def test_formulas_are_written_as_the_reader_is_set_up(dialect: str, math: bool | None, markdown: str) -> None:
    raws = block("paragraph", [EQUATION]), block("equation", expression="a_b")

    assert body(*raws, dialect=dialect, math=math) == markdown


def test_two_formulas_side_by_side_stay_two() -> None:
    assert body(block("paragraph", [EQUATION, EQUATION]), dialect="mkdocs") == "`a_b`<span></span>`a_b`"


def test_boxes_within_boxes_have_longer_fences() -> None:
    inner = block("callout", "inner", [block("paragraph", "text")])

    assert body(block("callout", "outer", [inner]), dialect="docusaurus") == (
        "::::note[outer]\n\n:::note[inner]\n\ntext\n\n:::\n\n::::"
    )


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"icon": {"type": "emoji", "emoji": "⚠️"}}, "warning"),
        ({"icon": {"type": "icon", "icon": {"name": "bug"}}}, "bug"),
        ({"color": "blue_background"}, "info"),
        ({"icon": {"type": "emoji", "emoji": "🦒"}, "color": "green"}, "success"),
        ({}, "note"),
    ],
)
def test_icon_and_colour_say_what_kind_of_box_a_callout_is(payload: Json, kind: str) -> None:
    assert body(block("callout", "x", **payload), dialect="obsidian").startswith(f"> [!{kind}] ")


def test_a_page_links_to_a_heading_of_another() -> None:
    target = "b" * 32
    site = MemorySite({OTHER: Target("Other", "Other.md", "", id=OTHER)})
    link = block("paragraph", [span("there", f"https://app.notion.com/p/Other-{OTHER.replace('-', '')}#{target}")])

    assert body(link, site=site) == f"[there](Other.md#{target})"


def test_properties_that_nobody_can_read_say_so() -> None:
    properties = {
        "Name": prop("title", []),
        "F": prop("formula", {"type": "unsupported", "unsupported": {}}),
        "R": prop("rollup", {"type": "array", "array": [prop("number", None), prop("date", {"start": "2026-01-01"})]}),
    }

    made = page(raw={"properties": properties})

    assert "F: unsupported\nR:\n- 2026-01-01\n" in made


def test_an_index_page_tells_what_its_columns_hold() -> None:
    options = [{"id": "a", "name": "Open"}, {"id": "b", "name": "Done"}, {"id": "c", "name": "Else"}]
    groups = [{"name": "To-do", "option_ids": ["a"]}, {"name": "Complete", "option_ids": ["b"]}]
    rollup = {"function": "show_original", "rollup_property_name": "Age", "relation_property_name": "Friends"}
    schema: Json = {
        "Name": {"type": "title", "title": {}, "description": "What it is"},
        "S": {"type": "status", "status": {"options": options, "groups": groups}},
        "N": {"type": "number", "number": {"format": "euro"}},
        "R": {"type": "rollup", "rollup": rollup},
        "U": {"type": "unique_id", "unique_id": {"prefix": "FW"}},
        "X": {"type": "select", "select": {"options": options[:2]}},
    }
    source: Json = {"id": "s", "title": [span("T")], "properties": schema}
    document = MemoryDocument([], ref("T", "database"), {}, [source], {})

    made = content(next(iter(MarkdownRenderer().render_document(document, MemorySite()))))

    assert made.startswith(
        "# T\n\n| Property | Type | Details |\n| --- | --- | --- |\n"
        "| Name | title | What it is |\n| N | number | euro |\n| R | rollup | show original of Age over Friends |\n"
        "| S | status | To-do: Open; Complete: Done; Else |\n| U | unique_id | FW |\n| X | select | Open, Done |\n"
    )


@pytest.mark.parametrize("dialect", ["gfm", "obsidian", "docusaurus", "mkdocs"])
def test_code_in_a_column_closes_nothing(dialect: str) -> None:
    code = block("code", "///\n::: y y\n</div>\n```", language="c", caption=[])
    columns = [block("column", children=[code, block("paragraph", "end")]), block("column", children=[code])]

    shown = read(body(block("column_list", children=columns), dialect=dialect), dialect)

    assert shown.replace(" ", "") == "///:::yy</div>```end///:::yy</div>```"


def test_columns_within_columns_stand_below_each_other_in_mkdocs() -> None:
    inner = block("column_list", children=[block("column", children=[block("paragraph", "x")]) for _ in range(2)])

    made = body(block("column_list", children=[block("column", children=[inner])]), dialect="mkdocs")

    assert made.count("/// html") == 2


def test_an_empty_box_has_something_in_it_for_mkdocs() -> None:
    assert body(block("callout", ""), dialect="mkdocs") == '!!! note ""\n\n    &nbsp;'


def test_a_copy_of_an_empty_original_needs_no_placeholder() -> None:
    copy = block("synced_block", synced_from={"type": "block_id", "block_id": "original"})

    made = rendered(copy, listings={"original": [block("paragraph", "")]})

    assert made == "# Page\n"


@pytest.mark.parametrize(
    ("number", "style", "shown"),
    [(3, "numbers", "3"), (28, "letters", "ab"), (14, "roman", "xiv"), (4000, "roman", "4000"), (0, "letters", "0")],
)
def test_numbers_can_be_shown_as_letters_and_in_roman(number: int, style: str, shown: str) -> None:
    assert numbering.label(number, style) == shown


def test_cells_of_an_index_page_lead_where_their_values_do() -> None:
    row = Row(
        ref("R", object_id=OTHER),
        {
            "properties": {
                "Name": prop("title", [span("R")]),
                "F": prop("files", [{"name": "a [b].txt", "type": "file", "file": {"url": "key"}}]),
                "L": prop("url", "https://a.b/c|d"),
                "R": prop("relation", [{"id": OTHER}, {"id": "not-shared"}]),
                "T": prop("rich_text", [span("bold", bold=True), span(" | text\nmore")]),
                "U": prop("url", "javascript:alert(1)"),
            }
        },
    )
    schema = {name: {"type": value["type"]} for name, value in row.raw["properties"].items()}
    source: Json = {"id": "s", "title": [], "description": [span("About")], "properties": schema}
    document = MemoryDocument([], ref("T", "database"), {}, [source, {**source, "id": "t"}], {"s": [row]})
    site = MemorySite({OTHER: Target("R", "T/R.md", "", id=OTHER)}, {"key": "assets/a.txt"})

    made = content(next(iter(MarkdownRenderer(dialect="obsidian").render_document(document, site))))

    assert (
        "| [R](T/R.md) | [a \\[b\\].txt](assets/a.txt) | [https&#58;//a.b/c&#124;d](https://a.b/c%7Cd) "
        "| [R](T/R.md), [not-shared](https://www.notion.so/notshared) | **bold** &#124; text<br>more "
        "| javascript:alert(1) |" in made
    )
    assert made.count("About") == 2


def test_halves_of_characters_do_no_harm() -> None:
    made = rendered(raw={"properties": {"a\ud83d": prop("rich_text", [span("x\ud83d")]), "n": prop("number", 1)}})

    assert yaml.safe_load(made.split("---\n", 2)[1]) == {"a?": "x?", "n": 1}


def test_a_date_that_does_not_exist_is_text() -> None:
    made = rendered(raw={"properties": {"d": prop("date", {"start": "2026-02-31"}), "e": prop("number", 1)}})

    assert yaml.safe_load(made.split("---\n", 2)[1])["d"] == "2026-02-31"


@pytest.mark.parametrize("address", ["WwW.a.b()", "www.xn--a.b", "https://256.256.256.256/"])
def test_what_only_looks_like_an_address_is_no_directive_behind_a_colon(address: str) -> None:
    made = body(block("paragraph", f"see :{address}"), dialect="docusaurus")
    assert not re.search(r"(?<!\\):[A-Za-z]", made), made


def test_two_discussions_stay_two_for_mkdocs() -> None:
    about = [
        {"discussion_id": each, "rich_text": [span(each)], "display_name": {"resolved_name": "Ada"}} for each in "ab"
    ]

    made = rendered(
        block("paragraph", "x"), block("quote", "q"), options={"dialect": "mkdocs"}, discussions={"paragraph-id": about}
    )

    assert made.count("<!-- -->") == 2
