"""Around the documents: navigation, index, search, style and scripts."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from notion_sync_core.document import Entry, Target
from notion_sync_core.errors import ConfigError
from notion_sync_html import HtmlRenderer
from notion_sync_html.site import read_note
from plugins.html_rendering import page, render, text_of, tree
from plugins.html_samples import BASE, paragraph, sample_database, sample_row, sample_site
from plugins.rendering import PAGE_ID, MemoryDocument, MemorySite, MemoryTree, block, content, squeezed


def step(title: str, href: str | None = None, object_id: str = "") -> Target:
    return Target(title, href, f"https://app.notion.com/{title}", "page", object_id)


def entry(title: str, depth: int = 0, note: str = "", kind: Any = "page") -> Entry:
    return Entry(title, kind, title, PurePosixPath(f"{title}.html"), depth, False, note)


def files(*entries: Entry, renderer: HtmlRenderer | None = None) -> dict[str, str]:
    made = (renderer or HtmlRenderer()).render_site(MemoryTree(list(entries)))
    return {str(each.path): content(each) for each in made}


def navigation(html: str, name: str) -> list[tuple[str, str | None]]:
    found = next(nav for nav in tree(html).iter("nav") if nav.get("aria-label") == name)
    return [(squeezed(text_of(link)), link.get("href")) for link in found.iter("a")]


def test_a_page_leads_to_all_around_it() -> None:
    site = MemorySite(
        stem="Home/Area/Here",
        above=[step("Home", "../../Home.html"), step("Area", "../Area.html")],
        beside=[step("Before", "Before.html"), step("Here", "Here.html", PAGE_ID), step("After", "After: all.html")],
        below=[step("Child", "Here/Child.html"), step("No file")],
    )

    html = page(paragraph("x"), site=site)

    assert navigation(html, "Breadcrumb") == [("Home", "../../Home.html"), ("Area", "../Area.html")]
    assert navigation(html, "Pages") == [
        ("All pages", "../../index.html"),
        ("Home", "../../Home.html"),
        ("Area", "../Area.html"),
        ("Before", "Before.html"),
        ("Here", "Here.html"),
        ("Child", "Here/Child.html"),
        ("No file", "https://app.notion.com/No%20file"),
        ("After", "After%3A%20all.html"),
    ]
    assert navigation(html, "Before and after") == [
        ("Previous Before", "Before.html"),
        ("Next After", "After%3A%20all.html"),
    ]
    assert '<link rel="stylesheet" href="../../assets/notion-sync/style.css">' in html
    assert html.count("aria-current") == 1


def test_children_are_shown_where_there_are_no_siblings() -> None:
    assert navigation(page(site=MemorySite(below=[step("Child", "Page/Child.html")])), "Pages")[1:] == [
        ("Child", "Page/Child.html")
    ]


def test_the_index_is_the_whole_tree() -> None:
    found = files(entry("A"), entry("B", 1), entry("C", 2), entry("D", 2), entry("E", 1), entry("F: <x>"))

    index = tree(found["index.html"])
    outer = next(each for each in index.iter("ul") if each.get("class") == "tree")

    def read(root: Any) -> list[Any]:
        result: list[Any] = []
        for item in root.findall("li"):
            result.append(squeezed(text_of(next(item.iter("a")))))
            inner = item.find("details/ul")
            if inner is not None:
                result.append(read(inner))
        return result

    assert read(outer) == ["A", ["B", ["C", "D"], "E"], "F: <x>"]
    assert 'href="F%3A%20%3Cx%3E.html"' in found["index.html"]
    assert "6 pages" in found["index.html"]


def test_the_index_of_a_workspace_with_one_page_at_the_top_has_its_title() -> None:
    assert '<h1 dir="auto">Wiki</h1>' in files(entry("Wiki"), entry("A", 1))["index.html"]
    assert '<h1 dir="auto">All pages</h1>' in files(entry("Wiki"), entry("A"))["index.html"]
    assert '<h1 dir="auto">Ours</h1>' in files(entry("Wiki"), renderer=HtmlRenderer(name="Ours"))["index.html"]


def test_an_empty_export_has_an_index_too() -> None:
    found = files()

    assert "0 pages" in found["index.html"]
    assert found["assets/notion-sync/search/parts.js"] == "notionSync.parts(0);\n"


def test_a_tree_that_skips_levels_is_still_well_formed() -> None:
    index = files(entry("A", 3), entry("B", 5), entry("C", 1))["index.html"]

    assert index.count("<ul") == index.count("</ul>")
    assert index.count("<details") == index.count("</details>") == 1
    assert index.count("<li>") == index.count("</li>") == 3


def test_what_a_page_says_can_be_searched() -> None:
    site, rows = MemorySite(), MemorySite()
    render(MemoryDocument([block("heading_1", "Wheels"), paragraph("Round <things>")]), site)
    render(sample_database(), rows)

    found = files(entry("A", 0, site.notes[0]), entry("B", 1, rows.notes[0], "database"))
    shard = found["assets/notion-sync/search/0.js"]
    first, second = json.loads(shard.removeprefix("notionSync.part(0,").removesuffix(");\n"))

    assert first == ["A", "A.html", "", "", "Wheels", "Wheels Round <things>", [["heading_1id", 7]]]
    assert second[:4] == ["B", "B.html", "💡", "A"]
    assert "C <row>" in second[5]
    assert found["assets/notion-sync/search/parts.js"] == "notionSync.parts(1);\n"
    assert "1 page and 1 database" in found["index.html"]


def test_rows_are_found_by_their_tags_and_people() -> None:
    site = sample_site()

    render(sample_row(paragraph("body")), site)

    text = json.loads(site.notes[0])["text"]
    assert all(word in text for word in ("In progress", "a <b>", "Mara Lindqvist", "FW-7", "body"))


def test_no_more_of_a_page_is_searched_than_is_allowed() -> None:
    site = MemorySite()
    document = MemoryDocument([paragraph("word " * 100)] * 10)

    render(document, site, HtmlRenderer(search_characters=70))

    assert len(json.loads(site.notes[0])["text"]) <= 70


def test_a_site_without_search_has_none() -> None:
    site = MemorySite()
    renderer = HtmlRenderer(search=False)

    html = render(MemoryDocument([paragraph("x")]), site, renderer)

    assert "search" not in html.replace("color-scheme", "")
    assert not site.notes
    assert not [path for path in files(entry("A"), renderer=renderer) if "search" in path]


def test_nothing_to_search_is_no_option() -> None:
    with pytest.raises(ConfigError, match="search_characters is 0"):
        HtmlRenderer(search_characters=0)


@pytest.mark.parametrize("note", ["", "{", "[]", "3"])
def test_notes_of_somebody_else_are_no_trouble(note: str) -> None:
    assert read_note(note) == {}


def test_names_and_languages_are_options() -> None:
    html = render(MemoryDocument(), MemorySite(), HtmlRenderer(name="Our <wiki>", language="sv"))

    assert '<html lang="sv">' in html
    assert "<title>Page · Our &lt;wiki&gt;</title>" in html


@pytest.mark.campaign
def test_the_index_of_very_many_documents_streams() -> None:
    class Many(MemoryTree):
        def entries(self) -> Iterator[Entry]:
            for number in range(20_000):
                yield entry(f"Document number {number}", 0 if number % 50 == 0 else 1, '{"text":"%s"}' % ("x" * 200))

    size = shards = 0
    tracemalloc.start()
    for artifact in HtmlRenderer().render_site(Many()):
        shards += "/search/" in str(artifact.path)
        for chunk in artifact.chunks:
            size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 7_500_000
    assert shards > 6
    # Held whole it would be 13 MB. Python 3.12 never gives back the parts of a path, which pathlib interns.
    assert peak < 10_000_000, f"{peak:,}"


def test_the_same_tree_gives_the_same_bytes() -> None:
    assert files(entry("A"), entry("B", 1)) == files(entry("A"), entry("B", 1))


def test_the_style_sheet_knows_every_width_and_loads_nothing() -> None:
    style = files()["assets/notion-sync/style.css"]

    assert ".w-1{flex-grow:1}" in style
    assert ".w-100{flex-grow:100}" in style
    assert "url(" not in style
    assert "@import" not in style


def test_scripts_make_no_markup_out_of_text() -> None:
    script = files()["assets/notion-sync/site.js"]

    assert not [word for word in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(") if word in script]


def test_a_database_is_a_document_like_others() -> None:
    site = MemorySite(
        stem="Tasks", above=[step("Home", "../Home.html", "h")], beside=[step("Tasks", "Tasks.html", BASE)]
    )

    assert navigation(render(sample_database(), site), "Pages")[-1] == ("Tasks", "Tasks.html")
