"""Disks that take two names for one: no page goes with its old name, and the spelling is the page's own."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Bench, tree
from folding import Folding
from notion_sync_core.stages.names import fold
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block, rich, schema

Small = Callable[[str], Bench]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Bench]:
    """Three pages, the first with two children."""
    with Emulator(Workspace("Small", seed=1)) as emulator:
        space = emulator.workspace
        top = space.add_page(None, "Projects", [block("paragraph", "about projects")])
        for title in ("Alpha", "Beta"):
            space.add_page(top, title, [block("paragraph", f"about {title}")])
        space.add_page(None, "Notes", [block("paragraph", "about notes")])
        space.add_page(None, "Straße", [block("paragraph", "about a street")])
        yield Bench(emulator, tmp_path)


@pytest.fixture(params=["renaming respells", "renaming an entry onto itself does nothing", "names are taken apart"])
def disk(request: pytest.FixtureRequest, small: Bench, monkeypatch: pytest.MonkeyPatch) -> Folding:
    stored = (lambda name: unicodedata.normalize("NFD", name)) if "apart" in request.param else (lambda name: name)
    return Folding(small.out, monkeypatch, respells="nothing" not in request.param, stored=stored)


def page(bench: Bench, title: str) -> str:
    return next(each for each in bench.space.pages if bench.space.title(each) == title)


def folded(files: dict[str, bytes]) -> dict[str, bytes]:
    found = {fold(path): content for path, content in files.items()}
    assert len(found) == len(files)
    return found


def expect_as_fresh(bench: Bench, count: list[int] = [0], **flags: str) -> None:  # noqa: B006 - numbers the folders
    count[0] += 1
    assert folded(tree(bench.out)) == folded(bench.fresh(f"fresh-{count[0]}", **flags))


def files(bench: Bench) -> set[str]:
    return {unicodedata.normalize("NFC", path) for path in tree(bench.out) if path.endswith(".md")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Projects", "projects"),
        ("Notes", "NOTES"),
        ("Straße", "STRASSE"),
        ("Straße", "Straße"),
        ("Notes", "ＮＯＴＥＳ"),
    ],
)
def test_a_page_whose_name_changes_its_case_or_form_only_stays(small: Bench, disk: Folding, old: str, new: str) -> None:
    small.good()
    small.space.rename(page(small, old), new)
    for _ in range(2):
        report = small.good()
        assert (report.artifacts.deleted, report.kept_edits) == (0, [])
        expect_as_fresh(small)
    assert f"{unicodedata.normalize('NFC', new)}.md" in files(small)


def test_a_folder_and_what_is_in_it_are_spelt_anew_where_the_disk_can(small: Bench, disk: Folding) -> None:
    small.good()
    (small.out / "Projects" / "mine.txt").write_text("mine")
    small.space.rename(page(small, "Projects"), "PROJECTS")
    small.space.rename(page(small, "Alpha"), "alpha")
    small.good()
    folder = "PROJECTS" if disk.respells else "Projects"
    assert files(small) == {"PROJECTS.md", f"{folder}/alpha.md", f"{folder}/Beta.md", "Notes.md", "Straße.md"}
    assert (small.out / folder / "mine.txt").read_text() == "mine"


def test_other_names_for_all_leave_each_page_in_its_place(small: Bench, disk: Folding) -> None:
    small.good()
    small.good(export__naming="slug")
    assert len(files(small)) == 5
    expect_as_fresh(small, export__naming="slug")
    small.good()
    expect_as_fresh(small)


def test_a_page_that_inherits_a_name_is_there(small: Bench, disk: Folding) -> None:
    small.space.add_page(None, "notes", [block("paragraph", "the heir")])
    small.good()
    small.space.rename(page(small, "Notes"), "Old stuff")
    small.good()
    assert b"the heir" in tree(small.out)["notes.md"]
    expect_as_fresh(small)


def test_pages_that_swap_names_and_their_case_are_both_there(small: Bench, disk: Folding) -> None:
    small.good()
    one, two = page(small, "Projects"), page(small, "Notes")
    small.space.rename(one, "notes")
    small.space.rename(two, "projects")
    small.good()
    expect_as_fresh(small)


def test_an_export_that_deletes_nothing_brings_the_new_text(small: Bench, disk: Folding) -> None:
    small.good("export")
    small.space.rename(page(small, "Notes"), "notes")
    small.space.append_block(page(small, "notes"), block("paragraph", "new words"))
    assert small.good("export").artifacts.stale == 0
    assert b"new words" in tree(small.out)["notes.md"]


def test_a_file_edited_under_its_old_spelling_is_kept_and_told_until_it_goes(small: Bench, disk: Folding) -> None:
    small.good()
    (small.out / "Notes.md").write_text("mine now")
    small.space.rename(page(small, "Notes"), "NOTES")
    assert "fs: NOTES.md" in small.good().kept_edits
    for _ in range(2):
        assert small.good().kept_edits == ["fs: NOTES.md"]
        assert (small.out / "Notes.md").read_text() == "mine now"
    (small.out / "Notes.md").unlink()
    assert small.good().kept_edits == []
    expect_as_fresh(small)


def test_two_files_left_by_a_plain_disk_are_one_after_a_move_to_a_folding_one(
    small: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.good("export")
    small.space.rename(page(small, "Notes"), "notes")
    assert small.good("export").artifacts.stale == 1
    (small.out / "Notes.md").unlink()
    Folding(small.out, monkeypatch)
    assert small.good().artifacts.deleted == 0
    expect_as_fresh(small)


def test_on_a_plain_disk_the_old_name_goes_and_the_new_one_comes(small: Bench) -> None:
    small.good()
    small.space.rename(page(small, "Projects"), "projects")
    assert small.good().artifacts.deleted == 3
    assert tree(small.out) == small.fresh()


TITLES = [
    "Plan",
    "plan",
    "PLAN",
    "Pläne",
    "Pla\u0308ne",
    "PLÄNE",
    "straße",
    "STRASSE",
    "ıs",
    "IS",
    "❤",
    "❤\ufe0f",
    "Plan.md",
]
renames = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(TITLES)), min_size=1, max_size=4)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", ["plain", "folding", "folding, not respelling"])
@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(rounds=st.lists(st.tuples(renames, st.integers(-1, 4)), min_size=2, max_size=3))
def test_whatever_is_renamed_each_page_is_there_once_and_nothing_of_others_is_touched(
    tmp_path_factory: pytest.TempPathFactory, kind: str, rounds: list[tuple[list[tuple[int, str]], int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch, Emulator(Workspace("Names", seed=2)) as emulator:
        bench, space = Bench(emulator, tmp_path_factory.mktemp("names")), emulator.workspace
        pages = [space.add_page(None, title, [block("paragraph", title)]) for title in ("Plan", "IS", "straße")]
        pages += [space.add_page(pages[0], title, [block("paragraph", title)]) for title in ("plan", "❤")]
        disk = Folding(bench.out, patch, respells=kind == "folding") if kind != "plain" else None
        bench.good()
        (bench.out / "mine.txt").write_text("mine")
        (bench.out / "mine.MD").mkdir()
        for edits, fault in rounds:
            for which, title in edits:
                space.rename(pages[which], title)
            if disk is not None and fault >= 0:
                disk.renames_before_a_fault = fault
                bench.run()
                disk.renames_before_a_fault = -1
            assert bench.good().kept_edits == []
            found = tree(bench.out)
            assert found.pop("mine.txt") == b"mine"
            expected = bench.fresh(f"fresh-{len(list(bench.folder.iterdir()))}")
            assert (folded(found) if disk else found) == (folded(expected) if disk else expected)
        assert (bench.out / "mine.MD").is_dir()


@pytest.mark.parametrize("renderer", ["markdown", "html", "json"])
def test_a_page_named_like_the_file_of_another_keeps_its_children(small: Bench, renderer: str) -> None:
    suffix = {"markdown": ".md", "html": ".html", "json": ".json"}[renderer]
    other = small.space.add_page(None, f"Notes{suffix.upper()}", [block("paragraph", "with a child")])
    small.space.add_page(other, "Kid", [block("paragraph", "the kid")])
    report = small.good(export__renderers=[renderer])
    assert (report.kept_edits, report.warnings) == ([], [])
    assert len([path for path in tree(small.out) if path.endswith(suffix) and not path.endswith(f"index{suffix}")]) == 7
    written = small.good(export__renderers=[renderer]).artifacts.written
    assert written == 0


def test_a_csv_file_is_the_file_of_one_database(small: Bench) -> None:
    columns = [schema("Name", "title")]
    for title, sources in (("DB", ("A", "a", "B")), ("DB.A", ("x",)), ("DB.B", ("x", "y"))):
        _, made = small.space.add_database(None, title, dict.fromkeys(sources, columns))
        for source in made:
            small.space.add_row(source, {"Name": rich(f"row of {title}")})
    report = small.good()
    assert (report.kept_edits, report.failures) == ([], [])
    rows = [content for path, content in tree(small.out).items() if path.endswith(".csv")]
    assert sorted(content.split()[-1] for content in rows) == [b"DB"] * 3 + [b"DB.A"] + [b"DB.B"] * 2
    first = small.space.databases[next(iter(small.space.databases))]["data_sources"][2]
    first["name"] = "C"
    small.space.data_sources[first["id"]]["title"] = rich("C")
    small.good()
    assert tree(small.out) == small.fresh()
    assert (small.out / "DB.B.md").is_file()


def test_an_older_folder_that_is_brought_back_is_spelt_anew_by_a_state_that_had_done_so(
    small: Bench, disk: Folding
) -> None:
    small.good()
    shutil.copytree(small.out, small.folder / "kept")
    small.space.rename(page(small, "Projects"), "projects")
    small.good()
    shutil.rmtree(small.out)
    shutil.copytree(small.folder / "kept", small.out)
    report = small.good()
    assert (report.kept_edits, "taken over" in str(report.warnings)) == ([], True)
    expect_as_fresh(small)
    if disk.respells:
        assert {"projects.md", "projects/Alpha.md", "projects/Beta.md"} <= files(small)


def test_a_folder_that_takes_the_place_of_another_is_spelt_as_its_own(small: Bench, disk: Folding) -> None:
    notes = page(small, "Notes")
    small.space.add_page(notes, "Kid", [block("paragraph", "a kid")])
    small.good()
    (small.out / "Projects" / "mine.txt").write_text("mine")
    for title, new in (("Projects", "Elsewhere"), ("Notes", "PROJECTS")):
        small.space.rename(page(small, title), new)
    assert small.good().kept_edits == []
    next(small.out.rglob("mine.txt")).unlink()
    expect_as_fresh(small)
    if disk.respells:
        assert {"PROJECTS.md", "PROJECTS/Kid.md"} <= files(small)


def test_a_page_takes_the_place_of_its_own_folder_of_another_spelling(disk: Folding, small: Bench) -> None:
    projects = page(small, "Projects")
    small.space.rename(projects, "Plan.md")
    small.good()
    small.space.rename(projects, "plan")
    assert small.good().kept_edits == []
    assert {"plan.md", "plan/Alpha.md", "plan/Beta.md"} <= files(small)
    expect_as_fresh(small)
