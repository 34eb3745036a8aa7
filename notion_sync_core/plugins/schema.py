"""JSON Schema of a whole configuration file: the core's sections, and the options of every plugin that is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from notion_sync_core.config.renamed import RENAMED, Renamed
from notion_sync_core.config.schema import DIALECT, Schema, table
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.errors import NotionSyncError
from notion_sync_core.plugins.find import KINDS, Available, available, find, options_class

_LISTS = {"export.renderers": "renderers", "export.sinks": "sinks", "monitoring.listeners": "listeners"}
"""Keys that choose plugins, with their kind."""
_NAME = {"type": "string", "minLength": 1, "description": "What it is called in this job; by default as ``use`` says."}
_ONE_FILE = {"type": "string", "pattern": r"\.py:[^\W\d]\w*$", "description": "A plugin that is one file."}
_WITHOUT_CHECK = {"type": "object"}


@frozen
class _Plugin:
    kind: str
    name: str
    options: Schema
    scheme: str

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.name}"


def file_schema(
    warn: Callable[[NotionSyncError], object] = lambda _: None, renamed: dict[str, Renamed] | None = None
) -> Schema:
    """The schema of a configuration file, as plain values.

    A table under a name that a job gives a plugin itself (``name = "offsite"``) may hold the options of any.

    :param warn: is told of each plugin that cannot be loaded; its options may be anything.
    :param renamed: keys that had other names before.
    """
    plugins = [_looked_at(each, warn) for kind in KINDS for each in available(kind)]
    sections = {name: table(kind) for name, kind in SECTIONS.items()}
    for key, kind in _LISTS.items():
        _property(sections, key)["items"] = {"anyOf": _entries([each for each in plugins if each.kind == kind], kind)}
    sources = _names([each for each in plugins if each.kind == "sources"])
    _property(sections, "export.source")["anyOf"] = [{"enum": sources}, _ONE_FILE]
    for old, new in (RENAMED if renamed is None else renamed).items():
        section, _, name = old.partition(".")
        if section in sections:
            said = {"description": f"Since {new.since} called ``{new.key}``.", "deprecated": True}
            sections[section]["properties"][name] = {**_property(sections, new.key), **said}
    return {
        "$schema": DIALECT,
        "title": "notion-sync.toml",
        "description": "What Notion Sync exports, how, and where to.",
        "type": "object",
        "additionalProperties": False,
        "properties": {**sections, "plugins": _tables(plugins)},
        "$defs": {each.key: each.options for each in plugins},
    }


def _looked_at(plugin: Available, warn: Callable[[NotionSyncError], object]) -> _Plugin:
    try:
        loaded = options_class(find(plugin.kind, plugin.name))
        if loaded is None:
            return _Plugin(plugin.kind, plugin.name, _WITHOUT_CHECK, "")
        return _Plugin(plugin.kind, plugin.name, table(loaded), str(getattr(loaded, "scheme", None) or plugin.name))
    except NotionSyncError as error:
        warn(error)
    return _Plugin(plugin.kind, plugin.name, _WITHOUT_CHECK, plugin.name)


def _property(sections: dict[str, Schema], key: str) -> Schema:
    section, _, name = key.partition(".")
    found: Schema = sections[section]["properties"][name]
    return found


def _names(plugins: list[_Plugin]) -> list[str]:
    return sorted({each.name for each in plugins})


def _entries(plugins: list[_Plugin], kind: str) -> list[Schema]:
    """What may stand in a list of plugins: a name, a table, and for sinks an address."""
    use = {"type": "object", "properties": {"use": _ONE_FILE, "name": _NAME}, "required": ["use"]}
    found: list[Schema] = [{"enum": _names(plugins)}, _ONE_FILE, use]
    if kind == "sinks":
        schemes = "|".join(sorted({word for each in plugins for word in (each.name, each.scheme)}))
        found.append({"type": "string", "pattern": rf"^\s*(?:{schemes})://"})
    for each in plugins:
        found.append(_entry(each, {"use": {"const": each.name, "description": "The plugin."}}))
        if kind == "sinks":
            address = {"type": "string", "pattern": rf"^\s*(?:{each.name}|{each.scheme})://"}
            found.append(_entry(each, {"url": {**address, "description": "Where it writes."}}))
    return found


def _entry(plugin: _Plugin, choice: dict[str, Schema]) -> Schema:
    properties = {**plugin.options.get("properties", {}), **choice, "name": _NAME}
    return {**plugin.options, "properties": properties, "required": list(choice)}


def _tables(plugins: list[_Plugin]) -> Schema:
    """``[plugins.NAME]``."""
    named: dict[str, list[dict[str, Any]]] = {}
    for each in plugins:
        named.setdefault(each.name, []).append({"$ref": f"#/$defs/{each.key}"})
    anything = {"anyOf": [{"$ref": f"#/$defs/{each.key}"} for each in plugins if each.kind != "commands"]}
    return {
        "type": "object",
        "description": "Options of plugins, in a table for each.",
        "properties": {name: refs[0] if len(refs) == 1 else {"anyOf": refs} for name, refs in sorted(named.items())},
        "additionalProperties": anything,
    }
