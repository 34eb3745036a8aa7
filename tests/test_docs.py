"""The documentation's links lead somewhere, its commands exist and its settings are real."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from click import Context, Group

import command_reference
import hook_reference
import reference
from benchmarks import page as measured
from code_blocks import anchors_of, blocks_in, links_of, to_type
from notion_sync_core.cli import cli
from notion_sync_core.config import Config
from notion_sync_core.errors import EXITS, Exit
from notion_sync_core.plugins.faces import FACES
from typed import commands_in, refuse_unknown

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md")])
LANGUAGES = {"sh", "console", "toml", "python", "json", "yaml", "text", "ini", "html", "jinja", "css", "js"}
"""Of fences: those that highlighters know by these names."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links_of(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, fragment = link.partition("#")
        target = page.parent / place if place else page
        assert target.exists(), link
        assert not fragment or fragment in anchors_of(target.read_text("utf-8")), link


@each_page
def test_every_command_in_a_page_exists_with_its_options(page: Path) -> None:
    for words in commands_in("\n".join(to_type(page.read_text("utf-8")))):
        refuse_unknown(words)


@each_page
def test_every_fence_says_its_language(page: Path) -> None:
    assert {block.language for block in blocks_in(page)} - LANGUAGES <= {""}


@pytest.mark.parametrize("page", reference.PAGES, ids=lambda page: page.name)
def test_what_is_generated_is_that_of_the_code(page: Path) -> None:
    text = page.read_text("utf-8")
    assert reference.renewed(page, text) == text, "run `make reference`"


def test_benchmarks_write_what_they_measure_and_leave_what_else_their_page_says() -> None:
    text = (DOCS / "benchmarks.md").read_text("utf-8")
    new = measured.renewed(text, ["| a |"], ["| b |"], ["c"])
    before, _, after = text.partition(measured.BEGIN)
    assert new.startswith(before)
    assert new.endswith(after.partition(measured.END)[2])
    assert "| small | export |" not in new
    assert all(each in new for each in ("\n| a |\n", "\n| b |\n", "\n- c\n"))
    assert measured.renewed(new, ["| a |"], ["| b |"], ["c"]) == new


def test_every_setting_is_described() -> None:
    text = (DOCS / "configuration.md").read_text("utf-8")
    for section in attrs.fields(Config):
        kind = attrs.resolve_types(Config) and section.type
        if kind is not None and attrs.has(kind):
            for setting in attrs.fields(kind):
                assert f"`{section.name}.{setting.name}`" in text, f"{section.name}.{setting.name} is not described"


def test_every_exit_status_is_described() -> None:
    table = (DOCS / "report.md").read_text("utf-8").partition("## Exit statuses")[2].partition("\n## ")[0]
    described = [int(number) for cell in re.findall(r"^\| ([\d, ]+) \|", table, re.M) for number in cell.split(",")]
    assert described == sorted(Exit)
    assert [int(number) for number in re.findall(r"\b\d+\b", EXITS)] == sorted(Exit)


def test_every_command_and_every_flag_is_described() -> None:
    text = (DOCS / "reference" / "command-line.md").read_text("utf-8")
    named = list(command_reference.commands())
    assert len(named) > 15
    for name, command, _ in named:
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        everywhere = text.partition("## Options of every command")[2].partition("\n## ")[0]
        assert section, name
        for parameter in command.params:
            for word in parameter.opts if parameter.param_type_name == "option" else ():
                assert f"`{word}" in section + everywhere, f"{name} {word}"


def test_every_hook_and_attribute_is_described() -> None:
    text = (DOCS / "reference" / "hooks.md").read_text("utf-8")
    assert {hook for face in FACES.values() for hook in face.hooks} == set(hook_reference.hooks())
    for hook in hook_reference.hooks():
        assert f"### {hook}\n" in text
    for face in FACES.values():
        section = text.partition(f"### Attributes of {face.kind}\n")[2].partition("\n## ")[0]
        assert all(f"| `{attribute.name}` |" in section for attribute in face.attributes)
        assert all(f"`{method}`" in section for method in face.methods)


def test_every_library_that_is_needed_is_explained() -> None:
    given = configparser.ConfigParser()
    given.read(ROOT / "setup.cfg", "utf-8")
    always, on_wish = (DOCS / "explanation" / "dependencies.md").read_text("utf-8").split("## On wish")
    needed = [re.split(r"[^\w.-]", line)[0] for line in given["options"]["install_requires"].split("\n") if line]
    assert re.findall(r"^\| ([\w.-]+) \|", always, re.M)[2:] == needed
    for extra in ("s3", "metrics", "otel", "serve"):
        row = next(line for line in on_wish.splitlines() if line.startswith(f"| `{extra}` |"))
        assert all(re.split(r"[^\w-]", line)[0] in row for line in given["options.extras_require"][extra].split())


def test_pictures_are_small_and_load_nothing_from_elsewhere() -> None:
    found = sorted((DOCS / "pictures").iterdir())
    assert [path.name for path in found] == ["architecture.svg", "site-dark.png", "site-light.png", "terminal.svg"]
    for path in found:
        assert path.stat().st_size < 150_000, path.name
        assert path.suffix != ".svg" or not re.search(rb"(?:url\(|href=)[\"']?http", path.read_bytes()), path.name


def test_help_of_every_command_has_an_example() -> None:
    context = Context(cli)
    for name in cli.list_commands(context):
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", name, "--help"], capture_output=True, text=True, check=True
        )
        command = cli.get_command(context, name)
        assert isinstance(command, Group) or "Example" in done.stdout, name
