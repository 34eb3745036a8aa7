"""What a configuration says of plugins: entries of its lists, and tables with options."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
from attrs import evolve

from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError, NotionSyncError, PluginError
from notion_sync_core.plugins.build import Spec, path_options, secret_options
from notion_sync_core.plugins.find import KINDS, available, find, load, options_from_url, sink_for
from notion_sync_core.secret import IN_FILE, is_reference
from notion_sync_core.structure import unknown

_HIDDEN = "[secret]"
_OFFERED = ("metrics_file",)
"""Keys of ``[monitoring]`` that are the business of a listener; see :data:`~notion_sync_core.plugins.faces.FACES`."""


def as_table(kind: str, entry: PluginEntry) -> dict[str, Any]:
    """An entry of ``renderers``, ``sinks`` or ``listeners`` with ``use``; a URL becomes the sink's options.

    :raises ConfigError: it is no URL that a sink knows.
    """
    if isinstance(entry, str):
        is_url = kind == "sinks" and (":" in entry or not entry.strip())
        entry = {"url": entry} if is_url else {"use": entry}
    table = dict(entry)
    url = table.pop("url", None) if kind == "sinks" and "use" not in table else None
    if url is None:
        return table
    use = sink_for(scheme_of(url))
    return {"use": use, **options_from_url(use, url), **table}


def listener_specs(config: Config, specs: Callable[[str, Iterable[PluginEntry]], list[Spec]]) -> list[Spec]:
    """How to build the listeners: those that are chosen, and each that a key of ``[monitoring]`` switches on.

    :param specs: how to build plugins of a kind, from their entries.
    :raises ConfigError: such a key is set, and no listener that is installed has an attribute of that name.
    """
    entries = list(config.monitoring.listeners)
    offered = {key: value for key in _OFFERED if (value := getattr(config.monitoring, key))}
    for key in offered:
        if not any(_has(str(as_table("listeners", entry)["use"]), key) for entry in entries):
            entries.append(_listener_with(key))

    def with_offers(spec: Spec) -> Spec:
        own = {key: value for key, value in offered.items() if _has(spec.use, key)}
        return evolve(spec, options={**own, **spec.options})

    return [with_offers(spec) for spec in specs("listeners", entries)]


def _has(listener: str, key: str) -> bool:
    kind = load(find("listeners", listener))
    return attrs.has(kind) and any(attribute.name == key for attribute in attrs.fields(kind))


def _listener_with(key: str) -> str:
    """The first installed listener that has an attribute; one that cannot be loaded is none: nobody chose it."""
    names = sorted({plugin.name for plugin in available("listeners")})
    for name in names:
        with contextlib.suppress(PluginError):
            if _has(name, key):
                return name
    raise ConfigError(
        f"monitoring.{key} is set, and no listener that is installed has such an option",
        f"Installed listeners: {', '.join(names) or 'none'}.",
    )


def refuse_tables_of_nobody(config: Config) -> None:
    """Make sure that each ``[plugins.NAME]`` is of a plugin that is chosen or installed.

    :raises ConfigError: one is not: what it says would have no effect.
    """
    left = config.plugins.keys() - _chosen(config)
    if not left:
        return
    installed = {plugin.name for kind in KINDS for plugin in available(kind)}
    for name in sorted(left - installed):
        said = next((origin for key, origin in config.origins.items() if key.startswith(f"plugins.{name}.")), "")
        known = [f"plugins.{each}" for each in sorted(installed | _chosen(config))]
        raise unknown(said or str(config.file or "configuration"), f"plugins.{name}", known)


def without_secrets(config: Config, key: str, value: Any) -> Any:
    """A value as it may be shown: what somebody wrote for a secret, in place of where it is, is none to print.

    :param key: dotted, of one option or of a list of plugins.
    """
    kind = key.partition(".")[2]
    if key in _entries(config):
        return [_entry_without_secrets(kind, entry) for entry in value]
    section, _, rest = key.partition(".")
    name, _, option = rest.partition(".")
    if section != "plugins" or is_reference(value):
        return value
    uses = {(kind, name) for kind in KINDS} | {(kind, use) for kind, use in _uses(config, name)}
    return _HIDDEN if any(option in _secrets_of(*use) for use in uses) else value


def _entry_without_secrets(kind: str, entry: PluginEntry) -> PluginEntry:
    if isinstance(entry, str):
        return entry
    secrets = _secrets_of(kind, str(entry.get("use", "")))
    return {key: _HIDDEN if key in secrets and not is_reference(value) else value for key, value in entry.items()}


def _uses(config: Config, name: str) -> set[tuple[str, str]]:
    """What stands under a name in the job: kind and plugin."""
    entries = ((key.partition(".")[2], entry) for key, found in _entries(config).items() for entry in found)
    tables = ((kind, entry) for kind, entry in entries if isinstance(entry, dict))
    return {(kind, str(entry.get("use", ""))) for kind, entry in tables if entry.get("name") == name}


def _secrets_of(kind: str, use: str) -> set[str]:
    """The options of a plugin that are secrets; of one that is not there, or cannot be loaded, nobody knows any."""
    try:
        return secret_options(load(find(kind, use)))
    except NotionSyncError:
        return set()


def located(config: Config, origins: Mapping[str, str], spec: Spec) -> Spec:
    """How to build a plugin, with paths as they are from here."""
    if config.file is None or not spec.options:
        return spec
    plugin = load(find(spec.kind, spec.use))
    paths, secrets = path_options(plugin), secret_options(plugin)

    def put(key: str, value: Any) -> Any:
        if not isinstance(value, str) or not (key in paths or (key in secrets and value.startswith(IN_FILE))):
            return value
        # A secret in a file is named by its path, as other files are.
        start = "" if key in paths else IN_FILE
        return start + config.located(value.removeprefix(start), origins.get(f"plugins.{spec.name}.{key}"))

    return evolve(spec, options={key: put(key, value) for key, value in spec.options.items()})


def origins_of(config: Config) -> dict[str, str]:
    """Where each value came from, by dotted key; options that stand in an entry came from where that entry did."""
    found = dict(config.origins)
    for kind, entries in _entries(config).items():
        for table in (entry for entry in entries if isinstance(entry, dict)):
            name, origin = table.get("name", table.get("use", "")), config.origins.get(kind, "default")
            found |= {f"plugins.{name}.{key}": origin for key in table if key not in ("use", "name", "url")}
    return found


def _entries(config: Config) -> dict[str, list[PluginEntry]]:
    """The lists of plugins, by key."""
    export, monitoring = config.export, config.monitoring
    return {
        "export.renderers": export.renderers,
        "export.sinks": export.sinks,
        "monitoring.listeners": monitoring.listeners,
    }


def _chosen(config: Config) -> set[str]:
    """What the plugins of the job are called in it."""
    entries = [entry for found in _entries(config).values() for entry in found]
    names = {entry if isinstance(entry, str) else str(entry.get("name", entry.get("use", ""))) for entry in entries}
    return names | {config.export.source}
