"""Plugins that a command line gives as files: ``--plugin FILE.py:Class``, each put where its kind belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError
from notion_sync_core.plugins.entries import name_of
from notion_sync_core.plugins.faces import FACES
from notion_sync_core.plugins.find import find, load, options_from_url
from notion_sync_core.plugins.hooks import marked, unknown_hook
from notion_sync_core.plugins.lists import Lists
from notion_sync_core.plugins.one_file import called, one_file

_NAMED = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]*)=(?P<use>.+)")


@frozen
class Given:
    """A plugin that is one file, looked at."""

    name: str
    use: str
    kind: str
    hooks: frozenset[str]
    scheme: str

    @property
    def entry(self) -> PluginEntry:
        """As it stands in a list of plugins."""
        return {"use": self.use, "name": self.name}


def with_given(config: Config, written: Iterable[str], flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags of a command line with these plugins in their places.

    A source, a sink and a renderer of documents stand where ``--source``, ``--to`` and ``--renderer`` would put them;
    a listener and a plugin for single blocks stand beside those that are configured.

    :param config: what the configuration and the other flags say.
    :param written: ``FILE.py:Class`` or ``NAME=FILE.py:Class``.
    :param flags: of the command line, by dotted key; ``None``: not given.
    :raises ConfigError: one is no such text, cannot be read or is not let in, is of no kind or of two, or is a target,
        which no export has.
    :raises PluginError: one cannot be loaded.
    """
    given = [_looked_at(each, Lists.of(config)) for each in written]
    by_kind = {kind: [each for each in given if each.kind == kind] for kind in FACES}
    if targets := by_kind["targets"]:
        raise ConfigError(
            f"the plugin {targets[0].use} is a target: an export does not write into one",
            "Leave it out; plugins check examines it.",
        )
    found = dict(flags)
    if sources := by_kind["sources"]:
        found["export.source"] = _only(sources, flags.get("export.source"))
    if renderers := by_kind["renderers"]:
        makers = [each for each in renderers if each.hooks & {"render_document", "render_site"}]
        listed = list(flags.get("export.renderers") or (() if makers else config.export.renderers))
        found["export.renderers"] = _beside(listed, renderers)
    if sinks := by_kind["sinks"]:
        found["export.sinks"] = _beside([_reached(each, sinks) for each in flags.get("export.sinks") or ()], sinks)
    if listeners := by_kind["listeners"]:
        found["monitoring.listeners"] = _beside(list(config.monitoring.listeners), listeners)
    return found


def kind_of(plugin: Any, who: str) -> str:
    """The kind of plugin that a class is, by the hooks it implements.

    :raises ConfigError: it is of none, or of several.
    """
    hooks = hooks_of(plugin)
    kinds = [kind for kind, face in FACES.items() if hooks.intersection(face.hooks)]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise ConfigError(
            f"{who} is of several kinds: {', '.join(kind[:-1] for kind in kinds)}", "Give each kind a class of its own."
        )
    if hooks:
        raise ConfigError(f"{who} is no plugin: there is no hook {min(hooks)!r}", unknown_hook(min(hooks)))
    raise ConfigError(
        f"{who} is no plugin: it implements no hook",
        "Mark its methods: from notion_sync_core.plugin import hookimpl.",
    )


def hooks_of(plugin: Any) -> frozenset[str]:
    """The names of the methods that a class, or an object, marks as hooks."""
    return frozenset(marked(plugin))


def _looked_at(written: str, lists: Lists) -> Given:
    named = _NAMED.fullmatch(written)
    use = named["use"] if named else written
    if one_file(use) is None:
        raise ConfigError(
            f"--plugin {written!r} is no file with a class",
            "Write FILE.py:Class, or NAME=FILE.py:Class. A plugin that is installed is chosen by its name.",
        )
    # Of which kind it is only its hooks tell.
    found = lists.check(find("plugins", use))
    loaded = load(found)
    kind = kind_of(loaded, f"the plugin {use}")
    name, scheme = named["name"] if named else called(use), str(getattr(loaded, "scheme", ""))
    return Given(name, use, kind, hooks_of(loaded), scheme)


def _only(sources: list[Given], chosen: object) -> str:
    names = [each.name for each in sources]
    if len(sources) > 1 or (chosen and chosen not in (names[0], sources[0].use)):
        raise ConfigError(
            f"a job has one source, and here are several: {', '.join([*names, *([str(chosen)] if chosen else [])])}",
            "Leave all but one out.",
        )
    if called(sources[0].use) != sources[0].name:
        raise ConfigError(f"the source {sources[0].use} is called like its class", "Write FILE.py:Class alone.")
    return sources[0].use


def _beside(listed: list[PluginEntry], given: list[Given]) -> list[PluginEntry]:
    """A list with what was given: in the place of an entry of its name, else at the end."""
    by_name = {each.name: each for each in given}
    found: list[PluginEntry] = []
    for entry in listed:
        mine = by_name.pop(name_of(entry), None)
        options = entry if isinstance(entry, dict) else {}
        found.append(entry if mine is None else {"name": mine.name, **options, "use": mine.use})
    return [*found, *(each.entry for each in by_name.values())]


def _reached(entry: PluginEntry, sinks: list[Given]) -> PluginEntry:
    """A place of ``--to`` whose scheme is that of a sink that was given."""
    url = str(entry.get("url", "")) if isinstance(entry, dict) else entry
    scheme = scheme_of(url) if url else ""
    mine = next((each for each in sinks if scheme and scheme in (each.scheme, each.name)), None)
    return entry if mine is None else {"name": mine.name, **options_from_url(mine.use, url), "use": mine.use}
