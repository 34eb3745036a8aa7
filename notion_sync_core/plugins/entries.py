"""What a configuration says of plugins: entries of its lists, and tables with options."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
from attrs import evolve

from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.keys import keys_of
from notion_sync_core.config.loader import parse
from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError, NotionSyncError, PluginError
from notion_sync_core.hints import is_path
from notion_sync_core.plugins.build import Spec
from notion_sync_core.plugins.find import KINDS, available, find, load, options_from_url, sink_for
from notion_sync_core.plugins.lists import EVERYTHING, Lists
from notion_sync_core.plugins.one_file import called, one_file
from notion_sync_core.secret import IN_FILE
from notion_sync_core.structure import unknown

OFFERED = {
    "base_url": "notion.base_url",
    "version": "notion.version",
    "archived": "notion.archived",
    "timeout_s": "performance.timeout_s",
    "comments": "export.comments",
    "views": "export.views",
    "fetch_external": "export.fetch_external",
}
"""Keys of the core's own sections that a source or a target is given, if it has an option of that name and is told
nothing else."""
OFFERED_TO_LISTENERS = ("metrics_file",)
"""Keys of ``[monitoring]`` that are the business of a listener; see :data:`~notion_sync_core.plugins.faces.FACES`."""


def as_table(kind: str, entry: PluginEntry, lists: Lists = EVERYTHING) -> dict[str, Any]:
    """An entry of ``renderers``, ``sinks`` or ``listeners`` with ``use``; a URL becomes the sink's options.

    :param lists: which plugins may be imported.
    :raises ConfigError: it names no plugin, or is no URL that a sink knows.
    """
    if isinstance(entry, str):
        is_url = kind == "sinks" and (":" in entry or not entry.strip()) and one_file(entry) is None
        entry = {"url": entry} if is_url else {"use": entry}
    table = dict(entry)
    if "use" not in table and kind != "sinks":
        raise ConfigError(f"an entry of {kind} is a table that names no plugin", 'Say which: {use = "…", …}.')
    url = table.pop("url", None) if kind == "sinks" and "use" not in table else None
    if url is None:
        return {"name": called(table["use"]), **table} if "use" in table else table
    use = sink_for(scheme_of(url), lambda sink: not lists.reason(sink))
    return {"use": use, **options_from_url(use, url), **table}


def specs_of(
    config: Config, origins: Mapping[str, str], kind: str, entries: Iterable[PluginEntry], given: Mapping[str, Any]
) -> list[Spec]:
    """How to build plugins of a kind.

    :param origins: where options came from.
    :param given: plugins of this kind that a program gave itself, by name.
    :raises ConfigError: an entry names no plugin, or one that is not let in, or two have one name.
    """
    specs, lists = [], Lists.of(config)
    for entry in entries:
        table = as_table(kind, entry, lists)
        use = table.pop("use")
        name = table.pop("name", use)
        spec = Spec(kind, name, use, {**config.plugins.get(name, {}), **table})
        specs.append(spec_of(config, origins, spec, given))
    names = [spec.name for spec in specs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"{'monitoring' if kind == 'listeners' else 'export'}.{kind}: the name {twice[0]!r} is used twice",
            f'Give one of them a name of its own: {{use = "{twice[0]}", name = "…"}}.',
        )
    return specs


def spec_of(config: Config, origins: Mapping[str, str], spec: Spec, given: Mapping[str, Any]) -> Spec:
    """How to build one plugin: what a program gave as it is, others with the paths of the configuration.

    :raises ConfigError: it is not let in.
    """
    plugin = given.get(spec.use)
    if plugin is not None:
        return evolve(spec, plugin=plugin, options=said_by(plugin, spec.options))
    lists = Lists.of(config)
    if lists != EVERYTHING:
        lists.check(find(spec.kind, spec.use))
    return located(config, origins, spec)


def offered(
    config: Config, name: str, given: Mapping[str, Any], token: Callable[[], str], kind: str = "sources"
) -> dict[str, Any]:
    """What the core's own sections say, for a source or target that has an option for it and is not given one.

    :param token: finds the token; asked only for one that wants it.
    """
    names = {key.name for key in keys_of(load(Lists.of(config).check(find(kind, name))))} - given.keys()
    found: dict[str, Any] = {name: config.value(key) for name, key in OFFERED.items() if name in names}
    return {**found, "token": token()} if "token" in names else found


def listener_specs(config: Config, specs: Callable[[str, Iterable[PluginEntry]], list[Spec]]) -> list[Spec]:
    """How to build the listeners: those that are chosen, and each that a key of ``[monitoring]`` switches on.

    :param specs: how to build plugins of a kind, from their entries.
    :raises ConfigError: such a key is set, and no listener that is installed has an attribute of that name.
    """
    chosen, lists = list(config.monitoring.listeners), Lists.of(config)
    told = {key: value for key in OFFERED_TO_LISTENERS if (value := getattr(config.monitoring, key))}
    for key in told:
        if not any(_has(str(as_table("listeners", entry)["use"]), key, lists) for entry in chosen):
            chosen.append(_listener_with(key, lists))

    def with_offers(spec: Spec) -> Spec:
        own = {key: value for key, value in told.items() if _has(spec.use, key, lists)}
        return evolve(spec, options={**own, **spec.options})

    return [with_offers(spec) for spec in specs("listeners", chosen)]


def _has(listener: str, key: str, lists: Lists) -> bool:
    with contextlib.suppress(ConfigError):  # one that a program gave is not installed, and was made as it is meant
        return any(each.name == key for each in keys_of(load(lists.check(find("listeners", listener)))))
    return False


def _listener_with(key: str, lists: Lists) -> str:
    """The first installed listener that has an attribute; one that cannot be loaded is none: nobody chose it."""
    names = sorted({plugin.name for plugin in available("listeners") if not lists.reason(plugin)})
    for name in names:
        with contextlib.suppress(PluginError):
            if _has(name, key, lists):
                return name
    raise ConfigError(
        f"monitoring.{key} is set, and no listener that is installed has such an option",
        f"Installed listeners: {', '.join(names) or 'none'}.",
    )


def said_by(plugin: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the files of a plugin that a program gave depend on: the plain values that it was made with.

    :param options: of its class, if it is one.
    """
    if isinstance(plugin, type) or not attrs.has(type(plugin)):
        return options
    values = {each.name: getattr(plugin, each.name) for each in attrs.fields(type(plugin)) if each.init}
    return {name: value for name, value in values.items() if isinstance(value, str | int | float | bool | None)}


def names_installed() -> set[str]:
    """What the plugins of all kinds are called that are installed."""
    return {plugin.name for kind in KINDS for plugin in available(kind)}


def refuse_tables_of_nobody(
    config: Config, also: Iterable[str] = (), mistakes: list[NotionSyncError] | None = None
) -> None:
    """Make sure that each ``[plugins.NAME]`` is of a plugin that is chosen or installed.

    :param also: names of plugins that are used beside those of the job.
    :param mistakes: takes what is wrong; ``None``: the first mistake is raised.
    :raises ConfigError: one is not: what it says would have no effect.
    """
    left = config.plugins.keys() - _chosen(config) - set(also)
    if not left:
        return
    installed = names_installed()
    for name in sorted(left - installed):
        said = next((origin for key, origin in config.origins.items() if key.startswith(f"plugins.{name}.")), "")
        known = [f"plugins.{each}" for each in sorted(installed | _chosen(config))]
        error = unknown(said or str(config.file or "configuration"), f"plugins.{name}", known)
        if mistakes is None:
            raise error
        mistakes.append(error)


def located(config: Config, origins: Mapping[str, str], spec: Spec) -> Spec:
    """How to build a plugin: options that were typed as what they are, with paths as they are from here."""
    if not spec.options or (config.file is None and not config.texts):
        return spec
    keys = {key.name: key for key in keys_of(load(Lists.of(config).check(find(spec.kind, spec.use))))}
    said = config.plugins.get(spec.name, {})

    def put(name: str, value: Any) -> Any:
        key, dotted = keys.get(name), f"plugins.{spec.name}.{name}"
        if key is None:
            return value
        if dotted in config.texts and value is said.get(name):
            value = parse(config.texts[dotted], key.hint)
        if not isinstance(value, str) or not (is_path(key.hint) or (key.is_secret and value.startswith(IN_FILE))):
            return value
        # A secret in a file is named by its path, as other files are.
        start = "" if is_path(key.hint) else IN_FILE
        return start + config.located(value.removeprefix(start), origins.get(dotted))

    return evolve(spec, options={name: put(name, value) for name, value in spec.options.items()})


def origins_of(config: Config) -> dict[str, str]:
    """Where each value came from, by dotted key; options that stand in an entry came from where that entry did."""
    found = dict(config.origins)
    for kind, listed in entries(config).items():
        for table in (entry for entry in listed if isinstance(entry, dict)):
            name, origin = name_of(table), config.origins.get(kind, "default")
            found |= {f"plugins.{name}.{key}": origin for key in table if key not in ("use", "name", "url")}
    return found


def entries(config: Config) -> dict[str, list[PluginEntry]]:
    """The lists of plugins, by key."""
    export, monitoring = config.export, config.monitoring
    return {
        "export.renderers": export.renderers,
        "export.sinks": export.sinks,
        "monitoring.listeners": monitoring.listeners,
    }


def _chosen(config: Config) -> set[str]:
    """What the plugins of the job are called in it."""
    found = [entry for each in entries(config).values() for entry in each]
    return {*map(name_of, found), called(config.export.source)}


def name_of(entry: PluginEntry) -> str:
    """What an entry calls its plugin in the job; of a URL the URL itself, and nothing where a table has one."""
    if isinstance(entry, str):
        return called(entry)
    return str(entry.get("name", called(str(entry.get("use", "")))))
