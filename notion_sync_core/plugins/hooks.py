"""Calls the hooks of plugins, and says whose fault it is when that goes wrong.

pluggy checks signatures and calls. Nothing else in the core knows it.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from threading import get_ident
from time import monotonic
from typing import Any

import pluggy

from notion_sync_core.errors import NotAuthorisedError, NotionSyncError, PluginError, SinkError, UnreachableError
from notion_sync_core.plugins import hookspecs
from notion_sync_core.plugins.markers import PROJECT
from notion_sync_core.plugins.watchdog import Stay, Watch

Passing = type[BaseException] | tuple[type[BaseException], ...]

KNOWN = tuple(name for name in dir(hookspecs) if hasattr(getattr(hookspecs, name), f"{PROJECT}_spec"))
"""Every hook there is."""
RARE = frozenset(
    {"sink_open", "sink_flush", "sink_close", "source_workspace", "source_ping", "source_resolve", "source_close"}
)
"""Hooks that are called a few times a run, or once for many objects: how long each call takes can be told."""
_OF_SINKS = (SinkError, UnreachableError, NotAuthorisedError, PluginError)
_KNOWN = frozenset(KNOWN)
_SILENT = Watch(0.0)


class _Manager(pluggy.PluginManager):
    """Takes each specification apart once: there is one manager a plugin, and all have the same specifications."""

    def parse_hookspec_opts(self, module_or_class: object, name: str) -> pluggy.HookspecOpts | None:
        """What the marker of a specification says."""
        return _said(module_or_class, name)


@functools.cache
def _said(specifications: object, name: str) -> pluggy.HookspecOpts | None:
    options: pluggy.HookspecOpts | None = getattr(getattr(specifications, name), f"{PROJECT}_spec", None)
    return options


class Hooks:
    """One set of plugins that are called together. No module-level state: two jobs, two sets.

    :param watch: notices who does not come back.
    """

    def __init__(self, watch: Watch = _SILENT) -> None:
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._watch = watch

    def add(self, plugin: object, name: str) -> None:
        """Register a plugin.

        :raises PluginError: it implements a hook that does not exist, or with arguments it does not have, or
            has a method with a hook's name that is not marked as its implementation.
        """
        _expect_known(plugin, name)
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError, TypeError) as error:
            raise PluginError(f"plugin {name!r}: {error}", f"Known hooks: {', '.join(KNOWN)}.") from None
        unmarked = [hook for hook in sorted(_KNOWN.intersection(dir(plugin))) if _is_unmarked(plugin, hook)]
        if unmarked:
            raise PluginError(
                f"plugin {name!r} has a method {unmarked[0]} that is not marked with @hookimpl: nobody would call it",
                "Mark it: from notion_sync_core.plugin import hookimpl.",
            )

    def implements(self, hook: str) -> bool:
        """Whether any plugin of this set has this hook."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    def names(self) -> str:
        """The plugins of this set, for messages."""
        return ", ".join(name for name, _ in self._manager.list_name_plugin())

    def call(self, hook: str, /, *, passing: Passing = (), **arguments: Any) -> Any:
        """Call a hook. Faces do; whoever needs a plugin asks its face.

        :param passing: errors that mean something to the caller.
        :raises PluginError: a plugin raised anything else that is not a :class:`NotionSyncError`.
        """
        with _Blame(self, self._watch.busy, hook, passing):
            if self._watch.trace is None and (self._watch.told is None or hook not in RARE):
                return getattr(self._manager.hook, hook)(**arguments)
            return self._timed(hook, arguments)

    def _timed(self, hook: str, arguments: dict[str, Any]) -> Any:
        began, outcome, watch = monotonic(), "done", self._watch
        try:
            return getattr(self._manager.hook, hook)(**arguments)
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            if watch.told is not None and hook in RARE:
                watch.told(self.names(), hook, monotonic() - began)
            if watch.trace is not None:
                watch.trace.call(self.names(), hook, arguments, began, outcome)

    def stream(
        self, hook: str, /, *, passing: Passing = (), optional: bool = False, **arguments: Any
    ) -> Generator[Any, None, None]:
        """What a hook gives piece by piece: the plugin is to blame for each, and for nothing in between.

        :param optional: it may give nothing, or not be there.
        """
        given = self.call(hook, passing=passing, **arguments)
        pieces = self.each(hook, () if given is None and optional else given, passing)
        trace = self._watch.trace
        yield from pieces if trace is None else trace.pieces(self.names(), hook, arguments, pieces)

    def each(self, hook: str, pieces: Any, passing: Passing = ()) -> Iterator[Any]:
        """The pieces that a hook gave, one by one, on the plugin's account."""
        stay = self.blame(hook, passing)
        with stay:
            rest = iter(pieces)
        while True:
            with stay:
                try:
                    piece = next(rest)
                except StopIteration:
                    return
            yield piece

    def alive(self) -> None:
        """A plugin of this set does something, though nothing came of it yet."""
        self._watch.beat()

    def blame(self, hook: str, passing: Passing = ()) -> AbstractContextManager[None]:
        """Say which plugin an unexpected exception came from."""
        return _Blame(self, self._watch.busy, hook, passing)

    def judge(self, hook: str, passing: Passing, error: BaseException) -> None:
        """What came out of a plugin goes on as it is, or as a failure of that plugin.

        :raises PluginError: it is nothing that plugins are meant to raise.
        """
        if isinstance(error, NotionSyncError):
            self._account(hook, error)
            return
        # A plugin that leaves the program fails like any other.
        if isinstance(error, passing) or not isinstance(error, (Exception, SystemExit)):
            return
        logging.getLogger(__name__).debug("plugin failure", exc_info=True)
        failure = PluginError(
            f"plugin {self.names()} failed in {hook}: {type(error).__name__}: {error}",
            "This is a fault in the plugin; run again with -vv for the details and report it to its authors.",
        )
        failure.hook, failure.plugin = hook, self.names()
        self._account(hook, failure)
        raise failure from error

    def _account(self, hook: str, error: NotionSyncError) -> None:
        """A sink's failure is its own, unless it only passes on what a renderer did while its bytes were taken."""
        own = isinstance(error, _OF_SINKS) and (error.hook or hook).startswith("sink_")
        if own and hook.startswith("sink_") and not error.sink:
            error.sink = self.names()


class _Blame:
    """A stay in a plugin. A class, since there are several for each document."""

    __slots__ = ("_busy", "_hook", "_hooks", "_outer", "_passing")

    def __init__(self, hooks: Hooks, busy: dict[int, Stay], hook: str, passing: Passing) -> None:
        self._hooks = hooks
        self._busy = busy
        self._hook = hook
        self._passing = passing

    def __enter__(self) -> None:
        thread = get_ident()
        self._outer = self._busy.get(thread)
        self._busy[thread] = (self._hooks, self._hook, monotonic())

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        if self._outer is None:
            self._busy.pop(get_ident(), None)
        else:
            self._busy[get_ident()] = (*self._outer[:2], monotonic())
        if error is not None:
            self._hooks.judge(self._hook, self._passing, error)


def single(plugin: object, name: str, watch: Watch = _SILENT) -> Hooks:
    """A set of one, so that its failure is its own."""
    hooks = Hooks(watch)
    hooks.add(plugin, name)
    return hooks


def _is_unmarked(plugin: object, hook: str) -> bool:
    method = inspect.getattr_static(plugin, hook, None)
    return callable(method) and not hasattr(method, f"{PROJECT}_impl")


def marked(plugin: object) -> list[str]:
    """The names of the methods that a plugin, or its class, marks as hooks, whether there are such hooks or not."""
    names = (name for name in dir(plugin) if not name.startswith("__"))
    return [name for name in names if hasattr(_method(plugin, name), f"{PROJECT}_impl")]


def unknown_hook(hook: str) -> str:
    """What a remedy says of a hook that there is not."""
    return f"{_near(hook, KNOWN)}Known hooks: {', '.join(KNOWN)}."


def _expect_known(plugin: object, name: str) -> None:
    """Make sure that what a plugin marks as hooks are hooks, with arguments that these have.

    :raises PluginError: one is not.
    """
    for hook in marked(plugin):
        if hook not in _KNOWN:
            raise PluginError(f"plugin {name!r}: there is no hook {hook!r}", unknown_hook(hook))
        given = _given(hook)
        for argument in _arguments(plugin, hook):
            if argument not in given:
                raise PluginError(
                    f"plugin {name!r}: {hook} wants an argument {argument!r}, which this hook does not give",
                    f"{_near(argument, given)}It may take {', '.join(given)}, or any of them.",
                )


@functools.cache
def _given(hook: str) -> tuple[str, ...]:
    """The names of the arguments that a hook gives."""
    return tuple(inspect.signature(getattr(hookspecs, hook)).parameters)


def _arguments(plugin: object, hook: str) -> list[str]:
    """The names of the arguments that a plugin's hook has to be given."""
    found = _method(plugin, hook)
    names = [
        name
        for name, each in inspect.signature(getattr(found, "__func__", found)).parameters.items()
        if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and each.default is inspect.Parameter.empty
    ]
    return names if isinstance(found, staticmethod) else names[1:]


def _method(plugin: object, name: str) -> Any:
    return inspect.getattr_static(plugin, name, None)


def _near(written: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(written, known, 1, 0.6)
    return f"Did you mean {near[0]!r}? " if near else ""
