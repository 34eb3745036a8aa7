"""What others keep where a file of ours belongs: never touched, never followed, told in each run while it lasts."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest

from conftest import Bench, tree
from notion_sync_core.errors import Exit, SinkError
from notion_sync_core.inspection import inspect, repair
from notion_sync_core.preview import preview
from notion_sync_core.stages.prune import Pruner
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block, media


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Bench]:
    with Emulator(Workspace("Small", seed=1)) as emulator:
        space = emulator.workspace
        top = space.add_page(None, "Guide", [block("paragraph", "about it")])
        space.add_page(
            top, "Kid", [block("paragraph", "the kid"), media("image", space.add_file("a.png", b"a picture"))]
        )
        space.add_page(None, "Other", [block("paragraph", "another")])
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "precious.md").write_text("theirs")
        (tmp_path / "out").mkdir()
        yield Bench(emulator, tmp_path)


def bind(path: Path) -> None:
    """A socket; its name may only be short."""
    with socket.socket(socket.AF_UNIX) as made:
        here = os.open(path.parent, os.O_RDONLY)
        made.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


PLANTED: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_text("theirs"),
    "an empty file": lambda path: path.touch(),
    "a folder": lambda path: path.mkdir(),
    "a folder with something in it": lambda path: (path / "deep").mkdir(parents=True),
    "a pipe": os.mkfifo,
    "a socket": bind,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to a file outside": lambda path: path.symlink_to("../outside/precious.md"),
    "a link to a folder outside": lambda path: path.symlink_to("../outside"),
    "a second name of a file outside": lambda path: os.link(path.parent.parent / "outside" / "precious.md", path),
}


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def look(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_ino, found.st_mode


IN_THE_WAY = [
    (place, planted)
    for place in ("Guide.md", "Guide", "assets")
    for planted in PLANTED
    # Where a folder belongs a folder is welcome.
    if place.endswith(".md") or not planted.startswith("a folder")
]


@pytest.mark.parametrize(("place", "planted"), IN_THE_WAY)
@pytest.mark.parametrize("first", [True, False], ids=["before the first run", "after it"])
def test_what_stands_in_the_way_is_told_in_each_run_and_the_way_is_used_once_it_is_free(
    small: Bench, place: str, planted: str, first: bool
) -> None:
    path = small.out / place
    if not first:
        small.good()
        remove(path)
    PLANTED[planted](path)
    before = look(path)
    for mode in ("export", "sync", "export"):
        report = small.good(mode)
        told = [item["message"] for item in report.warnings]
        assert report.kept_edits
        assert all(kept.startswith(f"fs: {place}") for kept in report.kept_edits)
        assert any(place in message and "Move it away" in message for message in told)
    assert small.run(options={"strict": True}).exit_code == Exit.PARTIAL
    assert look(path) == before
    assert tree(small.folder / "outside") == {"precious.md": b"theirs"}
    remove(path)
    assert small.good().kept_edits == []
    assert tree(small.out) == small.fresh()


def test_what_is_told_names_the_page(small: Bench) -> None:
    (small.out / "Guide.md").mkdir()
    (warning,) = small.good().warnings
    assert (warning["id"], warning["title"]) == (next(iter(small.space.pages)), "Guide")


def test_a_page_that_moves_out_of_the_way_is_written_and_no_longer_told(small: Bench) -> None:
    (small.out / "Guide.md").write_text("theirs")
    small.good()
    small.space.rename(next(iter(small.space.pages)), "Manual")
    assert small.good().kept_edits == []
    assert (small.out / "Guide.md").read_text() == "theirs"
    (small.out / "Guide.md").unlink()
    assert tree(small.out) == small.fresh()


@pytest.mark.parametrize("place", ["Manual.md", "Manual"])
def test_what_cannot_be_written_where_it_belongs_now_stays_where_it_was(small: Bench, place: str) -> None:
    small.good()
    before = tree(small.out)
    (small.out / place).write_text("theirs")
    small.space.rename(next(iter(small.space.pages)), "Manual")
    waiting = ["Guide.md"] if place == "Manual.md" else [name for name in before if name.startswith("Guide/")]
    assert waiting
    for _ in range(2):
        report = small.good()
        assert report.kept_edits
        assert all((small.out / name).read_bytes() == before[name] for name in waiting)
        assert report.artifacts.stale == len(waiting)
    remove(small.out / place)
    assert small.good().artifacts.stale == 0
    assert tree(small.out) == small.fresh()


@pytest.mark.parametrize("place", ["Manual.md", "Manual"])
def test_what_stays_where_it_was_is_ours_for_a_run_that_has_no_state(small: Bench, place: str) -> None:
    small.good()
    before = tree(small.out)
    (small.out / place).write_text("theirs")
    small.space.rename(next(iter(small.space.pages)), "Manual")
    waiting = small.good().artifacts.stale
    for _ in range(2):
        shutil.rmtree(small.folder / "state")
        report = small.good()
        assert report.kept_edits
        assert report.artifacts.stale == waiting
        assert sum(tree(small.out).get(name) == content for name, content in before.items()) >= waiting
    remove(small.out / place)
    assert small.good().artifacts.stale == 0
    assert tree(small.out) == small.fresh()


def test_a_page_that_goes_leaves_what_stood_in_its_way(small: Bench) -> None:
    (small.out / "Other.md").write_text("theirs")
    small.good()
    small.space.trash(list(small.space.pages)[2])
    for _ in range(2):
        assert small.good().kept_edits == []
        assert (small.out / "Other.md").read_text() == "theirs"


def test_a_file_in_the_way_is_overwritten_where_that_is_wanted_and_a_folder_is_not(small: Bench) -> None:
    (small.out / "Guide.md").write_text("theirs")
    (small.out / "Other.md").mkdir()
    small.good()
    assert small.good(export__on_edit="overwrite").kept_edits == ["fs: Other.md"]
    assert b"about it" in tree(small.out)["Guide.md"]


def test_a_foreign_file_that_becomes_what_belongs_there_is_taken_for_ours(small: Bench) -> None:
    (small.out / "Guide.md").write_text("theirs")
    small.good()
    (small.out / "Guide.md").write_bytes(small.fresh()["Guide.md"])
    assert small.good().kept_edits == []
    assert tree(small.out) == small.fresh("again")


def test_an_old_text_of_ours_that_somebody_brings_back_is_made_new(small: Bench) -> None:
    small.good()
    path = small.out / "Guide.md"
    old = small.folder / "old.md"
    shutil.move(path, old)
    path.write_text("mine")
    small.space.append_block(next(iter(small.space.pages)), block("paragraph", "new words"))
    assert small.good().kept_edits == ["fs: Guide.md"]
    shutil.move(old, path)
    assert small.good().kept_edits == []
    assert tree(small.out) == small.fresh()


def test_a_check_names_the_page_without_a_file_and_a_repair_leaves_what_is_in_its_way(small: Bench) -> None:
    (small.out / "Guide.md").write_text("theirs")
    small.good()
    found = [finding for finding in inspect(small.job()).findings if finding.is_damage]
    assert [(finding.kind, finding.where) for finding in found] == [("no file", next(iter(small.space.pages)))]
    assert repair(small.job()).damaged
    assert (small.out / "Guide.md").read_text() == "theirs"


@pytest.mark.parametrize("planted", [name for name in PLANTED if "second name" not in name and "file" not in name])
@pytest.mark.parametrize("place", ["manifest.jsonl", "staging", "lock"])
def test_what_stands_in_the_place_of_our_own_files_ends_the_run_in_words(
    small: Bench, planted: str, place: str
) -> None:
    (small.out / ".notion-sync").mkdir()
    PLANTED[planted](small.out / ".notion-sync" / place)
    report = small.run()
    if (place, planted) in {("staging", "a folder"), ("lock", "a pipe")} or (
        place == "staging" and "with some" in planted
    ):
        assert report.status == "complete"
        return
    assert report.exit_code == Exit.SINK
    assert place in report.error.message
    assert report.error.remedy
    assert not list((small.folder / "outside").glob("*[!d]"))


BAD = {
    "a path that leads out": {"sha256": {"../precious.md": "0"}},
    "an absolute path": {"sha256": {"/etc/passwd": "0"}},
    "a path with a NUL": {"sha256": {"a\0b": "0"}},
    "an empty path": {"sha256": {"": "0"}},
    "an asset that leads out": {"assets": ["assets/../../precious.md"]},
    "an asset that is a number": {"assets": [1]},
    "assets that are a number": {"assets": 1},
    "paths that are a list": {"paths": [1]},
    "an id that is a list": {"id": [1]},
    "no title": {"title": None},
    "a kind of its own": {"kind": "zqx"},
    "a hash that is a list": {"sha256": {"a.md": []}},
}


@pytest.mark.parametrize("bad", BAD)
def test_a_manifest_that_somebody_wrote_is_refused_in_words(small: Bench, bad: str) -> None:
    import orjson

    small.good()
    path = small.out / ".notion-sync" / "manifest.jsonl"
    header, entry, *_ = path.read_bytes().splitlines()
    path.write_bytes(header + b"\n" + orjson.dumps({**orjson.loads(entry), **BAD[bad]}) + b"\n")
    shutil.rmtree(small.folder / "state")
    report = small.run()
    assert report.exit_code == Exit.STATE
    assert "line 2" in report.error.message
    assert "Move that file away" in report.error.remedy


@pytest.mark.parametrize("header", [b'{"schema": "x", "job": "y"}', b'{"schema": null}', b"[]", b'{"files": 3}'])
def test_a_manifest_with_an_odd_header_is_refused_in_words(small: Bench, header: bytes) -> None:
    small.good()
    path = small.out / ".notion-sync" / "manifest.jsonl"
    path.write_bytes(header + b"\n")
    shutil.rmtree(small.folder / "state")
    assert small.run().exit_code == Exit.STATE


# -- what is in the way and our own


@pytest.mark.parametrize("mode", ["sync", "export"])
def test_a_page_whose_folder_is_called_like_its_old_file_keeps_its_children(small: Bench, mode: str) -> None:
    small.good()
    guide = next(each for each in small.space.pages if small.space.title(each) == "Guide")
    for name in (
        "Guide.md",
        "Guide",
    ):  # there, and back: once a file is in the way of a folder, once a folder of a file
        small.space.rename(guide, name)
        report = small.good(mode)
        assert (report.kept_edits, report.warnings) == ([], [])
        assert {f"{name}.md", f"{name}/Kid.md"} <= set(tree(small.out))
    small.good()
    assert tree(small.out) == small.fresh()


def test_a_page_that_takes_the_place_of_one_in_the_trash_is_written_in_the_same_sync(small: Bench) -> None:
    small.good()
    guide, other = (
        next(each for each in small.space.pages if small.space.title(each) == title) for title in ("Guide", "Other")
    )
    small.space.trash(other)
    small.space.rename(guide, "Other.md")
    assert small.good("export").kept_edits == ["fs: Other.md/Kid.md"], "an export deletes no page's last copy"
    assert small.good().kept_edits == []
    assert tree(small.out) == small.fresh()


def test_a_file_of_ours_that_somebody_edited_stays_in_the_way_and_is_told(small: Bench) -> None:
    small.good()
    guide = next(each for each in small.space.pages if small.space.title(each) == "Guide")
    (small.out / "Guide.md").write_text("mine")
    small.space.rename(guide, "Guide.md")
    for _ in range(2):
        assert "fs: Guide.md/Kid.md" in small.good().kept_edits
        assert (small.out / "Guide.md").read_text() == "mine"
    (small.out / "Guide.md").unlink()
    small.good()
    assert tree(small.out) == small.fresh()


def test_a_run_that_ends_before_it_made_way_is_made_good_by_the_next(small: Bench) -> None:
    small.good()
    guide = next(each for each in small.space.pages if small.space.title(each) == "Guide")
    small.space.rename(guide, "Guide.md")
    with mock.patch.object(Pruner, "make_way", side_effect=SinkError("gone", "")):
        assert small.run().exit_code == Exit.SINK
    assert small.good().kept_edits == []
    assert tree(small.out) == small.fresh()


def test_a_page_that_waits_for_a_file_which_may_not_be_deleted_is_told_in_each_run(small: Bench) -> None:
    crowd = [small.space.add_page(None, f"Page {number}", [block("paragraph", "words")]) for number in range(12)]
    small.good()
    guide = next(each for each in small.space.pages if small.space.title(each) == "Guide")
    for each in crowd:
        small.space.trash(each)
    small.space.rename(guide, "Page 3.md")
    for _ in range(2):
        report = small.run()
        assert (report.exit_code, report.kept_edits) == (Exit.GUARD, ["fs: Page 3.md/Kid.md"])
        assert "Page 3.md is to be deleted first" in report.warnings[-1]["message"]
        assert report.warnings[-1]["title"] == "Kid"
        assert b"words" in tree(small.out)["Page 3.md"]
    assert small.good(export__max_delete=1.0).kept_edits == []
    assert tree(small.out) == small.fresh()


# -- what plan says of it


@pytest.mark.parametrize(("place", "planted"), [each for each in IN_THE_WAY if each[0] != "assets"])
def test_a_plan_does_not_name_a_page_that_something_of_others_keeps_from_being_written(
    small: Bench, place: str, planted: str
) -> None:
    small.good()
    remove(small.out / place)
    PLANTED[planted](small.out / place)
    for _ in range(2):
        assert preview(small.job()).changes == []
        assert small.good().artifacts.written == 0


@pytest.mark.parametrize("mine", ["", "mine.txt"])
def test_a_plan_names_what_waits_for_our_own_files_and_not_what_waits_for_those_of_others(
    small: Bench, mine: str
) -> None:
    guide = next(each for each in small.space.pages if small.space.title(each) == "Guide")
    small.space.rename(guide, "Guide.md")
    small.good()
    if mine:
        (small.out / "Guide.md" / mine).write_text("mine")
    small.space.rename(guide, "Guide")
    planned = {(change.action, change.path) for change in preview(small.job()).changes}
    report = small.good()
    there = {"Guide.md", "Guide/Kid.md"} & set(tree(small.out))
    assert {path for _, path in planned} == there | ({"Guide.md"} if mine else set())
    assert bool(report.kept_edits) == bool(mine)
