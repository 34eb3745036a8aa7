"""A plugin says which version of the interface it was made for, and the program whether it serves that."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from attrs import frozen

from notion_sync_core.errors import PluginError
from notion_sync_core.plugin import API_VERSION, hookimpl
from notion_sync_core.plugins import versions
from notion_sync_core.plugins.build import checked

OURS = (2, 3)
OLDER = {1: date(2027, 11, 27)}


@pytest.mark.parametrize("wanted", [2, "2", "2.0", "2.3"])
def test_this_major_is_served_up_to_our_minor(wanted: object) -> None:
    versions.check(wanted, "the sink 'mine'", OURS, OLDER)


@pytest.mark.parametrize("wanted", ["2.4", 3, "3.0"])
def test_what_is_newer_is_refused_and_an_update_is_the_remedy(wanted: object) -> None:
    with pytest.raises(PluginError, match=f"version {wanted} of the plugin interface.*has version 2.3") as raised:
        versions.check(wanted, "the sink 'mine'", OURS, OLDER)
    assert raised.value.remedy.startswith("Update this program")


@pytest.mark.parametrize("wanted", [1, "1.9"])
def test_an_older_major_in_the_table_is_served_with_a_word_of_when_that_ends(
    wanted: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        versions.check(wanted, "the sink 'mine'", OURS, OLDER)
    assert f"the sink 'mine' is made for version {wanted}" in caplog.text
    assert "until 2027-11-27 at least" in caplog.text


def test_an_older_major_that_has_left_the_table_is_refused_and_a_newer_plugin_is_the_remedy() -> None:
    with pytest.raises(PluginError) as raised:
        versions.check(0, "the sink 'mine'", OURS, OLDER)
    assert raised.value.remedy.startswith("Install a newer release of the plugin")


@pytest.mark.parametrize("wanted", ["two", "1.x", "", 1.5, True, -1, "01", "1.2.3", ("1",)])
def test_what_is_no_version_is_a_fault_of_the_plugin(wanted: object) -> None:
    with pytest.raises(PluginError, match="its attribute api_version is"):
        versions.check(wanted, "the sink 'mine'", OURS, OLDER)


@frozen(eq=False)
class Listener:
    api_version: Any = 1

    @hookimpl
    def on_event(self) -> None: ...


def test_a_plugin_may_say_its_version_as_a_number_or_a_text() -> None:
    for said in (API_VERSION, str(API_VERSION), f"{API_VERSION}.0"):
        assert checked("listeners", "mine", Listener(said), "the listener 'mine'").name == "mine"
    with pytest.raises(PluginError, match=r"version 1\.99 of the plugin interface"):
        checked("listeners", "mine", Listener("1.99"), "the listener 'mine'")


def test_only_majors_before_ours_are_called_older() -> None:
    assert all(major < versions.API[0] for major in versions.OLDER)
