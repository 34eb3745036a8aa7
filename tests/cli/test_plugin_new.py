"""``plugins new`` and ``plugins check``: a package that passes its exam as it is, and an exam that nothing stops."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notion_sync_demo import Emulator, Workspace
from shell import Shell

ROOT = Path(__file__).parent.parent.parent
KINDS = ["source", "renderer", "sink", "listener", "target", "block"]


def python(folder: Path, site: Path, *arguments: str) -> str:
    """A module of Python, where the package is installed."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(site),
            "MYPYPATH": os.pathsep.join(map(str, (ROOT, ROOT / "plugins", folder / "src"))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_built_installed_examined_and_used_as_it_is(shell: Shell, kind: str) -> None:
    made = shell("plugins", "new", kind, f"my-own-{kind}", "--json")
    assert made.returncode == 0, made.stderr
    folder, site = shell.folder / json.loads(made.stdout)["folder"], shell.folder / "site"
    python(folder, site, "ruff", "check", "--no-cache", ".")
    python(folder, site, "ruff", "format", "--no-cache", "--check", ".")
    python(folder, site, "mypy", "--follow-imports=silent", "--cache-dir", os.devnull)
    python(folder, site, "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
           "--disable-pip-version-check", "--target", str(site), ".")  # fmt: skip
    shutil.rmtree(folder / "src")  # from here on only what was installed is there
    said = python(folder, site, "pytest", "-q", "-p", "no:cacheprovider")
    assert "passed" in said
    assert "failed" not in said
    (about,) = json.loads(python(folder, site, "notion_sync_core", "plugins", "info", f"my-own-{kind}", "--json"))
    assert about["distribution"] == f"notion-sync-my-own-{kind}"
    assert about["hooks"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["q", "a-name-as-long-as-one-may-be-x"])
def test_it_is_in_good_style_whatever_its_name(shell: Shell, kind: str, name: str) -> None:
    folder = shell.folder / json.loads(shell("plugins", "new", kind, name, "--json").stdout)["folder"]
    python(folder, folder, "ruff", "check", "--no-cache", ".")
    python(folder, folder, "ruff", "format", "--no-cache", "--check", ".")
    assert not [path for path in folder.rglob("*") if path.is_file() and "$name" in path.read_text("utf-8")]
    assert "${{ matrix.python }}" in (folder / ".github" / "workflows" / "test.yml").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("My Sink", "Did you mean 'my-sink'?"),
        ("MySink", "Did you mean 'my-sink'?"),
        ("../evil", "Did you mean 'evil'?"),
        ("9lives", "Did you mean 'lives'?"),
        ("x" * 31, "30 at most"),
        ("fs", "there is the sink 'fs' (notion-sync-core"),
        ("core", "there is the module notion_sync_core already"),
        ("--", "cannot be the name of a plugin"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(shell: Shell, name: str, words: str) -> None:
    done = shell("plugins", "new", "sink", "--to", "made", "--", name)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert not (shell.folder / "made").exists()


def test_a_folder_that_is_there_is_left_alone(shell: Shell) -> None:
    (shell.folder / "notion-sync-mine").mkdir()
    done = shell("plugins", "new", "listener", "mine")
    assert (done.returncode, "exists already" in done.stderr) == (2, True)
    assert list((shell.folder / "notion-sync-mine").iterdir()) == []
    (shell.folder / "file").write_text("")
    blocked = shell("plugins", "new", "listener", "mine", "--to", "file")
    assert (blocked.returncode, "cannot be written: Not a directory" in blocked.stderr) == (6, True)


LISTENERS = """
import os, time
from attrs import frozen
from notion_sync_core.plugin import RunFinished, hookimpl

@frozen(eq=False)
class Good:
    needed: str
    \"\"\"Whatever.\"\"\"

    @hookimpl
    def on_event(self, event):
        print("noise on stdout")

@frozen(eq=False)
class Hangs:
    @hookimpl
    def on_event(self, event):
        if isinstance(event, RunFinished):
            time.sleep(3600)

@frozen(eq=False)
class Dies:
    @hookimpl
    def on_event(self, event):
        os._exit(7)

@frozen(eq=False)
class Raises:
    @hookimpl
    def on_event(self, event):
        raise KeyError("no such thing")

@frozen(eq=False)
class Absent:
    def __attrs_post_init__(self):
        raise RuntimeError("cannot be")

    @hookimpl
    def on_event(self, event): ...
"""


@pytest.fixture
def file(shell: Shell) -> str:
    (shell.folder / "mine.py").write_text(LISTENERS)
    return "mine.py"


def test_a_good_plugin_passes_and_what_it_needs_is_asked_for(shell: Shell, file: str) -> None:
    needs = shell("plugins", "check", f"{file}:Good")
    assert needs.returncode == 2, needs.stdout + needs.stderr
    assert "plugins.good" in needs.stderr
    done = shell("plugins", "check", f"{file}:Good", "--set", "plugins.good.needed=x", "--json")
    (exam,) = json.loads(done.stdout)
    failed = [each["name"] for each in exam["checks"] if each["status"] == "failed"]
    assert failed == ["it_leaves_stdout_alone"], exam
    assert (done.returncode, exam["passed"] >= 8, exam["kind"]) == (11, True, "listeners")


def test_the_console_passes_with_a_line_for_each_check_and_a_sum(shell: Shell) -> None:
    done = shell("plugins", "check", "console")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "the listener 'console' (notion-sync-core 0.1.0):"
    assert all(line.startswith(("ok  ", "skip")) for line in lines[1:-1])
    assert len(lines) >= 10
    assert " passed, 0 failed, " in lines[-1]


@pytest.mark.parametrize(
    ("name", "words"), [("Hangs", "no answer in 1 s"), ("Dies", "it ended the process, with status 7")]
)
def test_one_that_hangs_or_dies_harms_nothing(shell: Shell, file: str, name: str, words: str) -> None:
    done = shell("plugins", "check", f"{file}:{name}", "--time-limit", "1" if name == "Hangs" else "60", "--json")
    assert done.returncode == 11, done.stderr
    (exam,) = json.loads(done.stdout)
    told = [each for each in exam["checks"] if words in each["message"]]
    assert 1 <= len(told) <= 3
    assert all(each["status"] == "failed" for each in told)
    if len(told) == 3:
        assert exam["checks"][-1]["message"].startswith("not asked: ")


def test_one_that_raises_fails_and_one_that_cannot_be_made_ends_with_11(shell: Shell, file: str) -> None:
    done = shell("plugins", "check", f"{file}:Raises", "--quiet")
    assert done.returncode == 11
    assert "KeyError: 'no such thing'" in done.stdout
    assert "ok  " not in done.stdout
    absent = shell("plugins", "check", f"{file}:Absent")
    assert (absent.returncode, "cannot be made: RuntimeError: cannot be" in absent.stderr) == (11, True)


def test_a_sink_without_a_place_of_its_own_and_a_command_are_told_what_is_missing(shell: Shell) -> None:
    s3 = shell("plugins", "check", "s3", "--set", "plugins.s3.bucket=b")
    assert s3.returncode == 2
    assert "--set plugins.s3.OPTION=exam/{name}" in s3.stderr
    command = shell("plugins", "check", "demo")
    assert (command.returncode, "there is no exam for commands" in command.stderr) == (2, True)
    unknown = shell("plugins", "check", "markdwon")
    assert (unknown.returncode, "Did you mean 'markdown'?" in unknown.stderr) == (2, True)


def test_a_sink_may_be_given_its_place(shell: Shell) -> None:
    given = ("plugins", "check", "fs", "--set", "plugins.fs.path={folder}/there", "--set", "plugins.fs.fsync=false")
    done = shell(*given, "--json")
    (exam,) = json.loads(done.stdout)
    assert (done.returncode, exam["failed"]) == (0, 0), exam
    assert exam["passed"] >= 30
    assert not (shell.folder / "notion-export").exists()


def test_a_target_is_examined_only_where_somebody_said_that_it_may_write(shell: Shell) -> None:
    made = shell.folder / json.loads(shell("plugins", "new", "target", "kept", "--json").stdout)["folder"]
    use = f"{made / 'src' / 'notion_sync_kept' / '__init__.py'}:KeptTarget"
    place = ("--set", "plugins.kept_target.path={folder}/out")
    refused = shell("plugins", "check", use, *place)
    assert (refused.returncode, "--into top" in refused.stderr) == (2, True), refused.stderr
    done = shell("plugins", "check", use, *place, "--into", "top", "--json")
    (exam,) = json.loads(done.stdout)
    assert (done.returncode, exam["failed"], exam["kind"]) == (0, 0, "targets"), done.stdout
    absent = shell("plugins", "check", use, *place, "--into", "00000000-0000-4000-8000-00000000dead", "--json")
    assert absent.returncode == 11, absent.stdout


def test_a_source_and_a_target_of_one_name_are_examined_each_and_nothing_is_written_unasked(shell: Shell) -> None:
    space = Workspace("Mine", seed=4)
    home = space.add_page(None, "Home")
    with Emulator(space) as notion:
        shell.environ.update({"NOTION_TOKEN": notion.token, "NOTION_SYNC_NOTION__BASE_URL": notion.url})
        unasked = shell("plugins", "check", "notion", "--json")
        assert [exam["kind"] for exam in json.loads(unasked.stdout)] == ["sources"], unasked.stderr
        assert len(space.pages) == 1
        asked = shell("plugins", "check", "notion", "--into", home, "--json")
        exams = {exam["kind"]: exam["failed"] for exam in json.loads(asked.stdout)}
        assert exams == {"sources": 0, "targets": 0}, asked.stdout
        assert {page["parent"]["type"] for page in space.pages.values() if page["id"] != home} >= {"page_id"}
        assert not [page for page in space.pages.values() if page["id"] != home and page["parent"].get("workspace")]


def test_no_export_writes_into_a_target(shell: Shell) -> None:
    made = shell.folder / json.loads(shell("plugins", "new", "target", "kept", "--json").stdout)["folder"]
    use = f"{made / 'src' / 'notion_sync_kept' / '__init__.py'}:KeptTarget"
    done = shell("export", "--plugin", use, "--to", "out")
    assert (done.returncode, "is a target: an export does not write into one" in done.stderr) == (2, True)
