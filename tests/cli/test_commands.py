"""The commands as a new user meets them: help, the happy path, and mistakes."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys

import pytest

from conftest import tree
from notion_sync_core import errors
from notion_sync_core.cli.run import summary
from notion_sync_core.errors import Interrupted
from notion_sync_core.report import Report
from notion_sync_core.watch.redact import Redactor
from notion_sync_demo import Emulator
from notion_sync_demo.command import PORT
from shell import Shell

COMMANDS = ["demo", "init", "export", "sync", "render", "status", "doctor", "plugins list", "plugins info"]
COMMANDS += ["config show", "config check", "config schema"]


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


def test_a_demo_at_another_port_is_the_same_demo(shell: Shell) -> None:
    assert shell("demo", "-q", NOTION_TOKEN=None).returncode == 0
    before = tree(shell.folder / "notion-sync-demo")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # somebody else has it already
            other.bind(("127.0.0.1", PORT))
            other.listen()
        again = shell("demo", "--json", NOTION_TOKEN=None)
    assert json.loads(again.stdout)["artifacts"]["written"] == 0
    assert tree(shell.folder / "notion-sync-demo") == before


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
    assert [each["event"] for each in (events[0], *events[-2:])] == ["CommandStarted", "RunFinished", "CommandFinished"]
    assert events[-2]["report"] == json.loads(done.stdout)
    assert not {"RequestFinished", "MemoryMeasured", "SinkWrote"} & {each["event"] for each in events}


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
        f"ok    {name}"
        for name in (
            *("configuration", "plugins", "source", "clock", "budget", "listeners", "files"),
            *("schedule", "state", "history", "lock", "sink", "manifest", "disk", "commands"),
        )
    ]


def test_a_configuration_file_is_used_and_its_mistakes_are_located(shell: Shell) -> None:
    file = shell.folder / "notion-sync.toml"
    file.write_text('[export]\nrenderers = ["json"]\n[plugins.fs]\npath = "from-file"\n')
    assert shell("config", "check").returncode == 0
    assert shell("export", "-q").returncode == 0
    assert (shell.folder / "from-file" / "Fernwood Bikes Handbook.json").exists()
    shown = json.loads(shell("config", "show", "--json").stdout)
    assert shown["export.renderers"] == {"value": ["json"], "origin": "notion-sync.toml", "line": 2}
    assert shown["performance.requests"]["origin"] == "environment variable NOTION_SYNC_PERFORMANCE__REQUESTS"
    assert shown["performance.workers"]["origin"] == "default"
    file.write_text("[export]\nrenderers = 3\n")
    wrong = shell("config", "check")
    assert wrong.returncode == 2
    assert "notion-sync.toml, line 2: export.renderers is 3" in wrong.stderr
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


REFUSED_BY_A_RUN = {
    "a source's option": ("[plugins.notion]\nbase_urll = 'x'\n", 2),
    "a renderer's option": ("[plugins.markdown]\ndialect = 'word'\n", 2),
    "a sink's option": ("[plugins.fs]\npth = 'x'\n", 2),
    "a listener": ("[monitoring]\nlisteners = ['consol']\n", 2),
    "a listener's option": ("[monitoring]\nlisteners = [{use = 'console', stile = 'bar'}]\n", 2),
    "a root": ("[export]\nroots = ['hello']\n", 2),
    "a place": ("[export]\nsinks = ['S3://b']\n", 2),
    "one place twice": ("[export]\nsinks = ['fs', {use = 'fs', name = 'b'}]\n", 2),
    "a token file": ("[notion]\ntoken_file = 'nowhere'\n", 2),
    "a table of nobody": ("[plugins.htlm]\nname = 'x'\n", 2),
    "templates that are not there": ("[plugins.html]\ntemplates = 'nowhere'\n[export]\nrenderers = ['html']\n", 2),
}


@pytest.mark.parametrize("case", REFUSED_BY_A_RUN)
def test_config_check_refuses_what_a_run_refuses(shell: Shell, case: str) -> None:
    text, code = REFUSED_BY_A_RUN[case]
    (shell.folder / "job.toml").write_text(text)
    token = None if "token" in case else "some-token"
    run = shell("export", "--config", "job.toml", "--max-requests", "0", NOTION_TOKEN=token)
    checked = shell("config", "check", "--config", "job.toml", NOTION_TOKEN=token)
    assert (checked.returncode, run.returncode) == (code, code), checked.stdout + checked.stderr + run.stderr
    assert checked.stderr == run.stderr


MANY_MISTAKES = """
[export]
rendererz = ["json"]
max_delete = 3
on_edit = "ask"
roots = ["hello", "goodbye"]

[perfromance]
workers = 4

[monitoring]
listeners = [{use = "metrics", every_s = 0, intervall_s = 3}, "consol"]

[plugins.fs]
pth = "out"
fsync = "yes"

[plugins.htlm]
name = "x"
"""


def test_config_check_tells_each_mistake_and_a_run_the_first(shell: Shell) -> None:
    (shell.folder / "job.toml").write_text(MANY_MISTAKES)
    environ = {"NOTION_SYNC_PERFORMANCE_WORKERS": "4"}
    done = shell("config", "check", "--config", "job.toml", "--set", "nonsense", "--json", **environ)
    assert done.returncode == 2
    wanted = (
        "'export.rendererz'", "export.max_delete", "export.on_edit", "'hello'", "'goodbye'", "'perfromance'",
        "plugins.metrics.every_s", "plugins.metrics.intervall_s", "no listener named 'consol'", "plugins.fs.pth",
        "plugins.fs.fsync", "plugins.htlm", "NOTION_SYNC_PERFORMANCE_WORKERS", "expected KEY=VALUE",
    )  # fmt: skip
    for part in wanted:
        assert part in done.stderr, part
    told = json.loads(done.stdout)
    messages = [each["message"] for each in (told["error"], *told["others"])]
    assert len(messages) == len(set(messages)) == len(wanted), messages
    assert done.stderr.count("Error: ") == len(wanted)
    run = shell("export", "--config", "job.toml", "--json")
    assert (run.returncode, run.stderr.count("Error: ")) == (2, 1)


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_an_option_of_a_listener_is_refused_by_whatever_looks_at_the_job(shell: Shell, command: str) -> None:
    done = shell(command, "--set", "monitoring.listeners=metrics", "--set", "plugins.metrics.every_s=0")
    assert done.returncode == 2
    assert "plugins.metrics.every_s" in done.stderr


def test_config_check_tells_of_a_missing_token_and_refuses_one_that_cannot_be(shell: Shell) -> None:
    missing = shell("config", "check", NOTION_TOKEN=None)
    assert missing.returncode == 0
    assert "export NOTION_TOKEN" in missing.stdout
    assert json.loads(shell("config", "check", "--json", NOTION_TOKEN=None).stdout)["token"] is False
    assert json.loads(shell("config", "check", "--json").stdout)["token"] is True
    assert shell("config", "check", NOTION_TOKEN="two words").returncode == 4


@pytest.mark.parametrize("command", ["export", "sync", "plan", ""])
def test_help_names_renderers_default_folder_token_and_exit_numbers(shell: Shell, command: str) -> None:
    from notion_sync_core.errors import Exit
    from notion_sync_fs import FileSystemSink

    said = shell(*command.split(), "--help").stdout
    numbers = [f" {int(each)} " for each in Exit]
    for word in ("markdown", "html", "json", "NOTION_TOKEN", str(FileSystemSink().path), *numbers):
        assert word in said, word


def test_the_demo_takes_settings_a_renderer_and_quiet(shell: Shell) -> None:
    done = shell("demo", "-q", "--to", "site", "--renderer", "html", "--set", "plugins.html.name=Wiki of ours")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Wiki of ours" in (shell.folder / "site" / "index.html").read_text()
    elsewhere = shell("demo", "--quiet", "--set", "deployment.state_dir=state", "--set", "plugins.fs.fsync=false")
    assert elsewhere.returncode == 0
    assert (shell.folder / "state").is_dir()


def test_the_demo_writes_to_other_sinks_and_ignores_nothing_without_a_word(shell: Shell) -> None:
    sinks = 'export.sinks=[{use = "fs", name = "other", path = "elsewhere"}]'
    done = shell("demo", "--set", sinks)
    assert done.returncode == 0, done.stderr
    assert (shell.folder / "elsewhere" / "Fernwood Bikes Handbook.md").is_file()
    assert not (shell.folder / "notion-sync-demo").exists()
    assert "demo --set 'export.sinks=" in done.stdout
    for more in (("--to", "x", "--set", sinks), ("--set", "notion.base_url=https://x.example")):
        refused = shell("demo", *more)
        assert refused.returncode == 2
        assert "the demo exports its own sample workspace" in refused.stderr


def test_what_the_demo_says_to_type_works_where_one_stands(shell: Shell) -> None:
    done = shell("demo", "--to", "my demo", "--renderer", "json", "--set", "plugins.fs.fsync=false", PATH="/nowhere")
    typed = next(line for line in done.stdout.splitlines() if " demo --to " in line)
    again = subprocess.run(f"{typed} --json", shell=True, cwd=shell.folder, env=shell.environ, capture_output=True)
    report = json.loads(again.stdout)
    assert (again.returncode, report["artifacts"]["written"]) == (0, 0)
    assert (report["objects"]["read"], report["objects"]["unchanged"]) == (0, 41)


def test_ctrl_c_and_limits_are_no_errors(shell: Shell) -> None:
    done = shell("export", "--to", "out", "--max-requests", "3", "--progress", "none")
    assert done.returncode == 12
    assert done.stderr.splitlines() == [
        "The limit of 3 requests was reached.",
        "  Run the same command again to go on from here.",
    ]


@pytest.mark.parametrize("error", [Interrupted(2), Interrupted(15), KeyboardInterrupt()])
def test_a_command_that_is_stopped_says_so_and_calls_it_no_error(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from notion_sync_core import cli

    def stopped(**_: object) -> None:
        raise error

    monkeypatch.setattr("sys.argv", ["notion-sync", "plan", "--json"])
    monkeypatch.setattr(cli.cli, "main", stopped)
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert left.value.code == (130 if isinstance(error, KeyboardInterrupt) else error.exit_code)  # type: ignore[attr-defined]
    assert said.err == "Stopped before the end.\n  Run the same command again to go on from here.\n"
    assert json.loads(said.out)["status"] == "interrupted"


def test_a_failure_is_told_with_one_full_stop_and_a_remedy() -> None:
    report = Report(job="x", mode="sync")
    report.failures = [
        {"id": "1", "title": "A", "error": "HTTP 400: no.", "remedy": ""},
        {"id": "2", "title": "B", "error": "HTTP 400: no", "remedy": "Do this."},
    ]
    report.conclude(None, Redactor())
    lines = summary(report)
    assert "  A (1): HTTP 400: no. It is tried again on the next run." in lines
    assert "  B (2): HTTP 400: no. Do this." in lines


def test_every_error_that_ends_a_run_has_a_remedy() -> None:
    for kind in (errors.ConfigError, errors.PluginError, errors.SinkError):
        assert kind("x").remedy
        assert kind("x", "y").remedy == "y"
