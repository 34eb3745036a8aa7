"""``history`` and ``render --as-of`` as a person types them: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import tree
from notion_sync_demo import Emulator
from notion_sync_demo.build import block
from shell import Shell

PATH = "Fernwood Bikes Handbook/Notes.md"


@pytest.fixture
def shell(server: Emulator, tmp_path: Path) -> Shell:
    return Shell(tmp_path, server)


@pytest.fixture
def page(shell: Shell, server: Emulator) -> str:
    """Two runs, between which a page was edited."""
    space = server.workspace
    found = next(each for each in space.pages if space.title(each) == "Notes")
    assert shell("sync", "--to", "backup").returncode == 0
    space.append_block(found, block("paragraph", "Added later"))
    assert shell("sync", "--to", "backup").returncode == 0
    return str(found)


def test_without_history_each_command_says_so_and_ends_with_ten(shell: Shell) -> None:
    for words in (
        ("history",),
        ("history", "show", "x", "--as-of", "1"),
        ("history", "diff", "x", "--from", "1"),
        ("history", "prune"),
        ("history", "erase", "x", "--yes"),
        ("render", "--as-of", "1", "--to", "old"),
    ):
        done = shell(*words)
        assert done.returncode == 10, words
        assert "there is no history" in done.stderr
    assert shell("sync", "--to", "backup", "--set", "history.enabled=false").returncode == 0
    done = shell("history", "--of", "backup", "--set", "history.enabled=false")
    assert done.returncode == 10
    assert "history.enabled is false" in done.stderr
    assert "none is kept" in shell("status", "--to", "backup", "--set", "history.enabled=false").stdout


def test_runs_and_versions_are_listed(shell: Shell, page: str) -> None:
    lines = shell("history", "--of", "backup").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert lines[1].endswith("1 changed")
    for name in (page, page.replace("-", ""), PATH, f"https://www.notion.so/Notes-{page.replace('-', '')}"):
        found = json.loads(shell("history", name, "--of", "backup", "--json").stdout)
        assert [(each["run"], each["title"]) for each in found["versions"]] == [(1, "Notes"), (2, "Notes")]
        assert shell("history", name, "--to", "backup").stdout.count("Handbook/Notes") == 2
    runs = json.loads(shell("history", "--of", "backup", "--json").stdout)["runs"]
    assert [(each["run"], each["mode"]) for each in runs] == [(1, "sync"), (2, "sync")]
    done = shell("history", "No such page.md", "--of", "backup")
    assert (done.returncode, done.stdout) == (10, "")


def test_a_version_is_shown_and_compared(shell: Shell, page: str) -> None:
    now = (shell.folder / "backup" / PATH).read_text()
    assert shell("history", "show", PATH, "--as-of", "2", "--of", "backup").stdout == now
    old = shell("history", "show", page, "--as-of", "1", "--of", "backup")
    assert "Added later" not in old.stdout
    assert "after run 1" in old.stderr
    said = json.loads(shell("history", "show", page, "--as-of", "1", "--of", "backup", "--json").stdout)
    assert said["text"] == old.stdout
    assert said["run"] == 1
    html = shell("history", "show", page, "--as-of", "1", "--of", "backup", "--renderer", "html").stdout
    assert html.startswith("<!DOCTYPE html>")
    lines = shell("history", "diff", page, "--from", "1", "--to", "2", "--of", "backup").stdout.splitlines()
    assert lines[:2] == ["--- run 1", "+++ run 2"]
    assert "+Added later" in lines
    assert shell("history", "diff", page, "--from", "2", "--of", "backup").stdout == ""
    assert (
        "+Added later"
        in json.loads(shell("history", "diff", page, "--from", "1", "--of", "backup", "--json").stdout)["diff"]
    )


@pytest.mark.parametrize(
    ("when", "exit", "said"),
    [
        ("yesterday", 2, "no moment"),
        ("2026-13-01", 2, "no moment"),
        ("99", 2, "no run 99"),
        ("2020-01-01", 10, "history begins with run 1"),
        ("2020-01-01T10:00+02:00", 10, "history begins with run 1"),
        ("9999d", 10, "history begins with run 1"),
        ("0", 10, "history begins with run 1"),
    ],
)
def test_a_moment_of_which_nothing_is_kept_is_told_from_one_that_is_none(
    shell: Shell, page: str, when: str, exit: int, said: str
) -> None:
    for words in (("history", "show", page), ("render", "--to", "old")):
        done = shell(*words, "--as-of", when, "--of", "backup")
        assert (done.returncode, done.stdout) == (exit, "")
        assert said in done.stderr
    assert not (shell.folder / "old").exists()


def test_the_workspace_as_it_was_lands_in_an_empty_folder_and_nowhere_else(shell: Shell, page: str) -> None:
    before = tree(shell.folder / "backup")
    done = shell("render", "--as-of", "0m", "--to", "now", "--of", "backup")
    assert done.returncode == 0, done.stderr
    assert "after run 2" in done.stdout
    now = tree(shell.folder / "now")
    assert now == {path: content for path, content in before.items() if not path.startswith(".notion-sync/")}
    said = json.loads(shell("render", "--as-of", "1", "--to", "old", "--of", "backup", "--json").stdout)
    assert (said["run"], said["objects"], said["failed"]) == (1, 41, [])
    assert tree(shell.folder / "old") != now
    assert tree(shell.folder / "backup") == before
    for to in ("old", "backup"):
        done = shell("render", "--as-of", "1", "--to", to, "--of", "backup")
        assert done.returncode == 2
        assert "not empty" in done.stderr or "where the job writes" in done.stderr
    assert shell("render", "--as-of", "1", "--of", "backup").returncode == 2
    assert shell("render", "--of", "backup").returncode == 2
    assert shell("render", "--as-of", "1", "--to", "s3://bucket/x", "--of", "backup").returncode == 2


def test_status_and_doctor_say_what_is_kept(shell: Shell, page: str) -> None:
    lines = shell("status", "--to", "backup").stdout
    assert "History: 4" in lines
    assert "kept is all:7d day:30d" in lines
    assert json.loads(shell("status", "--to", "backup", "--json").stdout)["history"]["versions"] >= 42
    assert "history:" in shell("doctor", "--to", "backup").stdout


def test_erasing_asks_first(shell: Shell, server: Emulator, page: str) -> None:
    server.workspace.trash(page)
    assert shell("sync", "--to", "backup", "--set", "export.max_delete=1").returncode == 0
    done = shell("history", "erase", page, "--of", "backup")
    assert done.returncode == 130
    assert "Erase 2 versions of 'Notes'" in done.stderr
    assert shell("history", page, "--of", "backup").returncode == 0
    done = shell("history", "erase", page, "--of", "backup", "--yes")
    assert done.returncode == 0
    assert "Erased 2 versions of Notes" in done.stdout
    assert shell("history", page, "--of", "backup").returncode == 10
    said = json.loads(shell("history", "prune", "--of", "backup", "--dry-run", "--json").stdout)
    assert (said["dry_run"], said["versions"]) == (True, 0)
    assert "Forgotten: 0 runs" in shell("history", "prune", "--of", "backup").stdout
