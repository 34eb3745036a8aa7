"""A plugin from somebody else's package comes through the same door."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Bench

pytestmark = pytest.mark.campaign  # what it runs others measure

PLUGIN = """
import click
from attrs import frozen
from notion_sync_core.plugin import hookimpl
from notion_sync_core.model import Artifact, plain_text

@frozen(eq=False)
class Titles:
    shout: bool = False
    folder: str = ""
    format = "titles"
    suffix = ".txt"

    @hookimpl
    def render_document(self, document, site):
        title = document.ref.title.upper() if self.shout else document.ref.title
        return [Artifact(site.path(self.suffix), [title.encode()], "text/plain")]

@frozen(eq=False)
class Diary:
    path: str = "diary.txt"

    @hookimpl
    def on_event(self, event):
        with open(self.path, "a") as file:
            file.write(type(event).__name__ + chr(10))
        if type(event).__name__ == "ObjectRead":
            raise RuntimeError("a listener that fails harms nobody")

class Mermaid:
    @hookimpl
    def render_block(self, format, block):
        if block.type == "code":
            return f"{format} drew this"

class Halfway:
    format = "halfway"
    suffix = ".txt"
    folder = ""

    @hookimpl
    def render_document(self, document, site):
        def chunks():
            yield b"half"
            raise KeyError("the second half")
        return [Artifact(site.path(self.suffix), chunks(), "text/plain")]

class Broken:
    format = "broken"
    suffix = ".txt"
    folder = ""

    @hookimpl
    def render_document(self, document, site):
        return 1 / 0

@click.command()
def greet():
    '''Say hello.'''
    open("settings.ini")

class Misspelt:
    format = "misspelt"
    suffix = ".txt"
    folder = ""

    @hookimpl
    def render_documnet(self, document):
        return []
"""
ENTRY_POINTS = """
[notion_sync.commands]
greet = elsewhere:greet
shrug = elsewhere:Broken
export = elsewhere:Broken
absent = nowhere:command

[notion_sync.listeners]
diary = elsewhere:Diary

[notion_sync.renderers]
mermaid = elsewhere:Mermaid
halfway = elsewhere:Halfway
titles = elsewhere:Titles
broken = elsewhere:Broken
misspelt = elsewhere:Misspelt
missing = elsewhere:Nothing
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    info = place / "elsewhere-1.2.dist-info"
    info.mkdir(parents=True)
    (place / "elsewhere.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return place


def notion_sync(bench: Bench, package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notion_sync_core", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(package),
            "NOTION_TOKEN": bench.emulator.token,
            "NOTION_SYNC_NOTION__BASE_URL": bench.emulator.url,
            "NOTION_SYNC_DEPLOYMENT__STATE_DIR": str(bench.folder / "state"),
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
        },
        cwd=bench.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_listed_configured_and_used(bench: Bench, package: Path) -> None:
    listed = notion_sync(bench, package, "plugins", "list")
    assert "titles" in listed.stdout
    assert "elsewhere" in listed.stdout
    done = notion_sync(
        bench, package, "export", "--to", "out", "--renderer", "titles", "--set", "plugins.titles.shout=true"
    )
    assert done.returncode == 0, done.stderr
    assert [path.read_text() for path in bench.out.rglob("Safety.txt")] == ["SAFETY"]


def test_a_listener_sees_every_event_and_its_failure_harms_nobody(bench: Bench, package: Path) -> None:
    listener = 'monitoring.listeners=[{use = "diary", path = "seen.txt"}]'
    done = notion_sync(bench, package, "export", "--to", "out", "-q", "--set", listener)
    assert done.returncode == 0, done.stderr
    seen = (bench.folder / "seen.txt").read_text().split()
    assert (seen[0], seen[-2], seen[-1]) == ("CommandStarted", "RunFinished", "CommandFinished")
    assert "RunStarted" in seen
    assert seen.count("ObjectRead") == len(bench.space.pages) + len(bench.space.databases) - len(bench.space.views)


def test_a_mistyped_option_of_it_gets_a_suggestion(bench: Bench, package: Path) -> None:
    done = notion_sync(bench, package, "export", "--renderer", "titles", "--set", "plugins.titles.shoot=true")
    assert done.returncode == 2
    assert "plugins.titles.shout" in done.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("misspelt", "Did you mean 'render_document'?"),
        ("missing", "cannot be imported"),
    ],
)
def test_a_faulty_one_is_named_with_exit_status_11_and_no_traceback(
    bench: Bench, package: Path, name: str, words: str
) -> None:
    done = notion_sync(bench, package, "export", "--to", "out", "--renderer", name)
    assert done.returncode == 11, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_one_that_fails_on_every_page_is_named_and_the_run_is_partial(bench: Bench, package: Path) -> None:
    done = notion_sync(bench, package, "export", "--to", "out", "--renderer", "broken", "--json")
    assert done.returncode == 3, done.stderr
    failures = json.loads(done.stdout)["failures"]
    assert len(failures) == len(bench.space.pages) + len(bench.space.databases) - 1
    assert "ZeroDivisionError" in failures[0]["error"]


def test_a_plugin_for_single_blocks_stands_beside_a_renderer(bench: Bench, package: Path) -> None:
    both = ("--renderer", "markdown", "--renderer", "mermaid")
    done = notion_sync(bench, package, "export", "--to", "out", *both)
    assert done.returncode == 0, done.stderr
    manual = next(bench.out.rglob("Repair manual.md"))
    assert manual.is_relative_to(bench.out / "Fernwood Bikes Handbook"), "it makes no files, so it needs no folder"
    assert "markdown drew this" in manual.read_text()
    alone = notion_sync(bench, package, "export", "--to", "out2", "--renderer", "mermaid")
    assert alone.returncode == 2
    assert "names nothing that makes documents: mermaid" in alone.stderr


def test_one_that_fails_while_its_bytes_are_written_is_named_itself_and_leaves_nothing(
    bench: Bench, package: Path
) -> None:
    done = notion_sync(bench, package, "export", "--to", "out", "--renderer", "halfway", "--json")
    assert done.returncode == 3, done.stderr
    failures = json.loads(done.stdout)["failures"]
    assert "plugin halfway failed in render_document: KeyError" in failures[0]["error"]
    assert list((bench.out / ".notion-sync" / "staging").iterdir()) == []


def test_its_commands_stand_in_the_help_without_being_imported(bench: Bench, package: Path) -> None:
    done = notion_sync(bench, package, "--help")
    assert done.returncode == 0, done.stderr
    for name in ("greet", "shrug", "absent"):  # the last one could not be imported
        assert re.search(rf"^  {name} +From elsewhere 1\.2\.$", done.stdout, re.MULTILINE), done.stdout
    assert len(re.findall(r"^  export ", done.stdout, re.MULTILINE)) == 1, "ours are ours"
    misspelt = notion_sync(bench, package, "greeet")
    assert "Did you mean 'greet'?" in misspelt.stderr
    assert "Say hello." in notion_sync(bench, package, "greet", "--help").stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("greet", "the command 'greet' (elsewhere 1.2) failed: FileNotFoundError: "),
        ("shrug", "the command 'shrug' (elsewhere 1.2), elsewhere:Broken, is type instead of a click command"),
        ("absent", "the command 'absent' (elsewhere 1.2), nowhere:command, cannot be imported"),
    ],
)
def test_a_command_of_it_that_fails_is_named_with_exit_status_11(
    bench: Bench, package: Path, name: str, words: str
) -> None:
    done = notion_sync(bench, package, name)
    assert done.returncode == 11, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "disk" not in done.stderr
