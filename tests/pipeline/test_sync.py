"""The whole pipeline over real HTTP: what lands, what a second run costs, and what edits do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from conftest import Bench, tree
from notion_sync_core.events import Event, ObjectRead, ObjectUnchanged, Outcome
from notion_sync_demo.build import block, page_mention, rich, schema


def manifest(folder: Path) -> list[dict]:
    lines = (folder / ".notion-sync" / "manifest.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def page_id(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def least_requests(bench: Bench) -> int:
    """Searches, queries, containers, a listing per 100 children, long properties, users."""
    space = bench.space
    parents = [parent for parent in [*space.pages, *space.blocks] if space.children(parent)]
    skipped = {block["id"] for block in space.blocks.values() if block["type"] == "child_page"} - set(space.pages)
    listings = sum(-(-len(space.children(parent)) // 100) for parent in parents if parent not in skipped)
    empty = sum(1 for page in space.pages if not space.children(page))
    searches = -(-(len(space.pages) + len(space.data_sources)) // 100)
    long = sum(
        len(prop.get("relation") or ()) > 25 for page in space.pages.values() for prop in page["properties"].values()
    )
    return searches + len(space.data_sources) + len(space.databases) + listings + empty + long + 1


def test_every_object_is_in_the_manifest_and_every_path_in_it_exists(bench: Bench) -> None:
    report = bench.good("export")
    header, *entries = manifest(bench.out)
    expected = {*bench.space.pages, *(each for each in bench.space.databases if each not in bench.space.views)}
    assert header["schema"] == 1
    assert {entry["id"] for entry in entries} == expected
    assert [entry["id"] for entry in entries] == sorted(expected)
    for entry in entries:
        for path in [entry["paths"]["markdown"], *entry["paths"].get("csv", []), *entry["assets"]]:
            assert (bench.out / path).is_file()
    assert report.objects.discovered == len(expected)


def test_a_full_export_costs_hardly_more_than_the_least_requests(bench: Bench) -> None:
    bench.good("export")
    assert bench.requests() <= 1.1 * least_requests(bench)
    assert bench.emulator.counters.leaks == 0


def test_every_relative_link_leads_to_a_file(bench: Bench) -> None:
    bench.good("export")
    count = 0
    for path in bench.out.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
            if "://" not in target:
                assert (path.parent / unquote(target)).exists(), f"{path.name}: {target}"
                count += 1
    assert count > 40


def test_assets_are_stored_once_with_their_bytes(bench: Bench) -> None:
    bench.good("export")
    stored = {path.read_bytes() for path in (bench.out / "assets").rglob("*") if path.is_file()}
    linked = {content for key, (content, _) in bench.space.files.items() if "notes" not in key or "notes 1.txt" in key}
    assert stored == linked


def test_every_object_has_exactly_one_outcome(bench: Bench) -> None:
    for expected in (ObjectRead, ObjectUnchanged):
        outcomes: list[Event] = []
        report = bench.good(on_event=outcomes.append)
        ids = [event.id for event in outcomes if isinstance(event, Outcome)]
        assert sorted(ids) == sorted({event.id for event in outcomes if isinstance(event, expected)})
        assert len(ids) == report.objects.discovered


def test_a_second_run_writes_nothing_and_asks_little(bench: Bench) -> None:
    bench.good()
    before, asked = tree(bench.out), bench.requests()
    stamps = {path: path.stat().st_mtime_ns for path in bench.out.rglob("*.md")}
    report = bench.good()
    assert tree(bench.out) == before
    assert {path: path.stat().st_mtime_ns for path in bench.out.rglob("*.md")} == stamps
    assert (report.artifacts.written, report.objects.read) == (0, 0)
    objects = len(bench.space.pages) + len(bench.space.databases)
    assert bench.requests() - asked <= objects / 100 + len(bench.space.data_sources) + 10


EDITS = {
    "a new text": lambda space, ids: space.append_block(ids["Safety"], block("paragraph", "New words")),
    "a new page": lambda space, ids: space.add_page(ids["Notes"], "Brand new", [block("paragraph", "Hello")]),
    "a page renamed": lambda space, ids: space.rename(ids["Workshop"], "The big workshop"),
    "a database renamed": lambda space, ids: space.rename(next(iter(space.databases)), "To do"),
    "a page trashed": lambda space, ids: space.trash(ids["Repair manual"]),
    "a row trashed": lambda space, ids: space.trash(ids["Fix the door"]),
    "a page moved": lambda space, ids: space.move(ids["Safety"], ids["People"]),
    "a row changed": lambda space, ids: space.set_value(ids["Fix the door"], "Hours", 99),
    "a row renamed": lambda space, ids: space.rename(ids["Fix the door"], "Fix the window"),
    "a block deleted": lambda space, ids: space.delete_block(space.children(ids["Repair manual"])[3]["id"]),
}


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_tree_equals_a_fresh_export(bench: Bench, edit: str) -> None:
    bench.good()
    EDITS[edit](bench.space, {bench.space.title(each): each for each in bench.space.pages})
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_many_edits_one_after_another_end_as_a_fresh_export(bench: Bench) -> None:
    bench.good()
    for edit in EDITS.values():
        edit(bench.space, {bench.space.title(each): each for each in bench.space.pages} | _old_names(bench))
        bench.good()
    assert tree(bench.out) == bench.fresh()


def _old_names(bench: Bench) -> dict[str, str]:
    """Names that an earlier edit changed."""
    titles = {bench.space.title(each): each for each in bench.space.pages}
    return {
        old: titles[new]
        for old, new in (("Workshop", "The big workshop"), ("Fix the door", "Fix the window"))
        if new in titles
    }


def test_what_was_restored_from_the_trash_comes_back(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    page = page_id(bench, "Workshop")
    stamp = bench.space.pages[page]["last_edited_time"]
    bench.space.trash(page)
    assert bench.good().objects.deleted >= 1
    assert not (bench.out / "Fernwood Bikes Handbook" / "Workshop").exists()
    bench.space.restore(page)
    bench.space.pages[page]["last_edited_time"] = stamp
    bench.good()
    assert tree(bench.out) == before


def test_export_adds_and_updates_but_deletes_nothing(bench: Bench) -> None:
    bench.good("export")
    page = page_id(bench, "Safety")
    old = next(bench.out.rglob("Safety.md"))
    bench.space.rename(page, "Safety first")
    report = bench.good("export")
    assert old.exists()
    assert next(bench.out.rglob("Safety first.md")).exists()
    assert report.artifacts.stale == 1


def test_roots_export_their_part_only_and_stand_at_the_top(bench: Bench) -> None:
    report = bench.good("export", export__roots=[page_id(bench, "Workshop")])
    names = {path.name for path in bench.out.iterdir()}
    assert "Workshop.md" in names
    assert "Fernwood Bikes Handbook.md" not in names
    assert report.objects.discovered == 5
    asked = bench.requests()
    again = bench.good("sync", export__roots=[page_id(bench, "Workshop")])
    assert (again.artifacts.written, again.artifacts.deleted) == (0, 0)
    assert bench.requests() - asked <= 12


def test_a_root_that_nobody_shared_is_named_and_the_rest_is_done(bench: Bench) -> None:
    roots = [page_id(bench, "Workshop"), "0f0f0f0f-0000-4000-8000-00000000dead"]
    report = bench.run("export", export__roots=roots)
    assert report.exit_code == 3
    assert report.failures[0]["id"] == roots[1]
    assert (bench.out / "Workshop.md").exists()


def test_a_root_in_the_trash_is_deleted_by_sync_and_not_called_missing(bench: Bench) -> None:
    given = {"export__roots": [page_id(bench, "Workshop"), page_id(bench, "Safety")]}
    bench.good("sync", **given)
    bench.space.trash(page_id(bench, "Safety"))
    report = bench.good("sync", **given)
    assert (report.objects.deleted, report.unreadable, report.warnings) == (1, [], [])
    assert not list(bench.out.rglob("Safety.md"))


def test_what_went_to_the_trash_with_an_ancestor_comes_back_with_it_though_no_listing_shows_it(bench: Bench) -> None:
    space = bench.space
    top = space.add_page(None, "Project")
    below = space.add_page(top, "Notes of the project")
    database, [source] = space.add_database(below, "Steps", {"Steps": [schema("Name", "title")]})
    rows = [space.add_row(source, {"Name": rich(f"Step {number}")}) for number in range(3)]
    space.unlisted.update([below, database, source, *rows])
    bench.good("sync")
    space.trash(top)
    bench.good("sync")
    assert not list(bench.out.rglob("Step*"))
    space.restore(top)
    report = bench.good("sync")
    assert report.objects.deleted == 0
    assert tree(bench.out) == bench.fresh()


def test_two_renderers_get_a_folder_each_and_share_assets(bench: Bench) -> None:
    bench.good("export", export__renderers=["markdown", "json"])
    names = {path.name for path in bench.out.iterdir()}
    assert names == {"markdown", "json", "assets", ".notion-sync"}
    document = json.loads((bench.out / "json" / "Fernwood Bikes Handbook.json").read_text())
    assert document["object"]["id"] == page_id(bench, "Fernwood Bikes Handbook")
    assert document["schema"] == 1


def test_render_makes_the_same_files_without_a_request(bench: Bench) -> None:
    bench.good("export")
    before, asked = tree(bench.out), bench.requests()
    for path in bench.out.rglob("*.md"):
        path.unlink()
    report = bench.good("render")
    assert tree(bench.out) == before
    assert bench.requests() == asked
    assert report.artifacts.written == sum(name.endswith(".md") for name in before)


def test_a_mirror_that_is_gone_is_read_again(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    import shutil

    mirror = next((bench.folder / "state").rglob("mirror"))
    shutil.rmtree(mirror)
    report = bench.good()
    assert tree(bench.out) == before
    assert report.objects.read == report.objects.discovered


def test_a_page_that_search_does_not_show_is_found_by_walking(bench: Bench) -> None:
    bench.space.unlisted.add(page_id(bench, "Safety"))
    bench.good()
    assert list(bench.out.rglob("Safety.md"))
    asked = bench.requests()
    assert bench.good().objects.read == 0
    assert bench.requests() - asked <= 12


def test_a_child_that_is_not_shared_is_listed_and_costs_nothing_else(bench: Bench) -> None:
    hidden = page_id(bench, "Safety")
    bench.space.unshare(hidden)
    report = bench.good()
    assert [item["id"] for item in report.unreadable] == [hidden]
    assert not list(bench.out.rglob("Safety.md"))
    asked = bench.emulator.counters.paths[f"/v1/pages/{hidden}"]
    bench.good()
    assert bench.emulator.counters.paths[f"/v1/pages/{hidden}"] == asked


def test_comparing_many_runs_with_different_workers_gives_the_same_bytes(bench: Bench) -> None:
    first = bench.fresh("one", performance__workers=1)
    assert bench.fresh("many", performance__workers=16) == first


def test_what_a_property_mentions_beyond_where_a_page_cuts_it_off_is_shown_with_its_present_title(bench: Bench) -> None:
    space = bench.space
    _, [source] = space.add_database(
        None, "Minutes", {"Minutes": [schema("Name", "title"), schema("Who", "rich_text")]}
    )
    pages = [space.add_page(None, f"Topic {number}") for number in range(40)]
    space.add_row(source, {"Name": rich("Monday"), "Who": [page_mention(page, "stale") for page in pages]})
    bench.good("sync")
    space.rename(pages[30], "A topic with a new name")
    bench.good("sync")
    assert "A topic with a new name" in (bench.out / "Minutes" / "Monday.md").read_text()
    assert tree(bench.out) == bench.fresh()


def test_what_a_row_mentions_is_shown_with_its_present_title_in_its_database_too(bench: Bench) -> None:
    notes = next(
        (source["id"], name)
        for source in bench.space.data_sources.values()
        for name, prop in source["properties"].items()
        if prop["type"] == "rich_text"
    )
    target = page_id(bench, "Safety")
    bench.space.add_row(notes[0], {notes[1]: [page_mention(target, "a stale title")]})
    bench.good()
    bench.space.rename(target, "Safety first")
    bench.good()
    shown = [path for path in bench.out.rglob("*") if path.suffix in (".md", ".csv") and path.stem != "Safety first"]
    texts = [path.read_text() for path in shown]
    assert sum("Safety first" in text for text in texts) >= 3  # the row, its database, the rows as CSV
    assert not any("a stale title" in text for text in texts)
    assert tree(bench.out) == bench.fresh()


def test_a_long_relation_stays_whole_when_its_page_changes_without_a_new_time(bench: Bench) -> None:
    bench.good()
    page = next(
        page
        for page in bench.space.pages.values()
        if any(len(prop.get("relation") or ()) > 25 for prop in page["properties"].values())
    )
    page["icon"] = {"type": "emoji", "emoji": "🌱"}
    bench.good()
    assert tree(bench.out) == bench.fresh()
