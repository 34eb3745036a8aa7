"""What a root may be: an object, a part of one, or an address that shows it."""

from __future__ import annotations

import pytest

from conftest import Bench, tree
from notion_sync_core.model import root_from_text
from notion_sync_demo import Fault
from notion_sync_demo.build import block

ID = "0f0f0f0f-0000-4000-8000-00000000dead"
BARE = ID.replace("-", "")
OTHER = "1" * 32


def page_id(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def tasks(bench: Bench) -> str:
    return next(each for each, raw in bench.space.databases.items() if raw["title"][0]["plain_text"] == "Tasks")


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"  {BARE} ",
        f"https://www.notion.so/acme/Title-{BARE}?pvs=4#{OTHER}",
        f"https://www.notion.so/acme/{BARE}?v={OTHER}",
        f"https://www.notion.so/acme/{OTHER}?v={OTHER}&p={BARE}&pm=s",
        f"https://www.notion.so/acme/Board-{OTHER}?p={BARE}",
        f"https://www.notion.so/acme?v={BARE}",
        f"/{BARE}",
    ],
)
def test_an_address_names_the_page_it_shows(text: str) -> None:
    assert root_from_text(text) == ID


@pytest.mark.parametrize("text", ["hello", "https://www.notion.so/acme", "https://example.org/?q=1", ""])
def test_an_address_that_names_nothing_is_none(text: str) -> None:
    assert root_from_text(text) is None


def test_a_block_as_root_is_the_page_it_stands_in(bench: Bench) -> None:
    page = page_id(bench, "Workshop")
    toggle = bench.space.append_block(page, block("toggle", "More"))
    inner = bench.space.append_block(toggle, block("paragraph", "Inside"))
    report = bench.good("sync", export__roots=[inner])
    assert (bench.out / "Workshop.md").exists()
    assert tree(bench.out) == bench.fresh(export__roots=[page])
    again = bench.good("sync", export__roots=[inner])
    assert (again.artifacts.written, again.objects.deleted) == (0, 0)
    assert again.objects.discovered == report.objects.discovered


def test_a_data_source_or_a_view_as_root_is_its_database(bench: Bench) -> None:
    database = tasks(bench)
    source = bench.space.databases[database]["data_sources"][0]["id"]
    view = bench.space.add_view(database)
    expected = bench.fresh(export__roots=[database])
    assert "Tasks.csv" in expected
    for number, root in enumerate((source, view, bench.space.saved_views[view]["url"])):
        assert bench.fresh(f"out{number}", export__roots=[root]) == expected


def test_a_linked_view_as_root_is_the_database_it_shows_or_else_the_page_it_stands_in(bench: Bench) -> None:
    database, page = tasks(bench), page_id(bench, "Workshop")
    expected = bench.fresh(export__roots=[database])
    linked = bench.space.add_linked_view(page)
    assert bench.fresh("nameless", export__roots=[linked]) == bench.fresh("page", export__roots=[page])
    bench.space.add_view(linked, data_source=bench.space.databases[database]["data_sources"][0]["id"])
    assert bench.fresh("linked", export__roots=[linked]) == expected


def test_several_roots_in_one_page_are_that_page_once(bench: Bench) -> None:
    page = page_id(bench, "Workshop")
    inside = [each["id"] for each in bench.space.children(page) if each["type"] == "synced_block"]
    assert inside
    bench.good("export", export__roots=[page, *inside])
    assert tree(bench.out) == bench.fresh(export__roots=[page])


def test_to_find_out_what_a_page_is_costs_no_request(bench: Bench) -> None:
    page = page_id(bench, "Workshop")
    bench.good("export", export__roots=[page])
    assert bench.emulator.counters.paths[f"/v1/pages/{page}"] == 1


def test_an_endpoint_that_calls_another_kind_a_mistake_does_not_hide_it(bench: Bench) -> None:
    database = tasks(bench)
    bench.emulator.faults.add(Fault("400", path=f"/v1/pages/{database}"))
    bench.good("export", export__roots=[database])
    assert (bench.out / "Tasks.csv").exists()


def test_plan_with_a_block_as_root_says_what_sync_does(bench: Bench) -> None:
    from notion_sync_core.preview import preview

    inner = bench.space.append_block(page_id(bench, "Workshop"), block("paragraph", "Inside"))
    found = preview(bench.job(export__roots=[inner]))
    assert "Workshop.md" in {change.path for change in found.changes}
