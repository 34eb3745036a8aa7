"""A target in its place: its hooks with types, called alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from notion_sync_core.errors import PluginError
from notion_sync_core.gate.gate import Gate
from notion_sync_core.model import Json
from notion_sync_core.plugins.hooks import Hooks
from notion_sync_core.writing import Changes, Limits, Made, New

T = TypeVar("T")


@frozen
class Target:
    """What is restored into. For each method see the hook with its name."""

    name: str
    plugin: Any
    hooks: Hooks

    @property
    def host(self) -> str:
        """The service, for messages and its circuit breaker."""
        return str(getattr(self.plugin, "host", None) or self.name)

    @property
    def budget(self) -> str:
        """What shares one allowance of requests; ``""``: requests are not paced."""
        return str(getattr(self.plugin, "budget", None) or "")

    def close(self) -> None:
        """See the hook."""
        self.hooks.call("target_close")

    def open(self, into: str, gate: Gate) -> Limits:
        """See the hook."""
        return self._right("target_open", Limits, self.hooks.call("target_open", into=into, gate=gate))

    def create(self, new: New, gate: Gate) -> Made:
        """See the hook."""
        return self._right("target_create", Made, self.hooks.call("target_create", new=new, gate=gate))

    def append(self, container: str, blocks: list[Json], after: str, gate: Gate) -> list[str]:
        """See the hook.

        :raises PluginError: it gives another number of ids than there were blocks.
        """
        given = self.hooks.call("target_append", container=container, blocks=blocks, after=after, gate=gate)
        found: list[str] = self._right("target_append", list, given)
        if len(found) != len(blocks):
            raise self._broken("target_append", f"{len(found)} ids for {len(blocks)} blocks")
        return found

    def update(self, object_id: str, changes: Changes, gate: Gate) -> None:
        """See the hook."""
        self.hooks.call("target_update", object_id=object_id, changes=changes, gate=gate)

    def can_upload(self) -> bool:
        """Whether it takes files."""
        return self.hooks.implements("target_upload")

    def upload(self, path: Path, name: str, gate: Gate) -> str:
        """See the hook."""
        return self._right("target_upload", str, self.hooks.call("target_upload", path=path, name=name, gate=gate))

    def can_show(self) -> bool:
        """Whether what is in it can be looked at, when an answer was lost."""
        return self.hooks.implements("target_children")

    def children(self, container: str, kind: str, gate: Gate) -> Iterator[Made]:
        """See the hook."""
        for made in self.hooks.stream("target_children", container=container, kind=kind, gate=gate):
            yield self._right("target_children", Made, made)

    def _right(self, hook: str, kind: type[T], given: Any) -> T:
        if not isinstance(given, kind):
            raise self._broken(hook, f"{type(given).__name__} instead of {kind.__name__}")
        return given

    def _broken(self, hook: str, what: str) -> PluginError:
        return PluginError(
            f"plugin {self.name} failed in {hook}: it gives {what}", "Report this to the plugin's authors."
        )
