"""What a page must not lose: looks of code, odd children, places of bare blocks, facts of meetings, names, dates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.document import Branch, Target
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json
from notion_sync_html import HtmlRenderer, dates
from notion_sync_html.media import file_name
from plugins.html_rendering import body, content_of, page, render, squeezed_cells, text_of, tree
from plugins.html_samples import (
    EMOJI_ICON,
    NATIVE_ICON,
    OTHER,
    SOURCE,
    comment,
    equation,
    file,
    mention,
    paragraph,
    prop,
    row,
    sample_database,
    sample_site,
    schema,
)
from plugins.rendering import PAGE_ID, MemoryDocument, MemorySite, block, content, ref, span, squeezed, table

# -- code


def test_code_keeps_its_own_looks() -> None:
    items = [span("a = 1\n"), span("b = 2", strikethrough=True), span("\n"), span("c = 3", color="red")]

    html = body(block("code", items, language="python"))

    assert "a = 1<br><del>b = 2</del>" in html
    assert '<span class="color-red">c = 3</span>' in html


def test_code_whose_only_look_is_that_of_code_is_coloured() -> None:
    assert '<span class="mi">1</span>' in body(block("code", [span("a = 1", code=True)], language="python"))


# -- what stands where nobody expects it


def test_what_no_table_can_hold_stands_below_it() -> None:
    odd = table(["a", "b"])
    odd["+"] += [block("hologram", "its text"), block("bulleted_list_item", "item", [paragraph("kid")])]
    odd["+"][0] |= {"has_children": True, "+": [paragraph("in a row")]}
    site = MemorySite()

    html = body(odd, site=site)

    assert squeezed(text_of(tree(html))) == "a b in a row [unknown block: hologram] its text item kid"
    assert html.index("</table>") < html.index("in a row")
    assert '<ul dir="auto">\n<li>' in html
    assert len(site.warnings) == 1


@pytest.mark.parametrize("kind", ["tab", "table_of_contents", "column_list", "equation", "divider", "breadcrumb"])
def test_no_child_of_an_unknown_type_vanishes(kind: str) -> None:
    html = body(block(kind, children=[block("hologram", "its text")]))

    assert "[unknown block: hologram]" in html
    assert "its text" in html


def test_comments_on_a_row_of_a_table_stand_below_it() -> None:
    raw = table(["a"], ["b"])
    raw["+"][1]["id"] = "second"

    html = page(raw, discussions={"second": [comment("About the second row")]})

    assert html.index("</table>") < html.index("About the second row")


# -- places that links lead to


@pytest.mark.parametrize(
    "kind", ["divider", "table_of_contents", "breadcrumb", "equation", "table_row", "synced_block"]
)
def test_a_link_to_a_bare_block_has_a_place_to_lead_to(kind: str) -> None:
    bare = "5" * 32
    raw = {**block(kind, expression=""), "id": bare}

    found = content_of(page(raw, site=MemorySite(anchors=frozenset([bare]))))

    assert [each.get("id") for each in found.iter() if each.get("id")] == [bare]
    assert all(not each.get("id") for each in content_of(page(raw)).iter())


def test_a_link_to_a_row_of_a_table_leads_to_it() -> None:
    raw = table(["a"], ["b"])
    raw["+"][0]["id"], raw["+"][1]["id"] = "1" * 32, "2" * 32

    found = content_of(page(raw, site=MemorySite(anchors=frozenset(["1" * 32, "2" * 32]))))

    assert ["".join(each.itertext()).strip() for each in found.iter("tr") if each.get("id")] == ["a", "b"]


@pytest.mark.parametrize("toggle", [False, True])
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_heading_that_is_linked_keeps_its_id_and_its_line_in_the_contents(level: int, toggle: bool) -> None:
    bare = "aaaaaaaaaaaa4aaa8aaaaaaaaaaaaab2"
    heading = {**block(f"heading_{level}", "Restart the pump", is_toggleable=toggle), "id": bare}
    others = [{**block("heading_2", name), "id": name * 32} for name in "ef"]

    whole = tree(page(others[0], heading, others[1], site=MemorySite(anchors=frozenset([bare]))))

    assert [each.tag for each in whole.iter() if each.get("id") == bare] == [f"h{level + 1}"]
    outline = next(nav for nav in whole.iter("nav") if nav.get("class") == "outline")
    assert [link.get("href") for link in outline.iter("a")] == [f"#{'e' * 32}", f"#{bare}", f"#{'f' * 32}"]


# -- meetings


def test_a_meetings_attendees_and_recording_are_shown_whatever_else_is() -> None:
    raw = block(
        "meeting_notes",
        title=[span("Planning")],
        calendar_event={
            "start_time": "2026-03-02T09:00:00.000Z",
            "end_time": "2026-03-02T10:30:00.000Z",
            "attendees": ["u1", {"object": "user", "id": "guest", "name": "A guest"}, None],
        },
        recording={"start_time": "2026-03-02T09:02:00.000Z", "end_time": "2026-03-02T10:20:00.000Z"},
    )

    read = squeezed(text_of(content_of(page(raw, site=sample_site()))))

    assert read == (
        "Planning 2 March 2026, 09:00 → 10:30 UTC Attendees: Mara Lindqvist, A guest "
        "Recorded: 2 March 2026, 09:02 → 10:20 UTC"
    )


def test_a_recording_alone_is_shown_too() -> None:
    raw = block("meeting_notes", recording={"start_time": "2026-03-02T09:02:00.000Z", "end_time": None})

    assert squeezed(text_of(content_of(page(raw)))) == "Recorded: 2 March 2026, 09:02 UTC"


# -- databases


def test_options_of_a_status_stand_in_their_groups() -> None:
    options = [{"id": name, "name": name, "color": "gray"} for name in ("Later", "Now", "Done", "Lost")]
    groups = [
        {"id": "g1", "name": "To-do", "option_ids": ["Later", "Now", "nobody"]},
        {"id": "g2", "name": "Complete", "option_ids": ["Done"]},
    ]
    document = sample_database()
    document.sources[0] = {
        **document.sources[0],
        "properties": {"Status": schema("Status", "status", options=options, groups=groups)},
    }

    found = next(each for each in tree(render(document)).iter("details") if each.get("class") == "schema")

    lines = [squeezed(text_of(each)) for each in found.iter("div") if each.get("class") == "option-group"]
    assert lines == ["To-do: Later Now", "Complete: Done", "Lost"]


def inline_site(rows: int, *, is_inline: bool = True) -> MemorySite:
    database = MemoryDocument(
        [],
        ref("Tasks", "database", OTHER),
        {"object": "database", "is_inline": is_inline},
        [{"id": SOURCE, "properties": {"Name": schema("Name", "title"), "Hours": schema("Hours", "number")}}],
        {SOURCE: [row(number, f"Task {number}", Hours=prop("number", number)) for number in range(rows)]},
    )
    target = Target("Tasks", "Page/Tasks.html", "", "database", OTHER, EMOJI_ICON)
    return MemorySite(targets={OTHER: target}, documents={OTHER: database})


def test_a_database_in_a_page_shows_its_first_rows_and_leads_to_all() -> None:
    raw = {**block("child_database", title="Old"), "id": OTHER}

    few, many = page(raw, site=inline_site(10)), page(raw, site=inline_site(11))

    assert len(squeezed_cells(few, "rows is-part")) == len(squeezed_cells(many, "rows is-part")) == 11
    assert "All rows" not in few
    assert '<a href="Page/Tasks.html">All rows</a>' in many
    assert '<span class="icon" aria-hidden="true">💡</span>Tasks</a>' in many


def test_of_a_database_with_several_sources_each_is_named_in_place() -> None:
    site = inline_site(1)
    database = site.documents[OTHER]
    assert isinstance(database, MemoryDocument)
    second = {"id": "second", "title": [span("Extras")], "properties": {"Part": schema("Part", "title")}}
    database.sources = [{**database.sources[0], "title": [span("Bikes")]}, second]

    read = squeezed(text_of(content_of(page({**block("child_database", title="Old"), "id": OTHER}, site=site))))

    assert read == "💡Tasks Bikes Name Hours Task 0 0 Extras Part"


def test_a_database_that_is_a_page_of_its_own_is_a_link() -> None:
    html = page({**block("child_database", title="Old"), "id": OTHER}, site=inline_site(3, is_inline=False))

    assert "<table" not in html
    assert 'href="Page/Tasks.html"' in html


def test_an_icon_that_lies_outside_is_no_link_within_a_link() -> None:
    raw = row(1, "A row")
    raw.raw["icon"] = file("https://example.com/i.png")
    document = MemoryDocument(
        [], ref("D", "database"), {}, [{"id": SOURCE, "properties": {"Name": schema("Name", "title")}}], {SOURCE: [raw]}
    )

    html = render(document)

    assert "example.com" not in html
    assert ">A row</a>" in html


# -- navigation


def test_what_links_here_is_told_but_for_what_a_relation_shows_already() -> None:
    leading = [
        Target("Guide", "Guide.html", "", "page", "g", NATIVE_ICON),
        Target("Row", "Row.html", "", "page", OTHER),
    ]
    site = MemorySite(leading_here=Branch(leading, 7))
    relation = {"object": "page", "properties": {"Tasks": prop("relation", [{"id": OTHER}])}}

    found = next(
        nav
        for nav in tree(render(MemoryDocument([], raw=relation), site)).iter("nav")
        if nav.get("class") == "backlinks"
    )

    assert squeezed(text_of(found)) == "Linked from BGuide 7 more"
    assert not any(nav.get("class") == "backlinks" for nav in tree(page(paragraph("x"))).iter("nav"))


def test_the_tree_of_the_sidebar_is_well_formed_where_an_ancestor_has_no_file() -> None:
    def target(name: str, href: str | None = "x.html") -> Target:
        return Target(name, href, f"https://app.notion.com/{name}", "page", name)

    site = MemorySite(
        above=[target("Top"), target("Hidden", None)],
        tree=[
            Branch([target("Top"), target("Beside")], 200),
            Branch([target("Other")]),
            Branch([Target("Here", "h.html", "", "page", PAGE_ID), target("Next")], 3),
            Branch([target("Child")], 170),
        ],
    )

    nav = next(nav for nav in tree(page(site=site)).iter("nav") if nav.get("aria-label") == "Pages")

    def read(root: Any) -> list[Any]:
        found: list[Any] = []
        for item in root.findall("li"):
            found.append(squeezed(text_of(item.find("a"))))
            found += [read(each) for each in item.findall("ul")]
        return found

    assert read(nav.find("ul")) == [
        *("Top", ["Other", "Hidden", ["Here", ["Child", "170 more"], "Next", "3 more"]]),
        *("Beside", "200+ more"),
    ]


# -- names


@pytest.mark.parametrize(
    ("kind", "url", "caption", "name"),
    [
        ("video", "https://www.youtube.com/watch?v=x", "", "Video on youtube.com"),
        ("video", "https://www.youtube.com/watch?v=x", "The Sunday ride", "The Sunday ride"),
        ("video", "https://example.com/a/ride%20one.mp4", "", "ride one.mp4"),
        ("audio", "https://example.com/1f0c2b3a-0000-4000-8000-123456789abc.mp3", "", "Sound on example.com"),
        ("pdf", "https://example.com/download", "", "PDF on example.com"),
        ("file", "https://drive.example/open?id=5", "", "File on drive.example"),
        ("image", "https://example.com/12345", "", "Picture on example.com"),
    ],
)
def test_a_film_or_a_file_has_a_name_that_says_something(kind: str, url: str, caption: str, name: str) -> None:
    html = body(block(kind, type="external", external={"url": url}, caption=[span(caption)] if caption else []))

    assert f'<span class="card-title" dir="auto">{name}</span>' in html
    assert file_name("https://[") == ""


# -- dates


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-03-02", None, "2 March 2026"),
        ("2026-12-31", "2027-01-01", "31 December 2026 → 1 January 2027"),
        ("2026-03-02T09:00:00.000Z", None, "2 March 2026, 09:00 UTC"),
        ("2026-03-02T09:00:12.345+00:00", None, "2 March 2026, 09:00:12 UTC"),
        ("2026-03-02T00:30:00.000+05:30", None, "1 March 2026, 19:00 UTC"),
        ("2026-03-02T09:00:00", "2026-03-02T10:00:00", "2 March 2026, 09:00 → 10:00 (Europe/Paris)"),
        ("2026-03-02T09:00:00+01:00", "2026-03-02T11:00:00+01:00", "2 March 2026, 08:00 → 10:00 UTC"),
        ("2026-03-02T23:00:00Z", "2026-03-03T01:00:00Z", "2 March 2026, 23:00 UTC → 3 March 2026, 01:00 UTC"),
        ("2026-03-02T09:00:00Z", "2026-03-05", "2 March 2026, 09:00 UTC → 5 March 2026"),
        ("0001-01-01T00:00:00+23:59", None, "0001-01-01T00:00:00+23:59"),
        ("2026-99-99", None, "2026-99-99"),
        ("tomorrow <b>", None, "tomorrow <b>"),
    ],
)
def test_dates_are_written_as_people_do_in_utc(start: str, end: str | None, shown: str) -> None:
    date = {"start": start, "end": end, "time_zone": "Europe/Paris" if shown.endswith("(Europe/Paris)") else None}

    assert squeezed(text_of(tree(body(paragraph([mention("date", date, start)]))))) == shown


@given(st.datetimes(), st.sampled_from(["", "Z", "+05:30", "-11:00"]))
def test_of_each_moment_the_machines_keep_theirs(moment: Any, zone: str) -> None:
    raw = moment.isoformat(timespec="milliseconds") + zone

    assert f'datetime="{raw}"' in dates.moment(raw)


@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()), st.text())
def test_no_odd_date_breaks_a_page(odd: Any, text: str) -> None:
    assert isinstance(dates.date({"start": odd, "end": text, "time_zone": odd}), str)
    assert isinstance(dates.period(text, odd), str)


# -- the home page


def test_the_page_that_opens_first_is_written_twice_and_noted_once() -> None:
    renderer, site = HtmlRenderer(home=f"https://www.notion.so/Home-{PAGE_ID.replace('-', '')}"), MemorySite()

    made = {str(each.path): content(each) for each in renderer.render_document(MemoryDocument([paragraph("x")]), site)}

    assert set(made) == {"Page.html", "index.html"}
    assert made["Page.html"] == made["index.html"]
    assert 'href="assets/notion-sync/pages.html">All pages' in made["index.html"]
    assert len(site.notes) == 1


def test_a_home_that_is_no_page_stops_the_run_before_it_begins() -> None:
    with pytest.raises(ConfigError, match=r"plugins\.html\.home is 'the first one'"):
        HtmlRenderer(home="the first one")


def test_formulas_in_text_do_not_lose_what_stands_beside_them() -> None:
    items: list[Json] = [span("a"), equation("x^2"), span("b", bold=True)]

    assert squeezed(text_of(tree(body(paragraph(items))))) == "ax^2b"
