"""Places that are meant, and those that are not: what --to and a configuration file may name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from notion_sync_core.cli.options import load_job
from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError, Exit
from notion_sync_core.hints import FilePath
from notion_sync_core.job import Job
from notion_sync_core.structure import structure


@pytest.mark.parametrize(
    "place", ["", " ", "--json", "S3://b/x", "s3:b/x", "s3:/b", "FILE:///x", "file:/x", "nas:/x", "Gs:b"]
)
def test_a_place_that_looks_like_a_url_and_is_none_is_refused(place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        scheme_of(place)
    assert raised.value.exit_code == Exit.USAGE
    assert raised.value.remedy


@pytest.mark.parametrize(
    "place", [".", "backup", "./nas:/x", "a/b:c", "/mnt/12:30", "C:\\backup", "~/x", "2024: notes"]
)
def test_a_folder_is_a_folder(place: str) -> None:
    assert scheme_of(place) == ""


@pytest.mark.parametrize("place", ["s3://bucket/x", "file:///x", "gs://b"])
def test_a_url_has_its_scheme(place: str) -> None:
    assert scheme_of(place) == place.partition(":")[0]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def places(job: Job) -> list[str]:
    return [sink.location for sink in job.sinks()]


@pytest.mark.parametrize("url", ["file:///srv/a%20b", "file://localhost/srv/a%20b"])
def test_a_file_url_is_a_folder_of_this_machine_everywhere(here: Path, url: str) -> None:
    assert places(load_job(None, to=(url,))) == ["/srv/a b"]
    assert places(Job.load(settings=[f'export.sinks=["{url}"]'])) == ["/srv/a b"]


@pytest.mark.parametrize("url", ["file://host/x", "file://", "file:///", "file://backup", "fs:///x"])
def test_a_file_url_of_another_machine_or_of_no_folder_is_refused(here: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="is no folder of this machine"):
        places(load_job(None, to=(url,)))


def test_two_places_of_one_kind_get_names_of_their_own(here: Path) -> None:
    job = load_job(None, to=("a", "file:///srv/b", "s3://bucket/c"))
    assert [sink.name for sink in job.sinks()] == ["fs", "sink2", "s3"]


def test_an_empty_path_is_not_the_folder_where_one_stands(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"plugins\.fs\.path is '', expected a folder"):
        places(Job.load(settings=["plugins.fs.path="]))


# -- relative paths


def test_relative_paths_in_a_file_are_relative_to_that_file(here: Path) -> None:
    jobs = here / "jobs"
    (jobs / "look").mkdir(parents=True)
    (jobs / "job.toml").write_text(
        '[export]\nrenderers = ["html"]\nsinks = ["fs", {use = "fs", name = "second", path = "b"}]\n'
        '[plugins.fs]\npath = "a"\n[plugins.html]\ntemplates = "look"\n'
        '[deployment]\nstate_dir = "state"\n[notion]\ntoken_file = "token"\n'
    )
    job = Job.load("jobs/job.toml", environ={})
    assert places(job) == [str(jobs / "a"), str(jobs / "b")]
    assert job.home.resolve() == jobs / "state"
    assert Path(job.config.notion.token_file).resolve() == jobs / "token"
    assert Path(job.renderer_specs()[0].options["templates"]).resolve() == jobs / "look"
    job.renderers()


def test_paths_of_flags_and_of_the_environment_are_relative_to_where_one_stands(here: Path) -> None:
    (here / "jobs").mkdir()
    (here / "jobs" / "job.toml").write_text('[plugins.fs]\npath = "a"\n')
    said = Job.load(
        "jobs/job.toml", environ={"NOTION_SYNC_PLUGINS__FS__PATH": "c"}, settings=["deployment.state_dir=s"]
    )
    assert places(said) == [str(here / "c")]
    assert said.home.resolve() == here / "s"
    given = Job.load("jobs/job.toml", environ={}, flags={"export.sinks": [{"use": "fs", "path": "d"}]})
    assert places(given) == [str(here / "d")]


def test_absolute_paths_and_home_stay_what_they_are(here: Path) -> None:
    (here / "jobs").mkdir()
    (here / "jobs" / "job.toml").write_text('[plugins.fs]\npath = "~/a"\n[deployment]\nstate_dir = "/srv/state"\n')
    job = Job.load("jobs/job.toml", environ={})
    assert places(job) == [str(here.parent / "home" / "a")]
    assert job.home == Path("/srv/state")


def test_in_the_folder_of_the_file_options_say_what_the_file_says(here: Path) -> None:
    """What renderers are made of is compared from run to run: nothing is made again because a checkout moved."""
    (here / "notion-sync.toml").write_text('[plugins.markdown]\ntemplates = "look"\n')
    assert Job.load(environ={}).renderer_specs()[0].options == {"templates": "look"}


@frozen
class Options:
    """Of a plugin."""

    path: FilePath = ""


@pytest.mark.parametrize("value", ["${HOME}/x", "$HOME/x", "a/$USER/x", "%APPDATA%/x", "a${X}b", "~nobody-x/x", "a\0b"])
def test_a_path_with_variables_is_refused_and_never_made(value: str) -> None:
    with pytest.raises(ConfigError, match="expected a path") as raised:
        structure(Options, {"path": value}, "plugins.x", {})
    assert raised.value.exit_code == Exit.USAGE


@pytest.mark.parametrize("value", ["US$", "a$b/c", "100%", "a$/b", "{x}", "50% off and 20% more"])
def test_a_path_with_the_same_characters_and_no_variable_is_fine(value: str) -> None:
    assert structure(Options, {"path": value}, "plugins.x", {}).path == value


def test_the_command_line_is_named_where_it_is_wrong(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"^command line: plugins\.fs\.path is '\$\{HOME\}/x'"):
        places(load_job(None, to=("${HOME}/x",)))


# -- tables of nobody


def test_a_table_that_no_plugin_has_is_an_error_with_the_nearest_name(here: Path) -> None:
    (here / "notion-sync.toml").write_text("[plugins.markdwon]\ncsv = false\n")
    with pytest.raises(ConfigError, match=r"notion-sync\.toml, line 2: unknown key 'plugins\.markdwon'") as raised:
        Job.load(environ={})
    assert "Did you mean 'plugins.markdown'?" in raised.value.remedy


def test_a_table_without_keys_is_told_as_well(here: Path) -> None:
    (here / "notion-sync.toml").write_text("[plugins.fss]\n")
    with pytest.raises(ConfigError, match=r"notion-sync\.toml: unknown key 'plugins\.fss'"):
        Job.load(environ={})


@pytest.mark.parametrize(
    "flags",
    [
        {"plugins.html.name": "Wiki"},
        {"plugins.second.path": "b", "export.sinks": ["fs", {"use": "fs", "name": "second"}]},
        {"plugins.mine.x": 1, "export.source": "mine"},
    ],
)
def test_a_table_of_an_installed_or_a_chosen_plugin_is_fine(here: Path, flags: dict[str, Any]) -> None:
    Job.load(environ={}, flags=flags)
