"""The documentation's links lead somewhere, its commands exist and its settings are real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from click import Command, Context, Group

import reference
from notion_sync_core.cli import cli
from notion_sync_core.config import Config

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_page_exists_with_its_options(page: Path) -> None:
    for line in re.findall(r"^(?:\$ )?notion-sync +([a-z].*)$", page.read_text(), flags=re.MULTILINE):
        words = line.split("#")[0].split()
        command: Command = cli
        while isinstance(command, Group) and words and not words[0].startswith("-"):
            found = command.get_command(Context(command), words.pop(0))
            assert found is not None, line
            command = found
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= known, line


def test_the_configuration_reference_is_that_of_the_classes() -> None:
    text = reference.PAGE.read_text("utf-8")
    assert reference.renewed(text) == text, "run `make reference`"
    for section in attrs.fields(Config):
        kind = attrs.resolve_types(Config) and section.type
        if kind is not None and attrs.has(kind):
            for setting in attrs.fields(kind):
                assert f"`{section.name}.{setting.name}`" in text, f"{section.name}.{setting.name} is not described"


def test_help_of_every_command_has_an_example() -> None:
    context = Context(cli)
    for name in cli.list_commands(context):
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", name, "--help"], capture_output=True, text=True, check=True
        )
        command = cli.get_command(context, name)
        assert isinstance(command, Group) or "Example" in done.stdout, name
