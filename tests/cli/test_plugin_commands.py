"""``plugins list`` and ``plugins info``: what is installed, what of it is broken, and what each does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shell import Shell

MODULE = '''
from attrs import frozen
from notion_sync_core.plugin import hookimpl

@frozen(eq=False)
class Good:
    """Sees events."""

    api_version = "1.0"
    loud: bool = False
    """Say more."""

    @hookimpl
    def on_event(self, event): ...

class Newer(Good):
    api_version = "1.99"

class Hookless:
    pass

class Misspelt:
    @hookimpl
    def on_evnet(self, event): ...

class Unmarked:
    def on_event(self, event): ...

no_command = 7
'''
ENTRIES = """
[notion_sync.listeners]
good = odd:Good
newer = odd:Newer
hookless = odd:Hookless
misspelt = odd:Misspelt
unmarked = odd:Unmarked
absent = odd:Absent
nowhere = no_such_module:Thing
needy = odd:Good
[notion_sync.commands]
seven = odd:no_command
"""
METADATA = """Metadata-Version: 2.1
Name: odd
Version: 1.2
Home-page: https://old.example
Project-URL: Source, https://odd.example/code
Requires-Dist: not-installed-anywhere>=2; extra == "needy"
"""


@pytest.fixture
def odd(shell: Shell) -> dict[str, str]:
    """A package with plugins of which most are broken, each in its own way."""
    place = shell.folder / "site"
    for name, entries in (("odd", ENTRIES), ("second", "[notion_sync.listeners]\nconsole = odd:Good\n")):
        info = place / f"{name}-1.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(METADATA.replace("Name: odd", f"Name: {name}"))
        (info / "entry_points.txt").write_text(entries)
    (place / "odd.py").write_text(MODULE)
    return {"PYTHONPATH": str(place)}


def test_list_all_shows_each_broken_one_with_its_error_and_ends_well(shell: Shell, odd: dict[str, str]) -> None:
    done = shell("plugins", "list", "--all", "--json", **odd)
    assert done.returncode == 0, done.stderr
    found = {(each["name"], each["distribution"]): each for each in json.loads(done.stdout)}
    broken = {name: each["error"] for (name, _), each in found.items() if each["state"] == "broken"}
    assert set(broken) == {
        *("newer", "hookless", "misspelt", "unmarked", "absent", "nowhere", "needy", "seven", "console"),
    }
    words = {
        "newer": "made for version 1.99 of the plugin interface",
        "hookless": "is no listener: it does not implement on_event",
        "misspelt": "on_evnet",
        "unmarked": "not marked with @hookimpl",
        "absent": "cannot be imported",
        "nowhere": "No module named 'no_such_module'",
        "needy": "needs not-installed-anywhere, not installed",
        "seven": "is int instead of a click command",
        "console": "provided by several packages: notion-sync-core, second",
    }
    assert [name for name, said in words.items() if said not in broken[name]] == []
    assert all(each["remedy"] for each in found.values() if each["state"] == "broken")
    assert found["good", "odd"]["state"] == "good"
    for_people = shell("plugins", "list", "--all", **odd)
    assert (for_people.returncode, "! the listener 'hookless' (odd 1.2) is no listener" in for_people.stdout) == (
        0,
        True,
    )


def test_list_all_does_not_import_what_is_not_let_in(shell: Shell, odd: dict[str, str]) -> None:
    (shell.folder / "site" / "odd.py").write_text(f"open('imported', 'w')\n{MODULE}")
    (shell.folder / "notion-sync.toml").write_text('[deployment]\nplugins_deny = ["odd", "second"]\n')
    done = shell("plugins", "list", "--all", "--json", **odd)
    states = {each["name"]: each for each in json.loads(done.stdout) if each["distribution"] == "odd"}
    assert {each["state"] for each in states.values()} == {"refused"}
    assert "deployment.plugins_deny" in states["good"]["error"]
    assert not (shell.folder / "imported").exists()
    refused = shell("plugins", "info", "good", **odd)
    assert (refused.returncode, "deployment.plugins_deny names it" in refused.stderr) == (2, True)


def test_info_says_options_hooks_versions_and_home(shell: Shell, odd: dict[str, str]) -> None:
    (about,) = json.loads(shell("plugins", "info", "good", "--json", **odd).stdout)
    (loud,) = about["options"]
    assert loud == {"name": "loud", "type": "true or false", "allowed": "", "default": False, "meaning": "Say more."}
    assert [hook["name"] for hook in about["hooks"]] == ["on_event"]
    assert about["hooks"][0]["meaning"].startswith("See one fact.")
    assert (about["home"], about["api_version"], about["version"]) == ("https://odd.example/code", "1.0", "1.2")
    for_people = shell("plugins", "info", "good", **odd).stdout
    for words in (
        "made for version 1.0 of the plugin interface",
        "home: https://odd.example/code",
        "on_event(): See one",
    ):
        assert words in for_people


def test_info_of_every_built_in_names_what_each_of_its_hooks_is_for(shell: Shell) -> None:
    for name in ("notion", "markdown", "html", "json", "fs", "s3", "console", "metrics", "otel"):
        for about in json.loads(shell("plugins", "info", name, "--json").stdout):
            assert about["hooks"], name
            assert all(hook["meaning"] and ":func:" not in hook["meaning"] for hook in about["hooks"])


def test_info_knows_plugins_that_are_one_file(shell: Shell, odd: dict[str, str]) -> None:
    file = shell.folder / "site" / "odd.py"
    (about,) = json.loads(shell("plugins", "info", f"{file}:Good", "--json").stdout)
    assert (about["kind"], about["name"], about["distribution"]) == ("listeners", "good", "odd.py")
    missing = shell("plugins", "info", f"{Path('nowhere.py')}:Good")
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)


def test_info_says_what_an_option_may_be_and_its_default_as_a_file_says_it(shell: Shell) -> None:
    (shell.folder / "many.py").write_text(
        "from enum import Enum\nfrom attrs import field, frozen\n"
        "from attrs.validators import and_, deep_iterable, ge, in_, lt\n"
        "from notion_sync_core.plugin import hookimpl\nclass Colour(Enum):\n    RED = 'red'\n    BLUE = 'blue'\n"
        "@frozen(eq=False)\nclass Many:\n"
        "    columns: tuple[str, ...] = field(default=('a', 'b'), validator=deep_iterable(in_(('a', 'b', 'c'))))\n"
        "    size: int = field(default=3, validator=and_(ge(1), lt(9)))\n"
        "    colour: Colour = Colour.RED\n"
        "    @hookimpl\n    def on_event(self, event): pass\n"
    )
    said = shell("plugins", "info", "many.py:Many").stdout
    assert """columns: list of texts, any of 'a', 'b', 'c', by default ["a", "b"]""" in said
    assert "size: whole number, at least 1, below 9, by default 3" in said
    assert """colour: one of 'red', 'blue', by default "red\"""" in said


def test_check_puts_what_was_not_asked_into_one_line(shell: Shell) -> None:
    (shell.folder / "stars.py").write_text(
        "from attrs import frozen\nfrom notion_sync_core.plugin import hookimpl\n"
        "@frozen(eq=False)\nclass Stars:\n    @hookimpl\n    def render_block(self, format, block):\n"
        "        return '***' if format == 'html' and block.type == 'divider' else None\n"
    )
    done = shell("plugins", "check", "stars.py:Stars")
    skipped = [line for line in done.stdout.splitlines() if line.startswith("skip")]
    assert len(skipped) == 1, done.stdout
    assert "not asked without the feature 'content'" in skipped[0]
