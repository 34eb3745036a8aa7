"""Makes plugins from their options, and checks that they are what they are taken for.

cattrs builds each: its attributes are its options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from notion_sync_core.config.keys import expect_types
from notion_sync_core.errors import ConfigError, NotionSyncError, PluginError
from notion_sync_core.plugins import faces, versions
from notion_sync_core.plugins.find import find, load
from notion_sync_core.plugins.hooks import Hooks, single
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.secret import Secret
from notion_sync_core.structure import Resolve, structure


@frozen
class Spec:
    """How to build one plugin, here or in another process."""

    kind: str
    name: str
    """What it is called in this job."""
    use: str
    """What it is called where it is installed."""
    options: Mapping[str, Any]
    plugin: Any = None
    """The plugin itself, or its class, where a program gave it; it may not be such that another process can have it."""


@frozen
class Built:
    """A plugin that was checked, in its place."""

    name: str
    plugin: Any
    hooks: Hooks
    version: str
    """Of what it makes: what it says itself, or that of its distribution."""


def build(
    spec: Spec,
    origins: Mapping[str, str] | None = None,
    watch: Watch | None = None,
    resolve: Resolve | None = None,
) -> Built:
    """An instance of a plugin.

    :param origins: where options came from, for messages.
    :param watch: notices if it does not come back.
    :param resolve: finds the secrets that its options refer to; ``None``: those of this process's environment.
    :raises ConfigError: an option is unknown or has a wrong value.
    :raises PluginError: it cannot be made, or is not what its kind must be.
    """
    if spec.plugin is not None:
        who = f"the {spec.kind[:-1]} {spec.name!r} ({_kind_of(spec.plugin).__qualname__})"
        given = spec.plugin
        if isinstance(given, type):
            expect_types(given, who)
            given = _make(given, spec, who, origins or {}, resolve or _from_here)
        return checked(spec.kind, spec.name, given, who, watch=watch)
    found = find(spec.kind, spec.use)
    made = _make(load(found), spec, str(found), origins or {}, resolve or _from_here)
    return checked(spec.kind, spec.name, made, str(found), found.version, watch)


def _kind_of(plugin: Any) -> type:
    return plugin if isinstance(plugin, type) else type(plugin)


def checked(kind: str, name: str, plugin: object, who: str, version: str = "", watch: Watch | None = None) -> Built:
    """A plugin that somebody made, checked.

    :param who: the plugin, for messages.
    :param version: of its distribution.
    :raises PluginError: it is not what its kind must be.
    """
    try:
        return _checked(kind, name, plugin, who, version, watch)
    except NotionSyncError:
        raise
    except (Exception, SystemExit) as error:
        # An attribute may be a property, and do anything.
        raise PluginError(
            f"{who} fails when it is looked at: {type(error).__name__}: {error}", "Report this to the plugin's authors."
        ) from error


def _checked(kind: str, name: str, plugin: object, who: str, version: str, watch: Watch | None) -> Built:
    versions.check(getattr(plugin, "api_version", versions.API[0]), who)
    hooks = single(plugin, name, watch) if watch else single(plugin, name)
    faces.check(faces.FACES[kind], plugin, hooks, who)
    return Built(name, plugin, hooks, str(getattr(plugin, "version", None) or version))


def _from_here(reference: str) -> Secret:
    """In a process that was started to render: only references came with the order."""
    from notion_sync_core.config.secrets import Secrets
    from notion_sync_core.config.tree import NotionConfig

    return Secrets(NotionConfig()).resolve(reference)


def _make(plugin: Any, spec: Spec, who: str, origins: Mapping[str, str], resolve: Resolve) -> Any:
    if not attrs.has(plugin) and spec.options:
        raise ConfigError(f"{who} takes no options, but {', '.join(spec.options)} is given")
    try:
        if not attrs.has(plugin):
            return plugin() if isinstance(plugin, type) else plugin
        return structure(plugin, spec.options, f"plugins.{spec.name}", origins, resolve)
    except NotionSyncError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{who} cannot be made: {type(error).__name__}: {error}", "Report this to the plugin's authors."
        ) from error
