"""``init``: three questions, a look at the token, and a file that works at once and overwrites none."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core import config
from notion_sync_core.config.keys import keys_of
from notion_sync_core.config.starter import MAIN, beside, starter, toml
from notion_sync_core.config.tree import SECTIONS
from notion_sync_demo import Emulator
from shell import Shell


def answered(shell: Shell, *answers: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """``init`` at a terminal at which somebody types."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, "".join(f"{each}\n" for each in answers).encode())
        command = [sys.executable, "-m", "notion_sync_core", "init", *options]
        return subprocess.run(
            command, cwd=shell.folder, env=shell.environ, stdin=theirs, capture_output=True, text=True, timeout=60
        )
    finally:
        os.close(ours)
        os.close(theirs)


def test_three_answers_make_a_file_that_works_at_once(shell: Shell, server: Emulator) -> None:
    done = answered(shell, "S3://x", "my backup", "markdwon", "json, markdown", "hello", "")
    assert done.returncode == 0, done.stderr
    assert "accepted by" in done.stderr
    for told in ("looks like a URL", "Did you mean 'markdown'?", "neither a Notion id", "Wrote notion-sync.toml"):
        assert told in done.stderr
    assert done.stdout == ""
    text = (shell.folder / "notion-sync.toml").read_text("utf-8")
    read = tomllib.loads(text)
    assert read["export"] == {"roots": [], "renderers": ["json", "markdown"], "sinks": ["fs"]}
    assert read["plugins"] == {"fs": {"path": "my backup"}}
    assert server.token not in text
    assert shell("sync", "-q").returncode == 0
    assert (shell.folder / "my backup" / "markdown" / "Fernwood Bikes Handbook.md").exists()
    again = shell("init", "--yes")
    assert again.returncode == 2
    assert "never overwritten" in again.stderr
    assert (shell.folder / "notion-sync.toml").read_text("utf-8") == text


def test_flags_answer_and_what_is_set_is_written_with_its_type(shell: Shell, server: Emulator) -> None:
    (shell.folder / "jobs").mkdir()
    page = next(iter(server.workspace.pages))
    done = shell(
        *("init", "--json", "--config", "jobs/site.toml", page, "--to", "site", "--to", "s3://bucket/x"),
        *("--renderer", "html", "--set", "plugins.html.name=2024", "--set", "performance.workers=4"),
        *("--set", "notion.token_file=token", "--set", "plugins.html.templates=look", "--yes"),
    )
    assert done.returncode == 2, "a folder of templates that is not there"
    (shell.folder / "look").mkdir()
    done = shell(
        *("init", "--json", "--config", "jobs/site.toml", page, "--to", "site", "--to", "s3://bucket/x"),
        *("--renderer", "html", "--set", "plugins.html.name=2024", "--set", "performance.workers=4"),
        *("--set", "notion.token_file=token", "--set", "plugins.html.templates=look"),
    )
    assert json.loads(done.stdout)["token"]["state"] == "accepted"
    assert json.loads(done.stdout)["file"] == "jobs/site.toml"
    read = tomllib.loads((shell.folder / "jobs" / "site.toml").read_text("utf-8"))
    assert read["export"] == {"roots": [page], "renderers": ["html"], "sinks": ["fs", "s3://bucket/x"]}
    assert read["performance"] == {"workers": 4}
    assert read["notion"] == {"token_file": "../token"}
    assert read["plugins"]["fs"] == {"path": "../site"}
    assert read["plugins"]["html"] == {"name": "2024", "templates": "../look"}
    assert shell("config", "check", "--config", "jobs/site.toml").returncode == 0


def test_without_a_token_the_file_is_written_and_says_what_is_missing(shell: Shell) -> None:
    done = shell("init", "--yes", "--json", "-q", NOTION_TOKEN=None)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)["token"]
    assert told["state"] == "missing"
    assert "NOTION_TOKEN" in told["remedy"] + told["message"]
    assert (shell.folder / "notion-sync.toml").exists()


@pytest.mark.parametrize("token", ["ntn_wrong", "two words"])
def test_a_token_that_is_refused_ends_it_and_the_next_try_finds_the_way_free(shell: Shell, token: str) -> None:
    done = shell("init", "--yes", "--json", NOTION_TOKEN=token)
    assert done.returncode == 4
    assert "Nothing was written" in done.stderr
    assert json.loads(done.stdout)["error"]["exit"] == 4
    assert token not in done.stdout + done.stderr
    assert not (shell.folder / "notion-sync.toml").exists()
    assert shell("init", "--yes").returncode == 0


def test_a_token_that_is_refused_is_told_before_any_question(shell: Shell) -> None:
    shell.environ["NOTION_TOKEN"] = "ntn_wrong"
    done = answered(shell, "folder", "json", "")
    assert done.returncode == 4
    assert "Where should" not in done.stderr


def test_a_service_that_is_away_keeps_nobody_from_beginning(shell: Shell) -> None:
    done = shell("init", "--yes", NOTION_SYNC_NOTION__BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 0
    assert "Nobody could check the token" in done.stderr
    assert "base_url" not in (shell.folder / "notion-sync.toml").read_text()


REFUSED = {
    "nobody at the terminal": (("init", "--to", "x"), 2, "--yes"),
    "no such folder": (("init", "--yes", "--config", "nowhere/x.toml"), 2, "no folder nowhere"),
    "a secret": (("init", "--yes", "--set", "plugins.s3.password=canary"), 2, "must not hold a secret"),
    "a wrong place": (("init", "--yes", "--to", "S3://x"), 2, "looks like a URL"),
    "a link in its place": (("init", "--yes"), 2, "exists already"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_told_and_nothing_is_written(shell: Shell, server: Emulator, case: str) -> None:
    arguments, code, said = REFUSED[case]
    if "link" in case:
        (shell.folder / "notion-sync.toml").symlink_to("elsewhere.toml")
    done = shell(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert not [path for path in shell.folder.glob("*.toml") if path.is_file()]
    assert server.counters.total == 0


# -- the file itself

_PLAIN = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False))
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(_PLAIN)
def test_a_value_in_toml_is_read_back(value: Any) -> None:
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value


def test_every_main_key_is_there_with_its_meaning_and_every_default_can_be_uncommented(tmp_path: Path) -> None:
    text = starter({"export.renderers": ["markdown"]}, {})
    for section, names in MAIN.items():
        assert set(names) <= {key.name for key in keys_of(SECTIONS[section])}
        for name in names:
            assert re.search(rf"^# .+\.\n(# )?{name} = ", text, re.M), name
    (tmp_path / "all.toml").write_text(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.M))
    loaded = config.load(tmp_path / "all.toml", environ={})
    assert all(getattr(loaded, name) == kind() for name, kind in SECTIONS.items())


@pytest.mark.parametrize(
    ("path", "expected"), [("out", "../out"), ("/abs", "/abs"), ("~/x", "~/x"), ("", ""), ("jobs/x", "x")]
)
def test_a_path_is_written_as_it_is_from_the_file(path: str, expected: str) -> None:
    assert beside(Path("jobs/a.toml"), path) == expected
