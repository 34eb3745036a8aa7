"""A job's configuration from what a program says in words of Python, plugins of its own among it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypedDict

import attrs
from attrs import define, field

from notion_sync_core import config as configuration
from notion_sync_core.config import Config, PluginEntry
from notion_sync_core.config.environment import PREFIX
from notion_sync_core.config.places import sinks_of
from notion_sync_core.config.tree import SECTIONS, NotionConfig
from notion_sync_core.errors import ConfigError
from notion_sync_core.structure import unknown

SAID_BY = "Job.of"
"""Whose words they are, in messages."""
Place = str | os.PathLike[str]
"""A folder, or a URL such as ``s3://bucket/prefix``."""
Plugin = str | Mapping[str, Any] | object
"""A name, a table as in a configuration file, or the plugin itself; ``use`` in a table may be that, too."""


class Settings(TypedDict, total=False):
    """What a job may be told besides its parts; for what each means see the key of that name in the configuration."""

    id: str
    only: Mapping[str, Any]
    assets: bool
    assets_folder: str
    fetch_external: bool
    comments: bool
    views: bool
    naming: Literal["title", "slug", "id"]
    on_missing: Literal["keep", "delete"]
    on_edit: Literal["keep", "overwrite"]
    max_delete: float
    publish_every_s: float
    base_url: str
    version: str
    archived: bool
    workers: int
    requests: int
    window_s: float
    timeout_s: float
    max_attempts: int
    render_processes: int
    lock_timeout_s: float
    log_titles: bool
    plugins: Mapping[str, Mapping[str, Any]]
    """Options of plugins by name, as in ``[plugins.NAME]``."""


@define
class Composed:
    """What a program said, on its way to a job."""

    config: Config
    environ: Mapping[str, str]
    given: dict[str, dict[str, Any]]
    """By kind and name: plugins that the program gave."""


def composed(
    *,
    source: Plugin,
    token: str | None,
    to: Place | Iterable[Place | Plugin],
    renderers: Iterable[Plugin],
    listeners: Iterable[Plugin],
    roots: Iterable[str],
    state_dir: Place | None,
    settings: Settings,
) -> Composed:
    """A configuration that reads no file and no variable of the environment that sets keys.

    :raises ConfigError: something of it cannot be used.
    """
    given = _Given()
    flags: dict[str, Any] = {
        "export.source": given.source(source),
        "export.sinks": list(given.places(to)) or None,
        "export.renderers": list(given.entries("renderers", renderers)),
        "monitoring.listeners": list(given.entries("listeners", listeners)),
        "export.roots": list(roots),
        "deployment.state_dir": None if state_dir is None else os.fspath(state_dir),
        **dict(_keys(settings)),
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    if token is not None:
        environ[NotionConfig().token_env] = token
    config = configuration.load(None, environ=environ, flags=flags, use_default_file=False, said_by=SAID_BY)
    return Composed(config, environ, given.plugins)


def _keys(settings: Settings) -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if name == "plugins" and isinstance(value, Mapping):
            for plugin, options in value.items():
                yield from ((f"plugins.{plugin}.{option}", _plain(each)) for option, each in options.items())
        else:
            yield _key(name), _plain(value)


def _key(name: str) -> str:
    if name not in Settings.__annotations__:
        raise unknown(SAID_BY, name, list(Settings.__annotations__))
    return next(
        f"{section}.{name}" for section, kind in SECTIONS.items() if name in {each.name for each in attrs.fields(kind)}
    )


def _plain(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@define
class _Given:
    """Plugins that are no names, each under a name that nobody else has."""

    plugins: dict[str, dict[str, Any]] = field(factory=dict)

    def source(self, source: Plugin) -> str:
        """The name of the source."""
        if isinstance(source, Mapping):
            raise ConfigError(
                f"{SAID_BY}: a source is a name or the plugin itself", "Its options stand in plugins={NAME: {…}}."
            )
        return source if isinstance(source, str) else self._name("sources", source)

    def places(self, to: Place | Iterable[Place | Plugin]) -> Iterator[PluginEntry]:
        """The entries of ``export.sinks``."""
        places: tuple[Place | Plugin, ...] = (to,) if isinstance(to, str | os.PathLike) else tuple(to)
        named = iter(sinks_of(tuple(os.fspath(each) for each in places if isinstance(each, str | os.PathLike))))
        for each in places:
            yield dict(next(named)) if isinstance(each, str | os.PathLike) else self._entry("sinks", each)

    def entries(self, kind: str, plugins: Iterable[Plugin]) -> Iterator[PluginEntry]:
        """The entries of a list of plugins."""
        if isinstance(plugins, str) or not isinstance(plugins, Sequence):
            raise ConfigError(f"{SAID_BY}: {kind} is no list", f"Write {kind}=[…].")
        return (self._entry(kind, each) for each in plugins)

    def _entry(self, kind: str, plugin: Plugin) -> PluginEntry:
        if isinstance(plugin, str):
            return plugin
        if not isinstance(plugin, Mapping):
            return {"use": self._name(kind, plugin)}
        table = {key: _plain(value) for key, value in plugin.items()}
        if "use" in table and not isinstance(table["use"], str):
            table["use"] = self._name(kind, table["use"])
        return table

    def _name(self, kind: str, plugin: object) -> str:
        """The name of its class; of the second one of a class with a number."""
        known = self.plugins.setdefault(kind, {})
        bare = (plugin if isinstance(plugin, type) else type(plugin)).__name__
        name = next(each for each in (bare, *(f"{bare}{n}" for n in range(2, len(known) + 3))) if each not in known)
        known[name] = plugin
        return name
