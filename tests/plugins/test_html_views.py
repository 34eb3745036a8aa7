"""Views of databases in HTML: sections with their columns, rows and groups, as Markdown has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content.arranged import arranged
from notion_sync_core.content.views import views_of
from notion_sync_core.document import Row, Target
from notion_sync_core.model import Json
from notion_sync_html.markup import line
from plugins.html_attacks import PAYLOADS
from plugins.html_rendering import content_of, page, render, squeezed_cells, text_of, tree
from plugins.html_samples import OTHER, SOURCE, prop, row, schema
from plugins.rendering import MemoryDocument, MemorySite, block, ref, span, squeezed

OPTIONS = [{"id": each, "name": each, "color": "gray"} for each in ("Later", "Now")]
COLUMNS: Json = {
    "Name": {**schema("Name", "title"), "id": "title"},
    "Hours": schema("Hours", "number", format="number"),
    "Due": schema("Due", "date"),
    "State": schema("State", "select", options=OPTIONS),
    "Secret": schema("Secret", "rich_text"),
}


def task(number: int, title: str, hours: float | None, state: str | None) -> Row:
    values = {
        "Hours": prop("number", hours),
        "Due": prop("date", None),
        "State": prop("select", {"name": state, "color": "gray"} if state else None),
        "Secret": prop("rich_text", [span(f"psst {title}")]),
    }
    return row(number, title, **values)


ROWS = [
    task(1, "Paint", 5, "Later"),
    task(2, "Mend", None, "Now"),
    task(3, "Clean", 9, None),
    task(4, "Sell", 1, "Now"),
]
ALL = ["Paint", "Mend", "Clean", "Sell"]
BOARD = {"type": "select", "property_id": "State", "sort": {"type": "manual"}, "hide_empty_groups": False}


def view(number: int = 1, name: str = "View", **more: Any) -> Json:
    return {"id": f"{number:08}-1111-4111-8111-111111111111", "name": name, "type": "table", **more}


def columns(*shown: str) -> Json:
    listed = [{"property_id": "title" if name == "Name" else name, "visible": name in shown} for name in COLUMNS]
    return {"type": "table", "properties": sorted(listed, key=lambda each: _place(each["property_id"], shown))}


def _place(found: str, shown: tuple[str, ...]) -> int:
    name = "Name" if found == "title" else found
    return shown.index(name) if name in shown else len(shown)


def source(*views: Json, number: int = 4, **more: Any) -> Json:
    found = {"id": SOURCE.replace("4", str(number)), "title": [span("Tasks")], "properties": COLUMNS, **more}
    return {**found, "views": list(views)}


def shown(*views: Json, site: MemorySite | None = None, **more: Any) -> str:
    found = source(*views, **more)
    document = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [found], {found["id"]: ROWS})
    return render(document, site or MemorySite())


def parts(html: str) -> list[tuple[str, str]]:
    """Headings, paragraphs and tables of the body in order; of a table its first cells."""
    found = []
    for each in content_of(html).iter():
        kind = str(each.tag)
        if kind == "table" and each.get("aria-label") is None:
            rows = [
                [squeezed(text_of(cell)) for cell in found_row if cell.tag in ("td", "th")]
                for found_row in each.iter("tr")
            ]
            if rows[0][0] != "Property":
                found.append((kind, "/".join(each_row[rows[0].index("Name")] for each_row in rows[1:])))
        elif kind in ("h2", "h3", "h4", "p"):
            found.append((kind, squeezed(text_of(each))))
    return found


def test_a_view_shows_its_columns_in_order_without_hidden_ones_and_sorted_rows() -> None:
    sorts = [{"property": "State", "direction": "descending"}, {"property": "Hours", "direction": "ascending"}]

    html = shown(view(name="Plan", configuration=columns("State", "Name", "Hours"), sorts=sorts))

    cells = squeezed_cells(html, "rows")
    assert cells[0] == ["State", "Name", "Hours"]
    assert [each[1] for each in cells[1:]] == ["Sell", "Mend", "Paint", "Clean"]
    assert "psst" not in html
    assert parts(html) == [("h2", "Plan"), ("table", "Sell/Mend/Paint/Clean")]
    # The row's name is its header, wherever it stands.
    assert [each.get("scope") for each in tree(html).iter("th") if text_of(each).strip() == "Sell"] == ["row"]


@pytest.mark.parametrize("kind", ["board", "gallery", "list", "table"])
def test_groups_are_sections_in_the_order_of_their_options(kind: str) -> None:
    html = shown(view(name="By state", type=kind, configuration={**columns("Name"), "group_by": BOARD}))

    assert parts(html) == [
        ("h2", "By state"),
        *(("h3", "Later"), ("table", "Paint")),
        *(("h3", "Now"), ("table", "Mend/Sell")),
        *(("h3", "No State"), ("table", "Clean")),
    ]


def test_rows_that_a_filter_leaves_out_stand_below_all_views() -> None:
    html = shown(view(name="Now", filter={"property": "State", "select": {"equals": "Now"}}))

    assert parts(html) == [("h2", "Now"), ("table", "Mend/Sell"), ("h2", "All rows"), ("table", "/".join(ALL))]


def test_a_filter_that_depends_on_the_day_is_not_applied_and_says_so() -> None:
    found = parts(shown(view(name="Soon", filter={"property": "Due", "date": {"next_week": {}}})))

    assert [kind for kind, _ in found] == ["h2", "p", "table"]
    assert "depends on the day" in found[1][1]
    assert found[2][1] == "/".join(ALL)


def test_charts_and_forms_are_links_if_their_address_is_one() -> None:
    html = shown(
        view(1, "Sums", type="chart", url="https://www.notion.so/x?v=1"),
        view(2, "Ask", type="form", url="javascript:x"),
    )

    assert parts(html)[:4] == [
        ("h2", "Sums"),
        ("p", "chart: only in Notion"),
        ("h2", "Ask"),
        ("p", "form: only in Notion"),
    ]
    assert 'href="https://www.notion.so/x?v=1"' in html
    assert "javascript" not in html
    assert parts(html)[-2:] == [("h2", "All rows"), ("table", "/".join(ALL))]


def test_each_of_several_data_sources_has_its_own_views_below_its_name() -> None:
    sources = [
        source(view(1, "Old view"), number=4, title=[span("Old")]),
        source(view(2, "New view"), number=5, title=[span("New")]),
    ]
    document = MemoryDocument(
        [], ref("Work", "database"), {"object": "database"}, sources, {each["id"]: ROWS for each in sources}
    )

    html = render(document, MemorySite())

    rows = ("table", "/".join(ALL))
    assert parts(html) == [("h2", "Old"), ("h3", "Old view"), rows, ("h2", "New"), ("h3", "New view"), rows]
    outline = next(each for each in tree(html).iter("nav") if each.get("class") == "outline")
    links = {squeezed(text_of(each)): each.get("href") for each in outline.iter("a")}
    ids = {squeezed(text_of(each)): each.get("id") for each in content_of(html).iter() if each.tag in ("h2", "h3")}
    assert links == {name: f"#{anchor}" for name, anchor in ids.items()}


def test_the_search_hears_each_row_once_and_every_view_by_name() -> None:
    site = MemorySite()
    shown(view(1, "First"), view(2, "Second", configuration=columns("Name")), site=site)

    note = json.loads(site.notes[0])
    assert note["headings"] == ["First", "Second"]
    assert all(note["text"].split().count(title) == 2 for title in ALL)  # its name, and its secret


def test_where_no_view_could_be_read_all_rows_are_shown_and_it_is_told() -> None:
    site = MemorySite()

    html = shown(views_unread="403", site=site)

    assert parts(html) == [("table", "/".join(ALL))]
    assert site.warnings == ["not all views could be read: 403"]


def test_without_the_option_nothing_of_views_is_there() -> None:
    found = {key: value for key, value in source().items() if key != "views"}
    document = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [found], {found["id"]: ROWS})

    assert parts(render(document, MemorySite())) == [("table", "/".join(ALL))]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_of_views_groups_and_columns_stay_text(payload: str) -> None:
    hostile = {**COLUMNS, payload: schema(payload, "select", options=[{"id": "o", "name": payload, "color": payload}])}
    rows = [row(1, "One", **{payload: prop("select", {"name": payload, "color": payload})})]
    config = {"group_by": {**BOARD, "property_id": payload}}
    found = source(
        view(1, payload, type="board", configuration=config),
        {"id": payload, "name": payload, "type": payload, "url": payload},
        view(2, payload, type="form", url=payload),
        properties=hostile,
    )
    document = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [found], {found["id"]: rows})

    main = tree(render(document, MemorySite())).find(".//main")

    assert not {each.tag for each in main.iter()} & {
        "script",
        "img",
        "svg",
        "iframe",
        "form",
        "style",
        "object",
        "embed",
    }
    assert not [name for each in main.iter() for name in each.attrib if name.startswith("on") or name == "style"]
    assert all(not (each.get("href") or "").lower().startswith(("javascript", "data")) for each in main.iter("a"))
    readable = line(payload).encode("utf-8", "replace").decode()
    assert squeezed(readable) in [squeezed(text_of(each)) for each in main.iter("h2")]


@given(
    st.lists(st.sampled_from([None, "Later", "Now"]), max_size=8),
    st.sampled_from([None, "Later", "Now"]),
    st.booleans(),
    st.booleans(),
)
def test_a_view_shows_the_rows_that_are_its_own_and_every_row_stands_somewhere(
    states: list[str | None], wanted: str | None, grouped: bool, hides: bool
) -> None:
    rows = [task(number, f"Row {number}", number, state) for number, state in enumerate(states, 1)]
    condition = {"property": "State", "select": {"equals": wanted}} if wanted else None
    group = {"group_by": {**BOARD, "hide_empty_groups": hides}} if grouped else {}
    found = source(view(filter=condition, configuration={**columns("Name"), **group}))
    document = MemoryDocument([], ref("Tasks", "database"), {"object": "database"}, [found], {found["id"]: rows})

    tables = [text for kind, text in parts(render(document, MemorySite())) if kind == "table"]

    made = arranged(rows, views_of(found)[0], found, MemorySite(), lambda each: each.ref.title)
    own = ["/".join(each.rows) for each in made.groups if each.rows or not grouped]
    rest = ["/".join(each.ref.title for each in rows)] if wanted else []
    assert tables == own + rest
    assert {title for text in tables for title in text.split("/") if title} == {each.ref.title for each in rows}


# -- within the page that holds the database


def in_place(*views: Json, rows: list[Row]) -> str:
    found = source(*views)
    database = MemoryDocument(
        [], ref("Tasks", "database", OTHER), {"object": "database", "is_inline": True}, [found], {found["id"]: rows}
    )
    target = Target("Tasks", "Page/Tasks.html", "", "database", OTHER)
    site = MemorySite(targets={OTHER: target}, documents={OTHER: database})
    return page({**block("child_database", title="Old"), "id": OTHER}, site=site)


def test_the_first_rows_in_place_are_those_of_the_first_view_with_its_columns() -> None:
    tasks = [task(number, f"Task {number:02}", number, "Now" if number % 2 else "Later") for number in range(1, 31)]
    first = view(
        name="Plan",
        filter={"property": "State", "select": {"equals": "Now"}},
        sorts=[{"property": "Hours", "direction": "descending"}],
        configuration=columns("Hours", "Name"),
    )

    html = in_place({**view(2, "Chart"), "type": "chart"}, first, view(3, "Other"), rows=tasks)

    assert squeezed_cells(html, "rows is-part") == [
        ["Hours", "Name"],
        *([str(number), f"Task {number:02}"] for number in range(29, 10, -2)),
    ]
    assert "All rows" in html
    assert "psst" not in html


@pytest.mark.parametrize("filtered", [True, False])
def test_all_rows_are_a_link_away_only_where_the_first_view_leaves_some_out(filtered: bool) -> None:
    only = {"filter": {"property": "State", "select": {"equals": "Now"}}} if filtered else {}

    html = in_place(view(configuration=columns("Name"), **only), rows=ROWS)

    assert ("All rows" in html) is filtered
    assert len(squeezed_cells(html, "rows is-part")) == (3 if filtered else 5)


def test_views_groups_and_databases_of_one_name_are_told_apart_by_their_labels() -> None:
    grouped = {**columns("Name"), "group_by": BOARD}
    database = shown(view(1, "Same", configuration=grouped), view(2, "Same", configuration=grouped), view(3, "Same"))
    rows = [row(number, f"Task {number}") for number in range(3)]
    names = [f"{number}0000000-0000-4000-8000-000000000000" for number in (1, 2)]
    documents = {
        each: MemoryDocument(
            [], ref("Tasks", "database", each), {"object": "database", "is_inline": True}, [source()], {SOURCE: rows}
        )
        for each in names
    }
    both = [{**block("child_database", title="Tasks"), "id": each} for each in names]
    targets = {each: Target("Tasks", "Tasks.html", "", "database", each) for each in names}
    holder = page(*both, site=MemorySite(targets=targets, documents=documents))

    for html, count in ((database, 7), (holder, 2)):
        labels = [each.get("aria-label") for each in tree(html).iter("div") if each.get("role") == "region"]
        rows = [label for label in labels if label != "Properties"]
        assert len(rows) == len(set(rows)) == count, labels
