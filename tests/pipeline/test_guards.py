"""What must never happen: deletes by mistake, lost edits, two runs at once, a foreign sink."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import Exit
from notion_sync_core.inspection import inspect
from notion_sync_demo.build import block


def test_a_source_that_answers_404_to_everything_deletes_nothing(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    bench.emulator.not_found_all = True
    report = bench.run()
    assert report.exit_code == Exit.GUARD
    assert "Nothing was deleted" in report.error.remedy
    assert tree(bench.out) == before
    bench.emulator.not_found_all = False
    bench.good()
    assert tree(bench.out) == before


def test_a_source_that_lists_nothing_and_shows_nothing_deletes_nothing(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    for each in [*bench.space.pages, *bench.space.databases, *bench.space.data_sources]:
        bench.space.unshare(each)
    report = bench.run()
    assert report.exit_code == Exit.GUARD
    assert tree(bench.out) == before


def test_a_page_that_is_no_longer_readable_keeps_its_copy_and_is_told(bench: Bench) -> None:
    bench.good()
    safety = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    bench.space.unshare(safety)
    report = bench.good()
    assert list(bench.out.rglob("Safety.md"))
    assert [item["id"] for item in report.unreadable] == [safety]
    assert any("the copy is kept" in item["message"] for item in report.warnings)
    bench.space.share(safety)
    assert bench.good().unreadable == []


def test_a_page_that_is_no_longer_readable_leaves_with_all_that_was_made_of_it_if_so_agreed(bench: Bench) -> None:
    bench.good()
    photos = next(each for each in bench.space.pages if bench.space.title(each) == "Photos and files")
    bench.space.unshare(photos)
    agreed = {"export__on_missing": "delete"}
    report = bench.good(**agreed)
    assert report.artifacts.deleted
    assert [item["id"] for item in report.unreadable] == [photos]
    assert not any("the copy is kept" in text for item in report.warnings for text in item.values())
    assert tree(bench.out) == bench.fresh(), "its files, its assets and its line in the manifest are gone"
    assert not inspect(bench.job(**agreed)).damaged
    again = bench.good(**agreed)
    assert (again.artifacts.written, again.artifacts.deleted, len(again.warnings)) == (0, 0, 0)
    bench.space.share(photos)
    assert bench.good(**agreed).unreadable == []
    assert tree(bench.out) == bench.fresh("shared")


def test_what_was_to_leave_and_is_still_there_stays_if_it_shall_be_kept_after_all(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    bench.space.unshare(next(each for each in bench.space.pages if bench.space.title(each) == "Safety"))
    bench.good("export", export__on_missing="delete")  # lists it as stale
    assert list(bench.out.rglob("Safety.md"))
    bench.good()
    assert {path: text for path, text in tree(bench.out).items() if "Safety" in path} == {
        path: text for path, text in before.items() if "Safety" in path
    }
    assert not inspect(bench.job()).damaged


def test_much_trash_at_once_is_refused_unless_agreed_to(bench: Bench) -> None:
    bench.good()
    before = set(tree(bench.out))
    for title in ("People", "Workshop", "Notes"):
        bench.space.trash(next(each for each in bench.space.pages if bench.space.title(each) == title))
    report = bench.run()
    assert report.exit_code == Exit.GUARD
    assert before <= set(tree(bench.out))
    bench.good(export__max_delete=1.0)
    assert tree(bench.out) == bench.fresh()


def test_a_file_edited_by_hand_is_kept_and_told_each_time(bench: Bench) -> None:
    bench.good()
    path = next(bench.out.rglob("Safety.md"))
    path.write_text("mine now")
    for _ in range(2):
        report = bench.good()
        assert path.read_text() == "mine now"
        assert report.artifacts.kept_edits == 1
        assert report.kept_edits[0].endswith("Safety.md")


def test_an_edited_file_is_kept_when_its_page_changes_and_when_it_is_trashed(bench: Bench) -> None:
    bench.good()
    path = next(bench.out.rglob("Safety.md"))
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    path.write_text("mine now")
    bench.space.append_block(page, block("paragraph", "theirs"))
    assert bench.good().artifacts.kept_edits == 1
    bench.space.trash(page)
    bench.good()
    assert path.read_text() == "mine now"


def test_an_edited_file_is_overwritten_where_that_is_wanted(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    next(bench.out.rglob("Safety.md")).write_text("mine now")
    bench.good(export__on_edit="overwrite")
    assert tree(bench.out) == before


def test_a_file_that_vanished_is_made_again(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    next(bench.out.rglob("Safety.md")).unlink()
    next((bench.out / "assets").rglob("*.png")).unlink()
    bench.good()
    assert tree(bench.out) == before


def test_strangers_in_a_new_sink_are_kept(bench: Bench) -> None:
    bench.out.mkdir()
    (bench.out / "Fernwood Bikes Handbook.md").write_text("somebody else's")
    (bench.out / "unrelated.txt").write_text("untouched")
    report = bench.good()
    assert (bench.out / "Fernwood Bikes Handbook.md").read_text() == "somebody else's"
    assert (bench.out / "unrelated.txt").read_text() == "untouched"
    assert report.artifacts.kept_edits == 1


def test_lost_state_is_adopted_from_the_manifest(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    trashed = next(each for each in bench.space.pages if bench.space.title(each) == "Safety")
    shutil.rmtree(bench.folder / "state")
    bench.space.trash(trashed)
    report = bench.good()
    assert any("adopted" in item["message"] for item in report.warnings)
    assert not list(bench.out.rglob("Safety.md"))
    assert set(before) - set(tree(bench.out)) == {"Fernwood Bikes Handbook/Workshop/Safety.md"}


def test_a_sink_of_another_job_is_refused(bench: Bench) -> None:
    bench.good()
    root = next(iter(bench.space.pages))
    report = bench.run(export__roots=[root])
    assert report.exit_code == Exit.STATE
    assert "another job" in report.error.message


def test_state_of_a_newer_version_is_refused(bench: Bench) -> None:
    import sqlite3

    bench.good()
    database = sqlite3.connect(next((bench.folder / "state").rglob("state.sqlite")))
    database.execute("PRAGMA user_version = 99")
    database.close()
    report = bench.run()
    assert report.exit_code == Exit.STATE
    assert "newer version" in report.error.message


def test_damaged_state_is_refused_with_the_way_out(bench: Bench) -> None:
    bench.good()
    next((bench.folder / "state").rglob("state.sqlite")).write_bytes(
        b"not a database, but long enough to look at" * 100
    )
    report = bench.run()
    assert report.exit_code == Exit.STATE
    assert "Move its folder away" in report.error.remedy


def test_a_link_planted_in_the_sink_is_not_followed_and_told_until_it_goes(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    outside = bench.folder / "outside"
    outside.mkdir()
    folder = bench.out / "Fernwood Bikes Handbook" / "Notes"
    shutil.rmtree(folder)
    folder.symlink_to(outside)
    for _ in range(2):
        report = bench.good()
        assert report.artifacts.kept_edits > 1
        assert all("/Notes/" in kept for kept in report.kept_edits)
        assert list(outside.iterdir()) == []
    folder.unlink()
    bench.good()
    assert tree(bench.out) == before


def test_a_second_run_at_the_same_time_exits_5(bench: Bench) -> None:
    from notion_sync_core.clock import SystemClock
    from notion_sync_core.lock import job_lock

    bench.good()
    with job_lock(bench.job().folder() / "lock", SystemClock()):
        report = bench.run()
    assert report.exit_code == Exit.LOCKED
    assert "process" in report.error.message
    bench.good()


@pytest.mark.parametrize("limit", [{"max_requests": 20}, {"max_duration_s": 0.0}])
def test_a_limit_stops_with_12_and_the_next_run_goes_on(bench: Bench, limit: dict) -> None:
    report = bench.run(options=limit)
    assert report.exit_code == Exit.LIMIT
    assert report.status == "interrupted"
    assert bench.requests() <= 20
    bench.good()
    assert tree(bench.out) == bench.fresh()


def test_an_unwritable_folder_is_a_clear_error(bench: Bench) -> None:
    (bench.folder / "file").write_text("in the way")
    report = bench.run(to=bench.folder / "file" / "below")
    assert report.exit_code == Exit.SINK
    assert report.error.remedy


def test_a_report_fits_its_published_schema(bench: Bench) -> None:
    import jsonschema

    schema = json.loads((Path(__file__).parents[2] / "notion_sync_core" / "report.schema.json").read_text())
    jsonschema.validate(bench.good().to_json(), schema)
    bench.emulator.not_found_all = True
    jsonschema.validate(bench.run().to_json(), schema)


def test_a_sink_that_lost_everything_is_not_filled_again_unasked(bench: Bench) -> None:
    bench.good()
    before = tree(bench.out)
    shutil.rmtree(bench.out)
    report = bench.run()
    assert report.exit_code == 8
    assert report.error is not None
    assert "is its disk mounted?" in report.error.message
    assert not list(bench.out.rglob("*.md"))
    bench.good("render")
    assert tree(bench.out) == before
