"""A source in its place: its hooks with types, called alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from attrs import frozen

from notion_sync_core.catalog import Catalog
from notion_sync_core.errors import PluginError, RetryableError, UnreachableError
from notion_sync_core.gate.gate import Gate
from notion_sync_core.model import Asset, Json, Kind, Piece, Ref, Unusable, Workspace
from notion_sync_core.plugins.hooks import Hooks


@frozen
class Source:
    """Where documents come from. For each method see the hook with its name."""

    name: str
    plugin: Any
    hooks: Hooks

    @property
    def host(self) -> str:
        """The service, for messages and its circuit breaker."""
        return str(getattr(self.plugin, "host", None) or self.name)

    @property
    def version(self) -> str:
        """Of the service's interface."""
        return str(getattr(self.plugin, "version", None) or "")

    @property
    def identity(self) -> str:
        """What it reads from, among all it could."""
        return str(getattr(self.plugin, "identity", None) or "")

    @property
    def budget(self) -> str:
        """What shares one allowance of requests; ``""``: requests are not paced."""
        return str(getattr(self.plugin, "budget", None) or "")

    @property
    def clock_skew_s(self) -> float | None:
        """Seconds by which the service's clock was ahead of ours in its last answer; ``None``: it does not tell."""
        found = getattr(self.plugin, "clock_skew_s", None)
        return None if found is None else float(found)

    def close(self) -> None:
        """See the hook."""
        self.hooks.call("source_close")

    def can_ping(self) -> bool:
        """Whether it can tell if the service lives."""
        return self.hooks.implements("source_ping")

    def ping(self, gate: Gate) -> str:
        """See the hook."""
        return str(self.hooks.call("source_ping", gate=gate) or "")

    def workspace(self, gate: Gate) -> Workspace:
        """See the hook; an empty one if it does not tell.

        :raises UnreachableError: it was asked again and again.
        """
        found = None
        try:
            if self.hooks.implements("source_workspace"):
                found = self.hooks.call("source_workspace", gate=gate)
        except RetryableError as error:
            message = f"nobody can say which workspace this is: {error.message}"
            raise UnreachableError(message, error.remedy or "Run the same command again later.") from error
        if found is None:
            return Workspace()
        if not isinstance(found, Workspace):
            raise PluginError(
                f"plugin {self.name} failed in source_workspace: it gives {type(found).__name__} instead of Workspace",
                "Report this to the plugin's authors.",
            )
        return found

    def discover(self, roots: tuple[str, ...], catalog: Catalog, gate: Gate) -> Iterator[Ref]:
        """See the hook."""
        return self.hooks.stream("source_discover", roots=roots, catalog=catalog, gate=gate)

    def resolve(self, root: str, gate: Gate) -> str:
        """See the hook; what cannot be resolved stands for itself."""
        return str(self.hooks.call("source_resolve", root=root, gate=gate) or root)

    def can_resolve(self) -> bool:
        """Whether a root may stand for another object."""
        return self.hooks.implements("source_resolve")

    def revisit(self, catalog: Catalog, gate: Gate) -> Iterator[Ref]:
        """See the hook."""
        return self.hooks.stream("source_revisit", optional=True, catalog=catalog, gate=gate)

    def fetch(self, object_id: str, kind: Kind, gate: Gate) -> list[Ref | Unusable]:
        """See the hook."""
        return list(self.hooks.stream("source_fetch", object_id=object_id, kind=kind, gate=gate))

    def locate(self, block_id: str, gate: Gate) -> str:
        """See the hook."""
        return str(self.hooks.call("source_locate", block_id=block_id, gate=gate) or "")

    def expand(self, ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Ref]:
        """See the hook."""
        return self.hooks.stream("source_expand", optional=True, ref=ref, catalog=catalog, gate=gate)

    def users(self, gate: Gate) -> Iterator[Json]:
        """See the hook."""
        return self.hooks.stream("source_users", optional=True, gate=gate)

    def read(self, ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
        """See the hook."""
        return self.hooks.stream("source_read", ref=ref, catalog=catalog, gate=gate)

    def read_children(self, block_id: str, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
        """See the hook."""
        return self.hooks.stream("source_read_children", block_id=block_id, catalog=catalog, gate=gate)

    def download(self, asset: Asset, out: BinaryIO, gate: Gate) -> str:
        """See the hook."""
        return str(self.hooks.call("source_download", asset=asset, out=out, gate=gate) or "")
