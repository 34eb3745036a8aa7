"""What the source reads beyond blocks: comments, templates, archived rows, files elsewhere, links to blocks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.events import BreakerChanged, Event
from notion_sync_demo import Emulator, Fault, sample_workspace
from notion_sync_demo.build import bare, block, external, media, rich, text

PICTURE = b"\x89PNG\r\n\x1a\n\0picture"


def page_id(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def first_source(bench: Bench) -> str:
    return next(source for source in bench.space.data_sources if any(True for _ in bench.space.rows(source)))


def names(bench: Bench) -> set[str]:
    lines = (bench.out / ".notion-sync" / "manifest.jsonl").read_text().splitlines()[1:]
    return {json.loads(line)["title"] for line in lines}


def test_comments_are_read_with_their_discussions_when_asked_for(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    target = bench.space.children(page)[0]["id"]
    talk = bench.space.add_comment(page, "About the page")
    bench.space.add_comment(target, "About a block")
    bench.space.add_comment(page, "An answer", discussion=talk)
    assert bench.good().warnings == []
    assert bench.emulator.counters.endpoints["comments"] == 0

    bench.good(export__comments=True)  # newly asked for: everything is read again
    with bench.job().open() as site:
        document = site.document(page)
        assert document is not None
        found, about_block = document.source.comments(page), document.source.comments(target)
    assert [each["rich_text"][0]["plain_text"] for each in found] == ["About the page", "An answer"]
    assert {each["discussion_id"] for each in found} == {talk}
    assert [each["rich_text"][0]["plain_text"] for each in about_block] == ["About a block"]
    assert "About a block" in next(bench.out.rglob("Safety.md")).read_text()

    bench.good()
    assert "About a block" not in next(bench.out.rglob("Safety.md")).read_text()
    assert tree(bench.out) == bench.fresh()


def test_comments_that_were_resolved_are_gone_after_the_next_reading(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bench.space.add_comment(page, "Open")
    bench.good(export__comments=True)
    bench.space.comments.clear()
    bench.good(options={"full": True}, export__comments=True)
    with bench.job().open() as site:
        document = site.document(page)
        assert document is not None
        assert document.source.comments(page) == []


def test_a_token_that_may_not_read_comments_is_told_so_once_a_page_and_loses_nothing(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("403", path="/v1/comments"))
    report = bench.good(export__comments=True)
    assert report.objects.failed == 0
    assert all("comments cannot be read" in warning["message"] for warning in report.warnings)
    assert bench.emulator.counters.endpoints["comments"] <= len(bench.space.pages)


def test_templates_for_new_rows_are_left_out(bench: Bench) -> None:
    bench.space.add_template(first_source(bench), "A template for rows", [block("paragraph", "Fill me in")])
    bench.good()
    bench.good()
    assert "A template for rows" not in names(bench)
    assert bench.emulator.counters.endpoints["data_sources/{id}/templates"] == 1
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("wanted", [False, True])
def test_archived_rows_are_exported_only_when_asked_for(bench: Bench, wanted: bool) -> None:
    source = first_source(bench)
    title = next(
        name for name, prop in bench.space.data_sources[source]["properties"].items() if prop["type"] == "title"
    )
    row = bench.space.add_row(source, {title: rich("Long ago")})
    bench.good(notion__archived=wanted)
    assert "Long ago" in names(bench)
    bench.space.archive(row)
    report = bench.good(notion__archived=wanted)
    assert ("Long ago" in names(bench)) is wanted
    assert report.objects.deleted == (0 if wanted else 1)
    assert bench.good(notion__archived=wanted).objects.deleted == 0
    assert tree(bench.out) == bench.fresh(notion__archived=wanted)


def test_files_elsewhere_are_asked_for_only_when_wanted_and_never_at_private_addresses(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bench.space.append_block(page, media("image", external(f"{bench.emulator.url}/files/inside.png")))
    bench.space.append_block(page, media("video", external("https://films.invalid/watch?v=1")))
    assert bench.good().warnings == []

    report = bench.good(options={"full": True}, export__fetch_external=True)
    assert bench.emulator.counters.paths["/files/inside.png"] == 0
    assert any("inside.png" in warning["message"] for warning in report.warnings)
    assert not any("films.invalid" in warning["message"] for warning in report.warnings)


def test_a_file_elsewhere_that_cannot_be_had_is_not_asked_for_again_until_its_page_changes(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bench.space.append_block(page, media("image", external("http://127.0.0.1/never.png")))
    for each in bench.space.pages.values():
        each["last_edited_time"] = "2026-03-02T10:00:00.000Z"
    bench.good(export__fetch_external=True)
    assert bench.good(export__fetch_external=True).objects.read == 0


def test_a_link_to_a_block_that_is_gone_is_reported_until_it_is_repaired(bench: Bench) -> None:
    target, source = page_id(bench, "Safety"), page_id(bench, "Onboarding")
    heading = bench.space.append_block(target, block("heading_2", "Exits", is_toggleable=False))
    link = f"/{target.replace('-', '')}#{heading.replace('-', '')}"
    linking = bench.space.append_block(source, block("paragraph", ["See ", text("the exits", link)]))
    assert bench.good().warnings == []
    (page,) = bench.out.rglob("Onboarding.md")
    assert f"/Safety.md#{heading.replace('-', '')})" in page.read_text()
    bench.space.delete_block(heading)
    for _ in range(2):  # also in a run that changes nothing
        [warning] = bench.good().warnings
        assert warning["id"] == source
        assert "no longer on 'Safety'" in warning["message"]
        assert "/Safety.md)" in page.read_text(), "the page is still there"
        assert tree(bench.out) == bench.fresh()
    bench.space.edit_text(linking, "See the exits")
    assert bench.good().warnings == []


def test_a_link_leads_to_its_block_again_when_the_block_is_back(bench: Bench) -> None:
    target, source = page_id(bench, "Safety"), page_id(bench, "Onboarding")
    heading = bench.space.append_block(target, block("heading_2", "Exits", is_toggleable=False))
    link = f"/{target.replace('-', '')}#{heading.replace('-', '')}"
    bench.space.append_block(source, block("paragraph", ["See ", text("the exits", link)]))
    bench.space.delete_block(heading)
    bench.good()
    (page,) = bench.out.rglob("Onboarding.md")
    assert "/Safety.md)" in page.read_text()
    bench.space.blocks[heading]["in_trash"] = False
    bench.space.edit_text(heading, "Exits")
    assert bench.good().warnings == []
    assert f"/Safety.md#{heading.replace('-', '')})" in page.read_text()
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("naming", ["slug", "id"])
def test_files_are_named_as_asked(bench: Bench, naming: str) -> None:
    bench.good()
    bench.good(export__naming=naming)
    found = {name for name in tree(bench.out) if name.endswith(".md")}
    ids = {
        each.replace("-", "") for each in [*bench.space.pages, *bench.space.databases] if each not in bench.space.views
    }
    if naming == "id":
        assert {name.rpartition("/")[2].removesuffix(".md") for name in found} == ids
    else:
        assert len(found) == len(ids)
        assert all(name == name.lower() and " " not in name for name in found)
    assert tree(bench.out) == bench.fresh(export__naming=naming)


def test_with_another_version_of_the_api_everything_is_read_again(bench: Bench) -> None:
    bench.good()
    report = bench.good(notion__version="2025-09-03")
    assert report.objects.unchanged == 0
    assert "API version changed" in report.warnings[0]["message"]


def test_more_rows_in_a_minute_than_a_query_shows_are_all_read(tmp_path: Path) -> None:
    with Emulator(sample_workspace(), query_cap=100) as server:
        bench = Bench(server, tmp_path)
        source = first_source(bench)
        schema = bench.space.data_sources[source]["properties"]
        title = next(name for name, prop in schema.items() if prop["type"] == "title")
        for number in range(500):
            row = bench.space.pages[bench.space.add_row(source, {title: rich(f"Row {number:03}")})]
            # 150 rows in each of two minutes of creation, edited in one, and 200 in a third, edited in two.
            row["created_time"] = f"2026-05-01T10:0{number // 150}:00.000Z"
            row["last_edited_time"] = f"2026-05-02T10:0{number % 2 if number >= 300 else 0}:00.000Z"
        bench.good()
        assert len([name for name in names(bench) if name.startswith("Row ")]) == 500


def test_more_rows_of_one_minute_than_any_order_shows_are_told(tmp_path: Path) -> None:
    with Emulator(sample_workspace(), query_cap=100) as server:
        bench = Bench(server, tmp_path)
        source = first_source(bench)
        for _ in range(250):
            row = bench.space.pages[bench.space.add_row(source, {})]
            row["created_time"] = row["last_edited_time"] = "2026-05-01T10:00:00.000Z"
            bench.space.unlisted.add(row["id"])
        report = bench.run()
        assert report.exit_code == 3
        assert "rows were created and edited in one minute" in report.failures[0]["error"]


def test_a_missing_page_is_asked_for_again_and_comes_back(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bench.space.unlisted.add(page)
    bench.good()
    bench.space.unshare(page)
    assert "now is not" in bench.good().warnings[0]["message"]
    assert bench.good().warnings == []
    bench.space.share(page)
    bench.space.rename(page, "Safety again")
    bench.good()
    assert "Safety again" in names(bench)
    assert tree(bench.out) == bench.fresh()


def test_what_a_guard_took_for_missing_is_not_missing_afterwards(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bench.space.unlisted.add(page)
    bench.good()
    bench.emulator.not_found_all = True
    assert bench.run().exit_code == 8
    bench.emulator.not_found_all = False
    bench.space.rename(page, "Safety again")
    assert bench.good().objects.unreadable == 0
    assert tree(bench.out) == bench.fresh()


def test_a_row_as_root_stands_alone_and_stays(bench: Bench) -> None:
    row = page_id(bench, "Fix the door")
    given = {"export__roots": [row]}
    bench.good(**given)
    assert names(bench) == {"Fix the door"}
    for _ in range(2):
        report = bench.good(**given)
        assert (report.objects.discovered, report.objects.deleted) == (1, 0)
    assert (bench.out / "Fix the door.md").is_file()


def test_a_page_moved_out_of_a_root_leaves_the_export(bench: Bench) -> None:
    given = {"export__roots": [page_id(bench, "Workshop")]}
    bench.good(**given)
    bench.space.move(page_id(bench, "Safety"), page_id(bench, "People"))
    report = bench.good(**given)
    assert "Safety" not in names(bench)
    assert report.objects.deleted >= 1
    assert tree(bench.out) == bench.fresh(**given)


def test_an_ancestor_that_is_not_shared_but_shown_is_unreadable_from_the_first_run_on(bench: Bench) -> None:
    bench.space.unshare(page_id(bench, "Workshop"))
    first = bench.good()
    again = bench.good()
    assert [each["title"] for each in first.unreadable] == ["Workshop"]
    assert again.unreadable == first.unreadable
    assert again.objects.discovered == first.objects.discovered


def test_a_hosted_page_of_any_name_is_a_file_like_others(bench: Bench) -> None:
    report = bench.space.add_file("report", b"<html>hosted</html>", "text/html")
    bench.space.append_block(page_id(bench, "Safety"), media("file", report, name="report"))
    assert bench.good().warnings == []
    assert b"<html>hosted</html>" in tree(bench.out).values()


def test_a_web_page_in_place_of_a_picture_costs_that_picture_alone(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    for number in range(3):
        login = bench.space.add_file(f"login{number}.png", b"<html>Please log in</html>", "text/html")
        bench.space.append_block(page, media("image", login))
    bench.space.append_block(page, media("image", bench.space.add_file("good.png", PICTURE, "image/png")))
    changes: list[Event] = []

    report = bench.run(on_event=changes.append, performance__max_attempts=2, performance__breaker_threshold=2)

    assert report.assets.failed == 3
    assert {"a web page came instead" in each["message"] for each in report.warnings} == {True}
    assert PICTURE in tree(bench.out).values()
    assert not [event for event in changes if isinstance(event, BreakerChanged)]


def test_meeting_notes_that_are_not_ready_cost_no_page(bench: Bench) -> None:
    notes = block("meeting_notes", children=[block("paragraph", "hidden")], status="summary_in_progress")
    page = page_id(bench, "Safety")
    made = bench.space.append_block(page, notes)
    bench.emulator.faults.add(Fault("400", path=f"/v1/blocks/{made}/children"))
    assert bench.good().warnings == []
    assert "summary in progress" in next(bench.out.rglob("Safety.md")).read_text()


def test_signed_addresses_reach_no_file_wherever_they_stand(bench: Bench) -> None:
    signed = "https://files.invalid/space/{}.html?X-Amz-Expires=1&X-Amz-Signature=secret{}"
    page = page_id(bench, "Safety")
    bench.space.append_block(page, bare("bookmark", url=signed.format("a", 1), caption=[]))
    bench.space.append_block(page, block("paragraph", [text("a link", signed.format("b", 2))]))
    both = {"export__renderers": ["markdown", "json", "html"]}
    bench.good(**both, export__assets=False)
    content = b"".join(tree(bench.out).values())
    assert b"X-Amz" not in content
    assert b"https://files.invalid/space/a.html" in content


def test_a_link_whose_fragment_names_the_page_itself_leads_to_the_page(bench: Bench) -> None:
    page = page_id(bench, "Safety")
    bare_id = page.replace("-", "")
    bench.space.add_page(
        None, "Linker", [block("paragraph", [text("to it", f"https://notion.so/Safety-{bare_id}#{bare_id}")])]
    )
    assert bench.good().warnings == []
    assert re.search(r"\[to it\]\([^)#]*Safety\.md\)", (bench.out / "Linker.md").read_text())
