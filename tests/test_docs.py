"""The documentation's links lead somewhere, its commands exist and its settings are real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from click import Context, Group

import reference
from code_blocks import anchors_of, blocks_in, links_of, to_type
from notion_sync_core.cli import cli
from notion_sync_core.config import Config
from notion_sync_core.errors import EXITS, Exit
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


def test_help_of_every_command_has_an_example() -> None:
    context = Context(cli)
    for name in cli.list_commands(context):
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", name, "--help"], capture_output=True, text=True, check=True
        )
        command = cli.get_command(context, name)
        assert isinstance(command, Group) or "Example" in done.stdout, name
