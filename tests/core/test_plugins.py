"""Plugins are found by name, built strictly, and blamed for their faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.plugin import hookimpl
from notion_sync_core.plugins import find
from notion_sync_core.plugins.build import Spec, build, checked
from notion_sync_core.plugins.faces import FACES, expect_form
from notion_sync_core.plugins.given import kind_of
from notion_sync_core.plugins.hooks import single
from notion_sync_fs import FileSystemSink


def test_the_built_in_plugins_come_through_entry_points() -> None:
    assert [plugin.name for plugin in find.available("renderers")] == ["html", "json", "markdown"]
    assert find.available("sources")[0].distribution == "notion-sync-core"


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError) as raised:
        find.load_class("renderers", "markdwon")
    assert "Did you mean 'markdown'?" in raised.value.remedy


def test_an_unknown_option_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError) as raised:
        build(Spec("renderers", "markdown", "markdown", {"cvs": False}))
    assert "'plugins.markdown.csv'" in raised.value.remedy


@frozen(eq=False)
class Misspelt:
    @hookimpl
    def render_documnet(self, document: object) -> None: ...


@frozen(eq=False)
class WrongArgument:
    @hookimpl
    def on_event(self, evnt: object) -> None: ...


@frozen(eq=False)
class Failing:
    @hookimpl
    def on_event(self, event: object) -> None:
        raise ZeroDivisionError("oh")


def test_a_misspelt_hook_fails_when_the_plugin_is_added() -> None:
    with pytest.raises(PluginError) as raised:
        single(Misspelt(), "mine")
    assert "Did you mean 'render_document'?" in raised.value.remedy


def test_a_hook_with_an_argument_that_does_not_exist_fails_too() -> None:
    with pytest.raises(PluginError, match="evnt"):
        single(WrongArgument(), "mine")


@pytest.mark.parametrize("plugin", [Misspelt, Misspelt(), WrongArgument, WrongArgument()], ids=repr)
def test_a_class_is_told_the_same_as_an_instance_and_in_our_words(plugin: object) -> None:
    with pytest.raises(PluginError) as raised:
        single(plugin, "mine")
    said = f"{raised.value.message} {raised.value.remedy}"
    hook = "there is no hook 'render_documnet' Did you mean 'render_document'? Known hooks: "
    argument = (
        "on_event wants an argument 'evnt', which this hook does not give Did you mean 'event'? It may take event"
    )
    assert said.startswith((f"plugin 'mine': {hook}", f"plugin 'mine': {argument}")), said


@frozen(eq=False)
class Formless:
    format = "formless"

    @hookimpl
    def render_document(self, document: object) -> None: ...


@frozen(eq=False)
class Optional:
    format = "optional"
    suffix: str = ".txt"

    @hookimpl
    def render_document(self, document: object, more: int = 1) -> None: ...


def test_what_makes_documents_says_their_suffix_and_its_class_shows_it() -> None:
    face = FACES["renderers"]
    expect_form(face, Optional, single(Optional, "mine"), "the renderer 'mine'")
    for plugin in (Formless, Formless()):
        with pytest.raises(PluginError, match="the renderer 'mine' makes documents and has no attribute 'suffix'"):
            expect_form(face, plugin, single(plugin, "mine"), "the renderer 'mine'")


def test_one_file_with_a_misspelt_hook_is_told_which_is_meant() -> None:
    with pytest.raises(ConfigError, match="there is no hook 'render_documnet'") as raised:
        kind_of(Misspelt, "the plugin x.py:Misspelt")
    assert "Did you mean 'render_document'?" in raised.value.remedy


def test_an_exception_in_a_plugin_names_plugin_and_hook() -> None:
    with pytest.raises(PluginError, match="mine failed in on_event: ZeroDivisionError: oh"):
        single(Failing(), "mine").call("on_event", event=None)


def test_a_method_that_is_none_is_a_fault_of_the_plugin(tmp_path: Path) -> None:
    sink = FileSystemSink(tmp_path)
    assert checked("sinks", "mine", sink, "the sink 'mine'").plugin is sink
    odd = type("Odd", (FileSystemSink,), {"options_from_url": "vault://"})(tmp_path)
    with pytest.raises(PluginError, match="its options_from_url is no method"):
        checked("sinks", "mine", odd, "the sink 'mine'")
