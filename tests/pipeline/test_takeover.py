"""The sink is believed: what its manifest names is ours, whatever became of the state; and one workspace stays one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import orjson
import pytest

from conftest import Bench, tree
from notion_sync_core.errors import Exit
from notion_sync_core.inspection import inspect, repair
from notion_sync_core.preview import preview
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.build import block


@pytest.fixture
def page(bench: Bench) -> str:
    """A page whose text both runs change."""
    return next(each for each, raw in bench.space.pages.items() if title(raw) == "Safety")


def title(raw: dict[str, object]) -> str:
    properties = raw["properties"]
    assert isinstance(properties, dict)
    found = next(value for value in properties.values() if value["type"] == "title")
    return "".join(item["plain_text"] for item in found["title"])


def say(bench: Bench, page: str, text: str) -> None:
    bench.space.append_block(page, block("paragraph", text))


def file_of(bench: Bench) -> Path:
    return next(bench.out.rglob("Safety.md"))


def keep(bench: Bench) -> Path:
    return Path(shutil.copytree(bench.folder / "state", bench.folder / "old"))


def fall_behind(bench: Bench, page: str) -> None:
    """The state is of the first of two runs; the sink holds what the second wrote."""
    bench.good()
    old = keep(bench)
    say(bench, page, "second")
    bench.good()
    bring_back(bench, old)


def bring_back(bench: Bench, old: Path) -> None:
    shutil.rmtree(bench.folder / "state")
    shutil.copytree(old, bench.folder / "state")


def test_a_state_that_is_older_than_the_sink_takes_no_file_of_ours_for_an_edit(bench: Bench, page: str) -> None:
    fall_behind(bench, page)
    say(bench, page, "third")

    report = bench.good()

    assert "third" in file_of(bench).read_text()
    assert report.artifacts.kept_edits == 0
    assert any(
        "another run wrote there (generation 2, this state knew of 1)" in each["message"] for each in report.warnings
    )
    assert tree(bench.out) == bench.fresh()
    assert not bench.good().warnings


def test_what_somebody_edited_is_kept_by_an_older_state_too(bench: Bench, page: str) -> None:
    bench.good()
    old = keep(bench)
    say(bench, page, "second")
    bench.good()
    file_of(bench).write_text("mine")
    bring_back(bench, old)
    say(bench, page, "third")
    assert [bench.good().artifacts.kept_edits for _ in range(3)] == [1, 1, 1]
    assert file_of(bench).read_text() == "mine"


def test_a_sink_that_is_older_than_the_state_is_brought_up_to_date(bench: Bench, page: str) -> None:
    bench.good()
    shutil.copytree(bench.out, bench.folder / "backup")
    bench.space.rename(page, "Safety first")
    say(bench, page, "second")
    bench.good()
    shutil.rmtree(bench.out)
    (bench.folder / "backup").rename(bench.out)

    report = bench.good()

    assert report.artifacts.kept_edits == 0
    assert tree(bench.out) == bench.fresh()


@pytest.mark.parametrize("older", ["sink", "state"])
@pytest.mark.parametrize("renderer", ["markdown", "html"])
def test_where_another_page_has_the_name_now_both_have_a_file(
    bench: Bench, page: str, older: str, renderer: str
) -> None:
    """What the older one says of a path is true of a document that stands elsewhere now."""
    given = {"export__renderers": [renderer]}
    bench.good(**given)
    kept = Path(shutil.copytree(bench.out if older == "sink" else bench.folder / "state", bench.folder / "kept"))
    name = title(bench.space.pages[page])
    parent = bench.space.pages[page]["parent"]["page_id"]
    bench.space.rename(page, f"{name}, as it was")
    bench.space.add_page(parent, name)
    bench.good(**given)
    place = bench.out if older == "sink" else bench.folder / "state"
    shutil.rmtree(place)
    kept.rename(place)

    bench.good(**given)

    assert tree(bench.out) == bench.fresh(**given)


def test_two_machines_in_turn_write_what_one_would(bench: Bench, page: str) -> None:
    for number in range(3):
        for machine in ("state", "other"):
            say(bench, page, f"{number} for {machine}")
            report = bench.good(state=machine)
            assert report.artifacts.kept_edits == 0
            assert f"{number} for {machine}" in file_of(bench).read_text()
    assert tree(bench.out) == bench.fresh()


def test_a_run_that_has_nothing_to_say_leaves_the_manifest_as_it_is(bench: Bench) -> None:
    bench.good()
    manifest = bench.out / ".notion-sync" / "manifest.jsonl"
    before = manifest.stat().st_mtime_ns, manifest.read_bytes()
    bench.good()
    bench.good(state="lost")
    assert (manifest.stat().st_mtime_ns, manifest.read_bytes()) == before
    assert orjson.loads(before[1].splitlines()[0])["generation"] == 1


@pytest.mark.parametrize("mode", ["render", "repair"])
def test_an_older_mirror_does_not_write_over_what_is_newer(bench: Bench, page: str, mode: str) -> None:
    fall_behind(bench, page)
    before = tree(bench.out)

    report = bench.run(mode)

    assert report.exit_code == Exit.STATE
    assert "written by a later run (generation 2)" in str(report.error)
    assert tree(bench.out) == before


def test_a_check_with_an_older_state_finds_no_damage_where_none_is(bench: Bench, page: str) -> None:
    fall_behind(bench, page)
    assert [finding.kind for finding in inspect(bench.job()).findings] == ["later run"]
    before = tree(bench.out)
    assert not repair(bench.job()).damaged
    assert tree(bench.out) == before
    file_of(bench).unlink()
    assert [finding.kind for finding in inspect(bench.job()).findings] == ["later run", "missing"]


def test_a_plan_with_an_older_state_says_what_the_sync_does(bench: Bench, page: str) -> None:
    fall_behind(bench, page)
    say(bench, page, "third")
    assert [change.title for change in preview(bench.job()).changes] == ["Safety"]


# -- a folder and its copy


def test_a_folder_that_was_moved_goes_on_without_reading_again(bench: Bench) -> None:
    bench.good()
    bench.out.rename(bench.folder / "moved")
    report = bench.good(to=bench.folder / "moved")
    assert (report.objects.read, report.artifacts.written) == (0, 0)


def test_a_copy_beside_its_original_becomes_a_job_of_its_own(bench: Bench, page: str) -> None:
    first = bench.good()
    copy = bench.folder / "copy"
    shutil.copytree(bench.out, copy)
    assert not inspect(bench.job(to=copy)).repaired
    say(bench, page, "only the original is synced")
    bench.good()

    report = bench.good(to=copy)

    assert report.job != first.job
    assert report.artifacts.kept_edits == 0
    assert any("it is a copy" in each["message"] for each in report.warnings)
    assert tree(copy) == tree(bench.out)
    assert [bench.good(to=each).job for each in (bench.out, copy)] == [first.job, report.job]


def test_the_same_folder_by_another_way_is_no_copy(bench: Bench) -> None:
    first = bench.good()
    (bench.folder / "link").symlink_to(bench.folder, target_is_directory=True)
    assert bench.good(to=bench.folder / "link" / "out").job == first.job


# -- one workspace


@pytest.fixture
def stranger(tmp_path: Path) -> Bench:
    """Another workspace, with a page whose title is known here."""
    space = Workspace("Bob", seed=7)
    space.add_page(None, "Safety", [block("paragraph", "Bob's")])
    return Bench(Emulator(space, token="bob"), tmp_path)


@pytest.mark.parametrize("lost", ["", "state"])
@pytest.mark.parametrize("mode", ["sync", "export", "adopt"])
def test_a_token_of_another_workspace_changes_nothing(bench: Bench, stranger: Bench, lost: str, mode: str) -> None:
    bench.good()
    if lost:
        shutil.rmtree(bench.folder / "state")
    before, state = tree(bench.out), tree(bench.folder / "state")
    with stranger.emulator:
        options = {"adopt": True} if mode == "adopt" else {}
        report = stranger.run("sync" if mode == "adopt" else mode, options=options)
    assert report.exit_code == Exit.STATE
    assert "the workspace 'Bob'" in str(report.error)
    assert stranger.emulator.counters.total == 1
    assert tree(bench.out) == before
    if not lost:
        unchanged = {name: content for name, content in tree(bench.folder / "state").items() if name in state}
        others = {name.rpartition("/")[2] for name in unchanged if unchanged[name] != state[name]}
        assert others <= {"lock", "cache.db", "components.json"}  # of these the last tells how the process was
    again = bench.good()
    assert not again.objects.deleted
    assert tree(bench.out) == before


def test_another_connection_of_the_same_workspace_is_told(bench: Bench) -> None:
    bench.good()
    bench.space.users["b" * 32] = {**bench.space.users[bench.space.bot_id], "id": "b" * 32}
    bench.space.bot_id = "b" * 32
    assert any("another connection" in each["message"] for each in bench.good().warnings)
    assert not bench.good().warnings


def test_a_renamed_workspace_is_the_same(bench: Bench) -> None:
    bench.good()
    bench.space.name = "Renamed"
    assert not bench.good().warnings


# -- git, which changes line ends


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("lost", ["", "state"])
def test_line_ends_that_git_changed_are_nobodys_edit(bench: Bench, page: str, ends: bytes, lost: str) -> None:
    bench.good()
    if lost:
        shutil.rmtree(bench.folder / "state")
    for file in bench.out.rglob("*"):
        if file.suffix in (".md", ".csv", ".jsonl"):
            file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", ends))
    before = tree(bench.out)
    assert bench.good().artifacts.kept_edits == 0
    assert tree(bench.out) == before, "nothing is written while nothing is new"
    assert not inspect(bench.job(), read_data=True).findings

    say(bench, page, "newer")

    assert bench.good().artifacts.kept_edits == 0
    assert "newer" in file_of(bench).read_text()


def test_an_edit_in_a_file_whose_line_ends_changed_too_is_kept(bench: Bench, page: str) -> None:
    bench.good()
    file_of(bench).write_bytes(file_of(bench).read_bytes().replace(b"\n", b"\r\n") + b"mine\r\n")
    say(bench, page, "newer")
    assert bench.good().artifacts.kept_edits == 1
    assert file_of(bench).read_bytes().endswith(b"mine\r\n")


@pytest.mark.parametrize("generation", [-1, True, None, "9", 1 << 53, (1 << 64) - 1, 10**30])
def test_a_generation_that_no_run_could_have_is_none(bench: Bench, generation: object) -> None:
    bench.good()
    manifest = bench.out / ".notion-sync" / "manifest.jsonl"
    head, rest = manifest.read_text().split("\n", 1)
    manifest.write_text(json.dumps({**json.loads(head), "generation": generation}) + "\n" + rest)
    assert bench.good().artifacts.kept_edits == 0
    assert bench.good().exit_code == Exit.COMPLETE
