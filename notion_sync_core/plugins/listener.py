"""A listener in its place."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from notion_sync_core.events import Event
from notion_sync_core.plugins.hooks import Hooks


@frozen
class Listener:
    """Who sees every event, and changes nothing."""

    name: str
    plugin: Any
    hooks: Hooks

    def __call__(self, event: Event) -> None:
        """See the hook ``on_event``."""
        self.hooks.call("on_event", event=event)
