"""What the front matter says is chosen and mapped; titles, headings, schema and home page are as they are wished."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.document import Entry, Row, Target
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from plugins.rendering import MemoryDocument, MemorySite, MemoryTree, block, content, ref, span


def prop(kind: str, value: Any) -> Json:
    return {"id": "x", "type": kind, kind: value}


def day(start: str, end: str | None = None, zone: str | None = None) -> Json:
    return prop("date", {"start": start, "end": end, "time_zone": zone})


POST: dict[str, Json] = {
    "Name": prop("title", [span("Page")]),
    "Status": prop("status", {"name": "Draft"}),
    "Tags": prop("multi_select", [{"name": "news"}, {"name": "bike care"}]),
    "When": day("2026-03-02T09:00:00.000", "2026-03-03T10:00:00.000", "Europe/Berlin"),
    "Also": prop("rich_text", [span("old-name, older name")]),
    "Words": prop("number", 0),
    "Nothing": prop("rich_text", []),
    "Off": prop("date", None),
    "Done": prop("checkbox", False),
}


def written(
    *nested: Json, site: MemorySite | None = None, properties: Any = None, title: str = "Page", **options: Any
) -> str:
    raw = {"object": "page", "properties": POST if properties is None else properties}
    made = MemoryDocument(list(nested), ref(title), raw)
    return content(next(iter(MarkdownRenderer(**options).render_document(made, site or MemorySite()))))


def front(**options: Any) -> dict[str, Any]:
    text = written(**options)
    found = yaml.safe_load(text.split("---\n")[1]) if text.startswith("---\n") else {}
    assert isinstance(found, dict)
    return found


def raw_front(**options: Any) -> str:
    return written(**options).split("---\n")[1]


def test_a_key_holds_the_first_of_its_properties_that_says_something_and_takes_it_out_of_the_others() -> None:
    keys = {"title": "title", "date": "Off|When|created", "tags": "Tags", "summary": "Nothing", "aliases": "Also"}
    found = front(keys=keys)
    assert list(found)[:4] == ["title", "date", "tags", "aliases"]
    assert found["title"] == "Page"
    assert found["tags"] == ["news", "bike care"]
    assert found["aliases"] == ["old-name", "older name"]
    assert "date: 2026-03-02T09:00:00+01:00\n" in raw_front(keys=keys)
    assert not {"Tags", "When", "Off", "Also", "Nothing", "summary"} & {*found}
    assert {"Words", "Status", "Done"} <= {*found}


def test_a_draft_is_what_has_a_status() -> None:
    assert front(keys={"draft": "Status=Draft"})["draft"] is True
    assert front(keys={"draft": "Status = Published"})["draft"] is False
    assert front(keys={"news": "Tags=bike care"})["news"] is True
    assert "draft" not in front(keys={"draft": "State=Draft"})
    assert front(keys={"draft": "Done"})["draft"] is False


@pytest.mark.parametrize(
    ("text", "slug"),
    [("My_Post", "My_Post"), ("/a/b-c", "/a/b-c"), ("A title: {{ 1 }} #2", "a-title-1-2"), ("?!", None)],
)
def test_a_slug_is_an_address(text: str, slug: str | None) -> None:
    properties = {"Slug": prop("rich_text", [span(text)])}
    assert f"slug: {slug}\n" in written(properties=properties, keys={"slug": "Slug"}) or slug is None
    if slug is None:
        assert not written(properties=properties, keys={"slug": "Slug"}, title="x").startswith("---")


def test_times_and_what_every_document_has_can_be_mapped() -> None:
    keys = {"date": "created", "lastmod": "edited", "notion": "id", "link": "url"}
    text = raw_front(keys=keys, properties={})
    assert text.startswith("date: 2026-01-01T00:00:00.000Z\nlastmod: 2026-01-01T00:00:00.000Z\nnotion: ")
    assert "link: https://app.notion.com/" in text


def test_properties_are_chosen_left_out_and_dropped_where_they_are_empty() -> None:
    assert list(front(properties=POST, without=["Status", "Nothing"])) == [
        name for name in ["Name", *sorted(POST.keys() - {"Name"})] if name not in ("Status", "Nothing")
    ]
    assert not {"Nothing", "Off"} & {*front(empty=False)}
    assert {"Words", "Done"} <= {*front(empty=False)}


def options_of(**given: Any) -> dict[str, Any]:
    made = MemoryDocument([], ref(), {"object": "page", "properties": POST})
    text = content(next(iter(MarkdownRenderer(**given).render_document(made, MemorySite()))))
    return dict(yaml.safe_load(text.split("---\n")[1])) if text.startswith("---\n") else {}


def test_only_the_named_properties_are_shown() -> None:
    assert list(options_of(properties=["Words", "Status"])) == ["Status", "Words"]
    assert options_of(properties=[]) == {}
    assert list(options_of(properties=[], keys={"tags": "Tags"})) == ["tags"]
    assert next(iter(options_of(properties=["*"], without=["Name"]))) != "Name"


@pytest.mark.parametrize("dialect", ["docusaurus", "mkdocs", "hugo", "jekyll"])
def test_where_the_reader_acts_on_keys_only_the_mapped_ones_stand_at_the_top(dialect: str) -> None:
    found = options_of(dialect=dialect, keys={"tags": "Tags", "slug": "Also"})
    assert found["tags"] == ["news", "bike care"]
    assert found["slug"] == "old-name-older-name"
    assert "Tags" not in found["properties"]
    assert found["properties"]["Words"] == 0


def test_what_is_no_mapping_is_refused() -> None:
    for keys in ({"date": ""}, {"date": "A||B"}, {" ": "A"}):
        with pytest.raises(ConfigError, match=r"plugins\.markdown\.keys"):
            MarkdownRenderer(keys=keys)


# -- Obsidian


def test_obsidian_gets_times_without_zone_tags_without_blanks_and_files_as_links() -> None:
    site = MemorySite(assets={"https://files/a.png": "../assets/ab/abcd.png"}, stem="Tasks/Page")
    files = [
        {"name": "a.png", "type": "file", "file": {"url": "https://files/a.png"}},
        {"name": "b", "type": "external", "external": {"url": "https://elsewhere.example/b"}},
    ]
    properties = {
        **POST,
        "At": day("2026-03-02T09:30:00.000+02:00"),
        "Day": day("2026-03-02"),
        "Made": prop("created_time", "2026-01-02T03:04:00.000Z"),
        "Tags": prop("multi_select", [{"name": "bike care"}, {"name": "2026"}, {"name": "a/b_c"}, {"name": "!"}]),
        "Files": prop("files", files),
    }
    text = written(properties=properties, dialect="obsidian", site=site).split("---\n")[1]
    assert "At: 2026-03-02T09:30:00\n" in text
    assert "Day: 2026-03-02\n" in text
    assert "Made: 2026-01-02T03:04:00\n" in text
    found = yaml.safe_load(text)
    assert found["tags"] == ["bike-care", "2026_", "a/b_c"]
    assert "Tags" not in found
    assert found["Files"] == ["[[assets/ab/abcd.png]]", "https://elsewhere.example/b"]
    assert found["When"] == "2026-03-02T09:00:00.000/2026-03-03T10:00:00.000 [Europe/Berlin]"


def test_obsidian_keeps_the_title_among_aliases_that_are_mapped() -> None:
    found = written(title="A: title", dialect="obsidian", keys={"aliases": "Also", "tags": "Tags"})
    data = yaml.safe_load(found.split("---\n")[1])
    assert data["aliases"] == ["old-name", "older name", "A: title"]
    assert data["tags"] == ["news", "bike-care"]


# -- title, headings, schema


def test_the_title_is_a_heading_or_not_and_nothing_stands_before_the_text() -> None:
    paragraph = block("paragraph", "text")
    assert written(paragraph, properties={}) == "# Page\n\ntext\n"
    assert written(paragraph, properties={}, heading=False) == "text\n"
    assert written(paragraph, properties={}, heading=False, metadata=["id"]).endswith("---\n\ntext\n")
    assert written(properties={}, heading=False) == "\n"
    assert written(paragraph, properties={}, dialect="hugo") == "---\ntitle: Page\n---\n\ntext\n"
    assert (
        written(paragraph, properties={}, dialect="jekyll", heading=True) == "---\ntitle: Page\n---\n\n# Page\n\ntext\n"
    )


@pytest.mark.parametrize("dialect", ["gfm", "obsidian", "docusaurus", "mkdocs", "hugo", "jekyll"])
def test_headings_move_down_and_the_title_stays(dialect: str) -> None:
    site = MemorySite(anchors=frozenset({"heading_2-id"}))
    nested = [block(f"heading_{level}", f"h{level}") for level in (1, 2, 3, 4)]
    text = written(*nested, properties={}, dialect=dialect, heading_shift=3, heading=True, site=site)
    lines = [line.split(" ")[0] for line in text.splitlines() if line.startswith("#")]
    assert lines == ["#", "####", "#####", "######", "######"]
    usual = written(*nested, properties={}, dialect=dialect)
    assert ("\n# h1" in f"\n{usual}") == (dialect not in ("hugo", "jekyll"))


def test_a_database_says_what_its_columns_are_or_not() -> None:
    schema = {"Name": {"type": "title"}, "Age": {"type": "number"}}
    source = {"object": "data_source", "id": "s", "title": [span("Tasks")], "properties": schema}
    rows = {"s": [Row(ref("First"), {"properties": {"Name": prop("title", [span("First")])}})]}
    made = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [source], rows)

    def index(**options: Any) -> str:
        return content(next(iter(MarkdownRenderer(**options).render_document(made, MemorySite()))))

    assert "| Property |" in index()
    assert index(schema=False).startswith("# Tasks\n\n| Name | Age |\n| --- | --- |\n| ")
    assert index(schema=False, dialect="hugo").startswith("---\ntitle: Tasks\n---\n\n| Name | Age |\n")


# -- the home page


ENTRIES = [
    Entry("1" * 32, "page", "Handbook", "Handbook/index.md", 0, True),  # type: ignore[arg-type]
    Entry("2" * 32, "page", "Inside", "Handbook/Inside.md", 1, False),  # type: ignore[arg-type]
    Entry("3" * 32, "page", "Odd [x](y) {{< z >}}", "Odd (x).md", 0, False),  # type: ignore[arg-type]
]


def site_files(**options: Any) -> dict[str, str]:
    made = MarkdownRenderer(**options).render_site(MemoryTree(ENTRIES))
    return {str(artifact.path): content(artifact) for artifact in made}


def test_without_a_wish_there_is_no_home_page() -> None:
    for dialect in ("gfm", "obsidian", "hugo", "jekyll"):
        assert site_files(dialect=dialect) == {}


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("gfm", "index.md"),
        ("mkdocs", "index.md"),
        ("docusaurus", "index.md"),
        ("hugo", "_index.md"),
        ("jekyll", "index.md"),
    ],
)
def test_a_home_page_leads_to_what_stands_at_the_top(dialect: str, name: str) -> None:
    text = site_files(dialect=dialect, home="My {{ site }}")[name]
    assert text.count("\n- [") == 2
    assert "](Handbook/index.md)" in text
    assert "](Odd%20%28x%29.md)" in text
    assert "Inside" not in text
    assert "{{<" not in text
    assert ("\n# My" in f"\n{text}") == (dialect in ("gfm", "mkdocs", "docusaurus"))
    assert text.startswith("---\n") == (dialect in ("docusaurus", "hugo", "jekyll"))


def test_navigations_begin_with_the_home_page() -> None:
    nav = yaml.safe_load(site_files(dialect="mkdocs", home="Start")[".notion-sync/mkdocs-nav.yml"])["nav"]
    assert nav[0] == {"Start": "index.md"}
    assert nav[1] == {"Handbook": ["Handbook/index.md", {"Inside": "Handbook/Inside.md"}]}
    sidebar = yaml.safe_load(site_files(dialect="docusaurus", home="Start")[".notion-sync/docusaurus-sidebar.json"])
    assert sidebar[0] == {"type": "doc", "id": "home", "label": "Start"}
    assert sidebar[1]["link"]["id"] == "Handbook/" + "1" * 32


def test_what_the_dialect_says_of_itself_can_be_left_out() -> None:
    assert list(options_of(dialect="docusaurus", without=["id", "sidebar_position"], properties=[])) == [
        "title",
        "slug",
    ]


def test_a_section_page_of_docusaurus_has_the_address_of_its_folder() -> None:
    assert "slug" not in options_of_site("Handbook/index")
    assert options_of_site("Handbook/Guide")["slug"] == "guide"


def options_of_site(stem: str) -> dict[str, Any]:
    text = written(properties={}, dialect="docusaurus", site=MemorySite(stem=stem))
    return dict(yaml.safe_load(text.split("---\n")[1]))


# -- addresses of assets


def test_assets_are_linked_by_their_address_on_the_site_everywhere_but_in_csv() -> None:
    site = MemorySite(
        assets={"https://files/a.png": "../../assets/ab/abcd.png"},
        stem="a/b/Page",
        targets={"x": Target("X", "X.md", "")},
    )
    picture = block("image", type="file", file={"url": "https://files/a.png"}, caption=[])
    properties = {"Files": prop("files", [{"name": "a", "type": "file", "file": {"url": "https://files/a.png"}}])}
    text = written(picture, site=site, properties=properties, assets_url="/blog/assets/")
    assert "![](/blog/assets/ab/abcd.png)" in text
    assert yaml.safe_load(text.split("---\n")[1])["Files"] == [{"name": "a", "file": "/blog/assets/ab/abcd.png"}]


# -- programs of Hugo and Jekyll


@given(
    st.text(alphabet="{}<%> zq\n`\\", max_size=40),
    st.sampled_from(["paragraph", "code", "toggle", "heading_2", "callout"]),
)
def test_no_text_holds_what_hugo_or_liquid_looks_for(text: str, kind: str) -> None:
    for dialect, marks in (("hugo", ("{{<", "{{%")), ("jekyll", ("{{", "{%"))):
        for look in ({}, {"code": True}):
            given_block = block(kind, [span(text, **look)], language="plain text", caption=[])
            properties = {"Name": prop("title", [span(text)]), text or "x": prop("rich_text", [span(text)])}
            made = written(given_block, properties=properties, title=text, dialect=dialect)
            assert not [mark for mark in marks if mark in made]
