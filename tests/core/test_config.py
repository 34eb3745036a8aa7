"""One configuration: precedence, origins, and errors that name file, key, found and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import frozen

from notion_sync_core import Job, config
from notion_sync_core.config.keys import keys_of
from notion_sync_core.config.renamed import Renamed
from notion_sync_core.config.starter import toml as written
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.errors import ConfigError
from notion_sync_core.plugins.values import values
from notion_sync_core.structure import structure


def load(
    file: Path | None = None, *settings: str, environ: dict[str, str] | None = None, **flags: Any
) -> config.Config:
    return config.load(
        file,
        environ=environ or {},
        settings=settings,
        flags={name.replace("__", "."): value for name, value in flags.items()},
        use_default_file=False,
    )


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "notion-sync.toml"


def test_a_flag_beats_set_beats_environment_beats_file_beats_default(toml: Path) -> None:
    environ = {"NOTION_SYNC_PERFORMANCE__WORKERS": "3"}
    assert load().performance.workers == 8
    toml.write_text("[performance]\nworkers = 2\n")
    assert load(toml).performance.workers == 2
    assert load(toml, environ=environ).performance.workers == 3
    assert load(toml, "performance.workers=4", environ=environ).performance.workers == 4
    assert load(toml, "performance.workers=4", environ=environ, performance__workers=5).performance.workers == 5


def test_every_value_remembers_where_it_came_from(toml: Path) -> None:
    toml.write_text('[plugins.fs]\npath = "out"\n')
    found = load(toml, "export.assets=no", environ={"NOTION_SYNC_NOTION__VERSION": "2026-03-11"})
    assert found.origins["plugins.fs.path"] == f"{toml}, line 2"
    assert found.origins["export.assets"] == "--set export.assets"
    assert found.origins["notion.version"] == "environment variable NOTION_SYNC_NOTION__VERSION"
    assert found.export.assets is False


def test_a_list_may_be_given_with_commas() -> None:
    assert load(None, "export.renderers=markdown, json").export.renderers == ["markdown", "json"]


MISTAKES = {
    "[performance]\nworkers = 'four'": ("performance.workers", "a whole number"),
    "[performance]\nworkers = 0": ("performance.workers", "above 0"),
    "[performance]\nworkers = true": ("performance.workers", "a whole number"),
    "[performance]\nworkres = 4": ("performance.workres", "Did you mean 'performance.workers'?"),
    "[perfomance]\nworkers = 4": ("perfomance", "Did you mean 'performance'?"),
    "[performance]\nrequests = -1": ("performance.requests", "at least 0"),
    "[export]\non_edit = 'maybe'": ("export.on_edit", "'overwrite'"),
    "[export]\nmax_delete = 2": ("export.max_delete", "from 0 to 1"),
    "[export]\nsinks = []": ("export.sinks", ""),
    "[export]\nsinks = [3]": ("export.sinks", "plugin names, or tables"),
    "[export]\nroots = 'x'": ("export.roots", "list"),
    "export = 3": ("export", "a table"),
    "[plugins]\nfs = 3": ("plugins", "a table"),
    "[notion]\ntoken = 'ntn_hidden'": ("notion.token", ""),
    "[plugins.fs]\ntoken = 'ntn_hidden'": ("plugins.fs.token", "NOTION_TOKEN"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_the_file_names_file_key_and_what_is_expected(toml: Path, text: str) -> None:
    toml.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(toml)
    said = f"{raised.value.message} {raised.value.remedy}"
    key, expected = MISTAKES[text]
    assert key in said
    assert expected in said
    assert str(toml) in said
    assert "ntn_hidden" not in said


def test_a_file_that_is_no_toml_names_the_line(toml: Path) -> None:
    toml.write_text("[export\n")
    with pytest.raises(ConfigError, match="line 1"):
        load(toml)


def test_a_file_that_is_not_there_or_not_readable_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("setting", ["workers", "=4", "plugins.fs.deep.path=1"])
def test_a_setting_that_is_no_key_and_value_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError):
        load(None, setting)


# -- names of before

RENAMED = {"performance.threads": Renamed("performance.workers", "0.2")}


def renamed(file: Path | None, *settings: str, environ: dict[str, str] | None = None, **flags: Any) -> config.Config:
    named = {name.replace("__", "."): value for name, value in flags.items()}
    return config.load(
        file, environ=environ or {}, settings=settings, flags=named, use_default_file=False, renamed=RENAMED
    )


def test_a_key_works_under_its_old_name_and_the_new_one_is_told(toml: Path) -> None:
    toml.write_text("[performance]\nthreads = 3\n")
    found = renamed(toml)
    assert found.performance.workers == 3
    assert found.origins["performance.workers"] == f"{toml}, line 2"
    assert found.notices == (
        f"{toml}, line 2: performance.threads is called performance.workers since 0.2; "
        "the old name will not work for ever",
    )
    assert renamed(None, "performance.threads=4").performance.workers == 4
    assert renamed(None, environ={"NOTION_SYNC_PERFORMANCE__THREADS": "5"}).performance.workers == 5
    assert renamed(None, "performance.workers=4").notices == ()
    assert renamed(toml, performance__workers=6).performance.workers == 6, "a flag knows no old names"


@pytest.mark.parametrize("setting", ["performance.workers=4", "performance.threads=x"])
def test_a_wrong_value_under_an_old_name_and_both_names_at_once_are_errors(toml: Path, setting: str) -> None:
    toml.write_text("[performance]\nthreads = 3\n")
    with pytest.raises(ConfigError) as raised:
        renamed(toml, setting)
    assert "--set performance." in raised.value.message
    assert "performance.workers" in str(raised.value)


def test_both_names_at_once_say_where_each_stands_and_which_to_leave_out(toml: Path) -> None:
    for text in ("threads = 3\nworkers = 4", "workers = 4\nthreads = 3"):
        toml.write_text(f"[performance]\n{text}\n")
        with pytest.raises(ConfigError) as raised:
            renamed(toml)
        assert f"{toml}, line 3" in raised.value.message
        assert f"in {toml}, line 2" in raised.value.message
        assert raised.value.remedy == "Leave out performance.threads: since 0.2 the name is performance.workers."


def test_every_new_name_is_a_key() -> None:
    keys = {f"{name}.{each.name}" for name, section in SECTIONS.items() for each in keys_of(section)}
    assert {new.key for new in config.loader.RENAMED.values()} <= keys
    assert not config.loader.RENAMED.keys() & keys


# -- what is in force


def test_every_key_says_who_set_it(toml: Path) -> None:
    keys = [(name, key) for name, section in SECTIONS.items() for key in keys_of(section)]
    plain = {key.key: key for key in values(load())}
    for name, key in keys:
        dotted = f"{name}.{key.name}"
        assert (plain[dotted].origin, plain[dotted].line) == ("default", 0)
        toml.write_text(f"# of a file\n[{name}]\n\n{key.name} = {written(key.default)}\n")
        by_file = next(each for each in values(load(toml)) if each.key == dotted)
        assert (by_file.value, by_file.origin, by_file.line) == (key.default, str(toml), 4)
        variable = f"NOTION_SYNC_{name}__{key.name}".upper()
        text = key.default if isinstance(key.default, str) else written(key.default)
        by_variable = next(each for each in values(load(toml, environ={variable: text})) if each.key == dotted)
        assert by_variable.origin == f"environment variable {variable}"
        by_setting = next(each for each in values(load(toml, f"{dotted}={text}")) if each.key == dotted)
        assert (by_setting.origin, by_setting.line) == (f"--set {dotted}", 0)
        by_flag = next(each for each in values(load(toml, **{dotted: key.default})) if each.key == dotted)
        assert by_flag.origin == "command line"


def test_options_of_the_jobs_plugins_say_who_set_them(toml: Path) -> None:
    toml.write_text(
        """[export]
renderers = ["json", {use = "html", name = "site", language = "de"}]
sinks = ["s3://bucket/x"]
[plugins.site]
search = false
[plugins.s3]
prefix = "not this"
region = "eu"
[plugins.markdown]
csv = false
when = 2024-01-01
"""
    )
    found = {each.key: each for each in values(load(toml, "plugins.json.rows=yes"))}
    said = {key: (each.value, each.origin.replace(str(toml), "file"), each.line) for key, each in found.items()}
    assert said["plugins.json.rows"] == ("yes", "--set plugins.json.rows", 0)
    assert said["plugins.json.folder"] == ("", "default", 0)
    assert said["plugins.site.language"] == ("de", "file", 2)
    assert said["plugins.site.search"] == (False, "file", 5)
    assert said["plugins.site.search_characters"] == (20000, "default", 0)
    assert said["plugins.s3.prefix"] == ("x", "file", 3)
    assert said["plugins.s3.region"] == ("eu", "file", 8)
    assert said["plugins.markdown.csv"] == (False, "file", 10)
    assert said["plugins.markdown.when"] == ("2024-01-01", "file", 11)
    assert "plugins.markdown.dialect" not in said, "the job has no such renderer"
    assert said["plugins.notion.timeout_s"] == (60.0, "performance.timeout_s", 0)
    assert "plugins.notion.token" not in said


def test_what_cannot_be_loaded_is_shown_as_it_was_written(toml: Path) -> None:
    toml.write_text('[export]\nrenderers = ["nobody"]\nsinks = ["ftp://x"]\n[plugins.nobody]\nkey = "x"\n')
    found = {each.key: each.value for each in values(load(toml))}
    assert found["plugins.nobody.key"] == "x"
    assert found["export.sinks"] == ["ftp://x"]


def test_an_option_that_is_typed_becomes_what_the_plugin_has(toml: Path) -> None:
    job = Job.load(
        settings=("plugins.html.name=2024", "plugins.html.search=no", "plugins.markdown.metadata=id, url"),
        flags={"export.renderers": ["html", "markdown"]},
        environ={"NOTION_SYNC_PLUGINS__MARKDOWN__MATH": "yes"},
        use_default_file=False,
    )
    html, markdown = (each.plugin for each in job.renderers())
    assert (html.name, html.search, markdown.metadata, markdown.math) == ("2024", False, ["id", "url"], True)


@pytest.mark.parametrize("setting", ["plugins.fs=3", "export=3"])
def test_a_value_in_place_of_a_table_is_told_whatever_else_is_said(setting: str) -> None:
    for more in (("plugins.fs.path=x", "export.assets=no"), ()):
        with pytest.raises(ConfigError, match="a table"):
            load(None, setting, *more)


def test_an_empty_table_is_a_value_too() -> None:
    assert load(None, "export.only={}", export__only={"A": 1}).export.only == {"A": 1}
    found = load(None, "export.only={A = 1}", "export.only={}")
    assert (found.export.only, found.origins["export.only"]) == ({}, "--set export.only")


@frozen
class Options:
    """Of a plugin."""

    mode: Literal["a", "b", 1] = "a"


@pytest.mark.parametrize("value", ["c", 3, ["a"], True])
def test_an_option_of_a_few_values_takes_no_other(value: object) -> None:
    assert structure(Options, {"mode": "b"}, "plugins.x", {}).mode == "b"
    with pytest.raises(ConfigError, match="one of 'a', 'b', 1"):
        structure(Options, {"mode": value}, "plugins.x", {})


def test_a_variable_names_a_plugin_whose_name_has_a_hyphen(tmp_path: Path) -> None:
    file = tmp_path / "job.toml"
    file.write_text('[export]\nsinks = [{use = "fs", name = "Off-site"}]\n[plugins.runs-csv]\ncolumns = "a"\n')
    variables = {
        "NOTION_SYNC_PLUGINS__RUNS_CSV__COLUMNS": "b",
        "NOTION_SYNC_PLUGINS__OFF_SITE__PATH": "x",
        "NOTION_SYNC_PLUGINS__ORG_MODE__INDENT": "3",
        "NOTION_SYNC_PLUGINS__A_B__C": "4",
    }
    plugins = config.load(file, environ=variables, installed=lambda: ["org-mode", "a_b", "a-b"]).plugins
    assert plugins == {
        "runs-csv": {"columns": "b"}, "Off-site": {"path": "x"}, "org-mode": {"indent": 3}, "a_b": {"c": 4},
    }  # fmt: skip


def test_a_plugin_with_a_hyphen_is_configured_by_the_environment_of_a_job(tmp_path: Path) -> None:
    file = tmp_path / "job.toml"
    file.write_text('[export]\nrenderers = [{use = "json", name = "as-json"}]\n')
    job = Job.load(file, environ={"NOTION_SYNC_PLUGINS__AS_JSON__ROWS": "true"})
    assert job.config.plugins == {"as-json": {"rows": True}}
