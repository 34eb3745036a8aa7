"""Mistakes in a configuration: each names file and line, the key, what was found, what is expected and what is near.

All end with status 2, and before any request.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import field, frozen

from notion_sync_core.cli import main
from notion_sync_demo import Emulator


@frozen
class Wrong:
    """What somebody wrote, and what has to be said about it."""

    said: tuple[str, ...]
    file: str | bytes = ""
    settings: tuple[str, ...] = ()
    environ: dict[str, str] = field(factory=dict)


def toml(text: str | bytes, *said: str) -> Wrong:
    """A file."""
    return Wrong(said, file=text)


def setting(text: str, *said: str) -> Wrong:
    """``--set``."""
    return Wrong(said, settings=(text,))


def variable(name: str, value: str, *said: str) -> Wrong:
    """A variable of the environment."""
    return Wrong((name, *said), environ={f"NOTION_SYNC_{name}": value})


MISTAKES = {
    # no TOML
    "a list that does not end": toml("[export]\nroots = [\n", "end of document", "not closed"),
    "a list that runs on": toml('[export]\nroots = ["x"\n[notion]\n', "line 3, column 1", "not closed"),
    "a text that does not end": toml('[export]\nid = "x\n', "line 2, column 8", "Correct that line"),
    "a key twice": toml('[export]\nid = "a"\nid = "b"\n', "line 3, column 9", "give each key, and each table, once"),
    "a table twice": toml("[plugins.fs]\n[plugins.fs]\n", "line 2", "[plugins.fs] twice", "each table, once"),
    "a text without quotes": toml("[plugins.fs]\npath = backup\n", "line 2, column 8", "texts stand in quotes"),
    "Python's booleans": toml("[export]\nassets = True\n", "line 2, column 10", "true and false do not"),
    "YAML": toml('[export]\nid: "x"\n', "line 2, column 3", "KEY = VALUE"),
    "a backslash": toml('[plugins.fs]\npath = "C:\\Users"\n', "line 2", "'C:\\backup'"),
    "bytes of another encoding": toml(b'[export]\n\nid = "\xe9"\n', "line 3", "no UTF-8"),
    "UTF-16, as PowerShell writes": toml("[export]\n".encode("utf-16"), "UTF-16", "save the file as UTF-8"),
    # no such key
    "a near key": toml("[performance]\n\nworkres = 4\n", "line 3", "'performance.workres'", "'performance.workers'"),
    "a key in capitals": toml('[export]\nID = "x"\n', "line 2", "Did you mean 'export.id'?"),
    "a near section": toml("[perfomance]\nworkers = 4\n", "line 1", "Did you mean 'performance'?"),
    "a section in capitals": toml('# mine\n[Export]\nid = "x"\n', "line 2", "Did you mean 'export'?"),
    "a key of another section": toml("[export]\nworkers = 4\n", "line 2", "Did you mean 'performance.workers'?"),
    "a key of no section": toml("workers = 4\n", "line 1", "Did you mean 'performance.workers'?"),
    "a plugin as a section": toml('[fs]\npath = "x"\n', "line 1", "'fs'", "[plugins.NAME]"),
    "a table in a section": toml("[performance.deep]\nworkers = 4\n", "line 1", "performance.deep", "workers"),
    "a table in a plugin's": toml("[plugins.fs.deep]\nx = 1\n", "line 1", "plugins.fs.deep", "fsync, path"),
    "a plugin that is none": toml("[plugins.markdwon]\ncsv = true\n", "plugins.markdwon", "'plugins.markdown'"),
    "a near option": toml('[plugins.fs]\npth = "x"\n', "line 2", "Did you mean 'plugins.fs.path'?"),
    "a near option in an entry": toml(
        '[export]\nsinks = [{use = "fs", pth = "x"}]\n', "line 2", "Did you mean 'plugins.fs.path'?"
    ),
    "a near option in an entry of its own name": toml(
        '[export]\nrenderers = [{use = "json", name = "data", row = true}]\n', "plugins.data.row", "'plugins.data.rows'"
    ),
    # no such value
    "a text for a number": toml('[performance]\nworkers = "4"\n', "line 2", "is '4'", "a whole number", "is 8"),
    "a fraction for a whole number": toml("[performance]\nworkers = 4.5\n", "is 4.5", "a whole number"),
    "a list for a number": toml("[performance]\nworkers = [4]\n", "is [4]", "a whole number"),
    "a boolean for a number": toml("[export]\nmax_delete = true\n", "is true", "a number", "is 0.25"),
    "a number for a boolean": toml("[export]\nassets = 1\n", "is 1", "true or false", "is true"),
    "no number": toml("[performance]\nwindow_s = nan\n", "is nan", "a finite number"),
    "an infinite number": toml("[performance]\nwindow_s = inf\n", "is inf", "a finite number"),
    "a negative number": toml("[performance]\ntimeout_s = -1\n", "is -1", "a number above 0"),
    "a list for a text": toml('[export]\nid = ["x"]\n', "is ['x']", "a text"),
    "a text for a list": toml('[plugins.markdown]\nproperties = "Name"\n', "is 'Name'", "a list of texts"),
    "a number in a list of texts": toml("[export]\nroots = [3]\n", "is [3]", "a list of texts"),
    "a number in a table of texts": toml("[plugins.markdown]\nkeys = {title = 3}\n", "'title': 3", "a table of texts"),
    "a list for a table": toml('[export]\nonly = ["Status"]\n', "is ['Status']", "a table"),
    "a list of tables for a section": toml('[[export]]\nid = "x"\n', "line 1", "export is [{'id': 'x'}]", "a table"),
    "a text for a plugin's table": toml('[plugins]\nfs = "out"\n', "line 2", "plugins.fs is 'out'", "a table of its"),
    "a word that is none of the list": toml('[export]\nnaming = "Title"\n', "'Title'", "one of 'title', 'slug', 'id'"),
    "a folder that leads out": toml('[export]\nassets_folder = "../x"\n', "'../x'", "such as static/assets"),
    "a variable in a path": toml('[plugins.fs]\npath = "${HOME}/x"\n', "${HOME} is not replaced", "~/"),
    "an entry without a plugin": toml('[export]\nrenderers = [{name = "x"}]\n', "line 2", '{use = "fs"'),
    "a renderer by an address": toml(
        '[export]\nrenderers = [{url = "file:///x"}]\n', "names no plugin", 'Say which: {use = "…", …}'
    ),
    "a name that is a number": toml('[export]\nsinks = [{use = "fs", name = 3}]\n', "line 2", "'name': 3"),
    "one name for two": toml('[export]\nrenderers = ["json", "json"]\n', "'json' is used twice", "name of its own"),
    "one name for two listeners": toml(
        '[monitoring]\nlisteners = ["console", "console"]\n', "monitoring.listeners", "is used twice"
    ),
    # secrets
    "the token": toml('[notion]\ntoken = "ntn_canary12345"\n', "line 2", "must not hold a secret", "NOTION_TOKEN"),
    "the token as its variable": toml('[notion]\ntoken_env = "ntn_canary12345"\n', "[token]", "not the token itself"),
    "a secret in an entry that is wrong": toml(
        '[export]\nsinks = [{us = "s3", secret_key = "canary12345"}]\n', "'secret_key': '[secret]'", '{use = "fs"'
    ),
    "the token without its key": setting("ntn_canary12345", "--set '[token]'", "KEY=VALUE"),
    # --set
    "no value": setting("performance.workers", "'performance.workers'", "KEY=VALUE", "--set performance.workers=4"),
    "a colon": setting("performance.workers:4", "KEY=VALUE"),
    "no key": setting("=4", "KEY=VALUE"),
    "a dot too many": setting("performance..workers=4", "Did you mean 'performance.workers'?"),
    "a key below a key": setting("performance.workers.x=4", "Did you mean 'performance.workers'?"),
    "a section with a value": setting("performance=4", "performance is 4", "a table"),
    "all plugins with a value": setting("plugins=3", "plugins is 3", "a table for each plugin"),
    "a plugin with a value": setting("plugins.fs=out", "plugins.fs is 'out'", "a table of its options"),
    "an option's wrong type": setting("plugins.json.rows=perhaps", "--set plugins.json.rows", "true or false"),
    # the environment
    "a near variable": variable("PERFORMANCE__WROKERS", "4", "'performance.wrokers'", "'performance.workers'"),
    "a near section in a variable": variable("PERFORMENCE__WORKERS", "4", "Did you mean 'performance'?"),
    "one underscore": variable("PERFORMANCE_WORKERS", "4", "Did you mean NOTION_SYNC_PERFORMANCE__WORKERS?"),
    "no section": variable("WORKERS", "4", "Did you mean NOTION_SYNC_PERFORMANCE__WORKERS?"),
    "an empty number": variable("PERFORMANCE__WORKERS", "", "is ''", "a whole number"),
    "a plugin's near option": variable("PLUGINS__JSON__ROW", "yes", "Did you mean 'plugins.json.rows'?"),
}
CHECK = ("config", "check", "--config", "job.toml")
"""It refuses what a run refuses (tests/cli/test_commands.py)."""


@pytest.fixture
def said(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs the command in this process: what it says where it ends with 2, without a request."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTION_TOKEN", server.token)

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["notion-sync", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert left.value.code == 2, err
        assert (out, server.counters.total) == ("", 0)
        return err

    return run


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_configuration_is_told_before_any_request(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Callable[..., str], name: str
) -> None:
    wrong = MISTAKES[name]
    monkeypatch.setenv("NOTION_SYNC_NOTION__BASE_URL", server.url)
    for variable, value in wrong.environ.items():
        monkeypatch.setenv(variable, value)
    file = wrong.file.encode() if isinstance(wrong.file, str) else wrong.file
    (tmp_path / "job.toml").write_bytes(file)
    settings = [word for text in wrong.settings for word in ("--set", text)]
    renderer = () if file else ("--set", "export.renderers=json")
    text = said(*CHECK, *renderer, *settings)
    for part in wrong.said:
        assert part in text
    assert "canary12345" not in text
    assert not file or "job.toml" in text or "twice" in text or "no plugin" in text
    assert len(text.splitlines()) == 2, "what is wrong, and what to do"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere", "does not exist"), (".", "Is a directory"), ("loop", "symbolic links"), ("/dev/zero", "1 MiB")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, said: Callable[..., str], name: str, reason: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    text = said("config", "check", "--config", name)
    assert reason in text
    assert "Check" in text


def test_a_mark_at_the_beginning_of_a_file_is_none_of_its_text(tmp_path: Path, said: Callable[..., str]) -> None:
    (tmp_path / "job.toml").write_bytes(b"\xef\xbb\xbf[export]\r\nid = 3\r\n")
    assert "job.toml, line 2: export.id is 3, expected a text" in said(*CHECK)


def test_there_are_forty_of_them_and_more() -> None:
    assert len(MISTAKES) >= 60
