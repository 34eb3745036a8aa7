"""Finds plugins by name, builds them from their options, and calls them.

stevedore lists entry points and loads only the chosen ones; cattrs builds each from its options;
pluggy checks signatures and calls. Nothing else in the core knows these three.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import pluggy
import stevedore
from attrs import frozen

from notion_sync_core import config as configuration
from notion_sync_core import hookspecs
from notion_sync_core.errors import ConfigError, NotionSyncError, PluginError

KINDS = ("sources", "renderers", "sinks", "listeners", "commands")


@frozen
class Available:
    """An installed plugin, known by name and not imported."""

    kind: str
    name: str
    distribution: str
    version: str
    target: str
    """``module:attribute``."""


def available(kind: str) -> list[Available]:
    """Installed plugins of a kind (:data:`KINDS`), by name, without importing any."""
    # stevedore's cache of entry points forgets which distribution each came from.
    owners = {
        (entry.name, entry.value): entry.dist for entry in importlib.metadata.entry_points(group=f"notion_sync.{kind}")
    }
    found = []
    for entry in _manager(kind).list_entry_points():
        dist = entry.dist or owners.get((entry.name, entry.value))
        found.append(Available(kind, entry.name, dist.name if dist else "", dist.version if dist else "", entry.value))
    return sorted(found, key=lambda plugin: plugin.name)


def _manager(kind: str) -> Any:
    # The named manager with no names lists entry points and imports none of them.
    return stevedore.NamedExtensionManager(f"notion_sync.{kind}", names=[], invoke_on_load=False)


def load_class(kind: str, name: str) -> Any:
    """The object a plugin's entry point names.

    :raises ConfigError: no such plugin is installed.
    :raises PluginError: it cannot be imported, or two packages claim the name.
    """
    same = [plugin for plugin in available(kind) if plugin.name == name]
    if not same:
        installed = sorted({plugin.name for plugin in available(kind)})
        near = difflib.get_close_matches(name, installed, 1, 0.5)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise ConfigError(
            f"no {kind[:-1]} named {name!r} is installed", f"{hint}Installed: {', '.join(installed) or 'none'}."
        )
    if len({plugin.target for plugin in same}) > 1:
        packages = ", ".join(sorted(plugin.distribution for plugin in same))
        raise PluginError(
            f"the {kind[:-1]} {name!r} is provided by several packages: {packages}", "Uninstall all but one."
        )
    errors: list[BaseException] = []
    manager: Any = None
    try:
        manager = stevedore.NamedExtensionManager(
            f"notion_sync.{kind}",
            names=[name],
            on_load_failure_callback=lambda _manager, _entry, error: errors.append(error),
        )
    except (Exception, SystemExit) as error:
        # stevedore lets failed assertions and those who leave the program pass.
        errors.append(error)
    if errors or name not in manager.names():
        raise PluginError(
            f"the {kind[:-1]} {name!r} ({same[0].target} of {same[0].distribution}) cannot be imported: "
            f"{_said(errors[0]) if errors else 'unknown reason'}",
            f"Reinstall or update {same[0].distribution}.",
        )
    return manager[name].plugin


def sink_for(scheme: str) -> str:
    """The name of the sink that URLs with this scheme lead to.

    The one called like the scheme, or else the one whose class says ``scheme``: only then are others imported.

    :raises ConfigError: there is none.
    """
    names = sorted({plugin.name for plugin in available("sinks")})
    if scheme in names:
        return scheme
    for name in names:
        if getattr(load_class("sinks", name), "scheme", None) == scheme:
            return name
    raise ConfigError(f"no sink for {scheme}:// is installed", f"Installed: {', '.join(names) or 'none'}.")


def options_from_url(sink: str, url: str) -> dict[str, Any]:
    """What a URL means to a sink, as options.

    :raises ConfigError: the sink has no addresses, or this is none.
    """
    convert = getattr(load_class("sinks", sink), "options_from_url", None)
    if convert is None:
        raise ConfigError(f"the sink {sink!r} takes no URL", "Name its options in the configuration.")
    return dict(convert(url))


def build(kind: str, name: str, options: Mapping[str, Any], prefix: str, origins: Mapping[str, str]) -> Any:
    """An instance of a plugin: its attributes are its options.

    :raises ConfigError: an option is unknown or has a wrong value.
    :raises PluginError: the plugin is not a class this way, or fails when it is made.
    """
    plugin = load_class(kind, name)
    if not attrs.has(plugin) and options:
        raise ConfigError(f"the {kind[:-1]} {name!r} takes no options, but {', '.join(options)} is given")
    try:
        if not attrs.has(plugin):
            made = plugin() if isinstance(plugin, type) else plugin
        else:
            made = configuration.structure(plugin, options, prefix, origins)
    except NotionSyncError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"the {kind[:-1]} {name!r} cannot be made: {_said(error)}", "Report this to the plugin's authors."
        ) from error
    wanted = getattr(made, "api_version", hookspecs.API_VERSION)
    if wanted != hookspecs.API_VERSION:
        raise PluginError(
            f"the {kind[:-1]} {name!r} is made for version {wanted} of the plugin interface, "
            f"this program has version {hookspecs.API_VERSION}",
            "Install a version of it that fits, or another notion-sync.",
        )
    return made


class Hooks:
    """One set of plugins that are called together. No module-level state: two jobs, two sets."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.busy: dict[int, tuple[str, float]] = {}
        """What each thread that is in a plugin of this set asked it, and since when."""

    def add(self, plugin: object, name: str) -> None:
        """Register a plugin.

        :raises PluginError: it implements a hook that does not exist, or with arguments it does not have.
        """
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError, TypeError) as error:
            known = [hook for hook in dir(hookspecs) if hook.startswith(("source_", "render_", "sink_", "on_event"))]
            misspelt = [
                (attribute, difflib.get_close_matches(attribute, known, 1, 0.6))
                for attribute in dir(plugin)
                if hasattr(getattr(plugin, attribute, None), f"{hookspecs.PROJECT}_impl") and attribute not in known
            ]
            hint = f"Did you mean {misspelt[0][1][0]!r}? " if misspelt and misspelt[0][1] else ""
            raise PluginError(f"plugin {name!r}: {error}", f"{hint}Known hooks: {', '.join(known)}.") from None

    def implements(self, hook: str) -> bool:
        """Whether any plugin of this set has this hook."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    def call(self, hook: str, **arguments: Any) -> Any:
        """Call a hook.

        :raises PluginError: a plugin raised something that is not a :class:`NotionSyncError`.
        """
        with blame(self, hook):
            return getattr(self._manager.hook, hook)(**arguments)

    def names(self) -> str:
        """The plugins of this set, for messages."""
        return ", ".join(name for name, _ in self._manager.list_name_plugin())


@contextmanager
def blame(hooks: Hooks, hook: str) -> Iterator[None]:
    """Say which plugin an unexpected exception came from."""
    thread = threading.get_ident()
    outer = hooks.busy.get(thread)
    hooks.busy[thread] = (hook, time.monotonic())
    try:
        yield
    except (NotionSyncError, GeneratorExit):
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, FileNotFoundError) and hook.startswith("sink_"):
            raise  # an answer, or a disk that is gone
        # A plugin that leaves the program fails like any other.
        logging.getLogger(__name__).debug("plugin failure", exc_info=True)
        raise PluginError(
            f"plugin {hooks.names()} failed in {hook}: {_said(error)}",
            "This is a fault in the plugin; run again with -vv for the details and report it to its authors.",
        ) from error
    finally:
        if outer is None:
            hooks.busy.pop(thread, None)
        else:
            hooks.busy[thread] = outer


@contextmanager
def watched(sets: Iterable[Hooks], limit_s: float, hangs: Callable[[PluginError], object]) -> Iterator[None]:
    """Notice a plugin that does not come back.

    :param limit_s: seconds one call may take; 0: any number.
    :param hangs: called once, on a thread of its own: Python cannot end the thread that hangs.
    """
    if not limit_s:
        yield
        return
    done = threading.Event()

    def look() -> None:
        while not done.wait(min(1.0, limit_s / 4)):
            for hooks in sets:
                for hook, since in list(hooks.busy.values()):
                    if time.monotonic() - since > limit_s:
                        hangs(
                            PluginError(
                                f"plugin {hooks.names()} hangs in {hook}: no answer in {limit_s:g} s",
                                "Report this to its authors. If it only is slow, raise performance.plugin_timeout_s.",
                            )
                        )
                        return

    thread = threading.Thread(target=look, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def single(plugin: object, name: str) -> Hooks:
    """A set of one, so that its failure is its own."""
    hooks = Hooks()
    hooks.add(plugin, name)
    return hooks
