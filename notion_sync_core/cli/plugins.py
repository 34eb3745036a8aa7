"""``plugins list``: what is installed."""

from __future__ import annotations

from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.options import common
from notion_sync_core.cli.voice import voice
from notion_sync_core.plugins.find import KINDS, available


@click.group()
def plugins() -> None:
    """Look at installed plugins."""


@plugins.command("list", epilog="Example:  notion-sync plugins list")
@common
def list_(as_json: bool, **_: Any) -> None:
    """List sources, renderers, sinks, listeners and commands, without importing them."""
    found = [plugin for kind in KINDS for plugin in available(kind)]
    if as_json:
        voice().json([asdict(plugin) for plugin in found])
        return
    for kind in KINDS:
        voice().say(f"{kind}:")
        for plugin in (plugin for plugin in found if plugin.kind == kind):
            voice().say(f"  {plugin.name:<12} {plugin.distribution} {plugin.version}  ({plugin.target})")
