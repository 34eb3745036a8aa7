"""A listener in its place."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from notion_sync_core.errors import PluginError
from notion_sync_core.events import Event
from notion_sync_core.plugins.hooks import Hooks, single
from notion_sync_core.plugins.watchdog import Watch


@frozen
class Exposition:
    """What a listener measured so far, as those read it who scrape it."""

    content_type: str
    """As in the HTTP header: ``text/plain; version=0.0.4; charset=utf-8``."""
    body: bytes


@frozen
class Listener:
    """Who sees every event, and changes nothing."""

    name: str
    plugin: Any
    hooks: Hooks

    def __call__(self, event: Event) -> None:
        """See the hook ``on_event``."""
        self.hooks.call("on_event", event=event)

    def watched(self, watch: Watch) -> Listener:
        """The same plugin, under somebody's eyes."""
        return evolve(self, hooks=single(self.plugin, self.name, watch))

    def exposition(self) -> Exposition | None:
        """What it measured so far; ``None`` from a listener that has no such method. May be asked on any thread.

        :raises PluginError: it fails, or gives something else.
        """
        tell = getattr(self.plugin, "exposition", None)
        if tell is None:
            return None
        with self.hooks.blame("exposition"):
            told = tell()
        if not isinstance(told, Exposition):
            raise PluginError(f"the listener {self.name!r} gives no Exposition, but {type(told).__name__}")
        return told
