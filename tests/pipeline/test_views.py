"""Views of databases, read on wish: columns, sorts, filters and groups as people set them, and never a failed run."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.build import rich, schema

OPTIONS = [{"id": each, "name": each, "color": "gray", "description": None} for each in ("Later", "Now", "Never")]


@pytest.fixture
def ids(server: Emulator) -> dict[str, str]:
    space = Workspace("Views", seed=9, clock=lambda: 1_780_000_000.0)
    home = space.add_page(None, "Home")
    columns = [
        *(schema("Name", "title"), schema("Hours", "number", format="number"), schema("Due", "date")),
        *(schema("State", "select", options=OPTIONS), schema("Secret", "rich_text")),
    ]
    database, (source,) = space.add_database(home, "Tasks", {"Tasks": columns})
    for title, hours, state in (("Paint", 5, "Later"), ("Mend", None, "Now"), ("Clean", 9, None), ("Sell", 1, "Now")):
        chosen = next(
            ({k: v for k, v in each.items() if k != "description"} for each in OPTIONS if each["name"] == state), None
        )
        values = {"Name": rich(title), "Hours": hours, "State": chosen, "Secret": rich(f"psst {title}")}
        space.add_row(source, values)
    server.workspace = server.api.workspace = space
    return {"home": home, "database": database, "source": source}


def properties(*shown: str, hidden: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    ids = {"Name": "title", "Hours": "hours", "Due": "due", "State": "state", "Secret": "secret"}
    listed = [{"property_id": ids[name], "property_name": name, "visible": True} for name in shown]
    return [*listed, *({"property_id": ids[name], "visible": False} for name in hidden)]


def page(bench: Bench, **given: Any) -> str:
    bench.good(export__views=True, **given)
    return (bench.out / "Home" / "Tasks.md").read_text()


def section(text: str, name: str) -> str:
    return text.split(f"\n## {name}\n")[1].split("\n## ")[0]


def test_views_show_their_columns_in_order_without_hidden_ones_and_sorted_rows(
    bench: Bench, ids: dict[str, str]
) -> None:
    config = {"type": "table", "properties": properties("State", "Name", "Hours", hidden=("Secret", "Due"))}
    sorts = [{"property": "state", "direction": "descending"}, {"property": "Hours", "direction": "ascending"}]
    bench.space.add_view(ids["database"], "Plan", configuration=config, sorts=sorts)
    found = section(page(bench), "Plan")
    assert "| State | Name | Hours |" in found
    assert "psst" not in found
    order = [found.index(f"[{name}]") for name in ("Sell", "Mend", "Paint", "Clean")]
    assert order == sorted(order)
    assert "All rows" not in page(bench)


def test_a_board_has_a_section_for_each_group_in_the_order_of_its_options(bench: Bench, ids: dict[str, str]) -> None:
    group = {"type": "select", "property_id": "state", "sort": {"type": "manual"}, "hide_empty_groups": True}
    config = {"type": "board", "group_by": group, "properties": properties("Name", "Hours")}
    bench.space.add_view(ids["database"], "Board", kind="board", configuration=config)
    found = section(page(bench), "Board")
    order = [found.index(f"\n### {name}\n") for name in ("Later", "Now", "No State")]
    assert order == sorted(order)
    assert "Never" not in found
    assert found.index("[Mend]") > found.index("### Now")


def test_rows_that_a_filter_leaves_out_stand_below_all_views(bench: Bench, ids: dict[str, str]) -> None:
    wanted = {"property": "state", "select": {"equals": "Now"}}
    bench.space.add_view(ids["database"], "Now", filter=wanted)
    text = page(bench)
    assert "[Sell]" in section(text, "Now")
    assert "[Paint]" not in section(text, "Now")
    assert "[Paint]" in section(text, "All rows")


def test_a_filter_that_depends_on_the_day_is_not_applied_and_says_so(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.add_view(ids["database"], "Soon", filter={"property": "due", "date": {"next_week": {}}})
    found = section(page(bench), "Soon")
    assert "depends on the day" in found
    assert all(f"[{name}]" in found for name in ("Paint", "Mend", "Clean", "Sell"))


def test_a_view_that_nobody_has_touched_shows_all_columns(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.add_view(ids["database"], "Default view")
    assert "| Name | Due | Hours | Secret | State |" in section(page(bench), "Default view")


def test_charts_and_forms_are_links(bench: Bench, ids: dict[str, str]) -> None:
    bench.space.add_view(ids["database"], "Sums", kind="chart", configuration={"type": "chart", "chart_type": "bar"})
    text = page(bench)
    assert "chart: only in Notion" in section(text, "Sums")
    assert "[Paint]" in section(text, "All rows")


def test_a_view_costs_one_request_and_so_does_a_database(bench: Bench, ids: dict[str, str]) -> None:
    for number in range(3):
        bench.space.add_view(ids["database"], f"View {number}")
    bench.good()
    assert bench.emulator.counters.endpoints["views"] == 0
    before = bench.requests()
    bench.good()
    without = bench.requests() - before
    bench.good(export__views=True)
    before = bench.requests()
    bench.good(export__views=True)
    assert bench.requests() - before == without + 1 + 3


def test_a_changed_view_is_shown_by_the_next_run_and_the_tree_is_that_of_a_fresh_export(
    bench: Bench, ids: dict[str, str]
) -> None:
    view = bench.space.add_view(ids["database"], "Plan")
    page(bench)
    bench.space.saved_views[view]["name"] = "Another plan"
    assert "## Another plan" in page(bench)
    assert tree(bench.out) == bench.fresh(export__views=True)
    bench.good()
    assert tree(bench.out) == bench.fresh("without")


def test_html_shows_the_same_views_and_follows_their_changes(bench: Bench, ids: dict[str, str]) -> None:
    given: dict[str, Any] = {"export__views": True, "export__renderers": ["html"]}
    config = {"type": "table", "properties": properties("State", "Name", hidden=("Secret", "Due"))}
    wanted = {"property": "state", "select": {"equals": "Now"}}
    view = bench.space.add_view(ids["database"], "Plan", configuration=config, filter=wanted)
    bench.good(**given)
    path = bench.out / "Home" / "Tasks.html"
    plan, rest = path.read_text().split(">Plan</h2>")[1].split(">All rows</h2>")
    assert ">Sell</a>" in plan and ">Paint</a>" not in plan and "psst" not in plan
    assert ">Paint</a>" in rest

    bench.space.saved_views[view].update(name="Another plan", filter=None)
    bench.good(**given)
    assert ">All rows</h2>" not in path.read_text()
    assert tree(bench.out) == bench.fresh(**given)

    bench.good(export__renderers=["html"])
    assert tree(bench.out) == bench.fresh("without", export__renderers=["html"])


@pytest.mark.parametrize("fault", ["400", "403", "404", "500"])
@pytest.mark.parametrize("path", ["/v1/views$", "/v1/views/"])
def test_views_that_cannot_be_read_fail_nothing_and_are_told(
    bench: Bench, ids: dict[str, str], fault: str, path: str
) -> None:
    bench.space.add_view(ids["database"], "Plan")
    bench.emulator.faults.add(Fault(fault, path=path))
    report = bench.good(export__views=True, performance__max_attempts=2)
    assert any("not all views could be read" in warning["message"] for warning in report.warnings)
    text = (bench.out / "Home" / "Tasks.md").read_text()
    assert "| Name | Due | Hours | Secret | State |" in text
    assert "[Paint]" in text


def test_each_of_several_data_sources_has_its_own_views(bench: Bench, ids: dict[str, str]) -> None:
    columns = [schema("Name", "title")]
    database, sources = bench.space.add_database(ids["home"], "Work", {"Old": columns, "New": columns})
    for source, name in zip(sources, ("Old view", "New view"), strict=True):
        bench.space.add_view(database, name, source)
    bench.good(export__views=True)
    text = (bench.out / "Home" / "Work.md").read_text()
    assert text.index("## Old\n") < text.index("### Old view\n") < text.index("## New\n") < text.index("### New view\n")
    assert bench.emulator.counters.endpoints["views"] == 2
