"""The commands as a new user meets them: help, the happy path, and mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import tree
from notion_sync_demo import Emulator


class Shell:
    """Runs the installed command in an empty folder."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.folder = folder
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NOTION_")},
            "HOME": str(folder / "home"),
            "NOTION_TOKEN": server.token,
            "NOTION_SYNC_NOTION__BASE_URL": server.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "COLUMNS": "200",
        }
        (folder / "home").mkdir()

    def __call__(self, *arguments: str, **environ: str | None) -> subprocess.CompletedProcess[str]:
        merged = {**self.environ, **environ}
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", *arguments],
            cwd=self.folder,
            env={name: value for name, value in merged.items() if value is not None},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done


@pytest.fixture
def shell(server: Emulator, tmp_path: Path) -> Shell:
    return Shell(tmp_path, server)


COMMANDS = ["demo", "export", "sync", "render", "status", "doctor", "plugins list", "config show", "config check"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(shell: Shell, command: str) -> None:
    done = shell(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout


def imported_by(code: str) -> set[str]:
    """What a fresh interpreter has imported after this code, but for the standard library."""
    script = f"import sys\nbefore = set(sys.modules)\ntry:\n    {code}\nexcept SystemExit: pass\n"
    script += "print(*(name for name in sys.modules if name not in before and "
    script += "name.partition('.')[0] not in sys.stdlib_module_names))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_click_and_of_ours_the_group_alone() -> None:
    found = imported_by("from notion_sync_core.cli import main; sys.argv = ['notion-sync', '--help']; main()")
    ours = {name for name in found if name.startswith("notion_sync")}
    assert {name.partition(".")[0] for name in found - ours} == {"click"}
    assert ours == {f"notion_sync_core{rest}" for rest in ("", "._version", ".cli", ".cli.streams", ".errors")}


def test_what_a_command_does_not_need_its_help_does_not_import() -> None:
    found = imported_by("from notion_sync_core.cli import main; sys.argv = ['notion-sync', 'export', '--help']; main()")
    assert not {"requests", "jinja2", "yaml", "rich", "boto3", "notion_sync_markdown"} & found


def test_demo_exports_without_a_token_and_says_what_to_try_next(shell: Shell) -> None:
    done = shell("demo", NOTION_TOKEN=None)
    assert done.returncode == 0
    assert "What to try next" in done.stdout
    place = shell.folder / "notion-sync-demo"
    assert (place / "Fernwood Bikes Handbook.md").exists()
    assert (place / ".notion-sync" / "manifest.jsonl").exists()
    before = tree(place)
    again = shell("demo", "--json", NOTION_TOKEN=None)
    assert json.loads(again.stdout)["artifacts"]["written"] == 0
    assert tree(place) == before


def test_export_prints_json_alone_on_stdout(shell: Shell) -> None:
    done = shell("export", "--to", "out", "--json", "--progress", "plain")
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"]) == (0, "complete")
    assert "requests" in done.stderr


def test_progress_as_json_is_one_event_a_line(shell: Shell) -> None:
    done = shell("export", "--to", "out", "--progress", "json", "-q", "--json")
    assert done.stderr == ""
    done = shell("sync", "--to", "out", "--progress", "json", "--json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[0]["event"] == "RunStarted"
    assert events[-1]["event"] == "RunFinished"


def test_sync_render_and_status_go_together(shell: Shell) -> None:
    assert "never ran here" in shell("status", "--to", "out").stdout
    assert shell("sync", "--to", "out", "-q").returncode == 0
    before = tree(shell.folder / "out")
    assert shell("render", "--to", "out").returncode == 0
    assert tree(shell.folder / "out") == before
    facts = json.loads(shell("status", "--to", "out", "--json").stdout)
    assert facts["runs"] == 2
    assert facts["objects"]["read"] == 41
    assert "41 read" in shell("status", "--to", "out").stdout


def test_doctor_finds_everything_well(shell: Shell) -> None:
    done = shell("doctor", "--to", "out")
    assert done.returncode == 0
    assert [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith(("ok", "warn"))] == [
        f"ok    {name}" for name in ("configuration", "source", "sink", "state", "disk")
    ]


MISTAKES = {
    "no token": (["export"], {"NOTION_TOKEN": None}, 4, "export NOTION_TOKEN"),
    "a wrong token": (["export"], {"NOTION_TOKEN": "ntn_wrong"}, 4, "new token"),
    "a token with a space": (["export"], {"NOTION_TOKEN": "ntn wrong"}, 4, "without quotes"),
    "an unknown renderer": (["export", "--renderer", "markdwon"], {}, 2, "Did you mean 'markdown'?"),
    "an unknown sink": (["export", "--to", "s3x://bucket"], {}, 2, "Installed: fs"),
    "an unknown source": (["export", "--source", "noton"], {}, 2, "Did you mean 'notion'?"),
    "an unknown command": (["exprot"], {}, 2, "Did you mean 'export'?"),
    "an unknown option": (["export", "--renderr", "json"], {}, 2, "--renderer"),
    "a misspelt key": (["export", "--set", "performance.workres=4"], {}, 2, "Did you mean 'performance.workers'?"),
    "a misspelt variable": (
        ["export"],
        {"NOTION_SYNC_PERFORMANCE__WORKRES": "4"},
        2,
        "NOTION_SYNC_PERFORMANCE__WORKRES",
    ),
    "a wrong type": (["export", "--set", "performance.workers=many"], {}, 2, "expected a whole number"),
    "an impossible value": (["export", "--set", "export.max_delete=7"], {}, 2, "a number from 0 to 1"),
    "a secret on the command line": (["export", "--set", "notion.token=ntn_secret"], {}, 2, "token"),
    "no such file": (["export", "--config", "nowhere.toml"], {}, 2, "does not exist"),
    "a root that is no id": (["export", "hello"], {}, 2, "neither a Notion id nor a Notion URL"),
    "a folder that cannot be made": (["export", "--to", "/proc/out"], {}, 6, "Choose another folder"),
    "a server that is down": (
        ["doctor"],
        {"NOTION_SYNC_NOTION__BASE_URL": "http://127.0.0.1:9"},
        7,
        "Check the network",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_its_exit_status_and_a_remedy(shell: Shell, mistake: str) -> None:
    arguments, environ, code, words = MISTAKES[mistake]
    done = shell(*arguments, **environ)
    assert done.returncode == code, done.stderr
    assert words in done.stderr + done.stdout
    assert "ntn_secret" not in done.stderr
    assert len(done.stderr.splitlines()) <= 8


def test_a_configuration_file_is_used_and_its_mistakes_are_located(shell: Shell) -> None:
    file = shell.folder / "notion-sync.toml"
    file.write_text('[export]\nrenderers = ["json"]\n[plugins.fs]\npath = "from-file"\n')
    assert shell("config", "check").returncode == 0
    assert shell("export", "-q").returncode == 0
    assert (shell.folder / "from-file" / "Fernwood Bikes Handbook.json").exists()
    shown = json.loads(shell("config", "show", "--json").stdout)
    assert shown["export.renderers"] == {"value": ["json"], "origin": "notion-sync.toml"}
    assert shown["performance.requests"]["origin"] == "environment variable NOTION_SYNC_PERFORMANCE__REQUESTS"
    assert shown["performance.workers"]["origin"] == "default"
    file.write_text("[export]\nrenderers = 3\n")
    wrong = shell("config", "check")
    assert wrong.returncode == 2
    assert "notion-sync.toml: export.renderers is 3" in wrong.stderr
    file.write_text('[notion]\ntoken = "ntn_x"\n')
    assert "ntn_x" not in shell("config", "check").stderr
    file.write_text("[export\n")
    assert "not valid TOML" in shell("config", "check").stderr


def test_plugins_list_names_every_kind(shell: Shell) -> None:
    found = json.loads(shell("plugins", "list", "--json").stdout)
    names = {(plugin["kind"], plugin["name"]) for plugin in found}
    assert {("sources", "notion"), ("renderers", "markdown"), ("sinks", "fs"), ("listeners", "console")} <= names
    assert all(plugin["distribution"] == "notion-sync-core" for plugin in found)
    assert "markdown" in shell("plugins", "list").stdout


def test_a_partial_export_exits_3_and_names_what_failed(shell: Shell, server: Emulator) -> None:
    from notion_sync_demo import Fault

    page = next(each for each in server.workspace.pages if server.workspace.title(each) == "Safety")
    server.faults.add(Fault("400", path=f"/v1/blocks/{page}/children"))
    done = shell("export", "--to", "out")
    assert done.returncode == 3
    assert f"Safety ({page})" in done.stdout


def test_strict_turns_warnings_into_failures(shell: Shell, server: Emulator) -> None:
    page = next(iter(server.workspace.pages))
    server.workspace.append_block(page, {"type": "hologram", "hologram": {"rich_text": []}})
    assert shell("export", "--to", "out", "-q").returncode == 0
    assert shell("export", "--to", "out2", "-q", "--strict").returncode == 3


def test_with_json_even_a_wrong_configuration_is_told_in_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "notion_sync_core", "export", "--json", "--set", "performance.wokers=4"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert said["error"]["exit"] == 2
    assert "performance.workers" in said["error"]["remedy"]
