"""The command in the surroundings of services and containers: streams, locales and homes that are not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.test_commands import Shell
from notion_sync_core import Job
from notion_sync_core.errors import ConfigError
from notion_sync_demo import Emulator


@pytest.fixture
def shell(server: Emulator, tmp_path: Path) -> Shell:
    return Shell(tmp_path, server)


def through_bash(shell: Shell, streams: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {streams}', "x", sys.executable, "-m", "notion_sync_core", *arguments],
        cwd=shell.folder,
        env=shell.environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", "0<&- 2>&-"])
def test_whoever_reads_no_messages_gets_the_report_all_the_same(shell: Shell, streams: str) -> None:
    done = through_bash(shell, streams, "sync", "--to", "out", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "complete"


@pytest.mark.parametrize("streams", ["1>&-", "0<&- 1>&- 2>&-"])
def test_without_a_way_out_a_run_is_complete_and_no_file_takes_the_place_of_a_stream(
    shell: Shell, streams: str
) -> None:
    done = through_bash(shell, streams, "sync", "--to", "out", "--json")
    assert (done.returncode, done.stdout) == (0, "")
    assert shell("check", "--to", "out", "--read-data").returncode == 0


def test_a_report_that_finds_no_room_is_told_on_stderr(shell: Shell) -> None:
    done = through_bash(shell, ">/dev/full", "status", "--to", "out", "--json")
    assert done.returncode == 6
    assert "the output cannot be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_accident(shell: Shell) -> None:
    shell("sync", "--to", "out")
    done = through_bash(shell, "> >(exec 0<&-)", "check", "--to", "out", "--json")
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["sync", "--bogus"], ["bogus"], ["sync", "--set", "a"]])
def test_programs_get_json_for_a_mistake_on_the_command_line_too(shell: Shell, arguments: list[str]) -> None:
    done = shell(*arguments, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["exit"] == 2


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_locale_that_knows_ascii_alone_changes_no_name(shell: Shell, server: Emulator) -> None:
    server.workspace.add_page(None, "Büro 事務所")
    done = shell("sync", "--to", "büro", "--json", **ASCII)
    assert done.returncode == 0, done.stderr
    assert b"B\xc3\xbcro \xe4\xba\x8b\xe5\x8b\x99\xe6\x89\x80.md" in os.listdir(os.fsencode(shell.folder / "büro"))
    assert shell("sync", "--to", "büro", "--json").returncode == 0


def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("uid not found")))


def test_without_a_home_one_line_says_where_the_state_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    no_home(monkeypatch)
    with pytest.raises(ConfigError, match="no home folder") as raised:
        Job.load(use_default_file=False).home  # noqa: B018
    assert "deployment.state_dir" in raised.value.remedy
    assert "XDG_STATE_HOME" in raised.value.remedy


def test_without_a_home_a_state_folder_that_is_named_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_home(monkeypatch)
    assert Job.load(use_default_file=False, flags={"deployment.state_dir": str(tmp_path)}).home == tmp_path
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Job.load(use_default_file=False).home == tmp_path / "notion-sync"
    with pytest.raises(ConfigError, match=r"deployment\.state_dir '~/s' begins with a home"):
        Job.load(use_default_file=False, flags={"deployment.state_dir": "~/s"}).home  # noqa: B018


def test_a_home_that_is_no_place_leaves_no_cache_in_the_current_folder(shell: Shell, tmp_path: Path) -> None:
    shell("plugins", "list", HOME="here")
    assert not (tmp_path / "here").exists()
