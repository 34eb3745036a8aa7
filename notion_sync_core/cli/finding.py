"""Finds the plugins that a name on the command line means."""

from __future__ import annotations

from notion_sync_core.errors import ConfigError
from notion_sync_core.plugins.find import KINDS, Available, available, find, load
from notion_sync_core.plugins.given import kind_of
from notion_sync_core.plugins.one_file import one_file
from notion_sync_core.structure import unknown


def called(name: str) -> list[Available]:
    """The plugins of that name, of any kind; or the one that is a file.

    :raises ConfigError: there is none.
    :raises PluginError: a file cannot be loaded, or two packages claim a name.
    """
    if one_file(name) is not None:
        return [find(kind_of(load(find("plugins", name)), f"the plugin {name}"), name)]
    found = [find(kind, name) for kind in KINDS if name in {plugin.name for plugin in available(kind)}]
    if not found:
        names = sorted({plugin.name for kind in KINDS for plugin in available(kind)})
        told = unknown("", name, names)
        raise ConfigError(f"no plugin named {name!r} is installed", told.remedy.replace("Known:", "Installed:"))
    return found
