"""Files whose address is new though their object's time did not move: a rollup changed, the service moved its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_demo import Emulator, Workspace, sample_workspace
from notion_sync_demo.build import block, media, rich, schema, value


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Bench]:
    """Rows with a file each as icon, cover and in a property, one that shows the files of others, and a plain page."""
    space = Workspace()
    _, (source,) = space.add_database(
        None, "Photos", {"Photos": [schema("Name", "title"), schema("Files", "files"), schema("All", "rollup")]}
    )
    for name in ("Sea", "Hills"):
        file = space.add_file(f"{name}.png", name.encode(), "image/png")
        row = space.add_row(
            source,
            {"Name": rich(name), "Files": [{"name": f"{name}.png", **file}]},
            [media("image", space.add_file(f"{name}-inside.png", f"{name} inside".encode()))],
            icon=space.add_file(f"{name}-icon.png", f"{name} icon".encode(), "image/png"),
        )
        space.pages[row]["cover"] = space.add_file(f"{name}-cover.png", f"{name} cover".encode(), "image/png")
    space.add_row(source, {"Name": rich("Album")}, [block("paragraph", "Of all")])
    show(space, [space.add_file("first.png", b"first", "image/png")])
    space.add_page(None, "Plain", [block("paragraph", "No files")])
    with Emulator(space) as emulator:
        yield Bench(emulator, tmp_path)


def show(space: Workspace, files: list[dict[str, Any]]) -> None:
    """Let the album's rollup show other files: that moves no time, for they are those of other pages."""
    album = next(page for page in space.pages.values() if space.title(page["id"]) == "Album")
    items = [value("files", "", [{"name": f"{number}.png", **each}]) for number, each in enumerate(files)]
    album["properties"]["All"]["rollup"] = {"type": "array", "array": items, "function": "show_original"}


def settled(bench: Bench) -> int:
    """Sync until nothing is read again.

    :returns: what the last sync asked.
    """
    for _ in range(3):
        before = bench.requests()
        if not bench.good("sync").objects.read:
            return bench.requests() - before
    raise AssertionError("something is read again and again")


def texts(bench: Bench) -> str:
    return "".join(path.read_text() for path in bench.out.rglob("*") if path.suffix in (".md", ".csv", ".html"))


@pytest.mark.parametrize("renderer", ["markdown", "html"])
def test_files_that_the_service_moved_are_fetched_from_where_they_are_now(photos: Bench, renderer: str) -> None:
    given = {"export__renderers": [renderer]}
    photos.good("sync", **given)
    before = tree(photos.out)
    with Emulator(photos.space) as elsewhere:
        moved = Bench(elsewhere, photos.folder)
        report = moved.good("sync", **given)
        assert (report.artifacts.written, report.objects.read) == (0, 3), "the page without files is not read again"
        assert report.assets.downloaded == 9
        assert tree(photos.out) == before
        assert photos.emulator.url not in texts(photos) and elsewhere.url not in texts(photos)
        assert moved.good("sync", **given).objects.read == 0, "what is known by its new address is not asked for again"


def test_a_file_that_a_rollup_shows_is_fetched_when_it_comes_and_goes_when_it_goes(photos: Bench) -> None:
    usual = settled(photos)
    for files in ([("second.png", b"second")], [("third.png", b"third"), ("fourth.png", b"fourth")], []):
        show(photos.space, [photos.space.add_file(*each, "image/png") for each in files])
        report = photos.good("sync")
        assert (report.objects.read, report.assets.downloaded) == (1, len(files))
        assert photos.emulator.url not in texts(photos)
        assert tree(photos.out) == photos.fresh(f"fresh-{len(files)}")
        before = photos.requests()
        assert photos.good("sync").objects.read == 0
        assert photos.requests() - before == usual, "an unchanged sync costs what it did"


def test_a_run_that_is_stopped_before_it_fetched_a_new_file_leaves_it_to_the_next(photos: Bench) -> None:
    usual = settled(photos)
    for number in range(1, usual + 3):
        name = f"late {number}.png"
        show(photos.space, [photos.space.add_file(name, name.encode(), "image/png")])
        photos.run("sync", options={"max_requests": number})
        photos.good("sync")
        assert tree(photos.out) == photos.fresh(f"fresh-{number}"), f"stopped after {number} requests"


def test_without_files_to_fetch_nothing_is_read_for_their_addresses(photos: Bench) -> None:
    photos.good("sync", export__assets=False)
    with Emulator(photos.space) as elsewhere:
        assert Bench(elsewhere, photos.folder).good("sync", export__assets=False).objects.read == 0


def test_files_that_are_wanted_after_all_are_fetched(photos: Bench) -> None:
    photos.good("sync", export__assets=False)
    assert photos.emulator.url in texts(photos)
    report = photos.good("sync")
    assert (report.objects.read, report.assets.downloaded) == (3, 9), "the page without files is not read again"
    assert tree(photos.out) == photos.fresh()
    assert photos.good("sync").objects.read == 0


def test_the_sample_workspace_at_another_address_is_the_same_tree(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with Emulator(sample_workspace()) as server:
            found.append((Bench(server, tmp_path).good("sync").artifacts.written, tree(tmp_path / "out")))
    assert found[1] == (0, found[0][1])
