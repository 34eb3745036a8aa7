"""Every value that is in force, and who said it: the core's own keys, and the options of the job's plugins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import attrs
from attrs import frozen

from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.keys import Key, keys_of
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.errors import NotionSyncError
from notion_sync_core.plugins.entries import OFFERED, OFFERED_TO_LISTENERS, as_table, entries
from notion_sync_core.plugins.find import KINDS, available, find, options_class
from notion_sync_core.plugins.lists import Lists
from notion_sync_core.plugins.one_file import called
from notion_sync_core.secret import SECRET_KEYS, is_reference

_HIDDEN = "[secret]"
_DEFAULT = "default"


@frozen
class Value:
    """What one key is set to."""

    key: str
    """Dotted."""
    value: Any
    """As it may be shown: no secret. ``None``: the plugin finds it out by itself."""
    origin: str
    """A file, an environment variable, ``--set KEY``, ``command line``, ``default``, or the key it is taken from."""
    line: int = 0
    """Of a file; 0: there is none."""


@frozen
class _Chosen:
    """A plugin of the job."""

    kind: str
    name: str
    use: str
    options: dict[str, Any]
    """Those in its entry, or in the address that stands there."""
    origin: str
    """Of that entry."""


def values(config: Config) -> list[Value]:
    """Every key of the sections, and every option of the job's plugins; then tables of plugins that it does not use."""
    found = [each for name in SECTIONS for each in _of_section(config, name)]
    chosen = list(_chosen(config))
    secrets = _secrets(config, chosen)
    told = set[str]()
    for plugin in chosen:
        if plugin.name not in told:  # a table is of all plugins by that name
            told.add(plugin.name)
            found += _of_plugin(config, plugin, secrets[plugin.name])
    for name in sorted(config.plugins.keys() - told):
        for option, value in config.plugins[name].items():
            found.append(_value(config, f"plugins.{name}.{option}", _safe(value, option in secrets[name])))
    return found


def _secrets(config: Config, chosen: list[_Chosen]) -> dict[str, set[str]]:
    """Options that are secrets, by the name of the plugin in the job: those of all that may be meant."""
    named = {*config.plugins, *(plugin.name for plugin in chosen)}
    uses = {(kind, each.name, each.name) for kind in KINDS for each in available(kind) if each.name in named}
    uses |= {(plugin.kind, plugin.name, plugin.use) for plugin in chosen}
    found = {name: set(SECRET_KEYS) for name in named}
    for kind, name, use in uses:
        found[name] |= {key.name for key in _keys(config, kind, use) if key.is_secret}
    return found


def _of_section(config: Config, name: str) -> Iterator[Value]:
    lists = entries(config)
    for attribute in attrs.fields(SECTIONS[name]):
        key = f"{name}.{attribute.name}"
        value = config.value(key)
        if key in lists:
            value = [_entry(config, key.partition(".")[2], entry) for entry in value]
        yield _value(config, key, value)


def _of_plugin(config: Config, plugin: _Chosen, secrets: set[str]) -> Iterator[Value]:
    said = {**config.plugins.get(plugin.name, {}), **plugin.options}
    keys = {key.name: key.default for key in _keys(config, plugin.kind, plugin.use)}
    is_source = plugin.kind == "sources"
    for option in [*keys, *(option for option in said if option not in keys)]:
        dotted, is_secret = f"plugins.{plugin.name}.{option}", option in secrets
        if option in plugin.options:
            yield Value(dotted, _safe(said[option], is_secret), *config.place(plugin.origin))
        elif option in said:
            yield _value(config, dotted, _safe(said[option], is_secret))
        elif is_source and option in OFFERED:
            yield Value(dotted, config.value(OFFERED[option]), OFFERED[option])
        elif plugin.kind == "listeners" and option in OFFERED_TO_LISTENERS:
            yield Value(dotted, config.value(f"monitoring.{option}"), f"monitoring.{option}")
        elif not (is_source and option == "token"):
            yield Value(dotted, None if keys[option] is attrs.NOTHING else _safe(keys[option], is_secret), _DEFAULT)


def _chosen(config: Config) -> Iterator[_Chosen]:
    yield _Chosen("sources", called(config.export.source), config.export.source, {}, "")
    for key, found in entries(config).items():
        kind = key.partition(".")[2]
        for entry in found:
            try:
                table = as_table(kind, entry, Lists.of(config))
            except NotionSyncError:  # no address that any sink knows: `config check` says so
                continue
            use = str(table.pop("use"))
            yield _Chosen(kind, str(table.pop("name", use)), use, table, config.origins.get(key, _DEFAULT))


def _keys(config: Config, kind: str, use: str) -> list[Key]:
    """The options of a plugin; of one that is not there, not let in, or cannot be loaded, nobody knows any."""
    try:
        return keys_of(options_class(Lists.of(config).check(find(kind, use))))
    except NotionSyncError:
        return []


def _value(config: Config, key: str, value: Any) -> Value:
    return Value(key, value, *config.place(config.origins.get(key, _DEFAULT)))


def _entry(config: Config, kind: str, entry: PluginEntry) -> PluginEntry:
    if isinstance(entry, str):
        return entry
    secrets = {key.name for key in _keys(config, kind, str(entry.get("use", ""))) if key.is_secret} | SECRET_KEYS
    return {key: _safe(value, key in secrets) for key, value in entry.items()}


def _safe(value: Any, is_secret: bool) -> Any:
    """A value as it may be shown: what somebody wrote for a secret, in place of where it is, is none to print."""
    return _HIDDEN if is_secret and value and not is_reference(value) else _plain(value)


def _plain(value: Any) -> Any:
    """A value in JSON: TOML has dates and times as well."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float) else str(value)
