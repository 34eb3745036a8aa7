"""Which plugins are installed, and what stands behind a name.

stevedore lists entry points and loads only the chosen ones.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import stevedore
from attrs import frozen

from notion_sync_core.config.keys import expect_types
from notion_sync_core.errors import ConfigError, NotionSyncError, PluginError
from notion_sync_core.plugins.one_file import one_file

_Owners = dict[tuple[str, str, str], importlib.metadata.Distribution]
KINDS = ("sources", "renderers", "sinks", "listeners", "targets", "commands")
OURS = "notion-sync-core"
"""The distribution of this program: its plugins are found like all others."""


@frozen
class Available:
    """An installed plugin, known by name and not imported."""

    kind: str
    name: str
    distribution: str
    version: str
    target: str
    """``module:attribute``; of a plugin without a package ``FILE.py:Class``."""

    def __str__(self) -> str:
        """For messages: which plugin, of which distribution."""
        return f"the {self.kind[:-1]} {self.name!r} ({self.distribution} {self.version})".replace(" ( )", "")


def available(kind: str) -> list[Available]:
    """Installed plugins of a kind (:data:`KINDS`), by name, without importing any."""
    return list(_listed(kind, tuple((place, _changed(place)) for place in sys.path)))


def _changed(place: str) -> int:
    """When something came to a folder of the path, or went."""
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _listed(kind: str, _: tuple[tuple[str, int], ...]) -> tuple[Available, ...]:
    """The same; what is on the path is looked at once as long as it is the same, for a run asks a dozen times."""
    found = []
    for entry in _manager(kind).list_entry_points():
        dist = _owner(f"notion_sync.{kind}", entry)
        found.append(Available(kind, entry.name, dist.name if dist else "", dist.version if dist else "", entry.value))
    return tuple(sorted(found, key=lambda plugin: plugin.name))


def _owner(group: str, entry: Any) -> importlib.metadata.Distribution | None:
    """Which distribution a plugin came from: stevedore's cache of entry points forgets it."""
    if entry.dist is not None:
        found: importlib.metadata.Distribution = entry.dist
        return found
    key, path = (group, entry.name, entry.value), tuple(sys.path)
    # For the plugins that come with this program the others need not be looked at.
    return _own(path).get(key) or _installed(path).get(key)


@lru_cache(maxsize=1)
def _own(path: tuple[str, ...]) -> _Owners:
    return _owners(importlib.metadata.distributions(name=OURS, path=list(path)))


@lru_cache(maxsize=1)
def _installed(path: tuple[str, ...]) -> _Owners:
    return _owners(importlib.metadata.distributions(path=list(path)))


def _owners(installed: Iterable[importlib.metadata.Distribution]) -> _Owners:
    """Plugins and where they came from; of two distributions by one name the first on the path counts."""
    return {
        (entry.group, entry.name, entry.value): dist
        for dist in reversed(list(installed))
        for entry in dist.entry_points
        if entry.group.startswith("notion_sync.")
    }


def _manager(kind: str) -> Any:
    # The named manager with no names lists entry points and imports none of them.
    return stevedore.NamedExtensionManager(f"notion_sync.{kind}", names=[], invoke_on_load=False)


def find(kind: str, name: str) -> Available:
    """The installed plugin with that name.

    :param name: that of an installed plugin, or ``FILE.py:Class``.
    :raises ConfigError: there is none.
    :raises PluginError: two packages claim the name.
    """
    file = one_file(name)
    if file is not None:
        return Available(kind, file.name, file.file.name, file.version, name)
    installed = available(kind)
    same = [plugin for plugin in installed if plugin.name == name]
    if not same:
        names = sorted({plugin.name for plugin in installed})
        near = difflib.get_close_matches(name, names, 1, 0.5)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise ConfigError(
            f"no {kind[:-1]} named {name!r} is installed", f"{hint}Installed: {', '.join(names) or 'none'}."
        )
    if len({plugin.target for plugin in same}) > 1:
        packages = ", ".join(sorted(plugin.distribution for plugin in same))
        raise PluginError(
            f"the {kind[:-1]} {name!r} is provided by several packages: {packages}", "Uninstall all but one."
        )
    return same[0]


def load(plugin: Available) -> Any:
    """The object a plugin's entry point names.

    :raises PluginError: it cannot be imported, or its options are of types that a configuration cannot say.
    """
    file = one_file(plugin.target)
    loaded = _imported(plugin) if file is None else file.load()
    expect_types(_options(plugin, loaded), str(plugin))
    return loaded


def _options(plugin: Available, loaded: Any) -> Any:
    return getattr(loaded, "options", None) if plugin.kind == "commands" else loaded


def _imported(plugin: Available) -> Any:
    errors: list[BaseException] = []
    manager: Any = None
    try:
        manager = stevedore.NamedExtensionManager(
            f"notion_sync.{plugin.kind}",
            names=[plugin.name],
            on_load_failure_callback=lambda _manager, _entry, error: errors.append(error),
        )
    except (Exception, SystemExit) as error:
        # stevedore lets failed assertions and those who leave the program pass.
        errors.append(error)
    if errors or plugin.name not in manager.names():
        said = f"{type(errors[0]).__name__}: {errors[0]}" if errors else "unknown reason"
        raise PluginError(
            f"{plugin}, {plugin.target}, cannot be imported: {said}", f"Reinstall or update {plugin.distribution}."
        )
    return manager[plugin.name].plugin


def options_class(plugin: Available) -> Any:
    """The class whose attributes are a plugin's options; ``None``: a command that has none.

    :raises PluginError: it cannot be imported.
    """
    return _options(plugin, load(plugin))


def load_class(kind: str, name: str) -> Any:
    """What stands behind the name of a plugin.

    :raises ConfigError: no such plugin is installed.
    :raises PluginError: it cannot be imported, or two packages claim the name.
    """
    return load(find(kind, name))


def sink_for(scheme: str, permits: Callable[[Available], object] = lambda _: True) -> str:
    """The name of the sink that URLs with this scheme lead to.

    The one called like the scheme, or else the one whose class says ``scheme``: only then are others imported.

    :param permits: whether a plugin may be imported.
    :raises ConfigError: there is none.
    """
    names = sorted({plugin.name for plugin in available("sinks") if permits(plugin)})
    if scheme in names:
        return scheme
    for name in names:
        if getattr(load_class("sinks", name), "scheme", None) == scheme:
            return name
    near = difflib.get_close_matches(scheme, names, 1, 0.5)
    raise ConfigError(
        f"no sink for {scheme}:// is installed",
        f"{f'Did you mean {near[0]}://? ' if near else ''}Install the package that brings one, or name a sink that is "
        f'there in export.sinks: {{use = "NAME", …}}. Installed: {", ".join(names) or "none"}.',
    )


def options_from_url(sink: str, url: str) -> Mapping[str, Any]:
    """What a URL means to a sink, as options.

    :raises ConfigError: the sink has no addresses, or this is none.
    :raises PluginError: it fails.
    """
    found = find("sinks", sink)
    convert = getattr(load(found), "options_from_url", None)
    if convert is None:
        raise ConfigError(
            f"the sink {sink!r} takes no URL",
            f'Name its options in the configuration: export.sinks = [{{use = "{sink}", …}}] '
            f"(`notion-sync plugins info {sink}` lists them).",
        )
    try:
        return dict(convert(url))
    except NotionSyncError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{found} cannot read the address {url}: {type(error).__name__}: {error}",
            "Report this to the plugin's authors.",
        ) from error
