"""What a run reads is kept, in an order that no crash can turn round; and whether it is kept changes nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench
from faults.small import Time
from history.as_it_was import as_of, files
from notion_sync_core.errors import StateError
from notion_sync_core.history import blobs
from notion_sync_core.history.blobs import LARGE, SMALL, Blobs
from notion_sync_core.history.looking import kept
from notion_sync_core.history.records import Version
from notion_sync_core.history.store import Store
from notion_sync_core.state.database import Database
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block

ALL = {"export.renderers": ["markdown", "html", "json"], "export.comments": True}
OFF = {"history.enabled": False}


def folder_of(bench: Bench) -> Path:
    return bench.job().history_folder()


def test_a_version_that_a_row_names_exists_before_the_row_does(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put, checked = Store.put, []

    def looking(store: Store, versions: list[Version]) -> None:
        for each in versions:
            if each.sha256:
                assert Blobs(store.path.parent / "blobs", store).size(each.sha256) == each.size
                checked.append(each.sha256)
        put(store, versions)

    monkeypatch.setattr(Store, "put", looking)
    bench.good(**ALL)
    assert len(checked) >= 41


def test_a_row_exists_before_the_state_says_that_its_document_was_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.good(**OFF)  # the id of the job is settled
    checkpoint, folder, seen = Database.checkpoint, folder_of(bench), []

    def looking(database: Database) -> None:
        rows = database.rows("SELECT id FROM objects WHERE copy_edited_time IS NOT NULL")
        with closing(sqlite3.connect(folder / "history.sqlite")) as other:
            there = {each for (each,) in other.execute("SELECT object_id FROM version WHERE sha256 != ''")}
        assert {row["id"] for row in rows} <= there
        seen.append(len(rows))
        checkpoint(database)

    bench.space.add_page(None, "New", [block("paragraph", "words")])
    bench.good(**ALL)
    monkeypatch.setattr(Database, "checkpoint", looking)
    bench.good(options={"full": True}, **ALL)
    assert max(seen) == 42


def test_with_history_or_without_requests_and_files_are_the_same(tmp_path: Path) -> None:
    found = []
    for name, more in (("on", {}), ("off", OFF)):
        clock = Time()
        space = Workspace("Same", seed=3, clock=clock)
        for number in range(30):
            space.add_page(None, f"Page {number}", [block("paragraph", f"Words {number}")])
        with Emulator(space) as emulator:
            bench = Bench(emulator, tmp_path / name)
            for _ in range(2):
                bench.good(**ALL, **more)
                page = next(iter(space.pages))
                clock.now += 3600.0
                space.append_block(page, block("paragraph", "More"))
            paths = sorted(emulator.counters.paths.items())
            found.append((files(bench.out), paths))
    assert found[0] == found[1]
    assert (tmp_path / "off" / "state").is_dir()
    assert not list((tmp_path / "off").rglob("history.sqlite"))


def test_what_was_read_before_there_was_history_becomes_its_first_versions_without_a_request(bench: Bench) -> None:
    bench.good(**ALL, **OFF)
    expected, asked = files(bench.out), bench.requests()
    bench.good("render", **ALL)
    assert bench.requests() == asked
    assert as_of(bench, "1", "old", **ALL) == expected
    assert as_of(bench, "2", "older", **ALL) == expected
    with kept(bench.job()) as history:
        assert [run.number for run in history.store.runs()] == [1]
        made = {each.object_id: each.sha256 for each in history.store.as_of(1)}
    bench.good(options={"full": True}, **ALL)
    with kept(bench.job()) as history:
        again = {each.object_id: each.sha256 for each in history.store.as_of(3)}
    assert again == made, "a version is the same, whether it is made of what was read or of the mirror"


def test_what_changed_while_nothing_was_kept_is_kept_as_soon_as_something_is(bench: Bench) -> None:
    bench.good(**ALL)
    first = files(bench.out)
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Notes")
    bench.space.append_block(page, block("paragraph", "While nobody looked"))
    bench.space.rename(page, "Other notes")
    bench.good(**ALL, **OFF)
    second = files(bench.out)
    bench.good("render", **ALL)
    assert first != second
    assert as_of(bench, "1", "one", **ALL) == first
    assert as_of(bench, "3", "three", **ALL) == second


def test_a_run_that_finds_nothing_new_keeps_nothing(bench: Bench) -> None:
    bench.good(**ALL)
    with kept(bench.job()) as history:
        before = set(history.blobs.all())
    bench.good(**ALL)
    bench.good(options={"full": True}, **ALL)
    with kept(bench.job()) as history:
        assert set(history.blobs.all()) == before
        assert [run.number for run in history.store.runs()] == [1]


def test_a_page_larger_than_memory_should_hold_streams_into_its_version_and_back(tmp_path: Path) -> None:
    space = Workspace("Large")
    page = space.add_page(
        None, "Large", [block("paragraph", f"{number} " + "long words " * 150) for number in range(1500)]
    )
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(**ALL)
        expected = files(bench.out)
        with kept(bench.job()) as history:
            [version] = history.store.of(page)
            lines = list(history.blobs.lines(version.sha256))
        assert sum(len(str(value)) for _, value in lines) > 2 * LARGE
        assert lines[-1][0] == f"o/{page}"
        space.append_block(page, block("paragraph", "The end"))
        bench.good(**ALL)
        assert as_of(bench, "1", "old", **ALL) == expected


def test_files_that_a_version_shows_are_kept_and_shown_as_they_were(tmp_path: Path) -> None:
    space = Workspace("Files")
    page = space.add_page(None, "Pictures")
    with Emulator(space) as emulator:
        bench = Bench(emulator, tmp_path)
        for name, content in (
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("b.png", b"\x89PNG\r\n\x1a\nb"),
        ):
            for each in space.children(page):
                space.delete_block(each["id"])
            media = "image/svg+xml" if name.endswith("svg") else "image/png"
            space.append_block(page, block("image", **space.add_file(name, content, media)))
            bench.good(**ALL)
        now = files(bench.out)
        old, new = as_of(bench, "1", "one", **ALL), as_of(bench, "2", "two", **ALL)
    assert new == now
    assert any(path.endswith(".svg.bin") for path in old)
    assert not any(path.endswith(".png") for path in old)


@pytest.mark.parametrize("small", [0, SMALL], ids=["a file", "beside the rows"])
def test_a_damaged_or_lost_version_is_named_and_harms_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(blobs, "SMALL", small)
    bench.good(**ALL)
    page = next(each for each in bench.space.pages if bench.space.title(each) == "Notes")
    with kept(bench.job()) as history:
        [version] = history.store.of(page)
        path = history.blobs.path(version.sha256)
        assert path.exists() is not bool(small)
        whole = history.store.frame(version.sha256) or path.read_bytes()
        other = next(each for each in history.blobs.all() if each != version.sha256)
    for number, damage in enumerate((b"", b"nonsense", whole[:-9], None)):
        if not small:
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
        else:
            with closing(sqlite3.connect(folder_of(bench) / "history.sqlite")) as database, database:
                database.execute("DELETE FROM frame WHERE sha256 = ?", (version.sha256,))
                if damage is not None:
                    database.execute("INSERT INTO frame VALUES (?, ?)", (version.sha256, damage))
        with pytest.raises(StateError, match="cannot be read"):
            as_of(bench, "1", f"old-{number}", **ALL)
    with kept(bench.job()) as history:
        assert list(history.blobs.lines(other))
        with pytest.raises(StateError, match="not a sha256"):
            history.blobs.path("../../etc/passwd")


def test_a_history_of_a_newer_version_is_refused_and_left_alone(bench: Bench) -> None:
    bench.good()
    path = folder_of(bench) / "history.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    report = bench.run()
    assert report.error is not None
    assert report.error.exit_code == 10
    assert "newer version" in report.error.message


def test_the_store_may_lie_elsewhere_but_never_in_a_sink(bench: Bench, tmp_path: Path) -> None:
    given: dict[str, Any] = {"history.store": str(tmp_path / "versions")}
    bench.good(**given)
    assert len(list((tmp_path / "versions").glob("*/history/history.sqlite"))) == 1
    assert not list((tmp_path / "state").rglob("history.sqlite"))
    report = bench.run(**{"history.store": str(bench.out / "versions")})
    assert report.error is not None
    assert report.error.exit_code == 2


def test_versions_take_little_room(bench: Bench) -> None:
    """At first 15 % of the mirror, which is 4 KB an edited page later; measured on pages with some text."""
    space = bench.space
    pages = [
        space.add_page(
            None, f"Typical {number}", [block("paragraph", f"{number} {each} of the words") for each in range(30)]
        )
        for number in range(150)
    ]
    bench.good()
    history, mirror = room(folder_of(bench)), room(bench.job().folder() / "mirror")
    assert history <= 0.15 * mirror, (history, mirror)
    for page in pages[:30]:
        space.append_block(page, block("paragraph", "One more"))
    bench.good()
    assert (room(folder_of(bench)) - history) / 30 <= 4096


def room(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
