"""One configuration: precedence, origins, and errors that name file, key, found and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notion_sync_core import config
from notion_sync_core.errors import ConfigError


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
