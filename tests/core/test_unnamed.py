"""A configuration file that merely lies in the current folder: it says how, never where secrets go."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core import config
from notion_sync_core.config.unnamed import refuse_what_needs_a_name
from notion_sync_core.errors import ConfigError, Exit

REFUSED = {
    "notion.base_url": '[notion]\nbase_url = "https://evil.example"',
    "notion.token_env": '[notion]\ntoken_env = "AWS_SECRET_ACCESS_KEY"',
    "notion.token_file": '[notion]\ntoken_file = "/etc/hostname"',
    "notion.version": '[notion]\nversion = "${AWS_SECRET_ACCESS_KEY}"',
    "plugins.fs.path": '[plugins.fs]\npath = "x/${HOME}"',
    "plugins.notion.base_url": '[plugins.notion]\nbase_url = "http://127.0.0.1:9"',
    "plugins.s3.endpoint_url": '[plugins.s3]\nendpoint_url = "evil.example:9000"',
    "plugins.s3.prefix": '[plugins.s3]\nprefix = "${AWS_SECRET_ACCESS_KEY}"',
    "plugins.other.key": '[plugins.other]\nkey = "env:AWS_SECRET_ACCESS_KEY"',
    "plugins.other.pass": '[plugins.other]\npass = " keyring:mail"',
    "plugins.other.api_key_file": '[plugins.other]\napi_key_file = "id"',
    "plugins.other.deep.a": '[plugins.other]\ndeep = [{a = ["x", "file:/etc/hostname"]}]',
    "plugins.html.base": '[plugins.html]\nbase = "//evil.example/x"',
    "export.sinks": '[export]\nsinks = ["dav://evil.example/x"]',
    "export.sinks.url": '[export]\nsinks = [{url = "dav://me@evil/x"}]',
    "export.sinks.endpoint_url": '[export]\nsinks = [{url = "s3://bucket", endpoint_url = "http://evil"}]',
    "export.renderers.proxy": '[export]\nrenderers = [{use = "html", proxy = "evil:3128"}]',
    "monitoring.events_file": '[monitoring]\nevents_file = "~/.profile"',
    "monitoring.metrics_file": '[monitoring]\nmetrics_file = "/etc/cron.d/x.prom"',
    "plugins.metrics.metrics_file": '[plugins.metrics]\nmetrics_file = "../x.prom"',
    "monitoring.listeners.webhook": '[monitoring]\nlisteners = [{use = "chat", webhook = "evil/x"}]',
}
FINE = """
[export]
roots = ["https://www.notion.so/Home-0123456789abcdef0123456789abcdef"]
renderers = ["markdown", {use = "html", name = "site", templates = "my-look"}]
sinks = ["fs", "s3://bucket/prefix", "file:///srv/out", {use = "fs", name = "second", path = "/mnt/backup"}]
[notion]
base_url = "https://api.notion.com/"
token_env = "NOTION_TOKEN"
token_file = "token"
[performance]
workers = 4
[deployment]
state_dir = ".state"
[monitoring]
events_file = "logs/events.jsonl"
metrics_file = "metrics/handbook.prom"
[plugins.fs]
path = "out//sub"
[plugins.s3]
kms_key_id = "alias/mine"
endpoint_url = ""
addressing = "path"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "notion-sync.toml"


@pytest.mark.parametrize("key", REFUSED)
def test_an_unnamed_file_that_leads_secrets_away_is_refused_with_the_remedy(here: Path, key: str) -> None:
    here.write_text(REFUSED[key])
    with pytest.raises(ConfigError) as raised:
        config.load(environ={})
    assert f" {key}:" in raised.value.message
    assert "--config notion-sync.toml" in raised.value.remedy
    assert raised.value.exit_code == Exit.USAGE
    # Somebody who names it has said that it is theirs.
    named = config.load(Path("notion-sync.toml"), environ={})
    assert {named.place(each)[0] for each in named.origins.values()} == {"notion-sync.toml"}


def test_an_unnamed_file_with_paths_plugins_and_looks_works_as_ever(here: Path) -> None:
    here.write_text(FINE)
    assert config.load(environ={}).performance.workers == 4


def test_what_flags_and_the_environment_say_is_the_users_own_word(here: Path) -> None:
    here.write_text("[performance]\nworkers = 4\n")
    own = config.load(
        environ={"NOTION_SYNC_NOTION__BASE_URL": "https://mine.example"}, settings=["notion.token_env=MINE"]
    )
    assert (own.notion.base_url, own.notion.token_env) == ("https://mine.example", "MINE")


def test_a_token_file_that_leads_out_of_the_folder_by_a_link_is_refused(here: Path) -> None:
    here.write_text('[notion]\ntoken_file = "token"\n')
    (here.parent / "token").symlink_to("/etc/hostname")
    with pytest.raises(ConfigError, match="token_file"):
        config.load(environ={})


def test_the_refusal_repeats_no_value_and_names_few_of_many_keys(here: Path) -> None:
    here.write_text("[plugins.x]\n" + "".join(f'a{n}_url = "CANARY{n}"\n' for n in range(50)))
    with pytest.raises(ConfigError, match="and 45 more") as raised:
        config.load(environ={})
    assert "CANARY" not in str(raised.value)


plain = st.text(st.characters(codec="utf-8", exclude_characters="$:/", exclude_categories=["C"]), max_size=20)
trees = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3))


@given(trees, st.sampled_from(["env:X", "https://evil", "${X}", "keyring:x", "FILE:/etc/x", " Https://evil"]))
def test_however_deep_a_reference_lies_it_is_found(tree: object, bad: str) -> None:
    document = {"plugins": {"x": {"option": [tree, {"inner": [tree, {"more": bad}]}]}}}
    with pytest.raises(ConfigError, match=r"plugins\.x\.option\.inner\.more"):
        refuse_what_needs_a_name(document, Path("notion-sync.toml"), {})


def test_the_examples_are_toml() -> None:
    for text in (*REFUSED.values(), FINE):
        tomllib.loads(text)


def test_templates_that_are_links_to_something_elsewhere_need_a_named_file(here: Path) -> None:
    Path("notion-sync.toml").write_text('[plugins.markdown]\ntemplates = "look"\n')
    look = Path("look")
    look.mkdir()
    (look / "page.md.j2").write_text("{{ title }}")
    assert config.load(environ={}).plugins["markdown"]["templates"] == "look"
    (look / "environ.j2").symlink_to("/proc/self/environ")
    with pytest.raises(ConfigError, match=r"plugins\.markdown\.templates"):
        config.load(environ={})
    assert config.load(Path("notion-sync.toml"), environ={}).plugins["markdown"]["templates"] == "look"
